"""`dockpit stats` while its engine is lost and comes back."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from dockpit.process.clock import SystemClock
from dockpit.simulate import World, scenario, serve


async def until(lines: asyncio.StreamReader, known: bool) -> dict[str, Any]:
    """The first record whose CPU figure is known, or is not."""
    async with asyncio.timeout(30):
        while True:
            record: dict[str, Any] = json.loads(await lines.readline())
            if (record["cpu_cores"] is not None) is known:
                return record


async def test_a_lost_engine_gives_nulls_and_a_notice_until_it_is_back(tmp_path: Path) -> None:
    clock = SystemClock()
    world = World(scenario("throttled"), 7, clock.wall())
    socket = tmp_path / "s.sock"
    async with serve(socket, world, clock) as engine:
        line = ("-H", engine.url, "stats", "--json", "spin")
        running = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "dockpit", *line, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        assert running.stdout is not None
        await until(running.stdout, known=True)
    lost = await until(running.stdout, known=False)
    assert (lost["state"], lost["memory_used_bytes"]) == ("running", None)
    socket.unlink(missing_ok=True)
    async with serve(socket, world, clock):
        await until(running.stdout, known=True)
        running.terminate()
        _, error = await running.communicate()
    sentences = error.decode().splitlines()
    assert len(sentences) == 2
    assert sentences[0].startswith(f"dockpit: the engine at unix://{socket} is lost: ")
    assert sentences[1] == f"dockpit: unix://{socket} is back"
    assert running.returncode == 143
