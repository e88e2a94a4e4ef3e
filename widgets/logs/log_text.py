"""Text of log lines for the buffer and the screen: shortened, without escape sequences, printable."""

from __future__ import annotations

import re
from typing import Final

from dockpit.model.container import LogLine
from widgets.drawing.decimal_size import decimal_size
from widgets.drawing.terminal_text import visible

LINE_CHARS: Final = 8_192
"""Maximum characters kept of a line."""

MAX_OVERWRITES: Final = 2_000
"""Maximum carriage returns of a line that are played back; earlier parts of a longer progress bar are skipped."""

_ESCAPE_SEQUENCE: Final = re.compile(
    r"\x1b(?:"
    r"\[[0-?]*[ -/]*[@-~]"  # CSI: colours, erasing, cursor
    r"|\][^\x07\x1b]*(?:\x07|\x1b\\)"  # OSC: titles, links
    r"|[PX^_][^\x1b]*\x1b\\"  # DCS, SOS, PM, APC
    r"|[ -/]+[0-~]"  # charsets: ESC ( B
    r"|[0-OQ-WYZ\\`-~]"  # single characters: keypad modes, save and restore
    r")"
)

_ERASED_LINE: Final = "\x1b[2K"
_ERASED_REST: Final = re.compile(r"\x1b\[0?K")


def shorten_line(line: LogLine) -> LogLine:
    """Return `line` with overwritten text gone, and with the size of what is beyond its first LINE_CHARS characters."""
    text = line.text
    if "\r" in text or "\b" in text:
        text = overwritten_text(text)
    excess = len(text) - LINE_CHARS
    if excess > 0:
        text = f"{text[:LINE_CHARS]}… +{decimal_size(excess)}"
    return line if text is line.text else LogLine(line.stream, text, line.at)


def overwritten_text(text: str) -> str:
    """Return what a terminal shows in the end of a line with carriage returns and backspaces: a progress bar."""
    parts = text.rstrip("\r\n").rsplit("\r", MAX_OVERWRITES)
    if len(parts) > MAX_OVERWRITES:
        del parts[0]
    shown = ""
    for part in parts:
        before, erased, part = part.rpartition(_ERASED_LINE)
        written = " " * len(_written(before)) + _written(part)
        shown = written if erased or _ERASED_REST.search(part) else written + shown[len(written) :]
    return shown.rstrip(" ") if _ERASED_LINE in text else shown


def _written(part: str) -> str:
    """Return what `part` writes from its beginning on, without its escape sequences."""
    text = _ESCAPE_SEQUENCE.sub("", part)
    return _without_backspaces(text) if "\b" in text else text


def _without_backspaces(text: str) -> str:
    """Return `text` as it stands after its backspaces, each of which moves the cursor one character to the left."""
    cells: list[str] = []
    column = 0
    for character in text:
        if character == "\b":
            column = max(0, column - 1)
            continue
        cells[column : column + 1] = [character]
        column += 1
    return "".join(cells)


def plain_log_text(text: str, *, ascii: bool = False) -> str:
    """Return `text` without escape sequences, with tabs expanded and other control characters made visible."""
    if "\x1b" in text:
        text = _ESCAPE_SEQUENCE.sub("", text)
    if "\t" in text:
        text = text.expandtabs(8)
    return visible(text.rstrip("\r\n"), ascii=ascii)
