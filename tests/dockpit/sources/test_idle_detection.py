"""What is not read again of a container that stands still: nothing that could have changed unseen for long."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from dockpit.metrics.samples import Pressure, Sample
from dockpit.sources.idle_detection import IDLE_REREAD_SECONDS
from dockpit.sources.kernel_files import KernelFiles
from tests.dockpit.sources.cgroup_trees import ID, PSI, Tree, split, unified

AGED = {"": "anon 1000\nfile 2000\ninactive_file 700", "memory": "total_rss 1000\ntotal_inactive_file 700"}
BUSY: dict[str, dict[str, object]] = {
    "": {"cpu__stat": "usage_usec 301\nuser_usec 201\nsystem_usec 100\nnr_periods 12\nnr_throttled 3"},
    "cpuacct": {"cpuacct__usage": 301000},
}


@dataclass
class Watched:
    """A container in a tree of plain files, read once a second."""

    tree: Tree
    kernel: KernelFiles
    at: float = 1000.0

    @property
    def v2(self) -> bool:
        return "memory" not in self.tree.mounts

    def look(self, seconds: float = 1.0) -> Sample:
        """The container, so many seconds after the last look."""
        self.at += seconds
        sample = self.kernel.read(ID, lambda: self.at)
        assert sample is not None
        return sample

    def age(self) -> None:
        """Let pages grow old, which nobody's CPU time or usage shows."""
        controller = "" if self.v2 else "memory"
        self.tree.put(controller, memory__stat=AGED[controller])

    def run(self) -> None:
        """Use CPU time."""
        controller = "" if self.v2 else "cpuacct"
        self.tree.put(controller, **BUSY[controller])

    def use(self, usage: int) -> None:
        """Have so much memory."""
        name = "memory__current" if self.v2 else "memory__usage_in_bytes"
        self.tree.put("" if self.v2 else "memory", **{name: usage})


@pytest.fixture(params=[unified, split])
def still(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Watched]:
    """One that was seen to stand still."""
    tree: Tree = request.param(tmp_path)
    watched = Watched(tree, tree.kernel()[0])
    for _ in range(3):
        watched.look()
    yield watched
    watched.kernel.drop(ID)
    watched.kernel.settle()


def test_what_stands_still_is_as_it_was_and_as_of_now(still: Watched) -> None:
    before, after = still.look(), still.look()
    assert after == before._replace(at=still.at)


def test_pages_that_only_grow_old_are_told_within_seconds(still: Watched) -> None:
    still.age()
    assert still.look().memory_used_bytes == 3500
    assert still.look(IDLE_REREAD_SECONDS).memory_used_bytes == 3300


@pytest.mark.parametrize(
    ("change", "used"),
    [
        (Watched.run, 3300),
        (lambda still: still.use(3900), 3200),
        (lambda still: still.tree.put("" if still.v2 else "pids", pids__current=9), 3300),
        (lambda still: still.kernel.take(still.tree.container), 3300),
    ],
    ids=["it ran", "memory was taken from it", "a process came", "something happened to it"],
)
def test_everything_is_read_at_once_when(still: Watched, change: Callable[[Watched], None], used: int) -> None:
    still.age()
    change(still)
    assert still.look().memory_used_bytes == used


def test_everything_is_read_after_the_clock_was_set_back(still: Watched) -> None:
    still.age()
    assert still.look(-100.0).memory_used_bytes == 3300


def test_a_container_that_just_stopped_running_is_read_until_it_is_seen_not_to_wait(still: Watched) -> None:
    still.run()
    still.look()
    still.age()
    assert still.look().memory_used_bytes == 3300


@pytest.mark.parametrize("kind", ["memory", "io"])
def test_a_stall_that_goes_on_without_cpu_time_is_followed(still: Watched, kind: str) -> None:
    def stalled(total: int) -> Pressure | None:
        still.tree.put(**{f"{kind}__pressure": PSI.format(total, 5)})
        sample = still.look()
        return sample.memory_pressure if kind == "memory" else sample.io_pressure

    still.run()
    assert [stalled(total) for total in (100, 200, 300)] == [Pressure(total, 5) for total in (100, 200, 300)]


def test_a_container_that_waits_for_its_quota_is_followed(still: Watched) -> None:
    controller = "" if still.v2 else "cpu"
    still.run()
    for throttled in (4, 5, 6):
        stat = f"nr_periods {throttled + 9}\nnr_throttled {throttled}\nthrottled_time 15000"
        usage = "usage_usec 301\nuser_usec 201\nsystem_usec 100\n" if still.v2 else ""
        still.tree.put(controller, cpu__stat=usage + stat)
        assert still.look().throttled_periods == throttled


def test_waiting_for_a_cpu_and_traffic_are_always_read(still: Watched) -> None:
    still.tree.put(cpu__pressure=PSI.format(111, 12))
    dev = still.tree.proc / str(still.tree.container.pid) / "net" / "dev"
    dev.write_text(dev.read_text().replace("1492", "2492"))
    sample = still.look()
    assert (sample.cpu_pressure, sample.net_rx_bytes) == (Pressure(111, 12), 2492)


def test_a_kernel_that_keeps_no_cpu_time_is_read_whole(tmp_path: Path) -> None:
    tree = unified(tmp_path)
    tree.put(cpu__stat="nr_periods 12")
    watched = Watched(tree, tree.kernel()[0])
    for _ in range(3):
        watched.look()
    watched.age()
    assert watched.look().memory_used_bytes == 3300
    watched.kernel.drop(ID)
    watched.kernel.settle()
