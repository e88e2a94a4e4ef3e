"""The machine itself, from psutil and /proc/pressure; only asked when the engine runs on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from dockpit.model.host_figures import HostFigures

PRESSURE = Path("/proc/pressure")
SYS = Path("/sys")
VIRTUAL = ("lo", "veth", "docker", "br-", "virbr", "cni", "flannel", "tun", "tap", "dm-", "md", "loop", "ram", "zram")
"""Names of devices that only pass on what others carry, or carry nothing out of the machine."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Raw counters of the machine at one monotonic instant."""

    monotonic: float
    cpu_busy: float
    cpu_all: float
    disk: tuple[int, int] | None
    net: tuple[int, int] | None
    stalled_us: tuple[int | None, int | None, int | None]


class HostSource:
    """Reads the machine; each read gives the rates since the one before."""

    def __init__(self, pressure: Path = PRESSURE, sys: Path = SYS) -> None:
        self._pressure = pressure
        self._disks = Physical(sys / "block")
        self._nets = Physical(sys / "class" / "net")
        self._last: Reading | None = None

    def read(self, wall: float, monotonic: float) -> HostFigures:
        """The machine now; rates are None on the first read."""
        reading = self._reading(monotonic)
        last, self._last = self._last, reading
        memory = psutil.virtual_memory()
        host = HostFigures(at=wall, memory_used_bytes=memory.total - memory.available, memory_total_bytes=memory.total)
        if last is None or reading.monotonic - last.monotonic < 0.05:
            return host
        return _rates(host, last, reading)

    def _reading(self, monotonic: float) -> Reading:
        times = psutil.cpu_times()
        total = sum(times[:8])
        idle = times.idle + getattr(times, "iowait", 0.0)
        disk = self._disks.of(_counters(lambda: psutil.disk_io_counters(perdisk=True, nowrap=False)))
        net = self._nets.of(_counters(lambda: psutil.net_io_counters(pernic=True, nowrap=False)))
        return Reading(
            monotonic=monotonic,
            cpu_busy=total - idle,
            cpu_all=total,
            disk=(sum(d.read_bytes for d in disk), sum(d.write_bytes for d in disk)) if disk else None,
            net=(sum(n.bytes_recv for n in net), sum(n.bytes_sent for n in net)) if net else None,
            stalled_us=(self._stalled("cpu"), self._stalled("memory"), self._stalled("io")),
        )

    def _stalled(self, resource: str) -> int | None:
        try:
            first = (self._pressure / resource).read_text().splitlines()[0]
            return int(first.rpartition("total=")[2])
        except (OSError, ValueError, IndexError):
            return None


def _counters(read: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any]:
    """Counters by device; none where this machine does not show them (a container without them in /proc)."""
    try:
        return read() or {}
    except (OSError, RuntimeError):
        return {}


class Physical:
    """Devices of hardware, so that what bridges, volumes and partitions pass on counts once.

    Where none has hardware behind it (a container, a paravirtual network), those that are not VIRTUAL by name. A device
    is looked at once: with every container there comes an interface.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._real: dict[str, bool] = {}

    def of(self, counters: Mapping[str, Any]) -> list[Any]:
        """Their counters."""
        self._real = {name: self._is_real(name) for name in counters}
        real = [counters[name] for name, is_real in self._real.items() if is_real]
        return real or [counter for name, counter in counters.items() if not name.startswith(VIRTUAL)]

    def _is_real(self, name: str) -> bool:
        known = self._real.get(name)
        return (self._folder / name / "device").exists() if known is None else known


def _rates(host: HostFigures, last: Reading, now: Reading) -> HostFigures:
    seconds = now.monotonic - last.monotonic
    ticks = now.cpu_all - last.cpu_all
    disk = _per_second(last.disk, now.disk, seconds)
    net = _per_second(last.net, now.net, seconds)
    some = [_percent(a, b, seconds) for a, b in zip(last.stalled_us, now.stalled_us, strict=True)]
    return HostFigures(
        at=host.at,
        cpu_percent=max(0.0, min(100.0, (now.cpu_busy - last.cpu_busy) / ticks * 100)) if ticks > 0 else None,
        memory_used_bytes=host.memory_used_bytes,
        memory_total_bytes=host.memory_total_bytes,
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
    if last is None or now is None or now[0] < last[0] or now[1] < last[1]:
        return None, None
    return (now[0] - last[0]) / seconds, (now[1] - last[1]) / seconds


def _percent(last: int | None, now: int | None, seconds: float) -> float | None:
    if last is None or now is None or now < last:
        return None
    return min(100.0, (now - last) / 1e6 / seconds * 100)
