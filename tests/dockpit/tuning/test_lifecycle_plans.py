"""Plans for the lifecycle of a container."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from dockpit.model.container import Container
from dockpit.model.container_limits import Limits
from dockpit.model.engine_info import EngineInfo
from dockpit.model.errors import UsageError
from dockpit.model.plans import Plan
from dockpit.tuning.lifecycle_plans import (
    plan_kill,
    plan_pause,
    plan_remove,
    plan_restart,
    plan_start,
    plan_stop,
    plan_unpause,
)

ENGINE = EngineInfo(id="E1")
UP = Container("ab" * 32, "web", state="running")
DOWN = replace(UP, state="exited")
PAUSED = replace(UP, state="paused")


@pytest.mark.parametrize(
    ("plan", "kind", "command", "danger", "body"),
    [
        (plan_start(DOWN, ENGINE), "start", "docker start web", "safe", {}),
        (plan_stop(UP, ENGINE), "stop", "docker stop web", "confirm", {}),
        (plan_stop(UP, ENGINE, 3), "stop", "docker stop -t 3 web", "confirm", {"t": 3}),
        (plan_restart(UP, ENGINE, 0), "restart", "docker restart -t 0 web", "confirm", {"t": 0}),
        (plan_pause(UP, ENGINE), "pause", "docker pause web", "confirm", {}),
        (plan_unpause(PAUSED, ENGINE), "unpause", "docker unpause web", "safe", {}),
        (plan_kill(UP, ENGINE), "kill", "docker kill --signal KILL web", "kill", {"signal": "KILL"}),
        (plan_kill(UP, ENGINE, "sighup"), "kill", "docker kill --signal HUP web", "confirm", {"signal": "HUP"}),
        (plan_kill(UP, ENGINE, "9"), "kill", "docker kill --signal 9 web", "kill", {"signal": "9"}),
        (plan_remove(DOWN, ENGINE), "remove", "docker rm web", "confirm", {"force": 0, "v": 0}),
        (
            plan_remove(UP, ENGINE, force=True, volumes=True),
            "remove",
            "docker rm --force --volumes web",
            "kill",
            {"force": 1, "v": 1},
        ),
    ],
)
def test_every_action_has_its_command(
    plan: Plan, kind: str, command: str, danger: str, body: dict[str, object]
) -> None:
    assert (plan.kind, plan.command, plan.danger, dict(plan.body)) == (kind, command, danger, body)
    assert (plan.container_id, plan.container_name, plan.engine_id) == (UP.id, "web", "E1")
    assert "web" in plan.summary


@pytest.mark.parametrize(
    "make",
    [
        lambda: plan_start(UP, ENGINE),
        lambda: plan_start(replace(UP, state="restarting"), ENGINE),
        lambda: plan_stop(DOWN, ENGINE),
        lambda: plan_restart(replace(UP, state="removing"), ENGINE),
        lambda: plan_pause(PAUSED, ENGINE),
        lambda: plan_unpause(UP, ENGINE),
        lambda: plan_kill(DOWN, ENGINE),
        lambda: plan_remove(UP, ENGINE),
        lambda: plan_kill(UP, ENGINE, "NOPE"),
        lambda: plan_kill(UP, ENGINE, "65"),
        lambda: plan_kill(UP, ENGINE, ""),
    ],
)
def test_an_impossible_action_is_refused(make: Callable[[], Plan]) -> None:
    with pytest.raises(UsageError):
        make()


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        (plan_stop(replace(UP, auto_remove=True), ENGINE), ["--rm"]),
        (plan_kill(replace(UP, auto_remove=True), ENGINE), ["clean up", "--rm"]),
        (plan_stop(replace(UP, limits=Limits(restart_policy="always")), ENGINE), ["always"]),
        (plan_pause(replace(UP, health="healthy"), ENGINE), ["unpaused", "stays healthy"]),
        (plan_remove(UP, ENGINE, force=True, volumes=True), ["gone for good", "killed first", "anonymous volumes"]),
        (plan_kill(PAUSED, ENGINE, "TERM"), ["unpaused"]),
        (plan_restart(replace(UP, limits=Limits(nano_cpus=5, cpu_quota_us=-1)), ENGINE), ["lost"]),
        (plan_restart(UP, ENGINE), []),
        (plan_stop(UP, ENGINE), []),
    ],
)
def test_unexpected_consequences_are_warnings(plan: Plan, words: list[str]) -> None:
    assert len(plan.warnings) == len(words)
    for warning, word in zip(plan.warnings, words, strict=True):
        assert word in warning
