"""Whether lowering a memory limit could kill processes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dockpit.metrics.samples import Sample
from dockpit.model.container import Container, State
from dockpit.model.container_limits import Limits
from dockpit.model.engine_info import EngineInfo
from dockpit.tuning.kill_danger import kill_danger
from dockpit.tuning.limit_request import LimitContext

MIB = 1 << 20
UP = Container("ab" * 32, "web", state="running", limits=Limits(memory_bytes=256 * MIB))
V2 = EngineInfo(cgroup_version=2)


def danger(
    megabytes: int, in_use: int | None = 60, state: State = "running", engine: EngineInfo = V2, old: int = 256
) -> str:
    sample = None if in_use is None else Sample(UP.id, 1.0, memory_unreclaimable_bytes=in_use * MIB)
    container = replace(UP, state=state, limits=Limits(memory_bytes=old * MIB))
    return kill_danger(Limits(memory_bytes=megabytes * MIB), LimitContext(container, engine, sample))


def test_a_limit_below_the_unreclaimable_memory_will_kill() -> None:
    assert danger(30) == (
        "60.0 MiB in use cannot be reclaimed and the new limit is 30m: "
        "the kernel will kill processes of this container at once"
    )


def test_a_limit_within_the_margin_may_kill() -> None:
    assert "may kill" in danger(65)
    assert danger(66) == ""


def test_unknown_memory_in_use_is_not_safe() -> None:
    assert "not known" in danger(30, in_use=None)


@pytest.mark.parametrize(
    "text",
    [
        danger(300),
        danger(0),
        danger(30, state="exited"),
        danger(30, in_use=None, state="exited"),
        danger(30, engine=EngineInfo(cgroup_version=1)),
        danger(30, old=20),
        danger(128),
    ],
    ids=["raised", "lifted", "down", "down, unknown", "v1 refuses", "raised, still small", "enough headroom"],
)
def test_no_danger_if_nothing_can_be_killed(text: str) -> None:
    assert text == ""


def test_a_first_limit_is_a_lower_one_and_an_unknown_cgroup_counts_as_v2() -> None:
    assert "will kill" in danger(30, old=0)
    assert "will kill" in danger(30, engine=EngineInfo())
    assert "will kill" in danger(30, state="paused")
