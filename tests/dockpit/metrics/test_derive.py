"""Rates of pressure and throttling, and pairs of samples that give no rates."""

from __future__ import annotations

import pytest

from dockpit.metrics.derive import rates, throttled_ratio
from dockpit.metrics.samples import RATE_FIELDS, Pressure, Sample
from dockpit.model.container_limits import ThrottlingAbove

BEFORE = Sample("c", 100.0, cpu_ns=0, memory_pressure=Pressure(1_000_000, 500_000), io_pressure=Pressure(5, None))
AFTER = Sample("c", 102.0, cpu_ns=10**9, memory_pressure=Pressure(2_000_000, 1_500_000), io_pressure=Pressure(5, 7))


def test_pressure_is_the_share_of_time_stalled() -> None:
    found = rates(BEFORE, AFTER)
    assert found is not None
    assert found.memory_some_percent == pytest.approx(50.0)
    assert found.memory_full_percent == pytest.approx(50.0)
    assert (found.io_some_percent, found.io_full_percent, found.cpu_some_percent) == (0.0, None, None)


def test_pressure_cannot_exceed_all_of_the_time() -> None:
    found = rates(BEFORE, AFTER._replace(memory_pressure=Pressure(90_000_000, 90_000_000)))
    assert found is not None and found.memory_some_percent == 100.0


@pytest.mark.parametrize("at", [100.0, 99.0, float("nan")])
def test_two_samples_of_one_instant_or_out_of_order_give_no_rates(at: float) -> None:
    assert rates(BEFORE, AFTER._replace(at=at)) is None
    assert rates(BEFORE, AFTER._replace(container_id="other")) is None


def test_figures_of_two_samples_are_rate_fields() -> None:
    assert "cpu_cores" in RATE_FIELDS and "seconds" not in RATE_FIELDS


def sample_below(at: float, throttled: int, path: str = "/shop.slice") -> Sample:
    return Sample(
        "c", at, periods=0, throttled_periods=0, throttling_above=ThrottlingAbove(path, round(at * 10), throttled)
    )


def test_the_cgroup_above_counts_where_it_was_throttled_more() -> None:
    assert throttled_ratio(sample_below(1, 0), sample_below(2, 9)) == 0.9
    assert throttled_ratio(sample_below(1, 0), sample_below(2, 0)) == 0.0
    assert throttled_ratio(sample_below(1, 9), sample_below(2, 0)) == 0.0, "its counters were reset"
    assert throttled_ratio(sample_below(1, 0), sample_below(2, 9, "/b")) == 0.0
    bare = Sample("c", 1.0, throttling_above=ThrottlingAbove("/b", 0, 0))
    assert throttled_ratio(bare, Sample("c", 2.0, throttling_above=ThrottlingAbove("/b", 10, 5))) == 0.5
    assert throttled_ratio(bare, Sample("c", 2.0)) is None
