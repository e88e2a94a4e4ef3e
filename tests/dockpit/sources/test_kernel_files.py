"""Samples from the kernel's files: each figure from its file, n/a where there is none, and nothing left open."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from dockpit.metrics.samples import Pressure, Sample
from dockpit.model.container_limits import EnforcedLimits
from dockpit.process.procfs import proc_folder
from dockpit.sources.cgroup_reader import LIMITS_SECONDS, at_least, working_set
from dockpit.sources.kernel_files import KernelFiles
from dockpit.sources.kernel_parsers import PAGE_BYTES
from dockpit.sources.open_files import DescriptorBudget
from tests.dockpit.sources.cgroup_trees import ID, MIB, PID, Tree, split, unified

Make = Callable[[Path], Tree]


def now() -> float:
    return 1000.0


def read(tree: Tree) -> Sample:
    kernel, _ = tree.kernel()
    sample = kernel.read(ID, now)
    finish(kernel)
    assert sample is not None
    return sample


def finish(kernel: KernelFiles) -> None:
    kernel.drop(ID)
    kernel.settle()


def open_below(folder: Path) -> list[str]:
    """The files below a folder that this process has open."""
    links = list(Path("/proc/self/fd").iterdir())
    found = [str(link.readlink()) for link in links if link.is_symlink()]
    return [path for path in found if path.startswith(str(folder))]


def test_every_figure_of_v2_comes_from_its_file(tmp_path: Path) -> None:
    assert read(unified(tmp_path)) == Sample(
        container_id=ID,
        at=1000.0,
        cpu_ns=300_000,
        cpu_user_ns=200_000,
        cpu_system_ns=100_000,
        periods=12,
        throttled_periods=3,
        throttled_ns=15_000,
        bursts=2,
        burst_ns=7_000,
        memory_used_bytes=3500,
        memory_unreclaimable_bytes=1000 + 80 + 4 + 60 + 16,
        memory_cache_bytes=2000,
        memory_limit_bytes=64 * MIB,
        memory_peak_bytes=5000,
        memory_failures=6,
        net_rx_bytes=1492,
        net_tx_bytes=700,
        tcp_retransmits=6,
        block_read_bytes=800,
        block_write_bytes=900,
        pids=8,
        pids_limit=100,
        oom_kills=2,
        cpu_pressure=Pressure(11, 12),
        memory_pressure=Pressure(21, 22),
        io_pressure=Pressure(31, 32),
        swap_bytes=70,
        anon_bytes=1000,
        file_bytes=2000,
        kernel_bytes=304,
        shmem_bytes=80,
        major_faults=9,
        refaults=12,
        swapped_in_bytes=5 * PAGE_BYTES,
        in_force=EnforcedLimits(0.2, 64 * MIB, 32 * MIB, 100),
        source="kernel",
    )


def test_every_figure_of_v1_comes_from_its_file(tmp_path: Path) -> None:
    assert read(split(tmp_path)) == Sample(
        container_id=ID,
        at=1000.0,
        cpu_ns=300_000,
        cpu_user_ns=200_000,
        cpu_system_ns=100_000,
        periods=12,
        throttled_periods=3,
        throttled_ns=15_000,
        bursts=2,
        burst_ns=7_000,
        memory_used_bytes=3500,
        memory_unreclaimable_bytes=72,
        memory_cache_bytes=2000,
        memory_limit_bytes=64 * MIB,
        memory_peak_bytes=5000,
        net_rx_bytes=1492,
        net_tx_bytes=700,
        tcp_retransmits=6,
        block_read_bytes=800,
        block_write_bytes=900,
        pids=8,
        pids_limit=100,
        oom_kills=2,
        cpu_pressure=Pressure(11, 12),
        memory_pressure=Pressure(21, 22),
        io_pressure=Pressure(31, 32),
        swap_bytes=70,
        anon_bytes=1000,
        file_bytes=2000,
        kernel_bytes=300,
        shmem_bytes=80,
        major_faults=9,
        refaults=12,
        swapped_in_bytes=5 * PAGE_BYTES,
        in_force=EnforcedLimits(0.2, 64 * MIB, 32 * MIB, 100),
        source="kernel",
    )


def test_v1_without_the_unified_tree_has_ticks_and_no_pressure(tmp_path: Path) -> None:
    sample = read(split(tmp_path, hybrid=False))
    assert (sample.cpu_user_ns, sample.cpu_system_ns) == (20_000_000, 10_000_000)
    assert sample.cpu_pressure is sample.memory_pressure is sample.io_pressure is None


OPTIONAL_V2 = {
    "memory": ("memory.stat", "memory.current", "memory.peak", "memory.max", "memory.events"),
    "swap": ("memory.swap.current", "memory.swap.max"),
    "io": ("io.stat",),
    "pids": ("pids.current", "pids.max"),
    "psi": ("cpu.pressure", "memory.pressure", "io.pressure"),
}
KEPT_V2 = {
    "container_id",
    "at",
    "cpu_ns",
    "cpu_user_ns",
    "cpu_system_ns",
    "net_rx_bytes",
    "net_tx_bytes",
    "tcp_retransmits",
    "source",
}


def test_a_cgroup_without_controllers_has_cpu_time_and_its_network_and_no_zeros(tmp_path: Path) -> None:
    tree = unified(tmp_path)
    for names in OPTIONAL_V2.values():
        tree.remove(*names)
    tree.remove("cpu.max")
    tree.put(cpu__stat="usage_usec 300\nuser_usec 200\nsystem_usec 100")
    sample = read(tree)
    assert sample.in_force == EnforcedLimits() and not sample.first
    told = {name for name, value in sample._asdict().items() if value is not None}
    assert told == KEPT_V2 | {"in_force", "first"}


def test_v1_with_nothing_but_cpu_time_has_no_zeros(tmp_path: Path) -> None:
    tree = split(tmp_path, hybrid=False)
    for name, folder in tree.folders.items():
        for file in folder.iterdir():
            if name != "cpuacct" or file.name != "cpuacct.usage":
                file.unlink()
    sample = read(tree)
    assert sample.cpu_ns == 300_000
    told = {name for name, value in sample._asdict().items() if value is not None}
    assert told == KEPT_V2 - {"cpu_user_ns", "cpu_system_ns"} | {"in_force", "first"}


@pytest.mark.parametrize("make", [unified, split])
def test_files_that_vanish_while_they_are_read_are_na(tmp_path: Path, make: Make) -> None:
    tree = make(tmp_path)
    kernel, _ = tree.kernel(most=0)
    for folder in tree.folders.values():
        for file in folder.iterdir():
            if file.name not in ("cpu.stat", "cpuacct.usage"):
                file.unlink()
    sample = kernel.read(ID, now)
    assert sample is not None and sample.cpu_ns == 300_000
    assert (sample.memory_used_bytes, sample.pids, sample.oom_kills, sample.cpu_pressure) == (None,) * 4
    finish(kernel)


@pytest.mark.parametrize("make", [unified, split])
def test_a_limit_below_what_is_used_and_a_kernel_without_psi_are_taken_as_they_are(tmp_path: Path, make: Make) -> None:
    tree = make(tmp_path)
    tree.put("" if make is unified else "memory", memory__max=100, memory__limit_in_bytes=100)
    for name in ("cpu", "memory", "io"):
        (tree.folders[""] / f"{name}.pressure").unlink()
    sample = read(tree)
    assert (sample.memory_limit_bytes, sample.memory_used_bytes, sample.cpu_pressure) == (100, 3500, None)


@pytest.mark.parametrize("make", [unified, split])
def test_a_cgroup_that_is_gone_is_none_and_everything_of_it_is_closed(
    tmp_path: Path, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = make(tmp_path)
    kernel, room = tree.kernel()
    assert room.open == len(open_below(tmp_path)) > 10
    assert any(path.endswith("net/dev") for path in open_below(tmp_path))

    def gone(*_: object) -> bytes:
        raise OSError(errno.ENODEV, "No such device")

    monkeypatch.setattr(os, "pread", gone)
    assert kernel.read(ID, now) is None
    finish(kernel)
    assert open_below(tmp_path) == [] and room.open == 0
    assert kernel.read(ID, now) is None, "it is read no more"


@pytest.mark.parametrize("make", [unified, split])
def test_what_is_dropped_stays_open_until_nothing_is_read(tmp_path: Path, make: Make) -> None:
    kernel, room = make(tmp_path).kernel()
    kernel.drop(ID)
    kernel.drop(ID)
    assert room.open > 0
    kernel.settle()
    assert room.open == 0


@pytest.mark.parametrize("make", [unified, split])
def test_a_new_run_is_opened_anew_and_the_same_one_is_not(tmp_path: Path, make: Make) -> None:
    tree = make(tmp_path)
    kernel, room = tree.kernel()
    before = room.open
    assert kernel.take(tree.container) == "" and room.open == before
    assert kernel.take(tree.start(5555)) == ""
    kernel.settle()
    assert room.open == before
    assert any(path.endswith("5555/net/dev") for path in open_below(tmp_path))
    assert not any(path.endswith(f"{PID}/net/dev") for path in open_below(tmp_path))
    finish(kernel)


def test_a_run_that_began_while_the_one_before_is_read_is_not_lost_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = unified(tmp_path)
    kernel, _ = tree.kernel()
    pread = os.pread

    def restarted(*_: object) -> bytes:
        monkeypatch.setattr(os, "pread", pread)
        assert kernel.take(tree.start(5555)) == ""
        raise OSError(errno.ENODEV, "No such device")

    monkeypatch.setattr(os, "pread", restarted)
    assert kernel.read(ID, now) is None
    assert kernel.read(ID, now) is not None
    finish(kernel)


@pytest.mark.parametrize("make", [unified, split])
def test_a_cgroup_without_its_cpu_time_leaves_nothing_open(tmp_path: Path, make: Make) -> None:
    tree = make(tmp_path)
    tree.remove("cpu.stat" if make is unified else "cpuacct.usage", controller="" if make is unified else "cpuacct")
    kernel = KernelFiles(tree.proc, DescriptorBudget(99))
    assert kernel.take(tree.container) == "its cgroup cannot be read (No such file or directory)"
    assert kernel.read(ID, now) is None and open_below(tmp_path) == []


def test_a_cgroup_that_goes_while_it_is_opened_leaves_nothing_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = unified(tmp_path)

    def gone(_: object) -> object:
        raise OSError(errno.ENODEV, "No such device")

    monkeypatch.setattr("dockpit.sources.cgroup_reader.uses_host_network", lambda *_: gone(_))
    assert (
        KernelFiles(tree.proc, DescriptorBudget(99)).take(tree.container)
        == "its cgroup cannot be read (No such device)"
    )
    assert open_below(tmp_path) == []


def test_the_why_says_what_is_missing(tmp_path: Path) -> None:
    tree = unified(tmp_path)
    kernel = KernelFiles(tree.proc, DescriptorBudget(99))
    elsewhere = "no process here is in its cgroup: it runs on another machine"
    assert kernel.take(replace(tree.container, pid=0)) == elsewhere
    assert kernel.take(replace(tree.container, id="f" * 64)) == elsewhere, "its pid is another's here"
    assert kernel.take(replace(tree.container, pid=9)) == (
        "its process is not visible here (No such file or directory)"
    )
    assert kernel.take(tree.container) == ""
    (tree.proc / "self" / "mountinfo").write_text("")
    assert (
        KernelFiles(tree.proc, DescriptorBudget(99)).take(tree.container) == "its cgroup hierarchy is not mounted here"
    )
    finish(kernel)


@pytest.mark.parametrize(
    ("listed", "status", "found"), [(PID, "", True), (1, f"NSpid:\t{PID}\t1\n", True), (7, "", False)]
)
def test_dockpits_own_container_has_no_name_in_its_namespace_and_must_be_seen_in_its_cgroup(
    tmp_path: Path, listed: int, status: str, found: bool
) -> None:
    tree = unified(tmp_path)
    (tree.proc / "self" / "mountinfo").write_text(f"32 31 0:29 /../.. {tree.mounts['']} rw - cgroup2 cgroup2 rw\n")
    (tree.proc / str(PID) / "cgroup").write_text("0::/\n")
    (tree.proc / str(PID) / "status").write_text(f"Name:\tpython\n{status}")
    tree.put(cgroup__procs=f"{listed}\n{listed + 1}")
    assert (KernelFiles(tree.proc, DescriptorBudget(99)).take(tree.container) == "") is found


def test_a_cgroup_of_neither_version_cannot_be_read(tmp_path: Path) -> None:
    tree = split(tmp_path, hybrid=False)
    (tree.proc / str(tree.container.pid) / "cgroup").write_text(f"4:memory:/docker/{ID}\n")
    why = KernelFiles(tree.proc, DescriptorBudget(99)).take(tree.container)
    assert why == "its cgroup cannot be read (it is not in the unified hierarchy)"


def test_bytes_that_are_no_text_in_mounts_and_paths_are_passed_over(tmp_path: Path) -> None:
    tree = unified(tmp_path)
    for name in ("self/mountinfo", f"{tree.container.pid}/cgroup"):
        path = tree.proc / name
        path.write_bytes(b"1 2 0:1 / /mnt/caf\xe9 rw - ext4 x rw\n7:x:/\xff\n" + path.read_bytes())
    assert read(tree).cpu_ns == 300_000


@pytest.mark.parametrize("make", [unified, split])
def test_the_machines_own_network_is_nobodys(tmp_path: Path, make: Make) -> None:
    tree = make(tmp_path)
    tree.container = replace(tree.container, network_mode="host")
    assert read(tree).net_rx_bytes is None
    tree.container = replace(tree.container, network_mode="container:x")
    assert read(tree).net_rx_bytes == 1492
    tree.start(7, network="net:[1]")
    assert read(tree).net_rx_bytes is read(tree).net_tx_bytes is None, "shared with one that has the machine's"


@pytest.mark.parametrize("make", [unified, split])
def test_a_loopback_alone_is_no_network(tmp_path: Path, make: Make) -> None:
    tree = make(tmp_path)
    path = tree.proc / str(tree.container.pid) / "net" / "dev"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:3]))
    sample = read(tree)
    assert sample.net_rx_bytes is sample.net_tx_bytes is None


def test_block_io_of_v1_is_its_processes_where_the_kernel_counts_none_for_cgroups(tmp_path: Path) -> None:
    tree = split(tmp_path)
    tree.put("blkio", blkio__throttle__io_service_bytes_recursive="Total 0")
    assert (read(tree).block_read_bytes, read(tree).block_write_bytes) == (5, 6)
    (tree.proc / str(PID) / "io").unlink()
    assert read(tree).block_read_bytes is read(tree).block_write_bytes is None


def test_limits_are_read_every_few_seconds_and_at_once_when_something_happened(tmp_path: Path) -> None:
    tree = unified(tmp_path)
    kernel, _ = tree.kernel()

    def limit(at: float) -> int | None:
        sample = kernel.read(ID, lambda: at)
        assert sample is not None
        return sample.memory_limit_bytes

    assert limit(1000.0) == 64 * MIB
    tree.put(memory__max=32 * MIB)
    assert limit(1000.0 + LIMITS_SECONDS - 0.1) == 64 * MIB
    assert kernel.take(tree.container) == ""
    assert limit(1000.0 + LIMITS_SECONDS - 0.05) == 32 * MIB
    tree.put(memory__max="max")
    assert limit(1020.0) is None
    tree.put(memory__max=16 * MIB)
    assert limit(500.0) == 16 * MIB, "the clock was set back"
    finish(kernel)


def test_limits_say_when_they_were_read(tmp_path: Path) -> None:
    kernel, _ = unified(tmp_path).kernel()
    first, second = kernel.read(ID, now), kernel.read(ID, lambda: 2000.0)
    assert first is not None and first.in_force is not None
    assert second is not None and second.in_force is not None
    assert first.in_force == second.in_force
    assert (first.in_force.read_at, second.in_force.read_at) == (now(), 2000.0)
    finish(kernel)


@pytest.mark.parametrize(
    ("usage", "inactive", "expected"), [(10, 4, 6), (10, 10, 10), (10, 20, 10), (10, None, 10), (None, 4, None)]
)
def test_memory_used_is_dockers_figure(usage: int | None, inactive: int | None, expected: int | None) -> None:
    assert working_set(usage, inactive) == expected


def test_the_machines_proc_may_be_mounted_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree = unified(tmp_path)
    monkeypatch.setenv("HOST_PROC", str(tree.proc))
    kernel = KernelFiles(descriptors=DescriptorBudget(99))
    assert kernel.take(tree.container) == "" and kernel.read(ID, now) is not None
    finish(kernel)
    monkeypatch.setenv("HOST_PROC", "")
    assert proc_folder() == Path("/proc")


@pytest.mark.parametrize(("peak", "usage", "expected"), [(9, 4, 9), (4, 9, 9), (None, 9, None), (9, None, 9)])
def test_the_peak_is_never_below_what_is_used(peak: int | None, usage: int | None, expected: int | None) -> None:
    assert at_least(peak, usage) == expected
