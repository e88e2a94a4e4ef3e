"""A simulated engine and kernel files of its containers that change every second, in a process of its own.

`python -m tests.benchmarks.simulated COUNT FOLDER` serves until it is ended; its first output is the line "ready".
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from itertools import count as count_from
from pathlib import Path

from dockpit.process.clock import SystemClock
from dockpit.simulate import World, scenario, serve, workloads
from dockpit.simulate.scenario_spec import Scenario
from tests.benchmarks.kernel_tree import KernelTree
from tests.benchmarks.recorded_terminal import terminal_environment

SHARED_MEMORY = Path("/dev/shm")
FIRST_PID = 3000
TICK_SECONDS = 1.0


@contextmanager
def simulated(count: int) -> Iterator[dict[str, str]]:
    """Simulate `count` containers until the block is left; yields the environment that points dockpit at them."""
    with tempfile.TemporaryDirectory(prefix="dockpit-bench-", dir=_folder()) as folder:
        command = [sys.executable, "-m", "tests.benchmarks.simulated", str(count), folder]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=terminal_environment({})) as process:
            try:
                assert process.stdout is not None and process.stdout.readline() == "ready\n"
                yield {"DOCKER_HOST": f"unix://{folder}/docker.sock", "HOST_PROC": f"{folder}/proc"}
            finally:
                process.terminate()


def _folder() -> Path | None:
    """A folder in memory, where files cost as little as the kernel's own."""
    return SHARED_MEMORY if SHARED_MEMORY.is_dir() else None


async def serve_until_cancelled(count: int, folder: Path) -> None:
    """Serve the engine and advance the containers' counters every second, until cancelled."""
    world = World(idle_crowd(count), 1, time.time())
    for number, box in enumerate(world.containers.values()):
        box.pid = FIRST_PID + number
    boxes = world.containers.values()
    limits = {box.id: (box.limits.cores, int(box.limits.memory)) for box in boxes}
    tree = KernelTree(folder, {box.id: box.pid for box in boxes}, limits=limits)
    async with serve(folder / "docker.sock", world, SystemClock()):
        print("ready", flush=True)
        begin = time.monotonic()
        for number in count_from(1):
            await asyncio.sleep(begin + number * TICK_SECONDS - time.monotonic())
            await asyncio.to_thread(tree.tick, TICK_SECONDS)


def idle_crowd(count: int) -> Scenario:
    """The scenario "crowd" with idle containers, so that none dies: only the kernel files show a load."""
    crowd = scenario(f"crowd:{count}")
    idle = tuple(replace(spec, workload=workloads.idle()) for spec in crowd.containers)
    return replace(crowd, containers=idle, warmup_seconds=0.0)


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(serve_until_cancelled(int(sys.argv[1]), Path(sys.argv[2])))
