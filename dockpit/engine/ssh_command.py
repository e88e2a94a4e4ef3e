"""One process of the system's ssh, and what its last words mean."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import deque
from collections.abc import Sequence
from contextlib import suppress

from dockpit.engine.failure_reasons import TunnelClosed, printable

CONNECT_SECONDS = 30.0
END_SECONDS = 3.0
KEPT_LINES = 20

COMMON = (
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
        "the host key has changed: make sure who answers, then remove it with ssh-keygen -R",
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


class Ssh:
    """One ssh process in its own session, out of the reach of the terminal's Ctrl-C, with the last of its stderr."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self._lines: deque[str] = deque(maxlen=KEPT_LINES)
        self._reader = asyncio.create_task(self._read(), name=f"ssh {process.pid} stderr")

    @classmethod
    async def start(cls, words: Sequence[str], *, piped: bool = False) -> Ssh:
        """Run `words`; with `piped`, its stdin and stdout are the caller's. Raises TunnelClosed."""
        own = asyncio.subprocess.PIPE if piped else asyncio.subprocess.DEVNULL
        try:
            process = await asyncio.create_subprocess_exec(
                *words, stdin=own, stdout=own, stderr=asyncio.subprocess.PIPE, start_new_session=True
            )
        except OSError as error:
            raise TunnelClosed(f"ssh cannot be started: {error.strerror}") from error
        return cls(process)

    async def _read(self) -> None:
        assert self.process.stderr is not None
        rest = ""
        while data := await self.process.stderr.read(4096):
            *lines, rest = (rest + data.decode("utf-8", "replace")).split("\n")
            self._lines.extend(line for line in lines if line.strip())
            rest = rest[-1000:]
        if rest.strip():
            self._lines.append(rest)

    def dead(self) -> str | None:
        """Why it ended, in words; None while it runs."""
        return None if self.process.returncode is None else self.reason()

    def reason(self) -> str:
        """What its stderr says, as a clause."""
        said = [line for line in self._lines if "open failed" not in line]
        text = "\n".join(said)
        for pattern, words in _REASONS:
            if pattern in text:
                return f"ssh: {words}"
        if said:
            return f"ssh: {printable(said[-1])}"
        code = self.process.returncode or 0
        return f"ssh ended with status {code}" if code >= 0 else f"ssh was ended by signal {-code}"

    async def ended(self) -> str:
        """Wait for it to end by itself; why it did."""
        await self.process.wait()
        await asyncio.wait({self._reader}, timeout=END_SECONDS)
        return self.reason()

    async def close(self) -> None:
        """End it and whatever it started (jump hosts), by force if need be."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)
            with suppress(TimeoutError):
                async with asyncio.timeout(END_SECONDS):
                    await self.process.wait()
                    await self._drain()
                return

    async def _drain(self) -> None:
        """Read what is left, so that the pipes close."""
        if self.process.stdin is not None:
            self.process.stdin.close()
        if self.process.stdout is not None:
            while await self.process.stdout.read(65536):
                pass
        await asyncio.wait({self._reader})
