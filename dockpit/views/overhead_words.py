"""What dockpit itself costs, in words for the foot of the screen."""

from __future__ import annotations

from dockpit.metrics import formatting
from dockpit.process.overhead import Overhead


def overhead_words(overhead: Overhead) -> tuple[str, str]:
    """The overhead in full and in short; figures that are unknown are left out."""
    own, engine = _percent(overhead.cpu_percent), _percent(overhead.engine_cpu_percent)
    memory = formatting.bytes_long(overhead.memory_bytes) if overhead.memory_bytes is not None else ""
    written = overhead.written_bytes_per_s
    terminal = formatting.rate_long(written) if written is not None else ""
    full = (
        _around("", own, " CPU"),
        memory,
        _around("", terminal, " to the terminal"),
        _around("engine ", engine, " CPU"),
    )
    short = (own, memory, terminal, _around("engine ", engine, ""))
    return _line(full), _line(short)


def _percent(value: float | None) -> str:
    """A percentage with one decimal, because what matters here is small; "" if it is unknown."""
    return "" if value is None else f"{value:.1f} %"


def _around(before: str, text: str, after: str) -> str:
    return f"{before}{text}{after}" if text else ""


def _line(parts: tuple[str, ...]) -> str:
    return f"dockpit {' · '.join(part for part in parts if part)}"
