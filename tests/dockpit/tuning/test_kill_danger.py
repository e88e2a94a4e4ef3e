from __future__ import annotations

from dataclasses import replace

import pytest

from dockpit.metrics.samples import Sample
from dockpit.model.container import Container, State
from dockpit.model.container_limits import Limits
from dockpit.model.engine_info import EngineInfo
from dockpit.tuning.kill_danger import kill_danger
from dockpit.tuning.limit_rules import Context

MIB = 1 << 20
UP = Container("ab" * 32, "web", state="running", limits=Limits(memory_bytes=256 * MIB))
V2 = EngineInfo(cgroup_version=2)


def danger(
    megabytes: int, held: int | None = 60, state: State = "running", engine: EngineInfo = V2, old: int = 256
) -> str:
    sample = None if held is None else Sample(UP.id, 1.0, memory_unreclaimable_bytes=held * MIB)
    container = replace(UP, state=state, limits=Limits(memory_bytes=old * MIB))
    return kill_danger(Limits(memory_bytes=megabytes * MIB), Context(container, engine, sample))


def test_a_limit_below_what_is_held_kills_and_says_the_figures() -> None:
    assert danger(30) == (
        "60.0 MiB in use cannot be reclaimed and the new limit is 30m: "
        "the kernel will kill processes of this container at once"
    )


def test_a_limit_within_the_margin_may_kill() -> None:
    assert "may kill" in danger(65)
    assert danger(66) == ""


def test_what_is_not_known_is_not_called_safe() -> None:
    assert "not known" in danger(30, held=None)


@pytest.mark.parametrize(
    "text",
    [
        danger(300),
        danger(0),
        danger(30, state="exited"),
        danger(30, held=None, state="exited"),
        danger(30, engine=EngineInfo(cgroup_version=1)),
        danger(30, old=20),
        danger(128),
    ],
    ids=["raised", "lifted", "down", "down, unknown", "v1 refuses", "raised, still small", "room enough"],
)
def test_no_danger_where_nothing_can_be_killed(text: str) -> None:
    assert text == ""


def test_the_first_limit_is_a_lower_one_and_an_unknown_cgroup_counts_as_v2() -> None:
    assert "will kill" in danger(30, old=0)
    assert "will kill" in danger(30, engine=EngineInfo())
    assert "will kill" in danger(30, state="paused")
