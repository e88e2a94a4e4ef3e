"""The line of keys at the foot of a screen."""

from __future__ import annotations

from rich.cells import cell_len
from textual import events
from textual.message import Message

from widgets.ink import fit, visible
from widgets.one_line import OneLine
from widgets.strips import Piece

GAP = 2
HELP_KEY = "?"
ROOM = 26
"""Cells that what stands aside leaves to the keys, where it can say the same in fewer words."""


class KeyBar(OneLine):
    """The line of `keys`, pairs of key and label; the last go first where the room is short, `?` never does.

    `aside` stands at the right end: the first of its wordings that fits.
    """

    DEFAULT_CSS = """
    KeyBar { dock: bottom; }
    """

    class Pressed(Message):
        """A click on the pair of `key`."""

        def __init__(self, bar: KeyBar, key: str) -> None:
            super().__init__()
            self.bar = bar
            self.key = key

        @property
        def control(self) -> KeyBar:
            """The bar, for `@on(…, "#id")`."""
            return self.bar

    def __init__(
        self, keys: tuple[tuple[str, str], ...] = (), *, id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._keys = keys
        self._aside: tuple[str, ...] = ()

    @property
    def aside(self) -> tuple[str, ...]:
        """The same in several wordings, the longest first; nothing for none."""
        return self._aside

    @aside.setter
    def aside(self, wordings: tuple[str, ...]) -> None:
        if wordings != self._aside:
            self._aside = wordings
            self.changed()

    @property
    def keys(self) -> tuple[tuple[str, str], ...]:
        """Pairs of key and label, the most useful first."""
        return self._keys

    @keys.setter
    def keys(self, keys: tuple[tuple[str, str], ...]) -> None:
        if keys != self._keys:
            self._keys = keys
            self.changed()

    def pieces(self, width: int) -> list[Piece]:
        """The pairs that fit into `width` cells beside what stands aside."""
        aside = self._wording(width)
        left = self._pairs(width - cell_len(aside))
        return [*left, (aside, self.ink_style("dim"))] if aside else left

    def _wording(self, width: int) -> str:
        """What stands aside, with a blank on either side; "" where not even its shortest wording has room."""
        for wording in self._aside:
            text = f" {visible(wording, width, ascii=self.ink.ascii)} "
            if cell_len(text) <= width - ROOM:
                return text
        return ""

    def _pairs(self, width: int) -> list[Piece]:
        ascii, blank = self.ink.ascii, self.ink_style("normal")
        pieces: list[Piece] = []
        for key, label in self._shown(width):
            pieces.append((" " * (GAP if pieces else 1), blank))
            pieces.append((visible(key, width, ascii=ascii), self.ink_style("key")))
            pieces.append((" " + visible(label, width, ascii=ascii), self.ink_style("dim")))
        used = sum(cell_len(text) for text, _ in pieces)
        if used <= width:
            return [*pieces, (" " * (width - used), blank)]
        return [(fit("".join(text for text, _ in pieces), width, "left", ascii), self.ink_style("dim"))]

    def on_click(self, event: events.Click) -> None:
        """Say which pair was hit."""
        x = 1
        for key, label in self._shown(self.size.width - cell_len(self._wording(self.size.width))):
            end = x + _length(key, label)
            if x <= event.x < end - GAP:
                self.post_message(self.Pressed(self, key))
            x = end

    def _shown(self, width: int) -> list[tuple[str, str]]:
        shown = list(self._keys)
        while len(shown) > 1 and 1 - GAP + sum(_length(*pair) for pair in shown) > width:
            droppable = [at for at, (key, _) in enumerate(shown) if key != HELP_KEY]
            shown.pop(droppable[-1])
        return shown


def _length(key: str, label: str) -> int:
    return cell_len(visible(key, 512)) + 1 + cell_len(visible(label, 512)) + GAP
