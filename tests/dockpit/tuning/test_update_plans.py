"""Plans for updates of limits, and their undo."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dockpit.metrics.samples import Sample
from dockpit.model.container import Container
from dockpit.model.container_limits import UNLIMITED_BYTES, Limits
from dockpit.model.engine_info import EngineInfo
from dockpit.model.errors import LimitError
from dockpit.tuning.limit_request import LIMIT_LABELS, LimitRequest
from dockpit.tuning.update_effect import limit_mismatches
from dockpit.tuning.update_plans import plan_undo, plan_update

from .engine_model import enforced, update

MIB = 1 << 20
CPUS = 4
ENGINE = EngineInfo(id="E1", cpus=CPUS, cgroup_version=2, kernel="6.12.1", memory_bytes=8 << 30)
V1 = replace(ENGINE, cgroup_version=1)
WEB = Container("ab" * 32, "web", state="running", service="web", limits=Limits(nano_cpus=200_000_000))
MEMS = frozenset({0})
FULL = Sample(WEB.id, 1.0, memory_unreclaimable_bytes=60 * MIB)


def test_a_plan_has_everything_about_an_update() -> None:
    plan = plan_update(WEB, ENGINE, LimitRequest(cpus="1.5", memory="512m", memory_swap="1g"))
    assert (plan.kind, plan.danger, plan.undoes, plan.engine_id) == ("update", "kill", False, "E1")
    assert plan.summary == "web: CPUs 0.2 → 1.5, memory none → 512m, memory + swap none → 1g"
    assert plan.command == "docker update --cpus 1.5 --memory 512m --memory-swap 1g web"
    assert plan.body == {"NanoCpus": 1_500_000_000, "Memory": 512 * MIB, "MemorySwap": 1024 * MIB}
    assert plan.undo_body == {"NanoCpus": 200_000_000, "Memory": UNLIMITED_BYTES, "MemorySwap": UNLIMITED_BYTES}
    assert plan.before == WEB.limits
    assert plan.expected == replace(
        WEB.limits, nano_cpus=1_500_000_000, memory_bytes=512 * MIB, memory_swap_bytes=1024 * MIB
    )
    assert [(one.field, one.before, one.after) for one in plan.changes] == [
        ("cpus", "0.2", "1.5"),
        ("memory", "none", "512m"),
        ("memory_swap", "none", "1g"),
    ]
    assert "    cpus: 1.5\n    mem_limit: 512m\n    memswap_limit: 1g" in plan.compose


def test_a_plan_that_could_kill_is_marked_as_dangerous() -> None:
    plan = plan_update(WEB, ENGINE, LimitRequest(memory="30m"), FULL)
    assert plan.danger == "kill"
    assert "60.0 MiB" in plan.warnings[0]
    assert plan_update(WEB, ENGINE, LimitRequest(memory="128m"), FULL).danger == "confirm"
    assert plan_update(WEB, V1, LimitRequest(memory="128m"), FULL).danger == "confirm"


@pytest.mark.parametrize(
    ("request_", "field", "words"),
    [
        (LimitRequest(cpus="99"), "cpus", "CPUs: the engine has only 4 CPUs"),
        (LimitRequest(memory="1m"), "memory", "memory: the engine's minimum"),
        (LimitRequest(), "", "nothing would change"),
        (LimitRequest(cpus="0.20"), "", "nothing would change"),
    ],
)
def test_an_invalid_limit_is_an_error_with_its_field(request_: LimitRequest, field: str, words: str) -> None:
    with pytest.raises(LimitError, match=words) as caught:
        plan_update(WEB, ENGINE, request_)
    assert caught.value.field == field


def test_a_container_being_removed_is_an_error_without_field() -> None:
    with pytest.raises(LimitError, match="being removed") as caught:
        plan_update(replace(WEB, state="removing"), ENGINE, LimitRequest(cpus="1"))
    assert caught.value.field == ""


def test_a_value_that_the_engine_discards_makes_no_plan() -> None:
    v1 = replace(V1, kernel="6.18.0")
    with pytest.raises(LimitError, match="nothing would change: this kernel has no block I/O weight"):
        plan_update(WEB, v1, LimitRequest(blkio_weight="300"))


def test_a_limit_that_a_stored_quota_may_have_lifted_can_be_set_again() -> None:
    sticky = replace(WEB, limits=Limits(nano_cpus=10**9, cpu_quota_us=-1))
    plan = plan_update(sticky, ENGINE, LimitRequest(cpus="1"))
    assert plan.body == {"NanoCpus": 10**9}
    assert [change.field for change in plan.changes] == ["cpus"]
    assert "lost at the next start" in plan.warnings[0]


def test_an_incomplete_undo_is_a_warning() -> None:
    plan = plan_update(WEB, ENGINE, LimitRequest(cpuset_mems="0"))
    assert plan.undo_body is None
    assert "undo will leave" in plan.warnings[-1]
    assert plan_undo(plan, WEB, ENGINE).summary == "web: undo: nothing to change"


def test_setting_the_default_has_no_undo() -> None:
    assert plan_update(WEB, ENGINE, LimitRequest(cpuset_mems="0"), mems=MEMS).undo_body is None
    assert plan_update(WEB, ENGINE, LimitRequest(cpu_shares="1024")).undo_body is None


def test_an_undo_restores_the_limits_and_can_be_undone() -> None:
    plan = plan_update(WEB, ENGINE, LimitRequest(cpus="1.5"))
    after = replace(WEB, limits=update(WEB.limits, plan.body, CPUS))
    undo = plan_undo(plan, after, ENGINE)
    assert undo.undoes
    assert undo.summary == "web: undo: CPUs 1.5 → 0.2"
    assert undo.command == "docker update --cpus 0.2 web"
    assert undo.before == after.limits
    assert undo.expected == WEB.limits
    assert undo.undo_body == {"NanoCpus": 1_500_000_000}


def test_an_undo_that_lowers_memory_is_checked_against_the_memory_in_use() -> None:
    small = replace(WEB, limits=Limits(memory_bytes=32 * MIB, memory_swap_bytes=32 * MIB))
    plan = plan_update(small, ENGINE, LimitRequest(memory="256m"))
    after = replace(small, limits=update(small.limits, plan.body, CPUS))
    assert plan_undo(plan, after, ENGINE).danger == "kill"
    assert plan_undo(plan, after, ENGINE, FULL).danger == "kill"
    assert plan_undo(plan, after, ENGINE, FULL._replace(memory_unreclaimable_bytes=MIB)).danger == "confirm"


def test_a_difference_is_a_sentence() -> None:
    plan = plan_update(WEB, ENGINE, LimitRequest(cpus="1.5"))
    assert plan.expected is not None
    assert limit_mismatches(plan.expected, plan.expected) == ()
    assert limit_mismatches(plan.expected, WEB.limits) == ("CPUs is 0.2, not 1.5",)


cpu_limits = st.one_of(
    st.just({}),
    st.builds(lambda n: {"nano_cpus": n}, st.integers(1, 400).map(lambda n: n * 10**7)),
    st.builds(
        lambda q, p: {"cpu_quota_us": q, "cpu_period_us": p},
        st.sampled_from([-1, 5000, 60_000]),
        st.sampled_from([0, 50_000, 100_000]),
    ),
)
memory_limits = st.one_of(
    st.just({}),
    st.just({"memory_bytes": UNLIMITED_BYTES, "memory_swap_bytes": UNLIMITED_BYTES}),
    st.builds(
        lambda m, s: {"memory_bytes": m * MIB, "memory_swap_bytes": s if s <= 0 else (m + s) * MIB},
        st.integers(6, 4096),
        st.sampled_from([-1, 0, 1, 512]),
    ),
)
other_limits = st.fixed_dictionaries(
    {},
    optional={
        "cpu_shares": st.sampled_from([2, 512, 1024]),
        "cpuset_cpus": st.sampled_from(["0", "0-1", "0-3"]),
        "cpuset_mems": st.just("0"),
        "pids_limit": st.sampled_from([None, -1, 0, 100]),
        "blkio_weight": st.sampled_from([10, 500]),
        "restart_policy": st.sampled_from(["no", "always", "unless-stopped"]),
    },
)
requests = st.fixed_dictionaries(
    {},
    optional={
        "cpus": st.sampled_from(["0.01", "0.5", "4", "none"]),
        "cpu_shares": st.sampled_from(["2", "262144", "none"]),
        "cpuset_cpus": st.sampled_from(["1", "0-2", "all"]),
        "cpuset_mems": st.just("0"),
        "memory": st.sampled_from(["6m", "100m", "1.5g", "none"]),
        "memory_swap": st.sampled_from(["100m", "4g", "none"]),
        "memory_reservation": st.sampled_from(["8m", "64m", "none"]),
        "pids_limit": st.sampled_from(["1", "4194304", "none"]),
        "blkio_weight": st.sampled_from(["10", "1000"]),
        "restart": st.sampled_from(["no", "always", "on-failure:5"]),
    },
)


@given(cpu_limits, memory_limits, other_limits, requests)
def test_the_engine_accepts_each_plan_and_its_undo_restores_the_limits(
    cpu: dict[str, Any], memory: dict[str, Any], other: dict[str, Any], requested: dict[str, Any]
) -> None:
    before = Limits(**cpu, **memory, **other)
    container = replace(WEB, limits=before)
    try:
        plan = plan_update(container, ENGINE, LimitRequest(**requested), mems=MEMS)
    except LimitError:
        assume(False)
        raise
    after = update(before, plan.body, CPUS)
    assert after == plan.expected
    restored = update(after, plan.undo_body or {}, CPUS)
    assert enforced(restored, CPUS) == enforced(before, CPUS)
    undo = plan_undo(plan, replace(container, limits=after), ENGINE)
    assert undo.body == (plan.undo_body or {})
    assert undo.expected == restored
    assert bool(undo.changes) == bool(plan.undo_body)


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        (LimitRequest(cpu_shares="1"), "CPU shares go from 2 to 262144; 1024 is the default"),
        (LimitRequest(blkio_weight="1"), f"{LIMIT_LABELS['blkio_weight']}: the weight goes from 10 to 1000"),
    ],
)
def test_a_limit_is_named_once(wanted: LimitRequest, sentence: str) -> None:
    with pytest.raises(LimitError) as caught:
        plan_update(WEB, ENGINE, wanted)
    assert str(caught.value) == sentence
