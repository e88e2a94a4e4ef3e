"""Log lines made fit to show and to search: cut, cleaned, and expressions that cannot run for ever."""

from __future__ import annotations

import re
from typing import Final

from dockpit.model.container import LogLine
from widgets.ink import visible

KEPT_CHARS: Final = 8_192
"""How much of one line is kept."""
MATCHED_CHARS: Final = 2_000
"""How much of one line an expression looks at; less for one with several open repeats."""

_CSI: Final = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")
_OPAQUE: Final = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
_OPEN_REPEAT: Final = re.compile(r"[*+]|\{\d*,\}")
_REPEAT: Final = re.compile(r"[*+]|\{\d*,?\d*\}")


def size_text(count: int) -> str:
    """Return a number of characters as people say it: 812 B, 1.2 MB."""
    for unit, size in (("MB", 1_000_000), ("kB", 1_000)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count} B"


def kept(line: LogLine) -> LogLine:
    """Return `line`, or its beginning and how much was cut from it."""
    over = len(line.text) - KEPT_CHARS
    if over <= 0:
        return line
    return LogLine(line.stream, f"{line.text[:KEPT_CHARS]}… +{size_text(over)}", line.at)


def cleaned(text: str, *, ascii: bool = False) -> str:
    """Return `text` without CSI sequences (colours), tabs as room, every other control character made visible."""
    if "\x1b" in text:
        text = _CSI.sub("", text)
    if "\t" in text:
        text = text.expandtabs(8)
    return visible(text.rstrip("\r\n"), ascii=ascii)


def _nested(bare: str) -> bool:
    """Whether a repeated group holds a repeat or a choice, which a line can be made to run on for ever."""
    groups = [False]
    for at, char in enumerate(bare):
        if char == "(":
            groups.append(False)
        elif char == ")" and len(groups) > 1:
            risky = groups.pop()
            repeated = _REPEAT.match(bare, at + 1) is not None
            if risky and repeated:
                return True
            groups[-1] = groups[-1] or risky or repeated
        elif char == "|" or _REPEAT.match(bare, at):
            groups[-1] = True
    return False


class Expression:
    """A regular expression that looks at the beginning of a line only.

    Raises ValueError with a sentence for one that is invalid, refers back, or repeats a group with repeats or choices.
    """

    def __init__(self, pattern: str) -> None:
        try:
            self._search = re.compile(pattern).search
        except (re.error, OverflowError, RecursionError) as error:
            raise ValueError(f"not a regular expression: {error}") from None
        if re.search(r"\\[1-9]|\(\?P=", pattern):
            raise ValueError("an expression that refers back to a group is too slow for logs")
        bare = _OPAQUE.sub("x", pattern)
        if _nested(bare):
            raise ValueError("a repeated group with a repeat or a choice in it can take for ever")
        repeats = len(_OPEN_REPEAT.findall(bare))
        self._chars = MATCHED_CHARS // max(1, repeats * repeats)
        self.pattern = pattern

    def matches(self, text: str) -> bool:
        """Whether the expression is found in the beginning of `text`."""
        return self._search(text[: self._chars]) is not None
