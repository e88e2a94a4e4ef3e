"""The kernel's files -> numbers: one pure function a file, for cgroup v1 and v2.

Nothing here raises for what a kernel may write: a line that is missing is None (n/a), and so is one that is no number.
Units are those of Sample: nanoseconds, microseconds for pressure, bytes.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import NamedTuple

from dockpit.metrics.samples import Pressure

TICK_NS = 10_000_000
"""USER_HZ is 100 on every architecture that runs containers."""

PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")

NO_LIMIT = 1 << 62
"""v1 writes a limit that is none as the most whole pages that fit 63 bits: how much that is hangs on their size."""
MOST_DIGITS = 20
"""The longest number that a counter of 64 bits can be."""
MOST_LAYOUTS = 4
"""So many layouts of one file are remembered."""

_IO = re.compile(rb"\b([rw])bytes=(\d{1,20}+)(?!\d)")
_COUNTED = rb": *+(\d{1,20}+)(?: ++\d++){7} ++(\d{1,20}+)(?!\d)"
"""What follows an interface's name: received bytes first, sent ones ninth."""
_GIVEN = re.compile(rb"\n *+eth[^:\n]*+" + _COUNTED)
_OTHERS = re.compile(rb"\n *+(?!lo:|eth)[^:\n]++" + _COUNTED)
_TCP = re.compile(rb"^Tcp: (.*)\nTcp: (.*)$", re.MULTILINE)
_TOTAL = re.compile(rb"total=(\d{1,20})(?!\d)")


class CpuStat(NamedTuple):
    """cpu.stat: CPU time where the file has it (v2), and what the CFS quota did."""

    usage_ns: int | None = None
    user_ns: int | None = None
    system_ns: int | None = None
    periods: int | None = None
    throttled_periods: int | None = None
    throttled_ns: int | None = None
    bursts: int | None = None
    burst_ns: int | None = None


class MemoryStat(NamedTuple):
    """memory.stat, as far as it is used."""

    anon: int | None = None
    file: int | None = None
    shmem: int | None = None
    inactive_file: int | None = None
    kernel: int | None = None
    unreclaimable: int | None = None
    major_faults: int | None = None
    refaults: int | None = None
    swapped_in_bytes: int | None = None
    """Pages that were read back from swap or zswap, ahead of their use too: the kernel counts them as refaults."""
    swap: int | None = None


class MemoryEvents(NamedTuple):
    """How often memory ran out, and how many processes were killed for it."""

    failures: int | None = None
    oom_kills: int | None = None


def number(data: bytes) -> int | None:
    """A file that is one number; None for "max" and the like."""
    return _whole(data.strip())


def _whole(text: bytes) -> int | None:
    return int(text) if _is_number(text) else None


def _is_number(text: bytes) -> bool:
    return text.isdigit() and len(text) <= MOST_DIGITS


def limit(data: bytes) -> int | None:
    """A limit in bytes or counts; None for none: "max", or what v1 writes for it."""
    value = number(data)
    return value if value is not None and value < NO_LIMIT else None


def table(data: bytes) -> dict[bytes, bytes]:
    """A file of "key value" lines."""
    words = data.split()
    return dict(zip(words[::2], words[1::2], strict=False))


def _get(found: Mapping[bytes, bytes], key: bytes, unit: int = 1) -> int | None:
    text = found.get(key)
    return int(text) * unit if text is not None and _is_number(text) else None


