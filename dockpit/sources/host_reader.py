"""Figures of the machine itself, from psutil and /proc/pressure; read only when the engine runs on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psutil

from dockpit.metrics.derive import MIN_SECONDS, growth
from dockpit.model.host_figures import HostFigures

PRESSURE = Path("/proc/pressure")
SYS = Path("/sys")
VIRTUAL_PREFIXES = (
    "lo", "veth", "docker", "br-", "virbr", "cni", "flannel", "tun", "tap", "dm-", "md", "loop", "ram", "zram",
)  # fmt: skip
"""Beginnings of the names of devices that pass on the traffic of others, or carry none out of the machine."""


@dataclass(frozen=True, slots=True)
class HostCounters:
    """Raw counters of the machine, read at one monotonic time; None where it does not show them."""

    monotonic: float
    cpu_busy_seconds: float
    cpu_total_seconds: float
    disk_bytes: tuple[int, int] | None
    """Read and written."""
    net_bytes: tuple[int, int] | None
    """Received and sent."""
    stalled_us: tuple[int | None, int | None, int | None]
    """PSI totals ("some") of CPU, memory and I/O."""


class HostReader:
    """Reads the machine; each read gives the rates since the one before."""

    def __init__(self, pressure: Path = PRESSURE, sys: Path = SYS) -> None:
        self._pressure = pressure
        self._disks = PhysicalDevices(sys / "block")
        self._interfaces = PhysicalDevices(sys / "class" / "net")
        self._last: HostCounters | None = None

    def read(self, wall: float, monotonic: float) -> HostFigures:
        """The machine's figures now; rates are None on the first read."""
        counters = self._read_counters(monotonic)
        last, self._last = self._last, counters
        memory = psutil.virtual_memory()
        host = HostFigures(at=wall, memory_used_bytes=memory.total - memory.available, memory_total_bytes=memory.total)
        if last is None or counters.monotonic - last.monotonic < MIN_SECONDS:
            return host
        return _with_rates(host, last, counters)

    def _read_counters(self, monotonic: float) -> HostCounters:
        times = psutil.cpu_times()
        total = sum(times[:8])
        idle = times.idle + getattr(times, "iowait", 0.0)
        disks = self._disks.select(_counters(lambda: psutil.disk_io_counters(perdisk=True, nowrap=False)))
        interfaces = self._interfaces.select(_counters(lambda: psutil.net_io_counters(pernic=True, nowrap=False)))
        return HostCounters(
            monotonic=monotonic,
            cpu_busy_seconds=total - idle,
            cpu_total_seconds=total,
            disk_bytes=(sum(d.read_bytes for d in disks), sum(d.write_bytes for d in disks)) if disks else None,
            net_bytes=(
                (sum(n.bytes_recv for n in interfaces), sum(n.bytes_sent for n in interfaces)) if interfaces else None
            ),
            stalled_us=(self._stalled_us("cpu"), self._stalled_us("memory"), self._stalled_us("io")),
        )

    def _stalled_us(self, resource: str) -> int | None:
        """The total of the "some" line; None for a kernel without PSI."""
        try:
            some = (self._pressure / resource).read_text().splitlines()[0]
            return int(some.rpartition("total=")[2])
        except (OSError, ValueError, IndexError):
            return None


def _counters(read: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any]:
    """Counters by device; empty where this machine does not show them (a container without them in /proc)."""
    try:
        return read() or {}
    except (OSError, RuntimeError):
        return {}


class PhysicalDevices:
    """Selects devices with hardware behind them, so that traffic through bridges, volumes or partitions counts once.

    Where none has hardware (a container, a paravirtual network), it selects those without one of VIRTUAL_PREFIXES. The
    answer for a device is remembered while the device is there: every container brings an interface of its own.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._is_physical: dict[str, bool] = {}

    def select(self, counters: Mapping[str, Any]) -> list[Any]:
        """The counters of those devices."""
        self._is_physical = {name: self._has_hardware(name) for name in counters}
        physical = [counters[name] for name, is_physical in self._is_physical.items() if is_physical]
        return physical or [counter for name, counter in counters.items() if not name.startswith(VIRTUAL_PREFIXES)]

    def _has_hardware(self, name: str) -> bool:
        known = self._is_physical.get(name)
        return (self._folder / name / "device").exists() if known is None else known


def _with_rates(host: HostFigures, last: HostCounters, now: HostCounters) -> HostFigures:
    """`host` with the rates between two reads of the counters."""
    seconds = now.monotonic - last.monotonic
    cpu_seconds = now.cpu_total_seconds - last.cpu_total_seconds
    busy_seconds = now.cpu_busy_seconds - last.cpu_busy_seconds
    disk = _per_second(last.disk_bytes, now.disk_bytes, seconds)
    net = _per_second(last.net_bytes, now.net_bytes, seconds)
    some = [_stalled_percent(*totals, seconds) for totals in zip(last.stalled_us, now.stalled_us, strict=True)]
    return replace(
        host,
        cpu_percent=max(0.0, min(100.0, busy_seconds / cpu_seconds * 100)) if cpu_seconds > 0 else None,
        disk_read_bytes_per_s=disk[0],
        disk_write_bytes_per_s=disk[1],
        net_rx_bytes_per_s=net[0],
        net_tx_bytes_per_s=net[1],
        cpu_some_percent=some[0],
        memory_some_percent=some[1],
        io_some_percent=some[2],
    )


def _per_second(
    last: tuple[int, int] | None, now: tuple[int, int] | None, seconds: float
) -> tuple[float | None, float | None]:
    """The rates of a pair of counters; none of the two when either was reset."""
    if last is None or now is None:
        return None, None
    first, second = growth(last[0], now[0]), growth(last[1], now[1])
    return (None, None) if first is None or second is None else (first / seconds, second / seconds)


def _stalled_percent(last_us: int | None, now_us: int | None, seconds: float) -> float | None:
    stalled_us = growth(last_us, now_us)
    return None if stalled_us is None else min(100.0, stalled_us / 1e6 / seconds * 100)
