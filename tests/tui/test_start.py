"""Starting the cockpit in a process of its own, on a pseudo-terminal."""

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


def _run(*arguments: str, until: bytes | None = None) -> tuple[bytes, int]:
    """The output and exit code of the cockpit; SIGTERM is sent once it wrote `until`, else it ends by itself."""
    master, slave = pty.openpty()
    command = [sys.executable, "-c", PROBE, *arguments]
    environ = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "120", "LINES": "36"}
    with subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, env=environ) as process:
        os.close(slave)
        output, end = b"", time.monotonic() + 30
        while process.poll() is None and not (until and until in output) and time.monotonic() < end:
            output += _read(master)
        process.send_signal(signal.SIGTERM)
        while process.poll() is None and time.monotonic() < end:
            output += _read(master)
        output += _read(master)
        os.close(master)
    return output, process.returncode


def _read(master: int) -> bytes:
    try:
        return os.read(master, 65536) if select.select([master], [], [], 0.1)[0] else b""
    except OSError:
        time.sleep(0.05)
        return b""


def test_the_cockpit_shows_the_containers_and_ends_on_sigterm() -> None:
    output, code = _run("--demo", "throttled", until=b"spin")
    assert b"spin" in output
    assert code == 128 + signal.SIGTERM


def test_the_cockpit_ends_with_a_sentence_where_the_engine_never_answers() -> None:
    output, code = _run("-H", "unix:///nowhere/docker.sock")
    assert b"/nowhere/docker.sock" in output
    assert code == 2
