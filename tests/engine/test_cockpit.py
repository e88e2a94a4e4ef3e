"""The cockpit in a terminal on the real engine: driven by its keys, checked against the engine's own answers."""

from __future__ import annotations

import os
import re
import shlex
import signal
from pathlib import Path

import psutil
import pytest
from docker.models.containers import Container

from tests.engine.conftest import REQUIRED, Run
from tests.engine.container_factory import MAX_CPU_SHARES, ContainerFactory
from tests.engine.tmux_terminal import DOCKPIT, PROMPT, TmuxTerminal, cockpit, missing_requirement, shell
from tests.engine.waiting import until

TARGET_LABEL = "dockpit.target"
THROTTLED = r"\d+ % high"
FIFTH_OF_A_CORE = 200_000_000
START_SECONDS = 20.0
WINDOW_SECONDS = 25.0
"""Throttling is averaged over ten seconds; this long after a change its word has appeared or gone."""
ANSWER_SECONDS = 20.0
GONE_SECONDS = 10.0
SHELL_PROMPT = "^/ #"
BACK_AT_PROMPT = f"^{PROMPT.strip()}$"


@pytest.fixture(autouse=True)
def _tmux() -> None:
    if reason := missing_requirement():
        (pytest.fail if REQUIRED else pytest.skip)(reason)


def filter_option(container: Container) -> tuple[str, str]:
    """The option that shows this container only."""
    return ("--filter", str(container.name))


def nano_cpus(container: Container) -> int:
    """The CPU limit in the engine's inspect, in billionths of a core."""
    container.reload()
    return int(container.attrs["HostConfig"]["NanoCpus"])


def network_namespace(container: Container) -> str:
    """The network namespace of the container, as "net:[inode]"."""
    output = container.exec_run(["readlink", "/proc/self/ns/net"]).output
    assert isinstance(output, bytes)
    return output.decode().strip()


def ipv4_addresses(container: Container) -> list[str]:
    """The IPv4 addresses of the container."""
    container.reload()
    networks = container.attrs["NetworkSettings"]["Networks"].values()
    return [network["IPAddress"] for network in networks if network["IPAddress"]]


def debug_containers(factory: ContainerFactory, target: Container) -> list[Container]:
    """The debug containers of `target`, in any state."""
    label = f"{TARGET_LABEL}={target.id}"
    return list(factory.engine.containers.list(all=True, filters={"label": label}, ignore_removed=True))


