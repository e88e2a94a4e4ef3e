"""dockpit as its users run it: a process of its own, pointed at the engine under test."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

Record = dict[str, Any]
"""One line of `dockpit stats --json`, with `at` in seconds since the epoch."""

KEYS = (
    "at id name project service image state health cpu_cores cpu_limit_cores cpu_of_limit_percent throttled_percent "
    "throttled_ms_per_s memory_used_bytes memory_unreclaimable_bytes memory_limit_bytes memory_of_limit_percent "
    "memory_peak_bytes oom_kills oom_risk oom_eta_seconds net_rx_bytes_per_s net_tx_bytes_per_s block_read_bytes_per_s "
    "block_write_bytes_per_s pids pids_limit restarts uptime_s cpu_user_percent cpu_system_percent "
    "cpu_pressure_some_percent memory_pressure_some_percent memory_pressure_full_percent io_pressure_some_percent "
    "io_pressure_full_percent memory_anon_bytes memory_file_bytes memory_kernel_bytes memory_shmem_bytes "
    "memory_swap_bytes major_faults_per_s refaults_per_s throttled_by limits_differ source"
)
"""What scripts rely on, in words."""


def record(line: str | bytes) -> Record:
    """A line of `dockpit stats --json`."""
    values: Record = json.loads(line)
    return values | {"at": datetime.fromisoformat(values["at"]).timestamp()}


class Stream:
    """What a running `dockpit stats --json` has said so far."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.records: list[Record] = []

    def of(self, name: str) -> list[Record]:
        """The records of one container, oldest first."""
        return [record for record in self.records if record["name"] == name]

    def names(self) -> set[str]:
        """The containers that have been spoken of."""
        return {record["name"] for record in self.records}


async def _start(url: str, *arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "dockpit",
        *arguments,
        env={**os.environ, "DOCKER_HOST": url},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        limit=2**20,
    )


async def dockpit(url: str, *arguments: str) -> tuple[int, str, str]:
    """Run `dockpit ARGUMENTS` to its end; exit code, stdout and stderr."""
    process = await _start(url, *arguments)
    out, error = await process.communicate()
    return process.returncode or 0, out.decode(), error.decode()


@asynccontextmanager
async def streaming(url: str, *arguments: str) -> AsyncIterator[Stream]:
    """`dockpit stats --json ARGUMENTS`, read as it goes, and ended on leaving."""
    process = await _start(url, "stats", "--json", *arguments)
    stream = Stream(process.pid)
    reader = asyncio.create_task(_read(process, stream))
    try:
        yield stream
    finally:
        if process.returncode is None:
            process.terminate()
        errors = await process.stderr.read() if process.stderr else b""
        await process.wait()
        await reader
        if errors:
            sys.stderr.write(errors.decode())


async def _read(process: asyncio.subprocess.Process, stream: Stream) -> None:
    assert process.stdout is not None
    async for line in process.stdout:
        stream.records.append(record(line))
