"""The catalogue, and which of it fits a terminal."""

from __future__ import annotations

import pytest

from dockpit.metrics import catalogue
from dockpit.model.container_limits import Limits
from dockpit.model.verdicts import Throttling
from tests.builders import MIB, entry


def ids(width: int, wanted: tuple[str, ...] = catalogue.DEFAULT_COLUMNS) -> list[str]:
    return [column.id for column in catalogue.columns(wanted, width)]


def test_80_cells_show_what_decides() -> None:
    found = ["state", "name", "cpu", "cpu_limit", "throttled", "memory", "memory_limit", "oom"]
    assert ids(80) == found


def test_120_cells_show_the_past_and_the_rates() -> None:
    added = {"cpu_spark", "memory_spark", "net", "disk"}
    assert set(ids(120)) == set(ids(80)) | added


def test_200_cells_show_every_default_figure() -> None:
    assert ids(200) == list(catalogue.DEFAULT_COLUMNS)


@pytest.mark.parametrize("width", range(20, 240, 7))
def test_what_is_chosen_fits(width: int) -> None:
    columns = catalogue.columns(catalogue.DEFAULT_COLUMNS, width)
    needed = sum(column.width for column in columns) + catalogue.GAP * (len(columns) - 1) + 2 * catalogue.MARGIN
    assert needed <= width or len(columns) == 2


def test_a_column_that_fits_stays_when_there_is_more_room() -> None:
    seen: set[str] = set()
    for width in range(20, 240):
        now = set(ids(width))
        if seen - now:
            assert width in (140, 180), "columns may only go where the pictures widen"
        seen = now


def test_the_user_chooses_columns_and_their_order() -> None:
    assert ids(0, ("image", "cpu", "no-such", "cpu")) == ["state", "name", "image", "cpu"]


def test_the_name_takes_the_room_that_is_left() -> None:
    assert [column.id for column in catalogue.columns(catalogue.DEFAULT_COLUMNS, 200) if column.stretch] == ["name"]


@pytest.mark.parametrize("metric", catalogue.CATALOGUE, ids=lambda metric: metric.id)
def test_every_figure_says_what_it_is(metric: catalogue.Metric) -> None:
    assert metric.help
    assert len(metric.title) <= metric.width
    assert metric.column().help == metric.help


def test_a_container_that_is_not_live_has_no_figures() -> None:
    done = entry("done", about={"state": "exited"})
    for read in (
        catalogue.cpu_cores,
        catalogue.cpu_of_limit,
        catalogue.memory_used,
        catalogue.memory_of_limit,
        catalogue.throttled_percent,
        catalogue.throttled_ms,
        catalogue.unreclaimable,
        catalogue.pids,
    ):
        assert read(done) is None
    assert catalogue.net_rates(done) == catalogue.disk_rates(done) == (None, None)


def test_what_has_no_cpu_limit_cannot_be_throttled() -> None:
    loose = entry("a", throttling=Throttling("ok", 0.0, 0.0))
    held = entry("a", limits=Limits(nano_cpus=10**9), throttling=Throttling("ok", 0.0, 0.0))
    assert (catalogue.throttled_percent(loose), catalogue.throttled_ms(loose)) == (None, None)
    assert (catalogue.throttled_percent(held), catalogue.throttled_ms(held)) == (0.0, 0.0)


def test_figures_are_those_of_the_newest_sample() -> None:
    found = entry("a", limits=Limits(memory_bytes=100 * MIB), sampled={"memory_unreclaimable_bytes": 5})
    values = {metric.id: metric.value(found) for metric in catalogue.CATALOGUE}
    assert values["memory_limit"] == 41.0
    assert values["unreclaimable"] == 5
    assert values["pids"] == 7
    assert values["id"] == found.container.short_id
