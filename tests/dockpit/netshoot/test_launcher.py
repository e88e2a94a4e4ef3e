"""Where a debug container may look, what it is made with, and what is said when it cannot be."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from dockpit.engine import terminal
from dockpit.engine.client import split_reference
from dockpit.errors import EngineError, UsageError
from dockpit.model import Container
from dockpit.netshoot import launcher
from tests.dockpit.bench import live, watched

WEB = Container("w" * 64, "web", state="running", network_mode="bridge")
SIDE = Container("s" * 64, "side", state="running", network_mode=f"container:{'w' * 64}")


def lookup(reference: str) -> Container | None:
    known = {c.id: c for c in (WEB, SIDE)} | {c.name: c for c in (WEB, SIDE)}
    return known.get(reference)


def test_the_network_of_a_plain_container_is_joined_by_its_full_id() -> None:
    where = launcher.target(WEB, lookup, share_pid=True)
    assert (where.network_mode, where.pid_mode, where.note) == (f"container:{WEB.id}", f"container:{WEB.id}", "")


def test_a_shared_network_is_followed_to_its_owner() -> None:
    where = launcher.target(SIDE, lookup)
    assert where.network_mode == f"container:{WEB.id}"
    assert "shares the network of web" in where.note


def test_host_none_stopped_and_circular_networks_are_explained() -> None:
    host = launcher.target(replace(WEB, network_mode="host"), lookup)
    assert host.network_mode == "host" and "whole machine" in host.note
    for strange, word in (
        (replace(WEB, network_mode="none"), "loopback"),
        (replace(WEB, state="exited"), "start it first"),
        (replace(WEB, network_mode="container:gone"), "not running"),
        (replace(WEB, network_mode=f"container:{WEB.id}"), "not running"),
    ):
        with pytest.raises(UsageError, match=word):
            launcher.target(strange, lookup)


def test_the_body_has_small_limits_labels_and_nothing_a_shared_network_forbids() -> None:
    body = launcher.body("img", launcher.target(WEB, lookup), ["dig"], tty=False)
    host = body["HostConfig"]
    assert host["Memory"] == host["MemorySwap"] == 256 << 20
    assert body["Labels"] == {"dockpit.debug": "1", "dockpit.target": WEB.id}
    assert not {"PortBindings", "Dns", "Hostname"} & (set(host) | set(body))
    assert not host["AutoRemove"], "its output is read before it is removed"
    assert launcher.body("img", launcher.target(WEB, lookup), (), tty=True)["HostConfig"]["AutoRemove"]


@pytest.mark.parametrize(
    ("message", "word"),
    [
        ('Get "https://registry/v2/": dial tcp: lookup registry: no such host', "does not reach the registry"),
        ("pull access denied for x, repository does not exist", "wants a login"),
        ("manifest unknown", "no such image or tag"),
        ("write /var/lib: no space left on device", "disk is full"),
        ("strange", "no better reason"),
    ],
)
def test_a_failed_pull_is_explained(message: str, word: str) -> None:
    told = launcher.explain_pull("nicolaka/netshoot", message)
    assert word in told and message in told


def test_pull_progress_is_read_by_layer() -> None:
    step = {"id": "abc", "status": "Downloading", "progressDetail": {"current": 5, "total": 10}}
    assert launcher.layer(step) == launcher.Layer("abc", "Downloading", 5, 10)
    seconds = {"id": "abc", "status": "Extracting", "progressDetail": {"current": 5, "units": "s"}}
    assert launcher.layer(seconds) == launcher.Layer("abc", "Extracting", 0, 0)
    assert launcher.layer({"id": "latest", "status": "Pulling from x"}).id == ""


@pytest.mark.parametrize(
    ("image", "split"),
    [
        ("nicolaka/netshoot", ("nicolaka/netshoot", "latest")),
        ("host:5000/x", ("host:5000/x", "latest")),
        ("host:5000/x:v1", ("host:5000/x", "v1")),
        ("x@sha256:abc", ("x@sha256:abc", "")),
    ],
)
def test_a_pull_never_asks_for_all_tags(image: str, split: tuple[str, str]) -> None:
    assert split_reference(image) == split


async def test_a_recipe_runs_beside_its_target_and_leaves_nothing(tmp_path: Path) -> None:
    async with watched(tmp_path) as bench:
        await bench.until(live)
        client = bench.session.client
        with pytest.raises(EngineError):
            async for _ in client.pull("broken/image"):
                pass
        async for _ in client.pull(launcher.DEFAULT_IMAGE):
            pass
        assert await launcher.has_image(client, launcher.DEFAULT_IMAGE)
        assert not await launcher.has_image(client, "not/there")
        where = launcher.target(bench.entry("spin").container, lookup)
        result = await launcher.run_recipe(client, launcher.DEFAULT_IMAGE, where, ("ss", "-ltn"))
        assert result.exit_code == 0 and "LISTEN" in result.stdout
        assert await launcher.leftovers(client) == ()


async def test_leftovers_are_found_by_label_and_removed(tmp_path: Path) -> None:
    async with watched(tmp_path) as bench:
        await bench.until(live)
        client = bench.session.client
        async for _ in client.pull(launcher.DEFAULT_IMAGE):
            pass
        where = launcher.target(bench.entry("spin").container, lookup)
        created = await terminal.create_container(client, launcher.body(launcher.DEFAULT_IMAGE, where, (), tty=True))
        assert [found for found, _ in await launcher.leftovers(client)] == [created]
        assert await launcher.leftovers(client, frozenset([created])) == ()
        await terminal.remove(client, created)
        await terminal.remove(client, created)
        assert await launcher.leftovers(client) == ()


async def read_until(opened: terminal.Terminal, word: bytes) -> bytes:
    seen = b""
    async with asyncio.timeout(10):
        while word not in seen:
            data = await opened.read()
            if data is None:
                break
            seen += data
    return seen


async def test_shells_in_and_beside_a_container(tmp_path: Path) -> None:
    async with watched(tmp_path) as bench:
        await bench.until(live)
        client, target = bench.session.client, bench.entry("spin").container
        assert await terminal.find_shell(client, target.id) in terminal.SHELLS
        async with terminal.open_exec(client, target.id, ["sh"]) as opened:
            await opened.resize(30, 100)
            await opened.write(b"echo mar''ker\r")
            assert b"ker" in await read_until(opened, b"ker")
            await opened.write(b"exit\r")
            async with asyncio.timeout(10):
                while await opened.read() is not None:
                    continue
            assert await opened.exit_code() == 0
        async for _ in client.pull(launcher.DEFAULT_IMAGE):
            pass
        where = launcher.target(target, lookup)
        created = await terminal.create_container(client, launcher.body(launcher.DEFAULT_IMAGE, where, (), tty=True))
        async with terminal.open_container(client, created) as beside:
            await beside.resize(30, 100)
            await beside.write(b"exit\r")
            async with asyncio.timeout(10):
                while await beside.read() is not None:
                    continue
            assert await beside.exit_code() == 0
        assert await launcher.leftovers(client) == ()
