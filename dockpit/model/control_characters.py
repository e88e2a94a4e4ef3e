"""Control characters of text from outside, written out so that they cannot act on a terminal or a log."""

from __future__ import annotations


def escaped(text: str, keep: str = "") -> str:
    """`text` with every character that is not printable written as Python writes it, but for those in `keep`."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() or char in keep else ascii(char)[1:-1] for char in text)
