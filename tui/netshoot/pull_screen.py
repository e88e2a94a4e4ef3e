"""The dialog that pulls an image, with the progress of each layer; esc cancels."""

from __future__ import annotations

from contextlib import aclosing
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from dockpit.model.errors import DockpitError, EngineError
from dockpit.monitor.session import Session
from dockpit.netshoot.image_pull import PullProgress, explain_pull_failure, parse_pull_progress
from tui.crash.worker_errors import ReportsWorkerErrors
from tui.plain_text import PlainText
from widgets.lists.progress_list import ProgressItem, ProgressList


class PullScreen(ReportsWorkerErrors, ModalScreen[bool]):
    """Returns True when the image was pulled, False when the dialog was left."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,y", "pull", "pull", show=False),
        Binding("escape,n,q", "leave", "leave", show=False),
    ]
    CSS = """
    PullScreen { align: center middle; }
    PullScreen #box {
        width: 90; max-width: 95%; height: auto; max-height: 80%;
        background: $surface; border: round $primary; padding: 0 1;
    }
    PullScreen #title { color: $text-accent; text-style: bold; }
    PullScreen #state { margin: 1 0; }
    PullScreen #hint { color: $foreground 55%; }
    PullScreen #layers { height: auto; max-height: 24; }
    """

    def __init__(self, session: Session, image: str) -> None:
        super().__init__()
        self._session = session
        self._image = image
        self._layers: dict[str, PullProgress] = {}
        self._pulling = False

    def compose(self) -> ComposeResult:
        with Vertical(id="box"):
            yield PlainText(f"{self._image[:200]} is not on this engine", id="title")
            yield PlainText("Pull it? It is a few hundred megabytes.", id="state")
            yield ProgressList(id="layers")
            yield PlainText("enter pulls · esc leaves", id="hint")

    def action_leave(self) -> None:
        """Cancel the pull; the engine keeps the layers it has."""
        self.dismiss(False)

    def action_pull(self) -> None:
        """Start the pull, or try again after an error."""
        if not self._pulling:
            self._pulling = True
            self._layers.clear()
            self._show_state("pulling …", "esc cancels")
            self._pull()

    def _show_state(self, text: str, hint: str) -> None:
        self.query_one("#state", PlainText).set_text(text)
        self.query_one("#hint", PlainText).set_text(hint)

    @work(name="pull", group="pull", exclusive=True, exit_on_error=False)
    async def _pull(self) -> None:
        retry_hint = "enter tries again · esc leaves"
        try:
            async with aclosing(self._session.client.pull(self._image)) as progress:
                async for step in progress:
                    self._update_layer(parse_pull_progress(step))
        except EngineError as error:
            self._show_state(explain_pull_failure(self._image, error.message or str(error)), retry_hint)
        except DockpitError as error:
            self._show_state(str(error), retry_hint)
        else:
            self.dismiss(True)
        finally:
            self._pulling = False

    def _update_layer(self, step: PullProgress) -> None:
        """Show a step of the pull; one without an id is about the whole image."""
        if not step.id:
            self._show_state(step.status, "esc cancels")
            return
        before = self._layers.get(step.id)
        total = step.total or (before.total if before else 0)
        current = step.current or (total if "complete" in step.status.lower() else before.current if before else 0)
        self._layers[step.id] = PullProgress(step.id, step.status, current, total)
        self.query_one(ProgressList).rows = tuple(
            ProgressItem(item.id, item.id, item.current, item.total, item.status) for item in self._layers.values()
        )
