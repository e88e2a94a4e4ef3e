"""The overview: rows, filters, the detail under the cursor, and time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from typing import Any

import pytest

from dockpit.metrics.metric_ring import KEPT_NAMES, MetricRing
from dockpit.metrics.snapshot import Snapshot
from dockpit.model.engine_info import Link
from dockpit.model.view_models import Cell, DetailView, Row
from dockpit.views.overview import SPARE_ROWS, OverviewOptions, RowCache, overview
from tests.builders import MIB, NOW, entry, event, full_id, metric_ring, snapshot
from tests.dockpit.views.overview_of_a_fleet import LIMITED, cell, fleet, labels, show


def test_a_filter_shows_what_matches_and_counts_it() -> None:
    view = show(snapshot(fleet()), filter="web")
    assert labels(view) == ["shop", "web-1"]
    assert cell(view, "project:shop", "name").text == "shop  compose · 1 of 2"
    assert ("filter", "web") in [(figure.label, figure.text) for figure in view.header]


def test_a_wrong_filter_is_a_sentence_and_hides_nothing() -> None:
    view = show(snapshot(fleet()), filter="cpu>fast")
    assert view.banner is not None
    assert "number" in view.banner.text
    assert len(view.table.rows) == 8


@pytest.mark.parametrize(
    ("snap", "filter", "text"),
    [
        (snapshot(fleet()), "nothing", "no container matches nothing"),
        (snapshot(), "", "this engine has no containers"),
        (snapshot(ready=False), "", "listing containers"),
        (snapshot(ready=False, link=Link("lost")), "", ""),
    ],
)
def test_an_empty_table_says_why(snap: Snapshot, filter: str, text: str) -> None:
    view = show(snap, filter=filter)
    assert view.table.rows == ()
    assert view.table.empty == text


def test_a_stopped_container_has_its_exit_in_place_of_its_figures() -> None:
    row = next(row for row in show(snapshot(fleet())).table.rows if row.key == full_id("migrate"))
    assert row.cells[1].text.split() == ["migrate", "exited", "0,", "3", "h", "ago"]
    assert row.cells[1].tone == row.tone == "dim"
    assert all(empty == Cell() for empty in row.cells[2:])


def test_rows_off_the_screen_are_a_sign_and_a_name() -> None:
    view = show(snapshot([entry(f"c{number}") for number in range(5)]), visible=range(1, 2))
    drawn = [sum(found != Cell() for found in row.cells) for row in view.table.rows]
    assert drawn[1] > 8
    assert drawn[0] == drawn[2] == 2


def test_the_detail_has_charts_and_events_of_the_container_under_the_cursor() -> None:
    happened = (event("shop-web-1", "start", 50), event("worker", "die", 20, exitCode="1"))
    view = show(snapshot(fleet(), events=happened), cursor=full_id("shop-web-1"), points=60)
    assert view.detail.title == "shop-web-1"
    assert [chart.title for chart in view.detail.charts] == ["CPU", "MEMORY", "DISK", "NETWORK"]
    assert len(view.detail.charts[0].lines[0].points) == 60
    assert [(line.name, line.text) for line in view.detail.events] == [("", "throttled 99 %"), ("", "started")]


def test_the_detail_of_a_group_has_the_events_of_its_containers() -> None:
    happened = (event("shop-db", "start", 50), event("worker", "die", 20, exitCode="1"))
    view = show(snapshot(fleet(), events=happened), cursor="project:shop")
    assert view.detail.title == "shop · 2 containers"
    assert view.detail.charts == ()
    assert [line.name for line in view.detail.events] == ["shop-web-1", "shop-db"]


def test_a_cursor_on_nothing_has_no_detail() -> None:
    view = show(snapshot(fleet()), cursor="gone")
    assert (view.detail.title, view.detail.charts, view.detail.events) == ("", (), ())


def test_a_paused_view_keeps_its_figures_while_the_clock_goes_on() -> None:
    snap = snapshot(fleet())
    later = overview(snap, OverviewOptions(paused=True), NOW + 3600, UTC)
    assert later.table.rows == overview(snap, OverviewOptions(), NOW, UTC).table.rows
    assert later.header[-1].text == "23:13:20"
    assert "paused" in [figure.text for figure in later.header]
    assert later.banner is not None
    assert "22:13:20" in later.banner.text


def test_in_ascii_mode_every_text_of_dockpit_is_ascii() -> None:
    happened = (event("shop-web-1", "oom", 20),)
    snap = snapshot(fleet(), events=happened)
    view = show(snap, ascii=True, cursor=full_id("shop-web-1"), folded=frozenset({"project:shop"}))
    texts = [cell.text for row in view.table.rows for cell in row.cells]
    texts += [figure.text for figure in (*view.header, *view.host)]
    texts += [text for chart in view.detail.charts for text in (chart.now_text, chart.limit_text, chart.empty)]
    texts += [mark.sign for chart in view.detail.charts for mark in chart.marks]
    assert all(text.isascii() for text in texts)


def test_two_views_of_the_same_data_are_equal_so_that_nothing_is_drawn_twice() -> None:
    gappy = MetricRing(100)
    for second in range(30):
        gappy.append(NOW - 40 + second, [float("nan") if second % 7 == 0 else 0.1] * len(KEPT_NAMES))
    web = replace(fleet()[0], window=gappy.window())
    assert show(snapshot([web]), width=200).table == show(snapshot([web]), width=200).table


def test_a_steady_row_is_equal_a_second_later() -> None:
    past = metric_ring(cpu_cores=0.2, memory_used_bytes=41.0 * MIB)
    steady = snapshot([entry("a", limits=LIMITED, past=past)])
    at = NOW - NOW % 7.5 + 1
    rows: list[Row] = []
    for now in (at, at + 1):
        view = overview(steady, OverviewOptions(width=120), now, UTC)
        rows += [row for row in view.table.rows if row.kind == "item"]
    assert rows[0] == rows[1]


def test_ages_are_right_when_the_clock_of_the_engine_is_off() -> None:
    ahead = entry("a", sampled={"at": NOW + 500}, about={"started_at": NOW + 500 - 120})
    assert cell(show(snapshot([ahead])), full_id("a"), "uptime").text == "2 min"


def test_hostile_names_are_kept_but_cut() -> None:
    hostile = "[/]\x1b[31m" + "x" * 1_000_000
    view = show(snapshot([entry(hostile, about={"project": "p" * 1000})]), cursor=full_id(hostile))
    assert max(len(found.text) for row in view.table.rows for found in row.cells) < 300
    assert view.detail.title.startswith("[/]\x1b[31m")


def test_the_row_cache_keeps_rows_that_are_the_same_and_no_others() -> None:
    cache = RowCache()

    def rows(snap: Snapshot, now: float, **options: Any) -> dict[str, Row]:
        table = overview(snap, OverviewOptions(**options), now, UTC, cache).table
        assert table == overview(snap, OverviewOptions(**options), now, UTC).table, "a kept row equals a new one"
        return {row.key: row for row in table.rows}

    snap = snapshot(fleet())
    visible = rows(snap, NOW)
    assert all(row is visible[key] for key, row in rows(snap, NOW).items() if row.kind == "item")
    assert all(row is not visible[key] for key, row in rows(snap, NOW + 1).items() if row.kind == "item")
    hidden = rows(snap, NOW + 1, visible=range(0))
    assert all(row is hidden[key] for key, row in rows(snap, NOW + 2, visible=range(0)).items() if row.kind == "item")
    assert rows(snap, NOW + 2, visible=range(0), grouped=False).keys() < hidden.keys()
    assert rows(snap, NOW + 2, visible=range(0), columns=("cpu",)) != hidden
    for number in range(3 * SPARE_ROWS):
        rows(snapshot([entry(f"n{number}")]), NOW + 3, visible=range(0))
    assert len(cache.hidden) <= SPARE_ROWS + 3


def test_there_is_no_detail_where_there_is_no_room_for_it() -> None:
    shown = show(snapshot(fleet()), cursor=full_id("shop-web-1"), detailed=False)
    assert shown.detail == DetailView() and shown.table.rows
