"""Regular expressions for log lines, restricted so that none can run for ever."""

from __future__ import annotations

import re
from typing import Final

MATCHED_CHARS: Final = 2_000
"""Characters of a line that a pattern is matched against; fewer for one with several open repeats."""

_ESCAPE_OR_CLASS: Final = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
_OPEN_REPEAT: Final = re.compile(r"[*+]|\{\d*,\}")
_REPEAT: Final = re.compile(r"[*+]|\{\d*,?\d*\}")


class LinePattern:
    """Regular expression searched for in the beginning of a line.

    Raises ValueError with a sentence for a pattern that is invalid, has a back-reference, or repeats a group that
    contains repeats or alternatives.
    """

    def __init__(self, pattern: str) -> None:
        try:
            self._search = re.compile(pattern).search
        except (re.error, OverflowError, RecursionError) as error:
            raise ValueError(f"not a regular expression: {error}") from None
        if re.search(r"\\[1-9]|\(\?P=", pattern):
            raise ValueError("an expression with a back-reference is too slow for logs")
        bare = _ESCAPE_OR_CLASS.sub("x", pattern)
        if _has_nested_repeat(bare):
            raise ValueError("a repeat or choice inside a repeated group is too slow for logs")
        repeats = len(_OPEN_REPEAT.findall(bare))
        self._matched_chars = MATCHED_CHARS // max(1, repeats * repeats)
        self.pattern = pattern

    def matches(self, text: str) -> bool:
        """Return whether the pattern is found in the beginning of `text`."""
        return self._search(text[: self._matched_chars]) is not None


def _has_nested_repeat(bare: str) -> bool:
    """Return whether a repeated group contains a repeat or an alternative: backtracking can then be exponential.

    `bare` is a pattern without escapes and character classes.
    """
    groups = [False]
    for at, char in enumerate(bare):
        if char == "(":
            groups.append(False)
        elif char == ")" and len(groups) > 1:
            is_risky = groups.pop()
            is_repeated = _REPEAT.match(bare, at + 1) is not None
            if is_risky and is_repeated:
                return True
            groups[-1] = groups[-1] or is_risky or is_repeated
        elif char == "|" or _REPEAT.match(bare, at):
            groups[-1] = True
    return False
