"""Figures of the machine that the engine runs on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HostFigures:
    """Figures of a local engine's machine, from psutil and /proc/pressure; None where unknown."""

    at: float = 0.0
    cpu_percent: float | None = None
    memory_used_bytes: int | None = None
    memory_total_bytes: int | None = None
    disk_read_bytes_per_s: float | None = None
    disk_write_bytes_per_s: float | None = None
    net_rx_bytes_per_s: float | None = None
    net_tx_bytes_per_s: float | None = None
    cpu_some_percent: float | None = None
    memory_some_percent: float | None = None
    io_some_percent: float | None = None
