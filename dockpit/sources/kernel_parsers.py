"""The kernel's files -> numbers: one pure function per file, for cgroup v1 and v2.

No content raises: a line that is missing gives None (n/a), and so does one without a number. Units are those of Sample:
nanoseconds, microseconds for pressure, bytes.
"""

from __future__ import annotations

import os
import re
from typing import NamedTuple

from dockpit.metrics.samples import Pressure
from dockpit.sources.key_value_files import KeyedNumbers, key_values, number_at, sum_at, sum_known, whole_number

TICK_NS = 10_000_000
"""One tick of USER_HZ, which is 100 on every architecture that runs containers."""

PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")

UNLIMITED_FROM = 1 << 62
"""Least value by which v1 means no limit: it writes the most whole pages that fit 63 bits, for any size of a page."""

_IO = re.compile(rb"\b([rw])bytes=(\d{1,20}+)(?!\d)")
_INTERFACE_COUNTERS = rb": *+(\d{1,20}+)(?: ++\d++){7} ++(\d{1,20}+)(?!\d)"
"""What follows an interface's name: received bytes first, sent bytes ninth."""
_ETHERNET = re.compile(rb"\n *+eth[^:\n]*+" + _INTERFACE_COUNTERS)
_OTHER_INTERFACE = re.compile(rb"\n *+(?!lo:|eth)[^:\n]++" + _INTERFACE_COUNTERS)
_TCP_RETRANSMITS = re.compile(rb"\nTcp:(?: [A-Za-z]+){11} RetransSegs\b[^\n]*+\nTcp:(?: -?\d+){11} (\d{1,20})(?!\d)")
_TOTAL = re.compile(rb"total=(\d{1,20})(?!\d)")


class CpuStat(NamedTuple):
    """cpu.stat: CPU time where the file has it (v2), and how far the CFS quota throttled."""

    usage_ns: int | None = None
    user_ns: int | None = None
    system_ns: int | None = None
    periods: int | None = None
    throttled_periods: int | None = None
    throttled_ns: int | None = None
    bursts: int | None = None
    burst_ns: int | None = None


class MemoryStat(NamedTuple):
    """memory.stat: the parts of memory in bytes, and counters of faults and refaults."""

    anon: int | None = None
    file: int | None = None
    shmem: int | None = None
    inactive_file: int | None = None
    kernel: int | None = None
    unreclaimable: int | None = None
    major_faults: int | None = None
    refaults: int | None = None
    swapped_in_bytes: int | None = None
    """Bytes read back from swap or zswap, readahead included; the kernel counts the pages as refaults of anon."""
    swap: int | None = None


class MemoryEvents(NamedTuple):
    """Counters of memory.events or memory.oom_control: allocations that failed, and processes killed."""

    failures: int | None = None
    oom_kills: int | None = None


def number(data: bytes) -> int | None:
    """A file that is one number; None for "max" and the like."""
    return whole_number(data.strip())


def limit(data: bytes) -> int | None:
    """A limit in bytes or counts; None for no limit: "max", or a number from UNLIMITED_FROM on."""
    value = number(data)
    return value if value is not None and value < UNLIMITED_FROM else None


_CPU_V2 = KeyedNumbers(
    b"usage_usec", b"user_usec", b"system_usec",
    b"nr_periods", b"nr_throttled", b"throttled_usec", b"nr_bursts", b"burst_usec",
)  # fmt: skip


def cpu_stat_v2(data: bytes) -> CpuStat:
    """cpu.stat of the unified hierarchy; times are in µs there."""
    usage_us, user_us, system_us, periods, throttled_periods, throttled_us, bursts, burst_us = _CPU_V2(data)
    return CpuStat(
        _ns(usage_us),
        _ns(user_us),
        _ns(system_us),
        periods,
        throttled_periods,
        _ns(throttled_us),
        bursts,
        _ns(burst_us),
    )


def _ns(us: int | None) -> int | None:
    return None if us is None else us * 1000


def cpu_stat_v1(data: bytes) -> CpuStat:
    """cpu.stat of the cpu controller."""
    found = key_values(data)
    return CpuStat(
        periods=number_at(found, b"nr_periods"),
        throttled_periods=number_at(found, b"nr_throttled"),
        throttled_ns=number_at(found, b"throttled_time"),
        bursts=number_at(found, b"nr_bursts"),
        burst_ns=number_at(found, b"burst_time"),
    )


def cpu_times_v2(data: bytes) -> CpuStat:
    """User and system time alone of a cpu.stat of v2, whose first three lines have them."""
    words = data.split(None, 6)[:6]
    found = dict(zip(words[::2], words[1::2], strict=False))
    return CpuStat(None, number_at(found, b"user_usec", 1000), number_at(found, b"system_usec", 1000))


def cpuacct_stat(data: bytes) -> CpuStat:
    """cpuacct.stat: user and system time in ticks of 10 ms."""
    found = key_values(data)
    return CpuStat(user_ns=number_at(found, b"user", TICK_NS), system_ns=number_at(found, b"system", TICK_NS))


