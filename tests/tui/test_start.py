"""From the command to the first frame: in a process of its own, on a terminal."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import time

PROBE = """
import sys
from tui.start import run
assert "textual" not in sys.modules, "the engine is asked before the screens are loaded"
import dockpit.cli.main
sys.exit(dockpit.cli.main.main())
"""


def _open(*arguments: str, until: bytes | None = None) -> tuple[bytes, int]:
    """What the cockpit wrote, and how it ended: when it was told to after it had said `until`, else by itself."""
    master, slave = pty.openpty()
    command = [sys.executable, "-c", PROBE, *arguments]
    environ = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "120", "LINES": "36"}
    with subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, env=environ) as process:
        os.close(slave)
        said, end = b"", time.monotonic() + 30
        while process.poll() is None and not (until and until in said) and time.monotonic() < end:
            said += _read(master)
        process.send_signal(signal.SIGTERM)
        while process.poll() is None and time.monotonic() < end:
            said += _read(master)
        said += _read(master)
        os.close(master)
    return said, process.returncode


def _read(master: int) -> bytes:
    try:
        return os.read(master, 65536) if select.select([master], [], [], 0.1)[0] else b""
    except OSError:
        time.sleep(0.05)
        return b""


def test_the_cockpit_opens_shows_the_containers_and_ends_when_told_to() -> None:
    said, code = _open("--demo", "throttled", until=b"spin")
    assert b"spin" in said
    assert code == 128 + signal.SIGTERM


def test_an_engine_that_never_answers_ends_it_with_a_sentence() -> None:
    said, code = _open("-H", "unix:///nowhere/docker.sock")
    assert b"/nowhere/docker.sock" in said
    assert code == 2
