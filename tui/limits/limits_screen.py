"""The dialog that changes limits: set, used and new values, validated as they are typed."""

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
from dockpit.tuning.host_cpus_and_memory_nodes import host_cpus_and_memory_nodes
from dockpit.tuning.limit_request import LIMIT_LABELS, LimitContext, LimitRequest
from dockpit.tuning.limit_validation import validate_limits
from dockpit.tuning.update_plans import plan_update
from dockpit.views.limits_table import limit_form_texts
from tui.actions.action_context import ActionContext
from tui.actions.plan_runner import when_confirmed
from tui.limits.field_texts import HINTS, PLACEHOLDERS
from tui.plain_text import PlainText, one_line
from widgets.dialogs.field_form import FieldForm, FieldSpec

KEYS_HINT = "enter shows what it does · tab next · ctrl+y copies it · esc leaves"
ROOMY_ROWS = 32
"""Terminal rows from which on the dialog has blank lines."""
FIELD_OF_ALERT = {"throttled": "cpus", "oom": "memory", "oom-risk": "memory", "pids": "pids_limit"}
"""The field to begin in by the kind of an alert, the most urgent kind first."""


class LimitsScreen(ModalScreen[Plan | None]):
    """Returns the plan that was confirmed, None when the dialog was left."""

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

    def __init__(self, context: ActionContext, container_id: str) -> None:
        super().__init__()
        self._action_context = context
        self._session = context.session
        self._container_id = container_id
        self._command = ""

    def _entry(self) -> Entry | None:
        return self._session.snapshot().entries.get(self._container_id)

    def compose(self) -> ComposeResult:
        entry = self._entry()
        with Vertical(id="box"):
            yield PlainText(f"limits of {entry.container.name[:60]}" if entry else "limits", id="title")
            yield FieldForm(_field_specs(entry), id="form")
            yield PlainText(id="warnings")
            yield PlainText(id="command")
            yield PlainText(KEYS_HINT, id="hint")

    def on_mount(self) -> None:
        """Focus the field of the container's most urgent alert."""
        entry = self._entry()
        kinds = {alert.kind for alert in entry.alerts} if entry else set()
        field = next((field for kind, field in FIELD_OF_ALERT.items() if kind in kinds), "cpus")
        self.query_one(FieldForm).enter(field)

    def on_resize(self, event: events.Resize) -> None:
        """Add blank lines where there is room."""
        self.set_class(event.size.height >= ROOMY_ROWS, "roomy")

    def present(self, snapshot: Snapshot, now: float) -> None:
        """Update the values in force and in use, while something is typed."""
        entry = snapshot.entries.get(self._container_id)
        if entry is not None:
            self.query_one(FieldForm).fields = _field_specs(entry)
        elif snapshot.ready:
            self._close_without_container()

    def _close_without_container(self) -> None:
        self._action_context.toast("the container is gone", "warning")
        self.dismiss(None)

    def _request(self) -> LimitRequest:
        return LimitRequest(**self.query_one(FieldForm).values)

    def _validation_context(self, entry: Entry) -> LimitContext:
        engine = self._session.snapshot().engine
        return LimitContext(entry.container, engine, entry.sample, *host_cpus_and_memory_nodes(engine))

    @on(FieldForm.Edited)
    def _on_edited(self) -> None:
        entry = self._entry()
        if entry is None:
            self._close_without_container()
            return
        request = self._request()
        verdict = validate_limits(request, self._validation_context(entry))
        form = self.query_one(FieldForm)
        form.errors = {field: text for field, text in verdict.errors.items() if field in request.given}
        warnings = "\n".join(f"! {one_line(warning)}" for warning in verdict.warnings)
        self.query_one("#warnings", PlainText).set_text(warnings)
        self._command = self._docker_command(entry, request) if verdict.ok and request.given else ""
        self.query_one("#command", PlainText).set_text(f"$ {one_line(self._command)}" if self._command else "")

    def _docker_command(self, entry: Entry, request: LimitRequest) -> str:
        try:
            return self._plan(entry, request).command
        except LimitError:
            return ""

    def _plan(self, entry: Entry, request: LimitRequest) -> Plan:
        context = self._validation_context(entry)
        return plan_update(entry.container, context.engine, request, entry.sample, context.cpus, context.mems)

    @on(FieldForm.Submitted)
    def _on_submitted(self) -> None:
        entry = self._entry()
        if entry is None:
            self._close_without_container()
            return
        try:
            plan = self._plan(entry, self._request())
        except LimitError as error:
            self._show_error(error)
            return
        when_confirmed(self._action_context, plan, self.dismiss)

    def _show_error(self, error: LimitError) -> None:
        """Show an error at its field, or where the warnings are when it is about none."""
        if error.field:
            sentence = str(error).removeprefix(f"{LIMIT_LABELS.get(error.field, '')}: ")
            self.query_one(FieldForm).errors = {error.field: sentence}
        else:
            self.query_one("#warnings", PlainText).set_text(f"! {one_line(str(error))}")

    @on(FieldForm.Cancelled)
    def action_leave(self) -> None:
        """Leave without a change."""
        self.dismiss(None)

    def action_copy(self) -> None:
        """Copy the docker command."""
        if self._command:
            self.app.copy_to_clipboard(self._command)
            self._action_context.toast("copied the command")


def _field_specs(entry: Entry | None) -> list[FieldSpec]:
    """The fields of the form, with the values in force and in use."""
    facts = limit_form_texts(entry) if entry else {}
    specs = []
    for field, label in LIMIT_LABELS.items():
        in_force, used = facts.get(field, ("", ""))
        p95, separator, peak = used.partition(" · ")
        used = f"p95 {p95} · peak {peak}" if separator else used
        specs.append(FieldSpec(field, label, PLACEHOLDERS[field], in_force, used, hint=HINTS[field]))
    return specs
