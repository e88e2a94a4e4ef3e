"""Pulling an image, layer by layer; esc cancels."""

from __future__ import annotations

from contextlib import aclosing

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from dockpit.errors import DockpitError, EngineError
from dockpit.netshoot.launcher import Layer, explain_pull, layer
from dockpit.session import Session
from widgets.ink import visible
from widgets.progress_list import Progress, ProgressList


class PullScreen(ModalScreen[bool]):
    """Answers True when the image is there."""

    BINDINGS = [  # noqa: RUF012 - Textual's own spelling of a class attribute
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
    PullScreen #layers { height: auto; max-height: 24; }
    """

    def __init__(self, session: Session, image: str) -> None:
        super().__init__()
        self._session = session
        self._image = image
        self._layers: dict[str, Layer] = {}

    def compose(self) -> ComposeResult:
        with Vertical(id="box"):
            yield Static(Text(f"{visible(self._image, 70)} is not on this engine"), id="title")
            text = "Pull it? It is a few hundred megabytes.   enter pulls · esc leaves"
            yield Static(text, id="state", markup=False)
            yield ProgressList(id="layers")

    def action_leave(self) -> None:
        """Cancel; the engine keeps the layers it has."""
        self.dismiss(False)

    def action_pull(self) -> None:
        """Begin."""
        self._pull()

    def _say(self, text: str) -> None:
        self.query_one("#state", Static).update(Text(visible(text, 600)))

    @work(name="pull", group="pull", exclusive=True, exit_on_error=False)
    async def _pull(self) -> None:
        self._say("pulling …   esc cancels")
        try:
            async with aclosing(self._session.client.pull(self._image)) as progress:
                async for step in progress:
                    self._take(layer(step))
        except EngineError as error:
            self._say(explain_pull(self._image, error.message or str(error)))
            return
        except DockpitError as error:
            self._say(str(error))
            return
        self.dismiss(True)

    def _take(self, step: Layer) -> None:
        if not step.id:
            self._say(f"{step.status}   esc cancels")
            return
        before = self._layers.get(step.id)
        total = step.total or (before.total if before else 0)
        current = step.current or (total if "complete" in step.status.lower() else before.current if before else 0)
        self._layers[step.id] = Layer(step.id, step.status, current, total)
        self.query_one(ProgressList).rows = tuple(
            Progress(item.id, item.id, item.current, item.total, item.status) for item in self._layers.values()
        )
