"""What dockpit costs, in words for the foot of the screen."""

from __future__ import annotations

from dockpit.metrics import formatting
from dockpit.process.overhead import Overhead


def cost_words(costs: Overhead) -> tuple[str, str]:
    """The costs in full and in short; what is not known is left out."""
    memory = [formatting.bytes_long(costs.memory_bytes)] if costs.memory_bytes is not None else []
    written = [formatting.rate_long(costs.written_bytes_per_s)] if costs.written_bytes_per_s is not None else []
    own, engine = _percent(costs.cpu_percent), _percent(costs.engine_cpu_percent)
    full = [
        *(f"{one} CPU" for one in own),
        *memory,
        *(f"{one} to the terminal" for one in written),
        *(f"engine {one} CPU" for one in engine),
    ]
    short = [*own, *memory, *written, *(f"engine {one}" for one in engine)]
    return f"dockpit {' · '.join(full)}", f"dockpit {' · '.join(short)}"


def _percent(value: float | None) -> list[str]:
    """With one decimal: what matters here is small."""
    return [] if value is None else [f"{value:.1f} %"]
