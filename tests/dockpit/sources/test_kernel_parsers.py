"""The kernel's files -> numbers: content as kernels write it, content cut short, and content no kernel writes."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockpit.metrics.samples import Pressure
from dockpit.model.container_limits import UNLIMITED_BYTES
from dockpit.sources import kernel_parsers
from dockpit.sources.kernel_parsers import CpuStat, MemoryEvents, MemoryStat
from tests.dockpit.sources.cgroup_trees import NET_SNMP

MANY = b"9" * 5000
"""More digits than Python takes for a number."""

CPU_STAT_V2 = b"""usage_usec 22604
user_usec 15117
system_usec 7487
core_sched.force_idle_usec 0
nr_periods 12
nr_throttled 3
throttled_usec 1500
nr_bursts 4
burst_usec 250
"""
MEMORY_STAT_V2 = b"""anon 1048576
file 2097152
kernel 300000
kernel_stack 16384
pagetables 40960
sec_pagetables 0
percpu 960
sock 4096
vmalloc 0
shmem 8192
inactive_anon 1000
active_anon 2000
inactive_file 512
active_file 256
unevictable 0
slab_reclaimable 5000
slab_unreclaimable 6000
slab 11000
workingset_refault_anon 5
workingset_refault_file 7
pgmajfault 9
"""
MEMORY_STAT_V1 = b"""cache 4194304
rss 1
shmem 2
pgmajfault 3
inactive_file 4
hierarchical_memory_limit 67108864
total_cache 4194304
total_rss 1048576
total_shmem 8192
total_swap 4096
total_pgmajfault 11
total_workingset_refault_anon 1
total_workingset_refault_file 2
total_inactive_anon 100
total_active_anon 200
total_inactive_file 300
total_active_file 400
total_unevictable 50
"""
NET_DEV = b"""Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier
"""


def interface(name: bytes, received: int, sent: int) -> bytes:
    return b"%6b: %7d 10 0 0 0 0 0 0 %8d 20 0 0 0 0 0 0\n" % (name, received, sent)


@pytest.mark.parametrize(
    ("data", "expected"),
    [(b"42\n", 42), (b"0", 0), (b"max\n", None), (b"-1\n", None), (b"", None), (b"1_000", None), (MANY, None)],
    ids=lambda value: repr(value)[:20],
)
def test_a_number_is_one_or_none(data: bytes, expected: int | None) -> None:
    assert kernel_parsers.number(data) == expected


@pytest.mark.parametrize("most", [UNLIMITED_BYTES, 9_223_372_036_854_710_272, 2**63 - 1, 2**64 - 1])
def test_the_number_that_means_no_limit_on_v1_is_none_for_every_page_size(most: int) -> None:
    assert kernel_parsers.limit(b"%d\n" % most) is None


def test_a_limit_is_a_smaller_number() -> None:
    assert kernel_parsers.limit(b"67108864\n") == 67108864
    assert kernel_parsers.limit(b"max\n") is None
    assert kernel_parsers.limit(b"0\n") == 0


def test_cpu_stat_of_v2_is_in_nanoseconds() -> None:
    assert kernel_parsers.cpu_stat_v2(CPU_STAT_V2) == CpuStat(
        22_604_000, 15_117_000, 7_487_000, 12, 3, 1_500_000, 4, 250_000
    )


def test_without_the_cpu_controller_there_are_no_periods() -> None:
    found = kernel_parsers.cpu_stat_v2(b"usage_usec 22604\nuser_usec 15117\nsystem_usec 7487\nnice_usec 0\n")
    assert found == CpuStat(22_604_000, 15_117_000, 7_487_000)


def test_cpu_stat_and_cpuacct_stat_of_v1() -> None:
    text = b"nr_periods 12658\nnr_throttled 12657\nthrottled_time 1007792129321\nnr_bursts 5\nburst_time 60\n"
    assert kernel_parsers.cpu_stat_v1(text) == CpuStat(None, None, None, 12658, 12657, 1007792129321, 5, 60)
    assert kernel_parsers.cpuacct_stat(b"user 25307\nsystem 9\n") == CpuStat(None, 253_070_000_000, 90_000_000)


def test_memory_of_v2_has_its_parts() -> None:
    assert kernel_parsers.memory_stat_v2(MEMORY_STAT_V2) == MemoryStat(
        anon=1048576,
        file=2097152,
        shmem=8192,
        inactive_file=512,
        kernel=304096,
        unreclaimable=1048576 + 8192 + 4096 + 6000 + 16384,
        major_faults=9,
        refaults=12,
        swapped_in_bytes=5 * kernel_parsers.PAGE_BYTES,
    )


def test_kernel_memory_is_summed_where_the_kernel_does_not() -> None:
    before_5_18 = MEMORY_STAT_V2.replace(b"kernel 300000\n", b"")
    assert kernel_parsers.memory_stat_v2(before_5_18).kernel == 11000 + 16384 + 40960 + 960 + 4096
    assert kernel_parsers.memory_stat_v2(b"anon 5\nfile 6\n") == MemoryStat(anon=5, file=6, unreclaimable=5)


def test_memory_of_v1_includes_child_cgroups() -> None:
    assert kernel_parsers.memory_stat_v1(MEMORY_STAT_V1) == MemoryStat(
        anon=1048576,
        file=4194304,
        shmem=8192,
        inactive_file=300,
        unreclaimable=350,
        major_faults=11,
        refaults=3,
        swapped_in_bytes=1 * kernel_parsers.PAGE_BYTES,
        swap=4096,
    )


def test_older_kernels_of_v1_count_refaults_of_files_only_and_no_swap_without_accounting() -> None:
    found = kernel_parsers.memory_stat_v1(b"total_rss 1\ntotal_workingset_refault 8\n")
    assert found == MemoryStat(anon=1, refaults=8)


def test_oom_kills_are_told_apart_from_failed_allocations() -> None:
    text = b"low 0\nhigh 0\nmax 4711\noom 6\noom_kill 5\noom_group_kill 0\n"
    assert kernel_parsers.memory_events(text) == MemoryEvents(6, 5)
    assert kernel_parsers.oom_control(b"oom_kill_disable 0\nunder_oom 0\noom_kill 3\n") == MemoryEvents(None, 3)
    assert kernel_parsers.oom_control(b"oom_kill_disable 0\nunder_oom 0\n") == MemoryEvents(), "before Linux 4.13"


def test_pressure_has_the_total_of_full_where_there_is_such_a_line() -> None:
    some = b"some avg10=13.00 avg60=1.00 avg300=0.00 total=983468459\n"
    assert kernel_parsers.pressure(some) == Pressure(983468459, None)
    assert kernel_parsers.pressure(some + b"full avg10=0.00 avg60=0.00 avg300=0.00 total=12\n") == Pressure(
        983468459, 12
    )
    assert kernel_parsers.pressure(b"some total=" + MANY) == Pressure(None, None)


def test_io_of_v2_is_summed_over_devices_and_an_empty_file_is_no_io() -> None:
    text = b"8:0 rbytes=100 wbytes=20 rios=1 wios=2 dbytes=0 dios=0\n259:0 \n254:1 rbytes=1 wbytes=2 cost.usage=9\n"
    assert kernel_parsers.io_stat_v2(text) == (101, 22)
    assert kernel_parsers.io_stat_v2(b"") == (0, 0)


def test_io_of_v1_is_none_where_the_kernel_does_not_count_it() -> None:
    text = b"8:0 Read 100\n8:0 Write 20\n8:0 Sync 1\n8:0 Total 120\n8:16 Read 1\n8:16 Write 2\nTotal 123\n"
    assert kernel_parsers.blkio_v1(text) == (101, 22)
    assert kernel_parsers.blkio_v1(b"Total 0\n") is None


def test_network_counters_are_those_of_the_engines_interfaces() -> None:
    lo, tun = interface(b"lo", 5, 5), interface(b"tun0", 9, 9)
    eth0, eth1 = interface(b"eth0", 1492, 7), interface(b"eth1", 1, 2)
    assert kernel_parsers.net_dev(NET_DEV + lo + eth0 + eth1 + tun) == (1493, 9)
    assert kernel_parsers.net_dev(NET_DEV + lo + interface(b"tap0", 3, 4)) == (3, 4), "rootless podman"
    assert kernel_parsers.net_dev(NET_DEV + lo) is None
    assert kernel_parsers.net_dev(NET_DEV + b"  eth0:1 2 3\n" + b"nonsense\n") is None
    assert kernel_parsers.net_dev(b"") is None


def test_the_io_of_a_process_is_what_reached_devices() -> None:
    text = b"rchar: 1\nwchar: 2\nsyscr: 3\nsyscw: 4\nread_bytes: 5\nwrite_bytes: 6\ncancelled_write_bytes: 0\n"
    assert kernel_parsers.process_io(text) == (5, 6)
    assert kernel_parsers.process_io(b"rchar: 1\nwchar: 2\n") is None
    assert kernel_parsers.process_io(b"") is None


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"20000 100000\n", 0.2),
        (b"200000\n", 2.0),
        (b"max 100000\n", None),
        (b"", None),
        (b"1 0\n", None),
        (b"1 x\n", None),
        (MANY + b" 1", None),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_a_quota_is_cores_or_none(data: bytes, expected: float | None) -> None:
    assert kernel_parsers.cpu_max(data) == expected


def test_user_and_system_time_alone_are_those_of_the_complete_file() -> None:
    whole, split = kernel_parsers.cpu_stat_v2(CPU_STAT_V2), kernel_parsers.cpu_times_v2(CPU_STAT_V2)
    assert whole.user_ns and whole.system_ns
    assert (split.usage_ns, split.user_ns, split.system_ns) == (None, whole.user_ns, whole.system_ns)


def test_tcp_segments_sent_again() -> None:
    assert kernel_parsers.tcp_retransmits(NET_SNMP.encode()) == 6
    assert kernel_parsers.tcp_retransmits(b"Tcp: RtoMin OutSegs\nTcp: 200 5\n") is None
    assert kernel_parsers.tcp_retransmits(b"Tcp: RetransSegs\n") is None
    assert kernel_parsers.tcp_retransmits(b"Tcp: RetransSegs\nTcp: many\n") is None


PARSERS: tuple[Callable[[bytes], object], ...] = (
    kernel_parsers.number,
    kernel_parsers.limit,
    kernel_parsers.cpu_stat_v2,
    kernel_parsers.cpu_stat_v1,
    kernel_parsers.cpu_times_v2,
    kernel_parsers.cpuacct_stat,
    kernel_parsers.memory_stat_v2,
    kernel_parsers.memory_stat_v1,
    kernel_parsers.memory_events,
    kernel_parsers.oom_control,
    kernel_parsers.pressure,
    kernel_parsers.io_stat_v2,
    kernel_parsers.blkio_v1,
    kernel_parsers.net_dev,
    kernel_parsers.tcp_retransmits,
    kernel_parsers.process_io,
    kernel_parsers.cpu_max,
)
KEYS = st.sampled_from([*MEMORY_STAT_V1.split()[::2], *MEMORY_STAT_V2.split()[::2], *CPU_STAT_V2.split()[::2]])
STARTS = KEYS | st.sampled_from(
    [b"some", b"8:0 Read", b"8:0 rbytes=", b"eth0:", b"lo:", b"oom", b"read_bytes:", b"total="]
)
VALUES = st.sampled_from([b"0", b"7", b"-1", b"max", MANY, b"+1", b"1_0", "٣".encode(), b"nan", b"1e9", b"\x00", b""])
PAIRS = st.tuples(KEYS, VALUES).map(b" ".join)
LINES = st.tuples(STARTS, st.lists(VALUES, max_size=12).map(b" ".join)).map(b"".join)
HOSTILE = st.lists(PAIRS, max_size=12).map(b"\n".join) | st.lists(LINES | st.binary(max_size=8)).map(b"\n".join)


@pytest.mark.parametrize("parse", PARSERS, ids=lambda parse: parse.__name__)
@given(data=HOSTILE)
def test_no_bytes_raise_and_none_are_negative(parse: Callable[[bytes], object], data: bytes) -> None:
    assert all(value >= 0 for value in numbers(parse(data)))


def numbers(found: object) -> list[float]:
    if found is None:
        return []
    if isinstance(found, int | float):
        return [found]
    parts: Iterable[object] = (found.some_us, found.full_us) if isinstance(found, Pressure) else found  # type: ignore[assignment]  # a tuple
    return [number for part in parts for number in numbers(part)]