class Fields:
    """Picks what a file of "key value" lines says of some keys, two or more, in their order; None for one not there.

    The kernel writes the lines of a file in one order: how files were laid out is remembered as an expression that
    knows every key, and whatever it matches is read by that one match. Any other file is read as a table.
    """

    def __init__(self, *keys: bytes) -> None:
        self._keys = keys
        self._layouts: list[tuple[re.Pattern[bytes], Callable[[Sequence[int | None]], tuple[int | None, ...]]]] = []

    def __call__(self, data: bytes) -> tuple[int | None, ...]:
        """The numbers, as far as they are whole and not negative."""
        for layout, order in self._layouts:
            if found := layout.match(data):
                return order((*map(int, found.groups()), None))
        read = table(data)
        if len(self._layouts) < MOST_LAYOUTS and all(map(_is_number, read.values())):
            self._learn(data, tuple(read))
        return tuple(_get(read, key) for key in self._keys)

    def _learn(self, data: bytes, there: Sequence[bytes]) -> None:
        wanted = [key for key in there if key in self._keys]
        lines = (re.escape(key) + (rb" (\d{1,20}+)\n" if key in wanted else rb" \d++\n") for key in there)
        layout = re.compile(b"".join(lines) + rb"\Z")
        if layout.match(data):
            places = (wanted.index(key) if key in wanted else len(wanted) for key in self._keys)
            self._layouts.append((layout, itemgetter(*places)))


_CPU_V2 = Fields(
    b"usage_usec", b"user_usec", b"system_usec",
    b"nr_periods", b"nr_throttled", b"throttled_usec", b"nr_bursts", b"burst_usec",
)  # fmt: skip


def cpu_stat_v2(data: bytes) -> CpuStat:
    """cpu.stat of the unified hierarchy; times are in µs there."""
    usage, user, system, periods, throttled, stalled, bursts, burst = _CPU_V2(data)
    return CpuStat(_ns(usage), _ns(user), _ns(system), periods, throttled, _ns(stalled), bursts, _ns(burst))


def _ns(us: int | None) -> int | None:
    return None if us is None else us * 1000


def cpu_stat_v1(data: bytes) -> CpuStat:
    """cpu.stat of the cpu controller."""
    found = table(data)
    return CpuStat(
        periods=_get(found, b"nr_periods"),
        throttled_periods=_get(found, b"nr_throttled"),
        throttled_ns=_get(found, b"throttled_time"),
        bursts=_get(found, b"nr_bursts"),
        burst_ns=_get(found, b"burst_time"),
    )


def cpu_split(data: bytes) -> CpuStat:
    """User and system time of a cpu.stat of v2, of which nothing else is wanted."""
    words = data.split(None, 6)[:6]
    found = dict(zip(words[::2], words[1::2], strict=False))
    return CpuStat(None, _get(found, b"user_usec", 1000), _get(found, b"system_usec", 1000))


def cpuacct_stat(data: bytes) -> CpuStat:
    """cpuacct.stat: user and system time in ticks of 10 ms."""
    found = table(data)
    return CpuStat(user_ns=_get(found, b"user", TICK_NS), system_ns=_get(found, b"system", TICK_NS))


_MEMORY_V2 = Fields(
    b"anon", b"file", b"shmem", b"inactive_file", b"pgmajfault", b"workingset_refault_file", b"workingset_refault_anon",
    b"sock", b"slab_unreclaimable", b"kernel_stack", b"kernel", b"slab", b"pagetables", b"percpu",
)  # fmt: skip


def memory_stat_v2(data: bytes) -> MemoryStat:
    """memory.stat of the unified hierarchy; kernels before 5.18 have no sum of the kernel's memory."""
    (
        anon, file, shmem, inactive_file, major_faults, refaults_file, refaults_anon,
        sock, unreclaimable, stack, kernel, slab, page_tables, percpu,
    ) = _MEMORY_V2(data)  # fmt: skip
    return MemoryStat(
        anon=anon,
        file=file,
        shmem=shmem,
        inactive_file=inactive_file,
        kernel=_total(slab, stack, page_tables, percpu, sock) if kernel is None else kernel + (sock or 0),
        unreclaimable=None if anon is None else anon + (shmem or 0) + (sock or 0) + (unreclaimable or 0) + (stack or 0),
        major_faults=major_faults,
        refaults=_total(refaults_file, refaults_anon),
        swapped_in_bytes=None if refaults_anon is None else refaults_anon * PAGE_BYTES,
    )


def _total(*parts: int | None) -> int | None:
    """The sum of what is there, None where nothing is."""
    found = [part for part in parts if part is not None]
    return sum(found) if found else None


