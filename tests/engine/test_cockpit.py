"""The cockpit in a terminal on the real engine: driven by its keys, believed only where the engine says the same."""

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
from tests.engine.container_factory import FIRST_IN_LINE, Bed
from tests.engine.screen import DOCKPIT, PROMPT, Screen, cockpit, missing, shell
from tests.engine.waiting import until

TARGET_LABEL = "dockpit.target"
THROTTLED = r"\d+ % high"
A_FIFTH = 200_000_000
START_SECONDS = 20.0
WINDOW_SECONDS = 25.0
"""Throttling looks back over ten seconds; this long after a change the word for it has come or gone."""
ANSWER_SECONDS = 20.0
GONE_SECONDS = 10.0
SHELL_PROMPT = "^/ #"
BACK_AT_PROMPT = f"^{PROMPT.strip()}$"


@pytest.fixture(autouse=True)
def _tmux() -> None:
    if reason := missing():
        (pytest.fail if REQUIRED else pytest.skip)(reason)


def only(container: Container) -> tuple[str, str]:
    """The option that leaves other people's containers out."""
    return ("--filter", str(container.name))


def limit(container: Container) -> int:
    """NanoCpus, as the engine has it."""
    container.reload()
    return int(container.attrs["HostConfig"]["NanoCpus"])


def network(container: Container) -> str:
    """The network namespace that a process of this container is in, by the number its kernel gives it."""
    output = container.exec_run(["readlink", "/proc/self/ns/net"]).output
    assert isinstance(output, bytes)
    return output.decode().strip()


def addresses(container: Container) -> list[str]:
    """Its IPv4 addresses."""
    container.reload()
    networks = container.attrs["NetworkSettings"]["Networks"].values()
    return [one["IPAddress"] for one in networks if one["IPAddress"]]


def debugging(bed: Bed, target: Container) -> list[Container]:
    """The debug containers beside one, in whatever state."""
    label = f"{TARGET_LABEL}={target.id}"
    return list(bed.engine.containers.list(all=True, filters={"label": label}, ignore_removed=True))


