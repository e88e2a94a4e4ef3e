"""CPU profile of dockpit: `python -m tests.benchmarks.profile [COUNT [SECONDS [tui|stats]]]`, on simulated containers.

dockpit runs under cProfile in a process of its own, which writes the profile when it ends. cProfile slows small
functions down most, so that its shares are hints; py-spy, if installed, measures without that error.
"""

from __future__ import annotations

import pstats
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.recorded_terminal import running, terminal_environment
from tests.benchmarks.simulated import simulated

SETTLE_SECONDS = 10.0
SHOWN_FUNCTIONS = 35


def write_profile(count: int, seconds: float, program: str, path: Path) -> None:
    """Run `program` ("tui" or "stats") on `count` containers and write the profile to `path`."""
    command = [sys.executable, "-m", "cProfile", "-o", str(path), "-m", "dockpit"]
    with simulated(count) as environment:
        if program == "tui":
            with running(command, environment) as terminal:
                time.sleep(SETTLE_SECONDS + seconds)
                terminal.press(b"q")
                time.sleep(SETTLE_SECONDS)
            return
        stats = [*command, "stats", "--json"]
        with subprocess.Popen(stats, stdout=subprocess.DEVNULL, env=terminal_environment(environment)) as process:
            time.sleep(SETTLE_SECONDS + seconds)
            process.terminate()


def main(count: int = 100, seconds: float = 20.0, program: str = "tui") -> None:
    """Profile, and print the functions by their own time and by their cumulative time."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "profile"
        write_profile(count, seconds, program, path)
        stats = pstats.Stats(str(path))
        stats.sort_stats("tottime").print_stats(SHOWN_FUNCTIONS)
        stats.sort_stats("cumulative").print_stats("dockpit|tui|widgets", SHOWN_FUNCTIONS)


if __name__ == "__main__":
    arguments = sys.argv[1:]
    main(*(kind(argument) for kind, argument in zip((int, float, str), arguments, strict=False)))
