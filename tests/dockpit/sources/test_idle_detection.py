"""An idle container's files are not read again, except for whatever may have changed without CPU time."""

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

    def sample(self, seconds: float = 1.0) -> Sample:
        """A sample of the container, `seconds` after the last one."""
        self.at += seconds
        sample = self.kernel.read(ID, lambda: self.at)
        assert sample is not None
        return sample

    def age(self) -> None:
        """Let pages become inactive, which shows neither in CPU time nor in usage."""
        controller = "" if self.v2 else "memory"
        self.tree.put(controller, memory__stat=AGED[controller])

    def run(self) -> None:
        """Use CPU time."""
        controller = "" if self.v2 else "cpuacct"
        self.tree.put(controller, **BUSY[controller])

    def use(self, usage: int) -> None:
        """Set the memory usage in bytes."""
        name = "memory__current" if self.v2 else "memory__usage_in_bytes"
        self.tree.put("" if self.v2 else "memory", **{name: usage})


@pytest.fixture(params=[unified, split])
def idle(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Watched]:
    """A container that was found idle."""
    tree: Tree = request.param(tmp_path)
    watched = Watched(tree, tree.kernel()[0])
    for _ in range(3):
        watched.sample()
    yield watched
    watched.kernel.drop(ID)
    watched.kernel.settle()


def test_samples_of_an_idle_container_differ_in_their_time_only(idle: Watched) -> None:
    before, after = idle.sample(), idle.sample()
    assert after == before._replace(at=idle.at)


def test_pages_that_only_age_are_read_within_seconds(idle: Watched) -> None:
    idle.age()
    assert idle.sample().memory_used_bytes == 3500
    assert idle.sample(IDLE_REREAD_SECONDS).memory_used_bytes == 3300


@pytest.mark.parametrize(
    ("change", "used"),
    [
        (Watched.run, 3300),
        (lambda idle: idle.use(3900), 3200),
        (lambda idle: idle.tree.put("" if idle.v2 else "pids", pids__current=9), 3300),
        (lambda idle: idle.kernel.take(idle.tree.container), 3300),
    ],
    ids=["it ran", "memory was reclaimed", "a process was started", "an event came"],
)
def test_everything_is_read_again_when(idle: Watched, change: Callable[[Watched], None], used: int) -> None:
    idle.age()
    change(idle)
    assert idle.sample().memory_used_bytes == used


def test_everything_is_read_after_the_clock_was_set_back(idle: Watched) -> None:
    idle.age()
    assert idle.sample(-100.0).memory_used_bytes == 3300


def test_a_container_that_just_ran_is_read_until_it_is_known_not_to_wait(idle: Watched) -> None:
    idle.run()
    idle.sample()
    idle.age()
    assert idle.sample().memory_used_bytes == 3300


@pytest.mark.parametrize("kind", ["memory", "io"])
def test_a_stall_that_goes_on_without_cpu_time_is_followed(idle: Watched, kind: str) -> None:
    def stalled(total: int) -> Pressure | None:
        idle.tree.put(**{f"{kind}__pressure": PSI.format(total, 5)})
        sample = idle.sample()
        return sample.memory_pressure if kind == "memory" else sample.io_pressure

    idle.run()
    assert [stalled(total) for total in (100, 200, 300)] == [Pressure(total, 5) for total in (100, 200, 300)]


def test_a_container_that_waits_for_its_quota_is_followed(idle: Watched) -> None:
    controller = "" if idle.v2 else "cpu"
    idle.run()
    for throttled in (4, 5, 6):
        stat = f"nr_periods {throttled + 9}\nnr_throttled {throttled}\nthrottled_time 15000"
        usage = "usage_usec 301\nuser_usec 201\nsystem_usec 100\n" if idle.v2 else ""
        idle.tree.put(controller, cpu__stat=usage + stat)
        assert idle.sample().throttled_periods == throttled


def test_waiting_for_a_cpu_and_traffic_are_always_read(idle: Watched) -> None:
    idle.tree.put(cpu__pressure=PSI.format(111, 12))
    dev = idle.tree.proc / str(idle.tree.container.pid) / "net" / "dev"
    dev.write_text(dev.read_text().replace("1492", "2492"))
    sample = idle.sample()
    assert (sample.cpu_pressure, sample.net_rx_bytes) == (Pressure(111, 12), 2492)


def test_without_cpu_time_everything_is_read(tmp_path: Path) -> None:
    tree = unified(tmp_path)
    tree.put(cpu__stat="nr_periods 12")
    watched = Watched(tree, tree.kernel()[0])
    for _ in range(3):
        watched.sample()
    watched.age()
    assert watched.sample().memory_used_bytes == 3300
    watched.kernel.drop(ID)
    watched.kernel.settle()
