"""Pulling an image, layer by layer; esc cancels."""

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
from dockpit.netshoot.launcher import Layer, explain_pull, layer
from tui.failing import Failing
from tui.words import Words
from widgets.progress_list import Progress, ProgressList


class PullScreen(Failing, ModalScreen[bool]):
    """Answers True when the image is there."""

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
        self._layers: dict[str, Layer] = {}
        self._pulling = False

    def compose(self) -> ComposeResult:
        with Vertical(id="box"):
            yield Words(f"{self._image[:200]} is not on this engine", id="title")
            yield Words("Pull it? It is a few hundred megabytes.", id="state")
            yield ProgressList(id="layers")
            yield Words("enter pulls · esc leaves", id="hint")

    def action_leave(self) -> None:
        """Cancel; the engine keeps the layers it has."""
        self.dismiss(False)

    def action_pull(self) -> None:
        """Begin, or try again after an error."""
        if not self._pulling:
            self._pulling = True
            self._layers.clear()
            self._say("pulling …", "esc cancels")
            self._pull()

    def _say(self, text: str, hint: str) -> None:
        self.query_one("#state", Words).say(text)
        self.query_one("#hint", Words).say(hint)

    @work(name="pull", group="pull", exclusive=True, exit_on_error=False)
    async def _pull(self) -> None:
        again = "enter tries again · esc leaves"
        try:
            async with aclosing(self._session.client.pull(self._image)) as progress:
                async for step in progress:
                    self._take(layer(step))
        except EngineError as error:
            self._say(explain_pull(self._image, error.message or str(error)), again)
        except DockpitError as error:
            self._say(str(error), again)
        else:
            self.dismiss(True)
        finally:
            self._pulling = False

    def _take(self, step: Layer) -> None:
        if not step.id:
            self._say(step.status, "esc cancels")
            return
        before = self._layers.get(step.id)
        total = step.total or (before.total if before else 0)
        current = step.current or (total if "complete" in step.status.lower() else before.current if before else 0)
        self._layers[step.id] = Layer(step.id, step.status, current, total)
        self.query_one(ProgressList).rows = tuple(
            Progress(item.id, item.id, item.current, item.total, item.status) for item in self._layers.values()
        )
