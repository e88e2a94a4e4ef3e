"""Every key of the screen in front, found by its words in the command palette."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.dom import DOMNode
from textual.screen import Screen

from tui.keys import Key, of, shown
from tui.live import Keyed

Command = tuple[str, Key]


def doer(screen: Screen[object], key: Key) -> DOMNode:
    """What has the action of `key`: the widget with the focus, one that holds it, the screen."""
    name = key.action.partition("(")[0]
    focused = screen.focused
    for node in focused.ancestors_with_self if focused is not None else ():
        if hasattr(node, f"action_{name}"):
            return node
    return screen


async def press(screen: Screen[object], key: Key) -> None:
    """Do what `key` does on `screen`."""
    await screen.app.run_action(key.action, default_namespace=doer(screen, key))


def places(screen: Screen[object]) -> tuple[str, ...]:
    """The screen and the tab in it, as the table of keys names them."""
    return screen.places() if isinstance(screen, Keyed) else ()


class DockpitCommands(Provider):
    """The palette's source: the same table as the key bar and the help."""

    def _commands(self) -> Iterator[Command]:
        remapped: Mapping[str, str] = getattr(self.app, "remapped", {})
        for key in of(*places(self.screen)):
            if key.id != "palette":
                yield f"{key.help}  ({shown(key, remapped)})", key

    async def discover(self) -> Hits:
        """Every command."""
        for text, key in self._commands():
            yield DiscoveryHit(Content(text), partial(press, self.screen, key), text)

    async def search(self, query: str) -> Hits:
        """The commands that have the letters of `query`."""
        matcher = self.matcher(query)
        for text, key in self._commands():
            if (score := matcher.match(text)) > 0:
                yield Hit(score, matcher.highlight(text), partial(press, self.screen, key), text)
