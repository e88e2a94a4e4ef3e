"""CPU time of one tick and one frame alone: `python -m tests.benchmarks.tick COUNT ROUNDS`.

The files of COUNT simulated containers change, are read into the history of a session, and are shown by the whole app
on a terminal that discards its output; rounds follow each other on a manual clock. Prints JSON: the medians of the
process's CPU in ms for the tick (reads and history) and for the frame (snapshot, views, painting).
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
from dockpit.simulate.seeded_noise import sha256_hex
from tests.benchmarks.kernel_tree import KernelTree
from tests.benchmarks.memory import FIRST_PID, open_session
from tests.benchmarks.recorded_terminal import COLUMNS, ROWS
from tests.benchmarks.simulated import SHARED_MEMORY
from tui.app import DockpitApp
from tui.view_state import ViewState

WARM_UP_ROUNDS = 40
"""Rounds that are not measured, until charts and forecasts have a history."""


class DiscardingDriver(headless_driver.HeadlessDriver):
    """A terminal that takes all output, counts its characters and drops it."""

    written_characters = 0

    @property
    def is_headless(self) -> bool:
        return False

    def write(self, data: str) -> None:
        type(self).written_characters += len(data)


async def _run_nothing() -> None:
    """Replaces the session's run(), as the benchmark feeds the samples itself."""
    await asyncio.Event().wait()


async def measure_rounds(tree: KernelTree, rounds: int) -> dict[str, float]:
    """Medians of `rounds` ticks and frames in milliseconds of CPU."""
    clock = ManualClock()
    session, kernel = open_session(tree, clock)
    app = DockpitApp(session, ViewState(UTC))
    app.session_task = asyncio.create_task(_run_nothing())
    ticks, frames = list[float](), list[float]()
    async with app.run_test(size=(COLUMNS, ROWS)) as pilot:
        for _ in range(WARM_UP_ROUNDS + rounds):
            clock.advance(1.0)
            tree.tick(1.0)
            begin = time.process_time()
            for container_id in tree.loads:
                sample = kernel.read(container_id, clock.wall)
                assert sample is not None
                session.history.ingest(sample)
            read = time.process_time()
            app.draw_frame()
            await pilot.pause()
            ticks.append(1000 * (read - begin))
            frames.append(1000 * (time.process_time() - read))
        assert DiscardingDriver.written_characters > 0 and any(
            sample.rates for sample in session.snapshot().entries.values()
        )
    return {"tick": median(ticks[WARM_UP_ROUNDS:]), "frame": median(frames[WARM_UP_ROUNDS:])}


def main(count: int, rounds: int) -> None:
    """Measure, and print the medians."""
    gc_control.disable_until_loaded()
    headless_driver.HeadlessDriver = DiscardingDriver  # type: ignore[misc]  # what run_test() takes
    with tempfile.TemporaryDirectory(dir=SHARED_MEMORY if SHARED_MEMORY.is_dir() else None) as folder:
        ids = {sha256_hex("tick", number): FIRST_PID + number for number in range(count)}
        tree = KernelTree(Path(folder), ids)
        print(json.dumps(asyncio.run(measure_rounds(tree, rounds))))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
