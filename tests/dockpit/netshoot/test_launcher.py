"""Where a debug container may look, what it is made with, and what is said when it cannot be."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from pathlib import Path

import pytest

from dockpit.engine import terminals
from dockpit.engine.client import EngineClient, split_reference
from dockpit.model.container import Container
from dockpit.model.errors import EngineError, UsageError
from dockpit.netshoot import launcher
from dockpit.netshoot.leftovers import DAY_SECONDS, abandoned, leftovers, owner
from tests.dockpit.simulated_session import Watched, live, watched

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
    assert body["Labels"] == {"dockpit.debug": "1", "dockpit.target": WEB.id, "dockpit.owner": owner()}
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


def test_debug_containers_are_recognised_by_their_names() -> None:
    name = launcher.debug_name(replace(WEB, name="shop/[red]web" + "x" * 80))
    assert re.fullmatch(r"dockpit-debug-shop--red-webx{27}-[0-9a-f]{6}", name)
    assert launcher.debug_name(WEB) != launcher.debug_name(WEB)
    assert launcher.debug_name(replace(WEB, name="")).startswith("dockpit-debug-wwwwwwwwwwww-")


def with_image(bench: Watched) -> EngineClient:
    """A client of an engine that has the debug image."""
    bench.engine.world.add_image(f"{launcher.DEFAULT_IMAGE}:latest")
    return bench.session.client


def debugging(bench: Watched) -> list[str]:
    """The names of all debug containers that there are."""
    return [box.name for box in bench.engine.world.containers.values() if "dockpit.debug" in box.spec.labels]


async def test_a_recipe_runs_beside_its_target_and_leaves_nothing(tmp_path: Path) -> None:
    async with watched(tmp_path) as bench:
        await bench.until(live)
        client = bench.session.client
        with pytest.raises(EngineError):
            async for _ in client.pull("broken/image"):
                pass
        assert not await launcher.has_image(client, launcher.DEFAULT_IMAGE)
        assert await launcher.has_image(with_image(bench), launcher.DEFAULT_IMAGE)
        where = launcher.target(bench.entry("spin").container, lookup)
        result = await launcher.run_recipe(client, launcher.DEFAULT_IMAGE, where, ("ss", "-ltn"))
        assert result.exit_code == 0 and "LISTEN" in result.stdout
        assert debugging(bench) == []


async def test_a_recipe_that_takes_too_long_or_cannot_start_leaves_nothing(tmp_path: Path) -> None:
    async with watched(tmp_path) as bench:
        await bench.until(live)
        client, where = with_image(bench), launcher.target(bench.entry("spin").container, lookup)
        with pytest.raises(TimeoutError):
            await launcher.run_recipe(client, launcher.DEFAULT_IMAGE, where, ("sleep", "1000"), seconds=0.5)
        assert debugging(bench) == []
        for step in ("start", "attach"):
            bench.engine.refuse(f"POST /containers/.*/{step}", 500, "no")
            with pytest.raises(EngineError, match="no"):
                await launcher.run_recipe(client, launcher.DEFAULT_IMAGE, where, ("ss", "-ltn"))
            bench.engine.allow()
            assert debugging(bench) == []


@pytest.mark.parametrize("step", ["/containers/create", "/attach", "/start", "/wait"])
async def test_a_cancel_at_any_step_leaves_nothing(tmp_path: Path, step: str) -> None:
    async with watched(tmp_path) as bench:
        await bench.until(live)
        client, where = with_image(bench), launcher.target(bench.entry("spin").container, lookup)
        gate = bench.engine.gate

        async def held() -> None:
            if bench.engine.requests[-1][1].endswith(step) and not task.cancelling():
                bench.engine.hang()
                task.cancel()
                asyncio.get_running_loop().call_later(0.2, bench.engine.hang, False)
            await gate()

        bench.engine.gate = held  # type: ignore[method-assign]  # a fault at one step
        task = asyncio.create_task(launcher.run_recipe(client, launcher.DEFAULT_IMAGE, where, ("ss", "-ltn")))
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(task, 20)
        assert any(path.endswith(step) for _, path in bench.engine.requests)
        assert debugging(bench) == []


async def test_output_without_end_is_read_on_and_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminals, "OUTPUT_MOST", 10)
    async with watched(tmp_path) as bench:
        await bench.until(live)
        where = launcher.target(bench.entry("spin").container, lookup)
        result = await launcher.run_recipe(with_image(bench), launcher.DEFAULT_IMAGE, where, ("ss", "-ltn"))
        assert len(result.stdout) == 10 and result.exit_code == 0


async def test_what_is_typed_into_an_ended_shell_is_dropped(tmp_path: Path) -> None:
    async with watched(tmp_path) as bench:
        await bench.until(live)
        async with terminals.open_exec(bench.session.client, bench.entry("spin").container.id, ["sh"]) as opened:
            await bench.engine.drop()
            while await opened.read() is not None:
                continue
            await opened.write(b"too late")
        await bench.engine.resume()


def test_whose_containers_are_left_over() -> None:
    here, pid, start = owner().rsplit("/", 2)
    assert not abandoned(owner(), 10 * DAY_SECONDS), "this process is alive"
    assert abandoned(f"{here}/{pid}/{float(start) - 1000}", 1.0), "another process had this number"
    assert abandoned(f"{here}/4194305/1.0", 1.0)
    assert not abandoned(f"elsewhere/{pid}/{start}", DAY_SECONDS - 1) and abandoned(f"elsewhere/{pid}/{start}", 1e6)
    for strange in ("", "1", "a/b/c", f"{here}/-1/0", f"{here}/{10**30}/0", f"{here}/1/nan"):
        assert abandoned(strange, 1.0)


async def test_leftovers_are_found_by_label_and_removed(tmp_path: Path) -> None:
    async with watched(tmp_path) as bench:
        await bench.until(live)
        client, now = with_image(bench), bench.session.now()
        where = launcher.target(bench.entry("spin").container, lookup)
        body = launcher.body(launcher.DEFAULT_IMAGE, where, (), tty=True)
        ours = await terminals.create_container(client, body)
        body["Labels"]["dockpit.owner"] = "elsewhere/7/1.0"
        theirs = await terminals.create_container(client, body, "theirs")
        assert await leftovers(client, now) == ()
        assert await leftovers(client, now + 2 * DAY_SECONDS) == ((theirs, "theirs"),)
        for container_id in (ours, theirs, theirs):
            await terminals.remove(client, container_id)
        assert debugging(bench) == []


async def read_until(opened: terminals.Terminal, word: bytes) -> bytes:
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
        assert await terminals.find_shell(client, target.id) in terminals.SHELLS
        async with terminals.open_exec(client, target.id, ["sh"]) as opened:
            await opened.resize(30, 100)
            await opened.write(b"echo mar''ker\r")
            assert b"ker" in await read_until(opened, b"ker")
            await opened.write(b"exit\r")
            async with asyncio.timeout(10):
                while await opened.read() is not None:
                    continue
            assert await opened.exit_code() == 0
        where = launcher.target(target, lookup)
        async with launcher.open_shell(with_image(bench), launcher.DEFAULT_IMAGE, where) as beside:
            assert re.fullmatch(r"dockpit-debug-spin-[0-9a-f]{6}", debugging(bench)[0])
            await beside.resize(30, 100)
            await beside.write(b"exit\r")
            async with asyncio.timeout(10):
                while await beside.read() is not None:
                    continue
            assert await beside.exit_code() == 0
        assert debugging(bench) == []
