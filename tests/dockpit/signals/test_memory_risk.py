"""Memory risk from headroom and forecast."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest

from dockpit.model.thresholds import Thresholds
from dockpit.model.verdicts import MemoryRisk
from dockpit.signals.forecast import Projection
from dockpit.signals.memory_risk import assess_memory_risk

THRESHOLDS = Thresholds()
MIB = 1 << 20
LIMIT = 64 * MIB


def assess(unreclaimable: float, used: int | None = None, projection: Projection | None = None) -> MemoryRisk:
    def forecast(times: Sequence[float], values: Sequence[float], limit: float, horizon: float) -> Projection | None:
        return projection

    return assess_memory_risk([1.0], [unreclaimable], used, LIMIT, THRESHOLDS, forecast)


@pytest.mark.parametrize(("percent", "risk"), [(79, "none"), (81, "watch"), (91, "high"), (98, "imminent")])
def test_headroom_alone_raises_the_risk(percent: float, risk: str) -> None:
    assert assess(LIMIT * percent / 100).risk == risk


@pytest.mark.parametrize(
    ("share", "eta", "risk", "shown"),
    [
        (0.6, 30, "imminent", True),
        (0.6, 299, "high", True),
        (0.6, 1700, "watch", True),
        (0.6, 1900, "none", False),
        (0.3, 300, "none", False),
        (0.3, 30, "high", True),
        (0.92, 1700, "high", True),
    ],
)
def test_the_time_left_raises_the_risk_within_the_horizon(share: float, eta: float, risk: str, shown: bool) -> None:
    found = assess(LIMIT * share, projection=Projection(MIB, eta))
    assert found.risk == risk
    assert found.eta_seconds == (eta if shown else None)
    assert found.slope_bytes_per_s == (MIB if shown else None)


def test_headroom_is_never_negative() -> None:
    assert assess(24 * MIB).headroom_bytes == 40 * MIB
    assert assess(65 * MIB).headroom_bytes == 0


@pytest.mark.parametrize(
    ("used", "unreclaimable", "heavy"),
    [
        (60 * MIB, 5 * MIB, True),
        (60 * MIB, 50 * MIB, False),
        (40 * MIB, 5 * MIB, False),
        (None, 5 * MIB, False),
    ],
)
def test_full_by_cache_alone_is_harmless(used: int | None, unreclaimable: float, heavy: bool) -> None:
    found = assess(unreclaimable, used)
    assert found.cache_heavy is heavy
    assert found.risk == "none"


@pytest.mark.parametrize("limit", [None, 0, -1])
def test_without_a_limit_there_is_no_risk(limit: int | None) -> None:
    assert assess_memory_risk([1.0], [9e12], 1, limit, THRESHOLDS) == MemoryRisk()


@pytest.mark.parametrize("values", [[], [60.0 * MIB, math.nan]])
def test_a_gap_has_no_risk(values: list[float]) -> None:
    assert assess_memory_risk([float(i) for i in range(len(values))], values, 1, LIMIT, THRESHOLDS) == MemoryRisk()


def test_a_container_that_fills_up_within_20_s_is_imminent_before_it_is_killed() -> None:
    times = [float(i) for i in range(21)]
    values = [2 * MIB + 3 * MIB * at for at in times]
    seen = [assess_memory_risk(times[: i + 1], values[: i + 1], int(values[i]), LIMIT, THRESHOLDS) for i in range(21)]
    order = ["none", "watch", "high", "imminent"]
    risks = [order.index(one.risk) for one in seen]
    assert risks == sorted(risks)
    assert seen[5].risk == "high"
    assert seen[5].eta_seconds == pytest.approx(15.7, abs=0.1)
    assert seen[12].risk == "imminent"
    assert all(one.eta_seconds is not None for one in seen[4:])


def test_a_container_that_reads_a_big_file_again_and_again_stays_safe() -> None:
    times = [float(i) for i in range(60)]
    values = [3 * MIB + 4096.0 * (i % 3) for i in range(60)]
    found = assess_memory_risk(times, values, 63 * MIB, LIMIT, THRESHOLDS)
    assert (found.risk, found.eta_seconds, found.cache_heavy) == ("none", None, True)
