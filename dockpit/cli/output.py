"""Text output to a terminal or a pipe: hostile text escaped, a closed pipe distinguished from other failures."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from dockpit.model.control_characters import escaped
from dockpit.model.errors import DockpitError


class OutputClosed(Exception):
    """The reader of the output has closed the pipe, as `head` does."""


def visible(text: str, length: int = 200) -> str:
    """`text` of an engine in one line of at most `length` characters, with control characters escaped."""
    shown = escaped(text[: length + 1])
    return shown if len(shown) <= length else f"{shown[: length - 1]}…"


def write(text: str) -> None:
    """Print to stdout and flush.

    Raises OutputClosed if the reader has closed the pipe, and DockpitError if the write fails for another reason.
    """
    encoding = sys.stdout.encoding or "ascii"
    try:
        sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))
        sys.stdout.flush()
    except BrokenPipeError:
        raise OutputClosed from None
    except OSError as error:
        raise DockpitError(f"the output cannot be written: {error.strerror}") from error


def print_error(sentence: str) -> None:
    """Print one sentence for the user to stderr, with control characters escaped."""
    click.echo(f"dockpit: {visible(sentence, 2000)}", err=True)


def align_columns(rows: Sequence[Sequence[str]], left: frozenset[int] = frozenset({0})) -> str:
    """Rows as columns two spaces apart, right-aligned except those in `left`, without trailing spaces."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))] if rows else []
    lines = []
    for row in rows:
        cells = (
            cell.ljust(width) if column in left else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        lines.append("  ".join(cells).rstrip())
    return "".join(f"{line}\n" for line in lines)
