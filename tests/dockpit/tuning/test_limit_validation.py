"""Validation of a form of limits."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockpit.metrics.samples import Sample
from dockpit.model.container import Container
from dockpit.model.container_limits import Limits
from dockpit.model.engine_info import EngineInfo
from dockpit.tuning.limit_request import LIMIT_LABELS, LimitContext, LimitRequest
from dockpit.tuning.limit_validation import ValidationResult, validate_limits

MIB = 1 << 20
V1 = EngineInfo(cpus=2, cgroup_version=1, kernel="6.18.0", memory_bytes=1 << 30)
V2 = replace(V1, cgroup_version=2)
UP = Container("ab" * 32, "web", state="running", limits=Limits(memory_bytes=256 * MIB, memory_swap_bytes=256 * MIB))
FULL = Sample(UP.id, 1.0, memory_unreclaimable_bytes=60 * MIB, pids=12)


@pytest.mark.parametrize(
    ("request_", "engine", "limits", "words"),
    [
        (LimitRequest(cpus="1"), V2, Limits(), []),
        (LimitRequest(cpus="1"), V2, Limits(nano_cpus=5, cpu_quota_us=-1), ["lost at the next start"]),
        (LimitRequest(cpus="none"), V2, Limits(nano_cpus=10**9), ["all 2 CPUs"]),
        (LimitRequest(cpus="none"), V2, Limits(cpu_quota_us=10_000), ["all 2 CPUs"]),
        (LimitRequest(cpu_shares="none"), V2, Limits(cpu_shares=2), ["weigh 39"]),
        (LimitRequest(cpu_shares="none"), V1, Limits(cpu_shares=2), []),
        (LimitRequest(memory="none"), V2, UP.limits, ["swap off"]),
        (LimitRequest(memory="none"), V1, UP.limits, []),
        (LimitRequest(memory="2g"), V2, UP.limits, ["never be met"]),
        (LimitRequest(memory="30m"), V2, UP.limits, ["will kill"]),
        (LimitRequest(memory="512m"), replace(V2, swap_limit=False), UP.limits, ["discards the memory + swap"]),
        (LimitRequest(memory_reservation="none"), V1, Limits(), ["docker update cannot"]),
        (LimitRequest(memory_reservation="none"), V2, Limits(), ["set to 6m"]),
        (LimitRequest(pids_limit="12"), V2, Limits(), ["12 processes and threads"]),
        (LimitRequest(pids_limit="13"), V2, Limits(), []),
        (LimitRequest(blkio_weight="300"), V1, Limits(), ["discards the value"]),
        (LimitRequest(blkio_weight="300"), replace(V2, product="Podman"), Limits(), ["Podman"]),
    ],
)
def test_consequences_are_warnings(
    request_: LimitRequest, engine: EngineInfo, limits: Limits, words: list[str]
) -> None:
    found = validate_limits(request_, LimitContext(replace(UP, limits=limits), engine, FULL))
    assert found.ok
    assert len(found.warnings) == len(words)
    for warning, word in zip(found.warnings, words, strict=True):
        assert word in warning


def test_errors_are_by_field() -> None:
    found = validate_limits(LimitRequest(cpus="x", memory="1m"), LimitContext(UP, V2))
    assert not found.ok
    assert set(found.errors) == {"cpus", "memory"}


def test_an_empty_form_is_valid() -> None:
    assert validate_limits(LimitRequest(), LimitContext(UP, V2)) == ValidationResult()


@given(st.dictionaries(st.sampled_from(sorted(LIMIT_LABELS)), st.text(max_size=30)))
def test_any_text_is_validated_without_an_exception(texts: dict[str, str]) -> None:
    found = validate_limits(replace(LimitRequest(), **texts), LimitContext(UP, V2, FULL))
    assert set(found.errors) <= set(LIMIT_LABELS)
    assert all(sentence.isprintable() for sentence in found.errors.values())
