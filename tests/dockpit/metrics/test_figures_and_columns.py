"""The figures of the table: declared once, read from an entry."""

from __future__ import annotations

import pytest

from dockpit.metrics.compiled_columns import COLUMN_FIGURES, ColumnFigure
from dockpit.metrics.figure_declaration import Gauge
from dockpit.metrics.figure_values import FIGURE_VALUES, disk_rates, net_rates
from dockpit.metrics.figures_and_columns import FIGURES
from dockpit.metrics.samples import RATE_FIELDS
from dockpit.model.container_limits import Limits
from dockpit.model.verdicts import Throttling
from tests.builders import MIB, entry


@pytest.mark.parametrize("figure", COLUMN_FIGURES.values(), ids=lambda figure: figure.id)
def test_every_figure_has_a_help_text_and_a_title_that_fits(figure: ColumnFigure) -> None:
    assert figure.help
    assert len(figure.title) <= figure.column.width


def test_names_keys_columns_and_filter_words_are_declared_once() -> None:
    for declared in (
        [figure.name for figure in FIGURES],
        [figure.json for figure in FIGURES if figure.json],
        [column.id for figure in FIGURES for column in figure.columns],
        [word for f in FIGURES if f.filter for word in (f.filter.word, *f.filter.aliases)],
    ):
        assert len(declared) == len(set(declared))


def test_figures_in_the_history_are_gauges_or_rates() -> None:
    for figure in FIGURES:
        assert not figure.kept or isinstance(figure.source, Gauge) or figure.name in RATE_FIELDS


def test_a_container_that_is_not_live_has_no_figures() -> None:
    done = entry("done", about={"state": "exited"})
    for name in (*RATE_FIELDS, "cpu_of_limit_percent", "memory_of_limit_percent", "throttled_percent", "pids"):
        assert FIGURE_VALUES[name](done) is None
    for name in ("window_throttled_ms_per_s", "memory_used_bytes", "memory_unreclaimable_bytes"):
        assert FIGURE_VALUES[name](done) is None
    assert net_rates(done) == disk_rates(done) == (None, None)


def test_a_container_without_a_cpu_limit_is_not_throttled() -> None:
    loose = entry("a", throttling=Throttling("ok", 0.0, 0.0))
    held = entry("a", limits=Limits(nano_cpus=10**9), throttling=Throttling("ok", 0.0, 0.0))
    assert (loose.throttled_percent, loose.throttled_ms_per_s) == (None, None)
    assert (held.throttled_percent, held.throttled_ms_per_s) == (0.0, 0.0)


def test_values_come_from_the_newest_sample() -> None:
    found = entry("a", limits=Limits(memory_bytes=100 * MIB), sampled={"memory_unreclaimable_bytes": 5})
    values = {figure.id: figure.value(found) for figure in COLUMN_FIGURES.values()}
    assert values["memory_limit"] == 41.0
    assert values["unreclaimable"] == 5
    assert values["pids"] == 7
    assert values["id"] == found.container.short_id
