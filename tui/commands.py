"""Every key of the screen in front, found by its words in the command palette."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider

from tui.keys import KEYS, Key


class DockpitCommands(Provider):
    """The palette's source: the same table as the footer and the help."""

    def _keys(self) -> Iterator[tuple[str, Key]]:
        where = getattr(self.screen, "WHERE", "overview")
        for key in KEYS:
            if where in key.where and key.id != "palette":
                yield f"{key.help}  ({key.shown or key.keys.split(',')[0]})", key

    async def discover(self) -> Hits:
        for text, key in self._keys():
            yield DiscoveryHit(text, partial(self.screen.run_action, key.action), help=key.label)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for text, key in self._keys():
            if (score := matcher.match(text)) > 0:
                yield Hit(score, matcher.highlight(text), partial(self.screen.run_action, key.action), help=key.label)
