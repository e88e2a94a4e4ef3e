"""Memory of a history of some minutes, faster than real time: `python -m tests.benchmarks.memory COUNT SECONDS`.

The files of COUNT simulated containers are read once a second of a manual clock, by the code that reads a real
machine, into the history of a real session; Textual and the whole app are imported, and the overview is computed
every ten seconds. Prints JSON: the process's RSS in MiB with the files' tree in memory, then after the history.
"""

from __future__ import annotations

import json
import sys
import tempfile
from datetime import UTC
from pathlib import Path

import tui.app  # noqa: F401 - its memory counts
from dockpit.engine.endpoint_resolution import Endpoint
from dockpit.model.container import Container
from dockpit.model.container_limits import Limits
from dockpit.model.engine_info import EngineInfo
from dockpit.monitor.session import Session
from dockpit.process.clock import ManualClock
from dockpit.simulate.seeded_noise import sha256_hex
from dockpit.sources.kernel_files import KernelFiles
from dockpit.views.overview import OverviewOptions, overview
from tests.benchmarks.kernel_tree import KernelTree
from tests.benchmarks.simulated import SHARED_MEMORY

FIRST_PID = 3000
OVERVIEW_SECONDS = 10
"""Seconds between two computations of the overview."""


def rss_mib() -> float:
    """This process's resident memory."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


def open_session(tree: KernelTree, clock: ManualClock) -> tuple[Session, KernelFiles]:
    """A session that knows the tree's containers, and the reader of their files."""
    kernel = KernelFiles(proc=tree.proc)
    session = Session(Endpoint("unix:///nowhere"), clock=clock)
    session.history.set_engine(EngineInfo(id="bench", local=True))
    for container_id, load in tree.loads.items():
        limits = Limits(nano_cpus=round(1e9 * (load.cpu_limit or 0)), memory_bytes=load.memory_limit or 0)
        container = Container(
            container_id,
            f"c-{load.number}",
            state="running",
            pid=load.pid,
            started_at=clock.wall() - 3600,
            limits=limits,
        )
        session.history.put(container)
        assert not kernel.take(container)
    session.history.set_ready()
    return session, kernel


def fill_history(tree: KernelTree, seconds: int) -> Session:
    """A session whose history holds `seconds` of all containers."""
    clock = ManualClock()
    session, kernel = open_session(tree, clock)
    for second in range(seconds):
        clock.advance(1.0)
        tree.tick(1.0)
        for container_id in tree.loads:
            sample = kernel.read(container_id, clock.wall)
            assert sample is not None
            session.history.ingest(sample)
        if second % OVERVIEW_SECONDS == 0:
            overview(session.snapshot(), OverviewOptions(width=140, visible=range(25)), session.now(), UTC)
    return session


def main(count: int, seconds: int) -> None:
    """Fill the history and print the memory used."""
    with tempfile.TemporaryDirectory(dir=SHARED_MEMORY if SHARED_MEMORY.is_dir() else None) as folder:
        ids = {sha256_hex("memory", number): FIRST_PID + number for number in range(count)}
        tree = KernelTree(Path(folder), ids)
        begin = rss_mib()
        session = fill_history(tree, seconds)
        print(json.dumps({"before": begin, "after": rss_mib(), "containers": len(session.history.ids())}))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
