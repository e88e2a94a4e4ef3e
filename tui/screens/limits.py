"""Change limits: what is set, what was used, what is to be, judged as it is typed."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from dockpit.errors import LimitError
from dockpit.model import Plan
from dockpit.session import Session
from dockpit.snapshot import Entry
from dockpit.tuning.limits import LABELS, Context, Request, validate
from dockpit.tuning.plan import plan_update
from dockpit.views.limits import form_facts
from widgets.confirm import ConfirmScreen
from widgets.field_form import FieldForm, FieldSpec
from widgets.ink import visible

HINTS = {
    "cpus": "cores, like 1.5; none lifts it",
    "cpu_shares": "weight 2 to 262144; 1024 is usual",
    "cpuset_cpus": "CPUs it may run on, like 0-2,5",
    "cpuset_mems": "NUMA nodes, like 0",
    "memory": "like 512m or 1.5g; none lifts it",
    "memory_swap": "memory and swap together; none",
    "memory_reservation": "soft limit, like 256m; none",
    "pids_limit": "processes and threads; none",
    "blkio_weight": "10 to 1000",
    "restart": "no, always, unless-stopped, on-failure:3",
}


class LimitsScreen(ModalScreen[Plan | None]):
    """Answers with the plan that was confirmed, None when it was left."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "leave", show=False),
        Binding("ctrl+y", "copy", "copy the command", show=False),
    ]
    CSS = """
    LimitsScreen { align: center middle; }
    LimitsScreen #box {
        width: 104; max-width: 98%; height: auto; max-height: 98%;
        background: $surface; border: round $primary; padding: 0 1;
    }
    LimitsScreen #title { color: $text-accent; text-style: bold; }
    LimitsScreen #command { color: $foreground; height: auto; max-height: 3; }
    LimitsScreen #warnings { color: $text-warning; height: auto; max-height: 6; }
    LimitsScreen .quiet { color: $foreground 55%; }
    """

    def __init__(self, session: Session, container_id: str) -> None:
        super().__init__()
        self._session = session
        self._container_id = container_id
        self._command = ""

    def _entry(self) -> Entry | None:
        return self._session.snapshot().entries.get(self._container_id)

    def compose(self) -> ComposeResult:
        entry = self._entry()
        with Vertical(id="box"):
            name = visible(entry.container.name, 60) if entry else "gone"
            yield Static(Text(f"limits of {name}"), id="title")
            facts = form_facts(entry) if entry else {}
            yield FieldForm(
                [FieldSpec(id, label, *facts.get(id, ("", "")), HINTS[id]) for id, label in LABELS.items()], id="form"
            )
            yield Static(id="warnings", markup=False)
            yield Static(id="command", markup=False)
            yield Static(
                "enter shows what it does · tab next · ctrl+y copies · esc leaves", classes="quiet", markup=False
            )

    def on_mount(self) -> None:
        """Begin where the trouble is."""
        entry = self._entry()
        trouble = {alert.kind for alert in entry.alerts} if entry else set()
        at_risk = bool(trouble & {"oom", "oom-risk"})
        begin = "cpus" if "throttled" in trouble or not trouble else "memory" if at_risk else "pids_limit"
        self.query_one(FieldForm).begin(begin if begin != "pids_limit" or "pids" in trouble else "cpus")

    def _request(self) -> Request:
        return Request(**self.query_one(FieldForm).values)

    def _judging(self, entry: Entry) -> Context:
        engine = self._session.snapshot().engine
        return Context(entry.container, engine, entry.sample, frozenset(range(engine.cpus)))

    @on(FieldForm.Edited)
    def _edited(self) -> None:
        entry = self._entry()
        if entry is None:
            self.dismiss(None)
            return
        request = self._request()
        verdict = validate(request, self._judging(entry))
        form = self.query_one(FieldForm)
        form.errors = {field: text for field, text in verdict.errors.items() if field in request.given}
        self.query_one("#warnings", Static).update(Text("\n".join(f"! {visible(w, 300)}" for w in verdict.warnings)))
        self._command = self._plan_command(entry, request) if verdict.ok and request.given else ""
        self.query_one("#command", Static).update(Text(f"$ {visible(self._command, 400)}" if self._command else ""))

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
            self.dismiss(None)
            return
        try:
            plan = self._plan(entry, self._request())
        except LimitError as error:
            self.query_one(FieldForm).errors = {error.field: str(error)}
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self.dismiss(plan)

        self.app.push_screen(ConfirmScreen(plan), answered)

    def action_copy(self) -> None:
        """Copy the docker command."""
        if self._command:
            self.app.copy_to_clipboard(self._command)
            self.app.notify("copied the command", markup=False)

    def action_leave(self) -> None:
        """Change nothing."""
        self.dismiss(None)
