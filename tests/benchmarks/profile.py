"""Where the CPU goes: `python -m tests.benchmarks.profile [COUNT [SECONDS [tui|stats]]]`, on simulated containers.

dockpit runs under cProfile in a process of its own, which leaves the profile when it is told to end; cProfile slows
small functions down most, so that shares are to be read as hints: py-spy, where there is one, tells the time itself.
"""

from __future__ import annotations

import pstats
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.recorded_terminal import clean, running
from tests.benchmarks.simulated import simulated

SETTLE = 10.0
SHOWN = 35


def profiled(count: int, seconds: float, what: str, path: Path) -> None:
    """Run `what` on `count` containers and leave the profile at `path`."""
    command = [sys.executable, "-m", "cProfile", "-o", str(path), "-m", "dockpit"]
    with simulated(count) as environment:
        if what == "tui":
            with running(command, environment) as terminal:
                time.sleep(SETTLE + seconds)
                terminal.press(b"q")
                time.sleep(SETTLE)
            return
        stats = [*command, "stats", "--json"]
        with subprocess.Popen(stats, stdout=subprocess.DEVNULL, env=clean(environment)) as process:
            time.sleep(SETTLE + seconds)
            process.terminate()


def main(count: int = 100, seconds: float = 20.0, what: str = "tui") -> None:
    """Profile, and print the functions by their own time and by all that they caused."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "profile"
        profiled(count, seconds, what, path)
        stats = pstats.Stats(str(path))
        stats.sort_stats("tottime").print_stats(SHOWN)
        stats.sort_stats("cumulative").print_stats("dockpit|tui|widgets", SHOWN)


if __name__ == "__main__":
    given = sys.argv[1:]
    main(*(kind(word) for kind, word in zip((int, float, str), given, strict=False)))