_MEMORY_V2 = KeyedNumbers(
    b"anon", b"file", b"shmem", b"inactive_file", b"pgmajfault", b"workingset_refault_file", b"workingset_refault_anon",
    b"sock", b"slab_unreclaimable", b"kernel_stack", b"kernel", b"slab", b"pagetables", b"percpu",
)  # fmt: skip


def memory_stat_v2(data: bytes) -> MemoryStat:
    """memory.stat of the unified hierarchy; kernels before 5.18 do not sum up the kernel's memory."""
    (
        anon, file, shmem, inactive_file, major_faults, refaults_file, refaults_anon,
        sock, unreclaimable, stack, kernel, slab, page_tables, percpu,
    ) = _MEMORY_V2(data)  # fmt: skip
    return MemoryStat(
        anon=anon,
        file=file,
        shmem=shmem,
        inactive_file=inactive_file,
        kernel=sum_known(slab, stack, page_tables, percpu, sock) if kernel is None else kernel + (sock or 0),
        unreclaimable=None if anon is None else anon + (shmem or 0) + (sock or 0) + (unreclaimable or 0) + (stack or 0),
        major_faults=major_faults,
        refaults=sum_known(refaults_file, refaults_anon),
        swapped_in_bytes=None if refaults_anon is None else refaults_anon * PAGE_BYTES,
    )


def memory_stat_v1(data: bytes) -> MemoryStat:
    """memory.stat of the memory controller, child cgroups included (total_…)."""
    found = key_values(data)
    refaults = sum_at(found, b"total_workingset_refault_file", b"total_workingset_refault_anon")
    return MemoryStat(
        anon=number_at(found, b"total_rss"),
        file=number_at(found, b"total_cache"),
        shmem=number_at(found, b"total_shmem"),
        inactive_file=number_at(found, b"total_inactive_file"),
        unreclaimable=sum_at(found, b"total_active_anon", b"total_inactive_anon", b"total_unevictable"),
        major_faults=number_at(found, b"total_pgmajfault"),
        refaults=number_at(found, b"total_workingset_refault") if refaults is None else refaults,
        swap=number_at(found, b"total_swap"),
        swapped_in_bytes=number_at(found, b"total_workingset_refault_anon", PAGE_BYTES),
    )


_EVENTS = KeyedNumbers(b"oom", b"oom_kill")


def memory_events(data: bytes) -> MemoryEvents:
    """memory.events of the unified hierarchy."""
    return MemoryEvents(*_EVENTS(data))


def oom_control(data: bytes) -> MemoryEvents:
    """memory.oom_control of v1, which has `oom_kill` since Linux 4.13."""
    return MemoryEvents(None, number_at(key_values(data), b"oom_kill"))


def pressure(data: bytes) -> Pressure:
    """A .pressure file: µs stalled for some tasks and, where it has a line "full", for all."""
    totals = _TOTAL.findall(data)
    some = int(totals[0]) if totals else None
    return Pressure(some, int(totals[1]) if len(totals) > 1 else None)


def io_stat_v2(data: bytes) -> tuple[int, int] | None:
    """io.stat: bytes read and written, all devices together; the empty file of a cgroup without I/O is (0, 0)."""
    read = written = 0
    for kind, digits in _IO.findall(data):
        if kind == b"r":
            read += int(digits)
        else:
            written += int(digits)
    return read, written


def blkio_v1(data: bytes) -> tuple[int, int] | None:
    """blkio.throttle.io_service_bytes_recursive: bytes read and written; None where the kernel does not count them."""
    sums = {b"Read": 0, b"Write": 0}
    counted = False
    for words in map(bytes.split, data.splitlines()):
        if len(words) == 3 and words[1] in sums:
            sums[words[1]] += whole_number(words[2]) or 0
            counted = True
    return (sums[b"Read"], sums[b"Write"]) if counted else None


def net_dev(data: bytes) -> tuple[int, int] | None:
    """/proc/<pid>/net/dev: bytes received and sent by the interfaces that an engine creates (eth0 …).

    Interfaces that a container adds itself (tun, bridges) pass on the same traffic. Without any eth…, all but the
    loopback count. None where there is no interface but that.
    """
    chosen = _ETHERNET.findall(data) or _OTHER_INTERFACE.findall(data)
    if not chosen:
        return None
    return sum([int(received) for received, _ in chosen]), sum([int(sent) for _, sent in chosen])


def tcp_retransmits(data: bytes) -> int | None:
    """/proc/<pid>/net/snmp: TCP segments sent again, of IPv6 too; a line of names is followed by one of values."""
    found = _TCP_RETRANSMITS.search(data)
    return None if found is None else int(found[1])


def process_io(data: bytes) -> tuple[int, int] | None:
    """/proc/<pid>/io: bytes a process caused to be read from and written to devices; None unless both are there."""
    found = key_values(data)
    read, written = number_at(found, b"read_bytes:"), number_at(found, b"write_bytes:")
    return None if read is None or written is None else (read, written)


def cpu_max(data: bytes) -> float | None:
    """cpu.max, "quota period" in µs -> cores; None for "max"."""
    words = data.split()
    quota = whole_number(words[0]) if words else None
    period = whole_number(words[1]) if len(words) > 1 else 100_000
    return quota / period if quota is not None and period else None
