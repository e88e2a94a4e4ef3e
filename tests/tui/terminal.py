"""A terminal that understands what a picture writes, to see what a person would."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rich.cells import get_character_cell_size

_TOKEN = re.compile(
    r"\x1b\[(?P<private>[?<>=]?)(?P<codes>[\d;]*)(?P<more>[ $]?)(?P<final>[A-Za-z])"
    r"|\x1b\]8;;(?P<link>[^\x1b]*)\x1b\\"
    r"|\x1b\](?P<other>\d+;[^\x1b\x07]*)(?:\x07|\x1b\\)"
    r"|(?P<sign>.)",
    re.S,
)


@dataclass(frozen=True, slots=True)
class Look:
    """How a cell looks: attributes, background, foreground, and where a click on it goes."""

    attributes: frozenset[str] = frozenset()
    background: str = "49"
    foreground: str = "39"
    link: str = ""

    def on(self, sign: str) -> Look:
        """What can be seen of it on this sign."""
        drawn = self.attributes & {"4", "7", "9"}
        return Look(drawn, self.background, self.foreground if drawn else "39", self.link) if sign == " " else self


class Terminal:
    """Cells of one sign each; the second cell of a wide sign is "", and writing on one half blanks the other."""

    def __init__(self, width: int, height: int) -> None:
        self.size = (width, height)
        self.signs = [[" "] * width for _ in range(height)]
        self.looks = [[Look()] * width for _ in range(height)]
        self.look = Look()
        self.y = self.x = 0

    def feed(self, data: str) -> None:
        """Take in what was written."""
        for token in _TOKEN.finditer(data):
            if token["final"] and not token["private"] and not token["more"]:
                self._control(token["final"], [int(code) for code in token["codes"].split(";") if code])
            elif token["link"] is not None:
                self.look = Look(self.look.attributes, self.look.background, self.look.foreground, token["link"])
            elif token["sign"] == "\b":
                self.x -= 1
            elif token["sign"]:
                self._write(token["sign"])

    def seen(self) -> list[list[tuple[str, Look]]]:
        """What a person sees: every cell's sign and look."""
        return [
            [(sign, look.on(sign)) for sign, look in zip(*row, strict=True)]
            for row in zip(self.signs, self.looks, strict=True)
        ]

    def text(self) -> list[str]:
        """The rows as text."""
        return ["".join(row) for row in self.signs]

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
            self._colour(codes or [0])
        else:
            assert final in "hlqtpu", final

    def _colour(self, codes: list[int]) -> None:
        while codes:
            code = codes.pop(0)
            if code in (38, 48):
                count = 4 if codes[0] == 2 else 2
                rest, codes = codes[:count], codes[count:]
                self._set(";".join(map(str, (code, *rest))), foreground=code == 38)
            elif code == 0:
                self.look = Look(link=self.look.link)
            elif code < 30:
                added = self.look.attributes | {str(code)}
                self.look = Look(added, self.look.background, self.look.foreground, self.look.link)
            else:
                self._set(str(code), foreground=30 <= code < 40 or 90 <= code < 100)

    def _set(self, code: str, *, foreground: bool) -> None:
        look = self.look
        background, colour = (look.background, code) if foreground else (code, look.foreground)
        self.look = Look(look.attributes, background, colour, look.link)

    def _write(self, sign: str) -> None:
        assert sign.isprintable(), ascii(sign)
        width = get_character_cell_size(sign)
        if not width:
            self.signs[self.y][self.x - 1] += sign
            return
        assert 0 <= self.x <= self.size[0] - width, (self.y, self.x, sign)
        for x in range(self.x, self.x + width):
            self._clear(x)
            self.signs[self.y][x] = sign if x == self.x else ""
            self.looks[self.y][x] = self.look
        self.x += width

    def _clear(self, x: int) -> None:
        """Blank the other half of what a cell holds."""
        row = self.signs[self.y]
        if row[x] == "" and x and get_character_cell_size(row[x - 1][:1] or " ") == 2:
            row[x - 1] = " "
        if x + 1 < len(row) and row[x + 1] == "" and get_character_cell_size(row[x][:1] or " ") == 2:
            row[x + 1] = " "
