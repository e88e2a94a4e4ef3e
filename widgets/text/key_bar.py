"""Line of keys at the foot of a screen."""

from __future__ import annotations

from rich.cells import cell_len
from textual import events
from textual.message import Message

from widgets.drawing.styled_strips import StyledText
from widgets.drawing.terminal_text import fit, visible
from widgets.text.single_line import SingleLine

GAP = 2
"""Cells between two pairs."""
HELP_KEY = "?"
KEYS_MINIMUM_CELLS = 26
"""Cells that the text aside leaves to the keys as long as it has a shorter wording."""
_MEASURED_CELLS = 512
"""Maximum cells measured of a key or label."""


class KeyBar(SingleLine):
    """Line of `keys`, pairs of key and label; the last are dropped where they do not fit, but never `?`.

    `aside` stands at the right end, in the first of its wordings that fits.
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
        """Wordings of one text for the right end, the longest first; empty for no text."""
        return self._aside

    @aside.setter
    def aside(self, wordings: tuple[str, ...]) -> None:
        if wordings != self._aside:
            self._aside = wordings
            self.redraw()

    @property
    def keys(self) -> tuple[tuple[str, str], ...]:
        """Pairs of key and label, the most useful first."""
        return self._keys

    @keys.setter
    def keys(self, keys: tuple[tuple[str, str], ...]) -> None:
        if keys != self._keys:
            self._keys = keys
            self.redraw()

    def line_texts(self, width: int) -> list[StyledText]:
        """Return the pairs that fit into `width` cells, and the text aside."""
        aside = self._fitting_aside(width)
        pairs = self._pair_texts(width - cell_len(aside))
        return [*pairs, (aside, self.themed_style("dim"))] if aside else pairs

    def _fitting_aside(self, width: int) -> str:
        """Return the text aside with a blank on either side; "" where not even its shortest wording fits."""
        for wording in self._aside:
            text = f" {visible(wording, width, ascii=self.terminal.ascii)} "
            if cell_len(text) <= width - KEYS_MINIMUM_CELLS:
                return text
        return ""

    def _pair_texts(self, width: int) -> list[StyledText]:
        ascii, blank = self.terminal.ascii, self.themed_style("normal")
        texts: list[StyledText] = []
        for key, label in self._fitting_pairs(width):
            texts.append((" " * (GAP if texts else 1), blank))
            texts.append((visible(key, width, ascii=ascii), self.themed_style("key")))
            texts.append((" " + visible(label, width, ascii=ascii), self.themed_style("dim")))
        used = sum(cell_len(text) for text, _ in texts)
        if used <= width:
            return [*texts, (" " * (width - used), blank)]
        return [(fit("".join(text for text, _ in texts), width, "left", ascii), self.themed_style("dim"))]

    def on_click(self, event: events.Click) -> None:
        """Post Pressed for the clicked pair."""
        x = 1
        for key, label in self._fitting_pairs(self.size.width - cell_len(self._fitting_aside(self.size.width))):
            end = x + _pair_cells(key, label)
            if x <= event.x < end - GAP:
                self.post_message(self.Pressed(self, key))
            x = end

    def _fitting_pairs(self, width: int) -> list[tuple[str, str]]:
        pairs = list(self._keys)
        while len(pairs) > 1 and 1 - GAP + sum(_pair_cells(*pair) for pair in pairs) > width:
            droppable = [index for index, (key, _) in enumerate(pairs) if key != HELP_KEY]
            pairs.pop(droppable[-1])
        return pairs


def _pair_cells(key: str, label: str) -> int:
    """Return the cells of a pair and the gap after it."""
    return cell_len(visible(key, _MEASURED_CELLS)) + 1 + cell_len(visible(label, _MEASURED_CELLS)) + GAP
