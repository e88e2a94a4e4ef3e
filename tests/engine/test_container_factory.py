"""The loads themselves: each does to the kernel what the other tests take for granted."""

from __future__ import annotations

import pytest

from tests.engine.conftest import Run
from tests.engine.container_factory import MAX_CPU_SHARES, ContainerFactory
from tests.engine.waiting import until

MIB = 1024 * 1024


async def test_spin_at_a_fifth_of_a_core_is_throttled_in_nearly_every_period(
    factory: ContainerFactory, run: Run
) -> None:
    container = run("spin", "spin", "1", cpus=0.2, cpu_shares=MAX_CPU_SHARES)
    counters = [factory.stats(container)["cpu_stats"]["throttling_data"]]

    def twenty_periods_later() -> bool:
        counters.append(factory.stats(container)["cpu_stats"]["throttling_data"])
        return bool(counters[-1]["periods"] >= counters[0]["periods"] + 20)

    await until(twenty_periods_later, 20)
    periods = counters[-1]["periods"] - counters[0]["periods"]
    throttled = counters[-1]["throttled_periods"] - counters[0]["throttled_periods"]
    assert throttled / periods > 0.9


async def test_a_child_beyond_the_limit_is_killed_repeatedly_and_pid_1_lives(
    factory: ContainerFactory, run: Run
) -> None:
    container = run("childoom", "childoom", "64", "1", memory="24m")
    kills = await until(lambda: len(factory.events(container, "oom")) >= 2 and factory.events(container, "oom"), 30)
    state = factory.state(container)
    assert kills and state["Running"]
    assert state["OOMKilled"] is (factory.engine_version() >= 24)


async def test_growing_beyond_the_limit_ends_the_container(factory: ContainerFactory, run: Run) -> None:
    """Three, as containerd may lose the OOM event of a cgroup v2 that is gone before it reads it (#8893)."""
    containers = [run(f"grow-{number}", "grow", "40", "200", memory="24m") for number in range(3)]

    def ended() -> list[int]:
        states = [factory.state(container) for container in containers]
        return [] if any(state["Running"] for state in states) else [state["ExitCode"] for state in states]

    assert set(await until(ended, 30)) == {137}
    assert await until(lambda: any(factory.events(container, "oom") for container in containers), 10)


async def test_rereading_fills_the_limit_with_reclaimable_cache(factory: ContainerFactory, run: Run) -> None:
    container = run("reread", "reread", "40", memory="64m")

    def cached() -> bool:
        stats = factory.stats(container)["memory_stats"]
        return bool(stats.get("usage", 0) > 32 * MIB)

    await until(cached, 60)
    stats = factory.stats(container)["memory_stats"]["stats"]
    assert stats.get("total_rss", stats.get("anon")) < 8 * MIB


@pytest.mark.parametrize(
    ("command", "figure", "least"),
    [
        (("hold", "20"), "total_rss anon", 20 * MIB),
        (("tmpfs", "20"), "total_cache shmem", 20 * MIB),
    ],
)
async def test_memory_is_held_as_the_command_says(
    factory: ContainerFactory, run: Run, command: tuple[str, ...], figure: str, least: int
) -> None:
    container = run(command[0], *command, memory="64m")

    def held() -> bool:
        stats = factory.stats(container)["memory_stats"].get("stats", {})
        return any(stats.get(key, 0) >= least for key in figure.split())

    await until(held, 20)


async def test_forks_are_counted(factory: ContainerFactory, run: Run) -> None:
    container = run("forks", "forks", "7")
    await until(lambda: factory.stats(container)["pids_stats"].get("current") == 8, 20)


async def test_chat_prints_and_tcp_echoes(factory: ContainerFactory, run: Run) -> None:
    chat, tcp = run("chat", "chat", "50"), run("tcp", "tcp")
    await until(lambda: chat.logs().count(b"\n") > 20, 20)
    talk = "echo hello | nc -w 2 127.0.0.1 8080"
    await until(lambda: b"hello" in tcp.exec_run(["sh", "-c", talk]).output, 20)


async def test_bursts_pause_between(factory: ContainerFactory, run: Run) -> None:
    container = run("burst", "burst", "100", "300", "1")

    def cores() -> float:
        stats = factory.stats(container)
        now, before = stats["cpu_stats"], stats["precpu_stats"]
        used = now["cpu_usage"]["total_usage"] - before["cpu_usage"]["total_usage"]
        return float(used / 1e9)

    assert 0.05 < await until(cores, 20) < 0.9
