"""Sizes in decimal units, as text."""

from __future__ import annotations


def decimal_size(count: int) -> str:
    """Return a count of bytes or characters in decimal units: 812 B, 1.2 MB."""
    for unit, size in (("MB", 1_000_000), ("kB", 1_000)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count} B"
