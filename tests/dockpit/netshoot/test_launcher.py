"""The networks that a debug container may join, the body it is created with, and that none is left behind."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from pathlib import Path

import pytest

from dockpit.engine import attached_streams
from dockpit.model.errors import EngineError, UsageError
from dockpit.netshoot import launcher
from dockpit.netshoot.leftover_containers import owner_label_value
from tests.dockpit.netshoot.debug_containers import (
    SIDECAR,
    WEB,
    client_with_image,
    debug_container_names,
    find_container,
)
from tests.dockpit.simulated_session import all_have_rates, running_session


def test_the_network_of_a_plain_container_is_joined_by_its_full_id() -> None:
    target = launcher.find_debug_target(WEB, find_container, share_pid=True)
    assert (target.network_mode, target.pid_mode, target.note) == (f"container:{WEB.id}", f"container:{WEB.id}", "")


def test_a_shared_network_is_followed_to_its_owner() -> None:
    target = launcher.find_debug_target(SIDECAR, find_container)
    assert target.network_mode == f"container:{WEB.id}"
    assert "shares the network of web" in target.note


def test_host_none_stopped_and_circular_networks_are_explained() -> None:
    host = launcher.find_debug_target(replace(WEB, network_mode="host"), find_container)
    assert host.network_mode == "host" and "whole machine" in host.note
    for strange, word in (
        (replace(WEB, network_mode="none"), "loopback"),
        (replace(WEB, state="exited"), "start it first"),
        (replace(WEB, network_mode="container:gone"), "not running"),
        (replace(WEB, network_mode=f"container:{WEB.id}"), "not running"),
    ):
        with pytest.raises(UsageError, match=word):
            launcher.find_debug_target(strange, find_container)


def test_the_body_has_small_limits_labels_and_no_field_that_a_shared_network_forbids() -> None:
    body = launcher.create_body("img", launcher.find_debug_target(WEB, find_container), ["dig"], tty=False)
    host = body["HostConfig"]
    assert host["Memory"] == host["MemorySwap"] == 256 << 20
    assert body["Labels"] == {"dockpit.debug": "1", "dockpit.target": WEB.id, "dockpit.owner": owner_label_value()}
    assert not {"PortBindings", "Dns", "Hostname"} & (set(host) | set(body))
    assert not host["AutoRemove"], "its output is read before it is removed"
    assert launcher.create_body("img", launcher.find_debug_target(WEB, find_container), (), tty=True)["HostConfig"][
        "AutoRemove"
    ]


def test_debug_containers_are_recognised_by_their_names() -> None:
    name = launcher.debug_container_name(replace(WEB, name="shop/[red]web" + "x" * 80))
    assert re.fullmatch(r"dockpit-debug-shop--red-webx{27}-[0-9a-f]{6}", name)
    assert launcher.debug_container_name(WEB) != launcher.debug_container_name(WEB)
    assert launcher.debug_container_name(replace(WEB, name="")).startswith("dockpit-debug-wwwwwwwwwwww-")


async def test_a_recipe_runs_beside_its_target_and_leaves_no_container(tmp_path: Path) -> None:
    async with running_session(tmp_path) as running:
        await running.until(all_have_rates)
        client = running.session.client
        with pytest.raises(EngineError):
            async for _ in client.pull("broken/image"):
                pass
        assert not await launcher.has_image(client, launcher.DEFAULT_IMAGE)
        assert await launcher.has_image(client_with_image(running), launcher.DEFAULT_IMAGE)
        target = launcher.find_debug_target(running.entry("spin").container, find_container)
        result = await launcher.run_recipe(client, launcher.DEFAULT_IMAGE, target, ("ss", "-ltn"))
        assert result.exit_code == 0 and "LISTEN" in result.stdout
        assert debug_container_names(running) == []


async def test_a_recipe_that_times_out_or_cannot_start_leaves_no_container(tmp_path: Path) -> None:
    async with running_session(tmp_path) as running:
        await running.until(all_have_rates)
        client, target = (
            client_with_image(running),
            launcher.find_debug_target(running.entry("spin").container, find_container),
        )
        with pytest.raises(TimeoutError):
            await launcher.run_recipe(client, launcher.DEFAULT_IMAGE, target, ("sleep", "1000"), seconds=0.5)
        assert debug_container_names(running) == []
        for step in ("start", "attach"):
            running.engine.refuse(f"POST /containers/.*/{step}", 500, "no")
            with pytest.raises(EngineError, match="no"):
                await launcher.run_recipe(client, launcher.DEFAULT_IMAGE, target, ("ss", "-ltn"))
            running.engine.allow()
            assert debug_container_names(running) == []


@pytest.mark.parametrize("step", ["/containers/create", "/attach", "/start", "/wait"])
async def test_a_cancel_at_any_step_leaves_no_container(tmp_path: Path, step: str) -> None:
    async with running_session(tmp_path) as running:
        await running.until(all_have_rates)
        client, target = (
            client_with_image(running),
            launcher.find_debug_target(running.entry("spin").container, find_container),
        )
        wait_while_hanging = running.engine.wait_while_hanging

        async def held() -> None:
            if running.engine.requests[-1][1].endswith(step) and not task.cancelling():
                running.engine.hang()
                task.cancel()
                asyncio.get_running_loop().call_later(0.2, running.engine.hang, False)
            await wait_while_hanging()

        running.engine.wait_while_hanging = held  # type: ignore[method-assign]  # a fault at one step
        task = asyncio.create_task(launcher.run_recipe(client, launcher.DEFAULT_IMAGE, target, ("ss", "-ltn")))
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(task, 20)
        assert any(path.endswith(step) for _, path in running.engine.requests)
        assert debug_container_names(running) == []


async def test_output_beyond_the_limit_is_read_but_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attached_streams, "MAX_OUTPUT_BYTES", 10)
    async with running_session(tmp_path) as running:
        await running.until(all_have_rates)
        target = launcher.find_debug_target(running.entry("spin").container, find_container)
        result = await launcher.run_recipe(client_with_image(running), launcher.DEFAULT_IMAGE, target, ("ss", "-ltn"))
        assert len(result.stdout) == 10 and result.exit_code == 0


async def test_a_debug_shell_beside_a_container_is_removed_when_left(tmp_path: Path) -> None:
    async with running_session(tmp_path) as running:
        await running.until(all_have_rates)
        target = launcher.find_debug_target(running.entry("spin").container, find_container)
        client = client_with_image(running)
        async with launcher.open_shell(client, launcher.DEFAULT_IMAGE, target) as terminal:
            assert re.fullmatch(r"dockpit-debug-spin-[0-9a-f]{6}", debug_container_names(running)[0])
            await terminal.resize(30, 100)
            await terminal.write(b"exit\r")
            async with asyncio.timeout(10):
                while await terminal.read() is not None:
                    continue
            assert await terminal.exit_code() == 0
        assert debug_container_names(running) == []
