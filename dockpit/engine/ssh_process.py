"""One process of the system's ssh, and the reason for its end as its stderr gives it."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import deque
from collections.abc import Sequence
from contextlib import suppress

from dockpit.engine.failure_reasons import TunnelClosed, printable_line

CONNECT_SECONDS = 30.0
END_SECONDS = 3.0
"""Maximum wait for a process to end after a signal, and for the rest of its stderr."""

KEPT_STDERR_LINES = 20
KEPT_LINE_CHARACTERS = 1000

COMMON_OPTIONS = (
    *("-o", "BatchMode=yes"),
    *("-o", f"ConnectTimeout={CONNECT_SECONDS:.0f}"),
    *("-o", "ServerAliveInterval=15"),
    *("-o", "ControlMaster=no"),
    *("-o", "ControlPath=none"),
    *("-o", "ForwardAgent=no"),
    *("-o", "ForwardX11=no"),
    *("-o", "RemoteCommand=none"),
    *("-o", "PermitLocalCommand=no"),
)
"""BatchMode, because a question of ssh would never reach the user; ServerAliveInterval notices a dead host in 45 s."""

_REASONS = (
    (
        "IDENTIFICATION HAS CHANGED",
        "the host key has changed: check that this is the right host, then remove the old key with ssh-keygen -R",
    ),
    ("Host key verification failed", "the host key is not known: connect once with ssh and accept it"),
    ("Permission denied", "permission denied: no key was accepted; add one with ssh-add or name it in ~/.ssh/config"),
    ("Too many authentication failures", "too many keys were tried: name the right one in ~/.ssh/config"),
    ("Could not resolve hostname", "the name of the host cannot be resolved"),
    ("Connection refused", "connection refused: no ssh server listens there"),
    ("timed out", "connecting took too long: the host is down or a firewall drops the packets"),
    ("No route to host", "no route to the host"),
    ("not responding", "the host does not answer any more"),
    ("not found", "the docker command is not installed on the host"),
)
"""(text in ssh's stderr, reason shown to the user), the first match counts."""


class SshProcess:
    """One ssh process with the last lines of its stderr, in a session of its own so that Ctrl-C does not reach it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self._stderr_lines: deque[str] = deque(maxlen=KEPT_STDERR_LINES)
        self._stderr_reader = asyncio.create_task(self._read_stderr(), name=f"ssh {process.pid} stderr")

    @classmethod
    async def start(cls, argv: Sequence[str], *, piped: bool = False) -> SshProcess:
        """Start `argv`; with `piped`, stdin and stdout are pipes for the caller. Raises TunnelClosed."""
        stdio = asyncio.subprocess.PIPE if piped else asyncio.subprocess.DEVNULL
        try:
            process = await asyncio.create_subprocess_exec(
                *argv, stdin=stdio, stdout=stdio, stderr=asyncio.subprocess.PIPE, start_new_session=True
            )
        except OSError as error:
            raise TunnelClosed(f"ssh cannot be started: {error.strerror}") from error
        return cls(process)

    async def _read_stderr(self) -> None:
        assert self.process.stderr is not None
        partial = ""
        while data := await self.process.stderr.read(4096):
            *lines, partial = (partial + data.decode("utf-8", "replace")).split("\n")
            self._stderr_lines.extend(line for line in lines if line.strip())
            partial = partial[-KEPT_LINE_CHARACTERS:]
        if partial.strip():
            self._stderr_lines.append(partial)

    def closed_reason(self) -> str | None:
        """The reason why the process ended, None while it runs."""
        return None if self.process.returncode is None else self.reason()

    def reason(self) -> str:
        """The reason that stderr gives, as a clause; the exit status where it gives none."""
        lines = [line for line in self._stderr_lines if "open failed" not in line]
        text = "\n".join(lines)
        for pattern, reason in _REASONS:
            if pattern in text:
                return f"ssh: {reason}"
        if lines:
            return f"ssh: {printable_line(lines[-1])}"
        code = self.process.returncode or 0
        return f"ssh ended with status {code}" if code >= 0 else f"ssh was ended by signal {-code}"

    async def wait_for_end(self) -> str:
        """Wait until the process ends by itself; returns the reason."""
        await self.process.wait()
        await asyncio.wait({self._stderr_reader}, timeout=END_SECONDS)
        return self.reason()

    async def close(self) -> None:
        """End the process and its children (jump hosts): SIGTERM, then SIGKILL after END_SECONDS."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)
            with suppress(TimeoutError):
                async with asyncio.timeout(END_SECONDS):
                    await self.process.wait()
                    await self._drain_pipes()
                return

    async def _drain_pipes(self) -> None:
        """Read the pipes to their end, so that they close."""
        if self.process.stdin is not None:
            self.process.stdin.close()
        if self.process.stdout is not None:
            while await self.process.stdout.read(65536):
                pass
        await asyncio.wait({self._stderr_reader})
