"""What one tick and one frame take by themselves: `python -m tests.benchmarks.tick COUNT ROUNDS`.

COUNT containers made of files change, are read into the history of a session, and are shown by the whole app on a
terminal that takes what it writes; one round follows on the other, of a clock that is moved by hand. Prints JSON: the
medians of the process's CPU in ms for the tick (reads and history) and for the frame (snapshot, views, painting).
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from datetime import UTC
from pathlib import Path
from statistics import median

from textual.drivers import headless_driver

from dockpit.process import gc_control
from dockpit.process.clock import ManualClock
from dockpit.simulate.seeded_noise import hexadecimal
from tests.benchmarks.memory import FIRST_PID, opened
from tests.benchmarks.recorded_terminal import COLUMNS, ROWS
from tests.benchmarks.simulated import SHARED_MEMORY
from tests.kernel_tree import KernelTree
from tui.app import DockpitApp
from tui.state import ViewState

BEFORE = 40
"""Rounds before those that count: charts and forecasts have their past by then."""


class Sink(headless_driver.HeadlessDriver):
    """A terminal to which everything is written."""

    written = 0

    @property
    def is_headless(self) -> bool:
        return False

    def write(self, data: str) -> None:
        type(self).written += len(data)


async def _nothing() -> None:
    """What is in place of the session's run: samples come by hand."""
    await asyncio.Event().wait()


async def measured(tree: KernelTree, rounds: int) -> dict[str, float]:
    """Medians of `rounds` ticks and frames, in ms of CPU."""
    clock = ManualClock()
    session, kernel = opened(tree, clock)
    app = DockpitApp(session, ViewState(UTC))
    app.begun = asyncio.create_task(_nothing())
    ticks, frames = list[float](), list[float]()
    async with app.run_test(size=(COLUMNS, ROWS)) as pilot:
        for _ in range(BEFORE + rounds):
            clock.advance(1.0)
            tree.tick(1.0)
            begin = time.process_time()
            for container_id in tree.loads:
                sample = kernel.read(container_id, clock.wall)
                assert sample is not None
                session.history.ingest(sample)
            read = time.process_time()
            app.frame()
            await pilot.pause()
            ticks.append(1000 * (read - begin))
            frames.append(1000 * (time.process_time() - read))
        assert Sink.written > 0 and any(sample.rates for sample in session.snapshot().entries.values())
    return {"tick": median(ticks[BEFORE:]), "frame": median(frames[BEFORE:])}


def main(count: int, rounds: int) -> None:
    """Measure, and say what it took."""
    gc_control.disable_until_loaded()
    headless_driver.HeadlessDriver = Sink  # type: ignore[misc]  # what run_test() takes
    with tempfile.TemporaryDirectory(dir=SHARED_MEMORY if SHARED_MEMORY.is_dir() else None) as folder:
        ids = {hexadecimal("tick", number): FIRST_PID + number for number in range(count)}
        tree = KernelTree(Path(folder), ids)
        print(json.dumps(asyncio.run(measured(tree, rounds))))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
