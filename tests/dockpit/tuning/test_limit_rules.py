"""Rules of limits: the body a request becomes, and the errors of its fields."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dockpit.metrics.samples import Sample
from dockpit.model.container import Container, State
from dockpit.model.container_limits import UNLIMITED_BYTES, Limits
from dockpit.model.engine_info import EngineInfo
from dockpit.tuning.cpu_limit_rules import requires_quota
from dockpit.tuning.limit_request import LIMIT_LABELS, LimitContext, LimitRequest
from dockpit.tuning.limit_rules import update_body
from dockpit.tuning.memory_limit_rules import swap_for_memory

MIB = 1 << 20
GIB = 1 << 30
V1 = EngineInfo(cpus=2, cgroup_version=1, kernel="6.18.0", memory_bytes=8 * GIB)
V2 = replace(V1, cgroup_version=2)
UP = Container("ab" * 32, "web", state="running")


def context(limits: Limits | None = None, engine: EngineInfo = V2, **more: Any) -> LimitContext:
    container = replace(UP, limits=limits or Limits(), **more)
    return LimitContext(container, engine, mems=frozenset({0}))


@pytest.mark.parametrize(
    ("request_", "limits", "expected"),
    [
        (LimitRequest(), Limits(), {}),
        (LimitRequest(cpus="1.5"), Limits(), {"NanoCpus": 1_500_000_000}),
        (LimitRequest(cpus="none"), Limits(nano_cpus=5 * 10**8), {"NanoCpus": 2_000_000_000}),
        (LimitRequest(cpus="none"), Limits(), {}),
        (LimitRequest(cpus="none"), Limits(nano_cpus=5 * 10**8, cpu_quota_us=-1), {"NanoCpus": 2_000_000_000}),
        (LimitRequest(cpus="1.5"), Limits(cpu_quota_us=20_000), {"CpuQuota": 150_000}),
        (LimitRequest(cpus="0.5"), Limits(cpu_quota_us=20_000, cpu_period_us=50_000), {"CpuQuota": 25_000}),
        (LimitRequest(cpus="0.5"), Limits(cpu_period_us=50_000), {"CpuQuota": 25_000}),
        (LimitRequest(cpus="0.5"), Limits(cpu_quota_us=-1), {"CpuQuota": 50_000}),
        (LimitRequest(cpus="none"), Limits(cpu_quota_us=20_000), {"CpuQuota": 200_000}),
        (LimitRequest(cpus="1"), Limits(nano_cpus=10**8, cpu_quota_us=-1), {"NanoCpus": 10**9}),
        (LimitRequest(cpu_shares="512"), Limits(), {"CpuShares": 512}),
        (LimitRequest(cpu_shares="none"), Limits(cpu_shares=2), {"CpuShares": 1024}),
        (LimitRequest(cpuset_cpus="1,0"), Limits(), {"CpusetCpus": "0-1"}),
        (LimitRequest(cpuset_cpus="all"), Limits(), {"CpusetCpus": "0-1"}),
        (LimitRequest(cpuset_mems="none"), Limits(), {"CpusetMems": "0"}),
        (LimitRequest(pids_limit="100"), Limits(), {"PidsLimit": 100}),
        (LimitRequest(pids_limit="none"), Limits(), {"PidsLimit": -1}),
        (LimitRequest(blkio_weight="300"), Limits(), {"BlkioWeight": 300}),
        (LimitRequest(restart="none"), Limits(), {"RestartPolicy": {"Name": "no", "MaximumRetryCount": 0}}),
        (
            LimitRequest(restart="on-failure:3"),
            Limits(),
            {"RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 3}},
        ),
        (LimitRequest(memory_reservation="64m"), Limits(), {"MemoryReservation": 64 * MIB}),
        (LimitRequest(memory_reservation="none"), Limits(), {"MemoryReservation": 6 * MIB}),
    ],
)
def test_a_request_becomes_the_body_that_the_engine_accepts(
    request_: LimitRequest, limits: Limits, expected: dict[str, object]
) -> None:
    assert update_body(request_, context(limits)) == (expected, {})


def test_a_reservation_is_lifted_with_minus_one_on_v1() -> None:
    assert update_body(LimitRequest(memory_reservation="none"), context(engine=V1))[0] == {"MemoryReservation": -1}


@pytest.mark.parametrize(
    ("request_", "limits", "memory", "swap"),
    [
        (LimitRequest(memory="512m"), Limits(), 512 * MIB, GIB),
        (LimitRequest(memory="1g"), Limits(memory_bytes=512 * MIB, memory_swap_bytes=GIB), GIB, 1536 * MIB),
        (LimitRequest(memory="1g"), Limits(memory_bytes=512 * MIB, memory_swap_bytes=512 * MIB), GIB, GIB),
        (LimitRequest(memory="1g"), Limits(memory_bytes=512 * MIB, memory_swap_bytes=-1), GIB, UNLIMITED_BYTES),
        (
            LimitRequest(memory="1g"),
            Limits(memory_bytes=512 * MIB, memory_swap_bytes=UNLIMITED_BYTES),
            GIB,
            UNLIMITED_BYTES,
        ),
        (LimitRequest(memory="1g"), Limits(memory_bytes=512 * MIB), GIB, 2 * GIB),
        (
            LimitRequest(memory="1g"),
            Limits(memory_bytes=UNLIMITED_BYTES, memory_swap_bytes=UNLIMITED_BYTES),
            GIB,
            2 * GIB,
        ),
        (LimitRequest(memory="none"), Limits(memory_bytes=MIB * 64), UNLIMITED_BYTES, UNLIMITED_BYTES),
        (LimitRequest(memory="512m", memory_swap="512m"), Limits(), 512 * MIB, 512 * MIB),
        (LimitRequest(memory="512m", memory_swap="-1"), Limits(), 512 * MIB, UNLIMITED_BYTES),
        (LimitRequest(memory_swap="1g"), Limits(memory_bytes=512 * MIB), 512 * MIB, GIB),
    ],
)
def test_memory_and_swap_go_together(request_: LimitRequest, limits: Limits, memory: int, swap: int) -> None:
    assert update_body(request_, context(limits)) == ({"Memory": memory, "MemorySwap": swap}, {})


@pytest.mark.parametrize(
    "request_", [LimitRequest(memory="none"), LimitRequest(memory_swap="none"), LimitRequest(memory=" ")]
)
def test_lifting_a_limit_that_is_not_set_does_nothing(request_: LimitRequest) -> None:
    assert update_body(request_, context()) == ({}, {})


@pytest.mark.parametrize("state", ["running", "exited", "paused", "created"])
@pytest.mark.parametrize(
    ("name", "text", "limits"),
    [
        ("cpus", "abc", Limits()),
        ("cpus", "0", Limits()),
        ("cpus", "0.009", Limits()),
        ("cpus", "2.1", Limits()),
        ("cpus", "0.01", Limits(cpu_quota_us=5000, cpu_period_us=50_000)),
        ("cpu_shares", "1", Limits()),
        ("cpu_shares", "262145", Limits()),
        ("cpuset_cpus", "3", Limits()),
        ("cpuset_cpus", "x", Limits()),
        ("cpuset_mems", "1", Limits()),
        ("memory", "0", Limits()),
        ("memory", "5m", Limits()),
        ("memory", "lots", Limits()),
        ("memory", "32m", Limits(memory_bytes=64 * MIB, memory_reservation_bytes=48 * MIB)),
        ("memory_swap", "1g", Limits()),
        ("memory_swap", "32m", Limits(memory_bytes=64 * MIB)),
        ("memory_reservation", "1m", Limits()),
        ("memory_reservation", "65m", Limits(memory_bytes=64 * MIB)),
        ("pids_limit", "0", Limits()),
        ("pids_limit", "4194305", Limits()),
        ("pids_limit", "many", Limits()),
        ("blkio_weight", "9", Limits()),
        ("blkio_weight", "1001", Limits()),
        ("restart", "sometimes", Limits()),
        ("restart", "always:3", Limits()),
        ("restart", "on-failure:-1", Limits()),
        ("restart", "on-failure:x", Limits()),
    ],
)
def test_an_invalid_limit_is_an_error_in_every_state(state: State, name: str, text: str, limits: Limits) -> None:
    known = replace(context(limits, state=state), cpus=frozenset({0, 1}))
    found, errors = update_body(replace(LimitRequest(), **{name: text}), known)
    assert list(errors) == [name]
    assert errors[name].isprintable()
    assert found == {}


def test_errors_are_by_field_and_valid_fields_stay() -> None:
    found, errors = update_body(LimitRequest(cpus="9", memory="1m", pids_limit="7"), context())
    assert set(errors) == {"cpus", "memory"}
    assert found == {"PidsLimit": 7}


def test_a_reservation_is_not_checked_against_an_invalid_memory_limit() -> None:
    assert set(update_body(LimitRequest(memory="x", memory_reservation="64m"), context())[1]) == {"memory"}


def test_a_container_with_rm_has_no_restart_policy() -> None:
    assert set(update_body(LimitRequest(restart="always"), context(auto_remove=True))[1]) == {"restart"}
    assert update_body(LimitRequest(restart="no"), context(auto_remove=True))[1] == {}


@pytest.mark.parametrize(
    ("flag", "names"),
    [
        ("cpu_cfs", ["cpus"]),
        ("cpu_shares", ["cpu_shares"]),
        ("cpuset", ["cpuset_cpus", "cpuset_mems"]),
        ("memory_limit", ["memory", "memory_swap", "memory_reservation"]),
        ("pids_limit", ["pids_limit"]),
    ],
)
def test_an_unsupported_limit_is_refused(flag: str, names: list[str]) -> None:
    changes: dict[str, Any] = {flag: False}
    without = replace(V2, **changes)
    for name in names:
        errors = update_body(replace(LimitRequest(), **{name: "none"}), context(engine=without))[1]
        assert "cannot limit" in errors[name]


@pytest.mark.parametrize(
    "refused", [context(engine=replace(V2, os="windows")), context(state="removing"), context(state="dead")]
)
def test_some_containers_cannot_be_changed_at_all(refused: LimitContext) -> None:
    assert "" in update_body(LimitRequest(pids_limit="5"), refused)[1]


def test_with_an_unknown_number_of_cpus_only_numbers_are_accepted() -> None:
    unknown = context(Limits(nano_cpus=10**9), engine=replace(V2, cpus=0))
    assert set(update_body(LimitRequest(cpus="none", cpuset_cpus="all"), unknown)[1]) == {"cpus", "cpuset_cpus"}
    assert update_body(LimitRequest(cpus="64", cpuset_cpus="0-63"), unknown) == (
        {"NanoCpus": 64 * 10**9, "CpusetCpus": "0-63"},
        {},
    )


def test_cpus_beyond_those_counted_are_left_to_the_engine() -> None:
    """Two of four CPUs are online, 0 and 2: only their number is known of a remote engine."""
    odd = context(Limits(cpuset_cpus="2"))
    for text in ("0,2", "2", "5"):
        assert update_body(LimitRequest(cpuset_cpus=text), odd) == ({"CpusetCpus": text}, {})
    assert "cpuset_cpus" in update_body(LimitRequest(cpuset_cpus="none"), odd)[1], "which CPUs are all is not known"


def test_the_cpu_numbers_of_the_host_are_used() -> None:
    odd = replace(context(), cpus=frozenset({0, 2}))
    assert update_body(LimitRequest(cpuset_cpus="all"), odd)[0] == {"CpusetCpus": "0,2"}
    assert "cpuset_cpus" in update_body(LimitRequest(cpuset_cpus="0-1"), odd)[1]


@pytest.mark.parametrize(
    ("engine", "state", "in_use", "refused"),
    [
        (V1, "running", 63 * MIB, True),
        (V1, "running", 31 * MIB, False),
        (V1, "running", None, False),
        (V1, "exited", 63 * MIB, False),
        (V2, "running", 63 * MIB, False),
    ],
)
def test_cgroup_v1_refuses_a_limit_below_the_unreclaimable_memory(
    engine: EngineInfo, state: State, in_use: int | None, refused: bool
) -> None:
    sample = Sample(UP.id, 1.0, memory_unreclaimable_bytes=in_use)
    found = LimitContext(replace(UP, state=state), engine, sample)
    assert ("memory" in update_body(LimitRequest(memory="32m"), found)[1]) is refused


def test_unknown_unreclaimable_memory_is_all_memory_in_use() -> None:
    assert LimitContext(UP, V2, Sample(UP.id, 1.0, memory_used_bytes=7)).unreclaimable_bytes == 7
    assert (
        LimitContext(UP, V2, Sample(UP.id, 1.0, memory_used_bytes=7, memory_unreclaimable_bytes=3)).unreclaimable_bytes
        == 3
    )
    assert LimitContext(UP, V2).unreclaimable_bytes is None


def test_a_quota_once_set_stays_a_quota() -> None:
    assert requires_quota(Limits(cpu_quota_us=1000))
    assert requires_quota(Limits(cpu_period_us=1000))
    assert not requires_quota(Limits())
    assert not requires_quota(Limits(nano_cpus=1, cpu_quota_us=-1))


def test_swap_never_exceeds_unlimited() -> None:
    assert swap_for_memory(Limits(), UNLIMITED_BYTES - 4096) == UNLIMITED_BYTES


def test_every_field_has_a_label() -> None:
    assert tuple(LIMIT_LABELS) == replace(LimitRequest(), **dict.fromkeys(LIMIT_LABELS, "x")).given
