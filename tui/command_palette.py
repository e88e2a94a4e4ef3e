"""The command palette: every key of the screen in front, found by the words of its help."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.dom import DOMNode
from textual.screen import Screen

from tui.keys import Key, key_cap, keys_of
from tui.screen_interfaces import KeyedScreen

Command = tuple[str, Key]


def action_node(screen: Screen[object], key: Key) -> DOMNode:
    """The node that has the action of `key`: the focused widget, one of its ancestors, or else the screen."""
    name = key.action.partition("(")[0]
    focused = screen.focused
    for node in focused.ancestors_with_self if focused is not None else ():
        if hasattr(node, f"action_{name}"):
            return node
    return screen


async def run_key(screen: Screen[object], key: Key) -> None:
    """Run the action of `key` on `screen`."""
    await screen.app.run_action(key.action, default_namespace=action_node(screen, key))


def key_scopes(screen: Screen[object]) -> tuple[str, ...]:
    """The names of the screen and of its tab in front in the table of keys; empty for a screen without keys there."""
    return screen.key_scopes() if isinstance(screen, KeyedScreen) else ()


class DockpitCommands(Provider):
    """The commands of the palette, from the same table as the key bar and the help."""

    def _commands(self) -> Iterator[Command]:
        remapped: Mapping[str, str] = getattr(self.app, "remapped_keys", {})
        for key in keys_of(*key_scopes(self.screen)):
            if key.id != "palette":
                yield f"{key.help}  ({key_cap(key, remapped)})", key

    async def discover(self) -> Hits:
        """Every command."""
        for text, key in self._commands():
            yield DiscoveryHit(Content(text), partial(run_key, self.screen, key), text)

    async def search(self, query: str) -> Hits:
        """The commands that contain the letters of `query`."""
        matcher = self.matcher(query)
        for text, key in self._commands():
            if (score := matcher.match(text)) > 0:
                yield Hit(score, matcher.highlight(text), partial(run_key, self.screen, key), text)