def _sum(found: Mapping[bytes, bytes], *keys: bytes) -> int | None:
    return _total(*(_get(found, key) for key in keys))


def memory_stat_v1(data: bytes) -> MemoryStat:
    """memory.stat of the memory controller, with what is below it (total_…)."""
    found = table(data)
    refaults = _sum(found, b"total_workingset_refault_file", b"total_workingset_refault_anon")
    return MemoryStat(
        anon=_get(found, b"total_rss"),
        file=_get(found, b"total_cache"),
        shmem=_get(found, b"total_shmem"),
        inactive_file=_get(found, b"total_inactive_file"),
        unreclaimable=_sum(found, b"total_active_anon", b"total_inactive_anon", b"total_unevictable"),
        major_faults=_get(found, b"total_pgmajfault"),
        refaults=_get(found, b"total_workingset_refault") if refaults is None else refaults,
        swap=_get(found, b"total_swap"),
        swapped_in_bytes=_get(found, b"total_workingset_refault_anon", PAGE_BYTES),
    )


_EVENTS = Fields(b"oom", b"oom_kill")


def memory_events(data: bytes) -> MemoryEvents:
    """memory.events of the unified hierarchy."""
    return MemoryEvents(*_EVENTS(data))


def oom_control(data: bytes) -> MemoryEvents:
    """memory.oom_control of v1; `oom_kill` is there since Linux 4.13."""
    return MemoryEvents(None, _get(table(data), b"oom_kill"))


def pressure(data: bytes) -> Pressure:
    """A .pressure file: µs stalled, for some and, where there is a line for it, for all tasks."""
    totals = _TOTAL.findall(data)
    some = int(totals[0]) if totals else None
    return Pressure(some, int(totals[1]) if len(totals) > 1 else None)


def io_stat_v2(data: bytes) -> tuple[int, int] | None:
    """io.stat: bytes read and written over all devices; (0, 0) for the empty file of one that did none."""
    read = written = 0
    for kind, digits in _IO.findall(data):
        if kind == b"r":
            read += int(digits)
        else:
            written += int(digits)
    return read, written


def blkio_v1(data: bytes) -> tuple[int, int] | None:
    """blkio.throttle.io_service_bytes_recursive: bytes read and written; None where the kernel counts none for it."""
    found = [line.split() for line in data.splitlines()]
    sums = {b"Read": 0, b"Write": 0}
    counted = False
    for words in found:
        if len(words) == 3 and words[1] in sums:
            sums[words[1]] += _digits(words[2])
            counted = True
    return (sums[b"Read"], sums[b"Write"]) if counted else None


def _digits(text: bytes) -> int:
    return _whole(text) or 0


def net_dev(data: bytes) -> tuple[int, int] | None:
    """/proc/<pid>/net/dev: bytes received and sent by the interfaces that an engine gives (eth0 …).

    Where there is none by such a name, all but the loopback count: what a container makes itself (tun, bridges) only
    passes on what those carry. None where there is no interface at all.
    """
    chosen = _GIVEN.findall(data) or _OTHERS.findall(data)
    if not chosen:
        return None
    return sum([int(received) for received, _ in chosen]), sum([int(sent) for _, sent in chosen])


def tcp_retransmits(data: bytes) -> int | None:
    """/proc/<pid>/net/snmp: TCP segments sent again, of IPv6 too; a line of names is followed by one of values."""
    found = _TCP.search(data)
    return None if found is None else _get(dict(zip(found[1].split(), found[2].split(), strict=False)), b"RetransSegs")


def process_io(data: bytes) -> tuple[int, int] | None:
    """/proc/<pid>/io: bytes that the process caused to be read from and written to devices; None without both."""
    found = table(data)
    read, written = _get(found, b"read_bytes:"), _get(found, b"write_bytes:")
    return None if read is None or written is None else (read, written)


def cpu_max(data: bytes) -> float | None:
    """cpu.max, "quota period" in µs -> cores; None for "max"."""
    words = data.split()
    quota = _whole(words[0]) if words else None
    period = _whole(words[1]) if len(words) > 1 else 100_000
    return quota / period if quota is not None and period else None
