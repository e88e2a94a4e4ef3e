"""dockpit in a process of its own, as users run it, connected to the engine under test."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from dockpit.metrics.figures_and_columns import FIGURES

Record = dict[str, Any]
"""One line of `dockpit stats --json`, with `at` in seconds since the epoch."""

KEYS = {"at", *(figure.json for figure in FIGURES if figure.json)}
"""The keys of a record; tests/public_surface.json pins them."""


def parse_record(line: str | bytes) -> Record:
    """One line of `dockpit stats --json`."""
    values: Record = json.loads(line)
    return values | {"at": datetime.fromisoformat(values["at"]).timestamp()}


class StatsStream:
    """The records that a running `dockpit stats --json` has printed so far."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.records: list[Record] = []

    def records_of(self, name: str) -> list[Record]:
        """The records of one container, oldest first."""
        return [record for record in self.records if record["name"] == name]

    def names(self) -> set[str]:
        """The names of the containers that have records."""
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


async def run_dockpit(url: str, *arguments: str) -> tuple[int, str, str]:
    """Run `dockpit ARGUMENTS` to its end; exit code, stdout and stderr."""
    process = await _start(url, *arguments)
    stdout, stderr = await process.communicate()
    return process.returncode or 0, stdout.decode(), stderr.decode()


@asynccontextmanager
async def stats_stream(url: str, *arguments: str) -> AsyncIterator[StatsStream]:
    """`dockpit stats --json ARGUMENTS` until the block is left, its records read as they come."""
    process = await _start(url, "stats", "--json", *arguments)
    stream = StatsStream(process.pid)
    reader = asyncio.create_task(_read_records(process, stream))
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


async def _read_records(process: asyncio.subprocess.Process, stream: StatsStream) -> None:
    assert process.stdout is not None
    async for line in process.stdout:
        stream.records.append(parse_record(line))
