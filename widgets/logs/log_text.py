"""Text of log lines for the buffer and the screen: shortened, without escape sequences, printable."""

from __future__ import annotations

import re
from typing import Final

from dockpit.model.container import LogLine
from widgets.drawing.decimal_size import decimal_size
from widgets.drawing.terminal_text import visible

LINE_CHARS: Final = 8_192
"""Maximum characters kept of a line."""

_CSI_SEQUENCE: Final = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")


def shorten_line(line: LogLine) -> LogLine:
    """Return `line`, or its first LINE_CHARS characters and the size of the rest."""
    excess = len(line.text) - LINE_CHARS
    if excess <= 0:
        return line
    return LogLine(line.stream, f"{line.text[:LINE_CHARS]}… +{decimal_size(excess)}", line.at)


def plain_log_text(text: str, *, ascii: bool = False) -> str:
    """Return `text` without CSI sequences (colours), with tabs expanded and other control characters made visible."""
    if "\x1b" in text:
        text = _CSI_SEQUENCE.sub("", text)
    if "\t" in text:
        text = text.expandtabs(8)
    return visible(text.rstrip("\r\n"), ascii=ascii)
