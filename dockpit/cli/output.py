"""Text for a terminal or a pipe: hostile text made harmless, failures of the reader told apart."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from dockpit.model.errors import DockpitError


class NobodyReads(Exception):
    """Whoever read the output has closed the pipe, as `head` does."""


def visible(text: str, length: int = 200) -> str:
    """`text` of an engine in one line of bounded length, its control characters written out."""
    shown = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text[: length + 1])
    return shown if len(shown) <= length else f"{shown[: length - 1]}…"


def write(text: str) -> None:
    """Print to stdout at once. Raises NobodyReads, and DockpitError when it cannot be written for another reason."""
    encoding = sys.stdout.encoding or "ascii"
    try:
        sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))
        sys.stdout.flush()
    except BrokenPipeError:
        raise NobodyReads from None
    except OSError as error:
        raise DockpitError(f"the output cannot be written: {error.strerror}") from error


def aligned(rows: Sequence[Sequence[str]], left: frozenset[int] = frozenset({0})) -> str:
    """Rows as columns, right-aligned but for those in `left`; lines end without blanks."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))] if rows else []
    lines = []
    for row in rows:
        cells = (
            cell.ljust(width) if column in left else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        lines.append("  ".join(cells).rstrip())
    return "".join(f"{line}\n" for line in lines)