def gone(pid: int) -> bool:
    """Whether a process has ended."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


async def into_netshoot(screen: Screen) -> None:
    """From the overview into the debug shell of the container under the cursor."""
    screen.press("n")
    await screen.sees("netshoot · ")
    screen.press("Enter")
    await screen.sees(SHELL_PROMPT, ANSWER_SECONDS)


@pytest.mark.slow
async def test_raising_the_limit_ends_the_throttling_and_undo_brings_it_back(
    engine_url: str, bed: Bed, run: Run, tmp_path: Path
) -> None:
    idle = run("lim-a", "idle")
    spin = run("lim-b", "spin", "1", cpus=0.2, cpu_shares=FIRST_IN_LINE)
    raised = min(2, int(bed.engine.info()["NCPU"]))
    with cockpit(engine_url, tmp_path, "--filter", bed.name("lim"), "--sort", "trouble") as screen:
        await screen.sees(f"{spin.name}.*{THROTTLED}", START_SECONDS)
        await screen.sees(str(idle.name))
        assert screen.text().index(str(spin.name)) < screen.text().index(str(idle.name))

        screen.press("g", "u")
        await screen.sees(f"limits of {spin.name}")
        screen.type(str(raised))
        await screen.sees(f"docker update --cpus {raised}")
        assert limit(spin) == A_FIFTH
        screen.press("Enter")
        await screen.sees(f"0.2 → {raised}")
        await screen.sees(f"docker update --cpus {raised} {spin.name}")
        assert limit(spin) == A_FIFTH
        screen.press("Enter")
        await until(lambda: limit(spin) == raised * 10**9, ANSWER_SECONDS, "the new limit in docker inspect")
        await screen.loses(f"{spin.name}.*% (high|watch)", WINDOW_SECONDS)

        screen.press("U")
        await screen.sees("docker update --cpus 0.2", ANSWER_SECONDS)
        screen.press("Enter")
        await until(lambda: limit(spin) == A_FIFTH, ANSWER_SECONDS, "the earlier limit in docker inspect")
        await screen.sees(f"{spin.name}.*{THROTTLED}", WINDOW_SECONDS)


@pytest.mark.slow
@pytest.mark.usefixtures("netshoot_image")
async def test_netshoot_is_a_shell_in_its_network_and_leaving_it_comes_back_to_a_working_screen(
    engine_url: str, bed: Bed, run: Run, tmp_path: Path
) -> None:
    spin = run("net", "spin", "1", cpus=0.2, cpu_shares=FIRST_IN_LINE)
    with cockpit(engine_url, tmp_path, *only(spin)) as screen:
        await screen.sees(f"{spin.name}.*{THROTTLED}", START_SECONDS)
        await into_netshoot(screen)
        screen.enter("readlink /proc/self/ns/net; ip -4 addr show; hostname")
        await screen.sees(re.escape(network(spin)), ANSWER_SECONDS)
        for address in addresses(spin):
            await screen.sees(rf"inet {re.escape(address)}/", ANSWER_SECONDS)
        assert len(debugging(bed, spin)) == 1

        screen.resize(111, 33)
        screen.enter('until [ "$(stty size)" = "33 111" ]; do sleep 0.1; done; echo fol""lowed')
        await screen.sees("^followed", ANSWER_SECONDS)

        screen.enter("exit")
        await screen.sees(f"{spin.name}.*{THROTTLED}", ANSWER_SECONDS)
        await screen.changes(f"{spin.name}.*", ANSWER_SECONDS)
        screen.press("?")
        await screen.sees("Change the limits of the container")
        screen.press("Escape")
        await screen.sees(f"{spin.name}.*{THROTTLED}")
        await until(lambda: not debugging(bed, spin), GONE_SECONDS, "no debug container is left")


async def test_a_shell_in_it_its_logs_and_a_clean_terminal_at_the_end(
    engine_url: str, run: Run, tmp_path: Path
) -> None:
    chat = run("chat", "chat", "2")
    kept = shlex.quote(str(tmp_path / "terminal"))
    with shell(engine_url, tmp_path) as screen:
        screen.enter(f"stty -g > {kept}; {shlex.join((*DOCKPIT, *only(chat)))}")
        await screen.sees(f"{chat.name}.*\\d\\.\\d\\d", START_SECONDS)
        assert not screen.plain()

        screen.press("e")
        await screen.sees(SHELL_PROMPT, ANSWER_SECONDS)
        screen.enter('echo "this is $(hostname)"')
        await screen.sees(f"this is {str(chat.id)[:12]}", ANSWER_SECONDS)
        screen.press("C-d")

        await screen.sees("netshoot", ANSWER_SECONDS)
        screen.press("Enter")
        await screen.sees("processes")
        screen.press("l")
        printed = chat.logs().count(b"\n")
        await screen.sees(rf"\bline {printed + 1} of the chatty workload", ANSWER_SECONDS)

        screen.press("q")
        await screen.sees(BACK_AT_PROMPT)
        assert screen.plain()
        screen.enter(f'echo "left with $?"; stty -g | cmp - {kept} && echo "as be""fore"')
        await screen.sees("^left with 0")
        await screen.sees("^as before")


@pytest.mark.usefixtures("netshoot_image")
@pytest.mark.parametrize("key", ["u", "n", "r"])
async def test_read_only_changes_nothing_and_says_why(
    engine_url: str, bed: Bed, run: Run, tmp_path: Path, key: str
) -> None:
    idle = run("ro", "idle", cpus=0.2)
    with cockpit(engine_url, tmp_path, *only(idle), "--read-only") as screen:
        await screen.sees(f"{idle.name}.*\\d\\.\\d\\d", START_SECONDS)
        assert "--read-only" not in screen.text()
        screen.press(key)
        await screen.sees("--read-only")
        assert limit(idle) == A_FIFTH
        assert not debugging(bed, idle)


async def test_a_hang_up_ends_it(engine_url: str, run: Run, tmp_path: Path) -> None:
    idle = run("hup", "idle")
    with cockpit(engine_url, tmp_path, *only(idle)) as screen:
        await screen.sees(f"{idle.name}.*\\d\\.\\d\\d", START_SECONDS)
        os.kill(screen.pid, signal.SIGHUP)
        await until(lambda: gone(screen.pid), GONE_SECONDS, "dockpit ended")


@pytest.mark.usefixtures("netshoot_image")
async def test_a_terminal_that_goes_away_under_a_shell_takes_dockpit_and_the_debug_container_with_it(
    engine_url: str, bed: Bed, run: Run, tmp_path: Path
) -> None:
    idle = run("lost", "idle")
    with cockpit(engine_url, tmp_path, *only(idle)) as screen:
        await screen.sees(f"{idle.name}.*\\d\\.\\d\\d", START_SECONDS)
        await into_netshoot(screen)
        assert not gone(screen.pid) and len(debugging(bed, idle)) == 1
        screen.close()
        await until(lambda: gone(screen.pid), GONE_SECONDS, "dockpit ended")
        await until(lambda: not debugging(bed, idle), GONE_SECONDS, "no debug container is left")
