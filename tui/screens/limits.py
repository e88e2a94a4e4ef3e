"""Change limits: what is set, what was used, what is to be, judged as it is typed."""

from __future__ import annotations

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from dockpit.metrics.snapshot import Entry, Snapshot
from dockpit.model.errors import LimitError
from dockpit.model.plans import Plan
from dockpit.monitor.session import Session
from dockpit.tuning.limit_validation import LABELS, Context, Request, validate
from dockpit.tuning.update_plans import plan_update
from dockpit.views.limits_table import form_facts
from tui.asking import question
from tui.desk import Asking
from tui.words import Words, one_line
from widgets.confirm import ConfirmScreen
from widgets.field_form import FieldForm, FieldSpec

UNITS = {
    "cpus": "1.5 or none",
    "cpu_shares": "1024",
    "cpuset_cpus": "0-2,5",
    "cpuset_mems": "0",
    "memory": "512m or none",
    "memory_swap": "1g or none",
    "memory_reservation": "256m or none",
    "pids_limit": "200 or none",
    "blkio_weight": "10 to 1000",
    "restart": "on-failure:3",
}
"""What may be typed into an empty field."""
HINTS = {
    "cpus": "cores it may use, as in --cpus 1.5; none lifts the limit",
    "cpu_shares": "its weight while CPUs are short, 2 to 262144; 1024 is usual",
    "cpuset_cpus": "the CPUs it may run on, as in 0-2,5",
    "cpuset_mems": "the NUMA nodes it may take memory from, as in 0",
    "memory": "what it may use before the OOM killer comes, as in 512m or 1.5g; none lifts the limit",
    "memory_swap": "memory and swap together; the same as memory: no swap; none: as much swap as there is",
    "memory_reservation": "reclaimed down to this while memory is short; below the limit; none lifts it",
    "pids_limit": "processes and threads together; none lifts the limit",
    "blkio_weight": "its weight while disks are busy, 10 to 1000",
    "restart": "no, always, unless-stopped or on-failure:3",
}
COMMANDS = "enter shows what it does · tab next · ctrl+y copies it · esc leaves"


class LimitsScreen(ModalScreen[Plan | None]):
    """Answers with the plan that was confirmed, None when it was left."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "leave", show=False),
        Binding("ctrl+y", "copy", "copy the command", show=False),
    ]
    CSS = """
    LimitsScreen { align: center middle; }
    LimitsScreen #box {
        width: 96%; max-width: 150; height: auto; max-height: 100%;
        background: $surface; border: round $primary; padding: 0 1;
    }
    LimitsScreen #title { height: 1; color: $text-accent; text-style: bold; }
    LimitsScreen #form { height: auto; }
    LimitsScreen #command { color: $foreground; height: auto; max-height: 2; }
    LimitsScreen #warnings { color: $text-warning; height: auto; max-height: 3; }
    LimitsScreen.roomy #warnings { max-height: 8; margin-top: 1; }
    LimitsScreen.roomy #command { max-height: 4; margin-top: 1; }
    LimitsScreen #hint { height: 1; color: $foreground 55%; }
    """

    def __init__(self, desk: Asking, session: Session, container_id: str) -> None:
        super().__init__()
        self._desk = desk
        self._session = session
        self._container_id = container_id
        self._command = ""

    def _entry(self) -> Entry | None:
        return self._session.snapshot().entries.get(self._container_id)

    def compose(self) -> ComposeResult:
        entry = self._entry()
        with Vertical(id="box"):
            yield Words(f"limits of {entry.container.name[:60]}" if entry else "limits", id="title")
            yield FieldForm(_specs(entry), id="form")
            yield Words(id="warnings")
            yield Words(id="command")
            yield Words(COMMANDS, id="hint")

    def on_mount(self) -> None:
        """Begin where the trouble is."""
        entry = self._entry()
        trouble = {alert.kind for alert in entry.alerts} if entry else set()
        begins = {"throttled": "cpus", "oom": "memory", "oom-risk": "memory", "pids": "pids_limit"}
        begin = next((field for kind, field in begins.items() if kind in trouble), "cpus")
        self.query_one(FieldForm).enter(begin)

    def on_resize(self, event: events.Resize) -> None:
        """Space things out where there is room."""
        self.set_class(event.size.height >= 32, "roomy")

    def present(self, snapshot: Snapshot, now: float) -> None:
        """Renew what is in force and what was used, while something is typed."""
        entry = snapshot.entries.get(self._container_id)
        if entry is not None:
            self.query_one(FieldForm).fields = _specs(entry)
        elif snapshot.ready:
            self._gone()

    def _gone(self) -> None:
        self._desk.say("the container is gone", "warning")
        self.dismiss(None)

    def _request(self) -> Request:
        return Request(**self.query_one(FieldForm).values)

    def _judging(self, entry: Entry) -> Context:
        engine = self._session.snapshot().engine
        return Context(entry.container, engine, entry.sample, frozenset(range(engine.cpus)))

    @on(FieldForm.Edited)
    def _edited(self) -> None:
        entry = self._entry()
        if entry is None:
            self._gone()
            return
        request = self._request()
        verdict = validate(request, self._judging(entry))
        form = self.query_one(FieldForm)
        form.errors = {field: text for field, text in verdict.errors.items() if field in request.given}
        self.query_one("#warnings", Words).say("\n".join(f"! {one_line(warning)}" for warning in verdict.warnings))
        self._command = self._plan_command(entry, request) if verdict.ok and request.given else ""
        self.query_one("#command", Words).say(f"$ {one_line(self._command)}" if self._command else "")

    def _plan_command(self, entry: Entry, request: Request) -> str:
        try:
            return self._plan(entry, request).command
        except LimitError:
            return ""

    def _plan(self, entry: Entry, request: Request) -> Plan:
        context = self._judging(entry)
        return plan_update(entry.container, context.engine, request, entry.sample, context.cpus, context.mems)

    @on(FieldForm.Submitted)
    def _submitted(self) -> None:
        entry = self._entry()
        if entry is None:
            self._gone()
            return
        try:
            plan = self._plan(entry, self._request())
        except LimitError as error:
            self._refuse(error)
            return
        if not self._desk.asks(plan):
            self.dismiss(plan)
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self.dismiss(plan)

        self.app.push_screen(ConfirmScreen(question(plan)), answered)

    def _refuse(self, error: LimitError) -> None:
        if error.field:
            sentence = str(error).removeprefix(f"{LABELS.get(error.field, '')}: ")
            self.query_one(FieldForm).errors = {error.field: sentence}
        else:
            self.query_one("#warnings", Words).say(f"! {one_line(str(error))}")

    @on(FieldForm.Cancelled)
    def action_leave(self) -> None:
        """Change nothing."""
        self.dismiss(None)

    def action_copy(self) -> None:
        """Copy the docker command."""
        if self._command:
            self.app.copy_to_clipboard(self._command)
            self._desk.say("copied the command")


def _specs(entry: Entry | None) -> list[FieldSpec]:
    """The fields, with what is in force and what was used."""
    facts = form_facts(entry) if entry else {}
    found = []
    for field, label in LABELS.items():
        now, used = facts.get(field, ("", ""))
        p95, spread, peak = used.partition(" · ")
        used = f"p95 {p95} · peak {peak}" if spread else used
        found.append(FieldSpec(field, label, UNITS[field], now, used, hint=HINTS[field]))
    return found
