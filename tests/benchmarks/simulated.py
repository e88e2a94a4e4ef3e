"""A simulated engine and the kernel's files of its containers, in a process of its own that makes them tick.

`python -m tests.benchmarks.simulated COUNT FOLDER` serves until it is ended; "ready" is its first line.
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
from dockpit.simulate.container_spec import Scenario
from tests.benchmarks.recorded_terminal import clean
from tests.kernel_tree import KernelTree

SHARED_MEMORY = Path("/dev/shm")
FIRST_PID = 3000
TICK_SECONDS = 1.0


@contextmanager
def simulated(count: int) -> Iterator[dict[str, str]]:
    """`count` containers that live until the block is left; the environment that leads dockpit to them."""
    with tempfile.TemporaryDirectory(prefix="dockpit-bench-", dir=_folder()) as folder:
        command = [sys.executable, "-m", "tests.benchmarks.simulated", str(count), folder]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=clean({})) as process:
            try:
                assert process.stdout is not None and process.stdout.readline() == "ready\n"
                yield {"DOCKER_HOST": f"unix://{folder}/docker.sock", "HOST_PROC": f"{folder}/proc"}
            finally:
                process.terminate()


def _folder() -> Path | None:
    """Where files cost as little as the kernel's own."""
    return SHARED_MEMORY if SHARED_MEMORY.is_dir() else None


async def serving(count: int, folder: Path) -> None:
    """Serve, and let the containers' counters run, until cancelled."""
    world = World(crowd(count), 1, time.time())
    for number, box in enumerate(world.boxes.values()):
        box.pid = FIRST_PID + number
    boxes = world.boxes.values()
    limits = {box.id: (box.limits.cores, int(box.limits.memory)) for box in boxes}
    tree = KernelTree(folder, {box.id: box.pid for box in boxes}, limits=limits)
    async with serve(folder / "docker.sock", world, SystemClock()):
        print("ready", flush=True)
        begun = time.monotonic()
        for number in count_from(1):
            await asyncio.sleep(begun + number * TICK_SECONDS - time.monotonic())
            await asyncio.to_thread(tree.tick, TICK_SECONDS)


def crowd(count: int) -> Scenario:
    """The scenario of that name, in which nobody dies: the kernel's files alone say what they do."""
    made = scenario(f"crowd:{count}")
    idle = tuple(replace(spec, workload=workloads.idle()) for spec in made.containers)
    return replace(made, containers=idle, warmup=0.0)


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(serving(int(sys.argv[1]), Path(sys.argv[2])))
