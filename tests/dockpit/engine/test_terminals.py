"""Shells in running containers: found, typed into, resized, left, and cut off."""

from __future__ import annotations

import asyncio
from pathlib import Path

from dockpit.engine.terminals import SHELLS, Terminal, find_shell, open_exec
from tests.dockpit.simulated_session import all_have_rates, running_session


async def read_until(terminal: Terminal, word: bytes) -> bytes:
    """The output up to `word`, or all of it if `word` does not come."""
    output = b""
    async with asyncio.timeout(10):
        while word not in output:
            data = await terminal.read()
            if data is None:
                break
            output += data
    return output


async def read_to_end(terminal: Terminal) -> None:
    async with asyncio.timeout(10):
        while await terminal.read() is not None:
            continue


async def test_a_shell_in_a_container_is_found_resized_and_left(tmp_path: Path) -> None:
    async with running_session(tmp_path) as running:
        await running.until(all_have_rates)
        client, container = running.session.client, running.entry("spin").container
        assert await find_shell(client, container.id) in SHELLS
        async with open_exec(client, container.id, ["sh"]) as terminal:
            await terminal.resize(30, 100)
            await terminal.write(b"echo mar''ker\r")
            assert b"ker" in await read_until(terminal, b"ker")
            await terminal.write(b"exit\r")
            await read_to_end(terminal)
            assert await terminal.exit_code() == 0


async def test_input_for_a_shell_that_has_ended_is_dropped(tmp_path: Path) -> None:
    async with running_session(tmp_path) as running:
        await running.until(all_have_rates)
        async with open_exec(running.session.client, running.entry("spin").container.id, ["sh"]) as terminal:
            await running.engine.drop()
            await read_to_end(terminal)
            await terminal.write(b"too late")
        await running.engine.resume()
