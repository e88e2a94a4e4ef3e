"""A terminal emulator that knows the escape sequences of dockpit's output."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rich.cells import get_character_cell_size

_TOKEN = re.compile(
    r"\x1b\[(?P<private>[?<>=]?)(?P<codes>[\d;]*)(?P<more>[ $]?)(?P<final>[A-Za-z])"
    r"|\x1b\]8;;(?P<link>[^\x1b]*)\x1b\\"
    r"|\x1b\](?P<other>\d+;[^\x1b\x07]*)(?:\x07|\x1b\\)"
    r"|(?P<character>.)",
    re.S,
)


@dataclass(frozen=True, slots=True)
class CellLook:
    """How a cell looks: SGR attributes, background, foreground, and the target of its hyperlink."""

    attributes: frozenset[str] = frozenset()
    background: str = "49"
    foreground: str = "39"
    link: str = ""

    def visible_on(self, character: str) -> CellLook:
        """The part of the look that shows on this character."""
        if character != " ":
            return self
        lines = self.attributes & {"4", "7", "9"}
        return CellLook(lines, self.background, self.foreground if lines else "39", self.link)


class TerminalEmulator:
    """Cells of one character each.

    The second cell of a wide character is ""; writing on one half of it blanks the other.
    """

    def __init__(self, width: int, height: int) -> None:
        self.size = (width, height)
        self.characters = [[" "] * width for _ in range(height)]
        self.looks = [[CellLook()] * width for _ in range(height)]
        self.look = CellLook()
        self.y = self.x = 0

    def feed(self, data: str) -> None:
        """Apply output."""
        for token in _TOKEN.finditer(data):
            if token["final"] and not token["private"] and not token["more"]:
                self._control(token["final"], [int(code) for code in token["codes"].split(";") if code])
            elif token["link"] is not None:
                self.look = CellLook(self.look.attributes, self.look.background, self.look.foreground, token["link"])
            elif token["character"] == "\b":
                self.x -= 1
            elif token["character"]:
                self._write(token["character"])

    def visible_cells(self) -> list[list[tuple[str, CellLook]]]:
        """The character and visible look of every cell."""
        return [
            [(character, look.visible_on(character)) for character, look in zip(*row, strict=True)]
            for row in zip(self.characters, self.looks, strict=True)
        ]

    def text(self) -> list[str]:
        """The text of each row."""
        return ["".join(row) for row in self.characters]

    def _control(self, final: str, codes: list[int]) -> None:
        first = codes[0] if codes else 1
        if final == "H":
            self.y, self.x = first - 1, (codes[1] if len(codes) > 1 else 1) - 1
        elif final == "B":
            self.y += first
        elif final == "C":
            self.x += first
        elif final == "D":
            self.x -= first
        elif final == "m":
            self._set_style(codes or [0])
        else:
            assert final in "hlqtpu", final

    def _set_style(self, codes: list[int]) -> None:
        while codes:
            code = codes.pop(0)
            if code in (38, 48):
                count = 4 if codes[0] == 2 else 2
                rest, codes = codes[:count], codes[count:]
                self._set_color(";".join(map(str, (code, *rest))), foreground=code == 38)
            elif code == 0:
                self.look = CellLook(link=self.look.link)
            elif code < 30:
                added = self.look.attributes | {str(code)}
                self.look = CellLook(added, self.look.background, self.look.foreground, self.look.link)
            else:
                self._set_color(str(code), foreground=30 <= code < 40 or 90 <= code < 100)

    def _set_color(self, code: str, *, foreground: bool) -> None:
        look = self.look
        colors = (look.background, code) if foreground else (code, look.foreground)
        self.look = CellLook(look.attributes, *colors, look.link)

    def _write(self, character: str) -> None:
        assert character.isprintable(), ascii(character)
        width = get_character_cell_size(character)
        if not width:
            self.characters[self.y][self.x - 1] += character
            return
        assert 0 <= self.x <= self.size[0] - width, (self.y, self.x, character)
        for x in range(self.x, self.x + width):
            self._blank_other_half(x)
            self.characters[self.y][x] = character if x == self.x else ""
            self.looks[self.y][x] = self.look
        self.x += width

    def _blank_other_half(self, x: int) -> None:
        """Blank the other half of a wide character in column `x`."""
        row = self.characters[self.y]
        if row[x] == "" and x and get_character_cell_size(row[x - 1][:1] or " ") == 2:
            row[x - 1] = " "
        if x + 1 < len(row) and row[x + 1] == "" and get_character_cell_size(row[x][:1] or " ") == 2:
            row[x + 1] = " "