def has_ended(pid: int) -> bool:
    """Whether a process has ended."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


async def open_netshoot_shell(screen: TmuxTerminal) -> None:
    """Open the debug shell of the container under the cursor, from the overview."""
    screen.press("n")
    await screen.wait_for("netshoot · ")
    screen.press("Enter")
    await screen.wait_for(SHELL_PROMPT, ANSWER_SECONDS)


@pytest.mark.slow
async def test_raising_the_limit_ends_the_throttling_and_undo_restores_it(
    engine_url: str, factory: ContainerFactory, run: Run, tmp_path: Path
) -> None:
    idle = run("lim-a", "idle")
    spin = run("lim-b", "spin", "1", cpus=0.2, cpu_shares=MAX_CPU_SHARES)
    raised_cores = min(2, int(factory.engine.info()["NCPU"]))
    with cockpit(engine_url, tmp_path, "--filter", factory.name("lim"), "--sort", "trouble") as screen:
        await screen.wait_for(f"{spin.name}.*{THROTTLED}", START_SECONDS)
        await screen.wait_for(str(idle.name))
        assert screen.text().index(str(spin.name)) < screen.text().index(str(idle.name))

        screen.press("g", "u")
        await screen.wait_for(f"limits of {spin.name}")
        screen.type(str(raised_cores))
        await screen.wait_for(f"docker update --cpus {raised_cores}")
        assert nano_cpus(spin) == FIFTH_OF_A_CORE
        screen.press("Enter")
        await screen.wait_for(f"0.2 → {raised_cores}")
        await screen.wait_for(f"docker update --cpus {raised_cores} {spin.name}")
        assert nano_cpus(spin) == FIFTH_OF_A_CORE
        screen.press("Enter")
        await until(lambda: nano_cpus(spin) == raised_cores * 10**9, ANSWER_SECONDS, "the new limit in docker inspect")
        await screen.wait_until_gone(f"{spin.name}.*% (high|watch)", WINDOW_SECONDS)

        screen.press("U")
        await screen.wait_for("docker update --cpus 0.2", ANSWER_SECONDS)
        screen.press("Enter")
        await until(lambda: nano_cpus(spin) == FIFTH_OF_A_CORE, ANSWER_SECONDS, "the earlier limit in docker inspect")
        await screen.wait_for(f"{spin.name}.*{THROTTLED}", WINDOW_SECONDS)


@pytest.mark.slow
@pytest.mark.usefixtures("netshoot_image")
async def test_netshoot_is_a_shell_in_the_containers_network_and_the_screen_works_after_it(
    engine_url: str, factory: ContainerFactory, run: Run, tmp_path: Path
) -> None:
    spin = run("net", "spin", "1", cpus=0.2, cpu_shares=MAX_CPU_SHARES)
    with cockpit(engine_url, tmp_path, *filter_option(spin)) as screen:
        await screen.wait_for(f"{spin.name}.*{THROTTLED}", START_SECONDS)
        await open_netshoot_shell(screen)
        screen.enter("readlink /proc/self/ns/net; ip -4 addr show; hostname")
        await screen.wait_for(re.escape(network_namespace(spin)), ANSWER_SECONDS)
        for address in ipv4_addresses(spin):
            await screen.wait_for(rf"inet {re.escape(address)}/", ANSWER_SECONDS)
        assert len(debug_containers(factory, spin)) == 1

        screen.resize(111, 33)
        screen.enter('until [ "$(stty size)" = "33 111" ]; do sleep 0.1; done; echo fol""lowed')
        await screen.wait_for("^followed", ANSWER_SECONDS)

        screen.enter("exit")
        await screen.wait_for(f"{spin.name}.*{THROTTLED}", ANSWER_SECONDS)
        await screen.wait_for_change(f"{spin.name}.*", ANSWER_SECONDS)
        screen.press("?")
        await screen.wait_for("Change the limits of the container")
        screen.press("Escape")
        await screen.wait_for(f"{spin.name}.*{THROTTLED}")
        await until(lambda: not debug_containers(factory, spin), GONE_SECONDS, "no debug container is left")


async def test_an_exec_shell_the_logs_and_a_restored_terminal_at_the_end(
    engine_url: str, run: Run, tmp_path: Path
) -> None:
    chat = run("chat", "chat", "2")
    saved_modes = shlex.quote(str(tmp_path / "terminal"))
    with shell(engine_url, tmp_path) as screen:
        screen.enter(f"stty -g > {saved_modes}; {shlex.join((*DOCKPIT, *filter_option(chat)))}")
        await screen.wait_for(f"{chat.name}.*\\d\\.\\d\\d", START_SECONDS)
        assert not screen.is_plain()

        screen.press("e")
        await screen.wait_for(SHELL_PROMPT, ANSWER_SECONDS)
        screen.enter('echo "this is $(hostname)"')
        await screen.wait_for(f"this is {str(chat.id)[:12]}", ANSWER_SECONDS)
        screen.press("C-d")

        await screen.wait_for("netshoot", ANSWER_SECONDS)
        screen.press("Enter")
        await screen.wait_for("processes")
        screen.press("l")
        printed = chat.logs().count(b"\n")
        await screen.wait_for(rf"\bline {printed + 1} of the chatty workload", ANSWER_SECONDS)

        screen.press("q")
        await screen.wait_for(BACK_AT_PROMPT)
        assert screen.is_plain()
        screen.enter(f'echo "left with $?"; stty -g | cmp - {saved_modes} && echo "as be""fore"')
        await screen.wait_for("^left with 0")
        await screen.wait_for("^as before")


@pytest.mark.usefixtures("netshoot_image")
@pytest.mark.parametrize("key", ["u", "n", "r"])
async def test_read_only_changes_nothing_and_says_why(
    engine_url: str, factory: ContainerFactory, run: Run, tmp_path: Path, key: str
) -> None:
    idle = run("ro", "idle", cpus=0.2)
    with cockpit(engine_url, tmp_path, *filter_option(idle), "--read-only") as screen:
        await screen.wait_for(f"{idle.name}.*\\d\\.\\d\\d", START_SECONDS)
        assert "--read-only" not in screen.text()
        screen.press(key)
        await screen.wait_for("--read-only")
        assert nano_cpus(idle) == FIFTH_OF_A_CORE
        assert not debug_containers(factory, idle)


async def test_a_hang_up_ends_dockpit(engine_url: str, run: Run, tmp_path: Path) -> None:
    idle = run("hup", "idle")
    with cockpit(engine_url, tmp_path, *filter_option(idle)) as screen:
        await screen.wait_for(f"{idle.name}.*\\d\\.\\d\\d", START_SECONDS)
        os.kill(screen.pid, signal.SIGHUP)
        await until(lambda: has_ended(screen.pid), GONE_SECONDS, "dockpit ended")


@pytest.mark.usefixtures("netshoot_image")
async def test_a_terminal_closed_during_a_shell_ends_dockpit_and_removes_the_debug_container(
    engine_url: str, factory: ContainerFactory, run: Run, tmp_path: Path
) -> None:
    idle = run("lost", "idle")
    with cockpit(engine_url, tmp_path, *filter_option(idle)) as screen:
        await screen.wait_for(f"{idle.name}.*\\d\\.\\d\\d", START_SECONDS)
        await open_netshoot_shell(screen)
        assert not has_ended(screen.pid) and len(debug_containers(factory, idle)) == 1
        screen.close()
        await until(lambda: has_ended(screen.pid), GONE_SECONDS, "dockpit ended")
        await until(lambda: not debug_containers(factory, idle), GONE_SECONDS, "no debug container is left")
