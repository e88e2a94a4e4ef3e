"""The overview: rows, groups, filters, the cursor's container, and time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from typing import Any

import pytest

from dockpit.metrics.series import KEPT_NAMES, MetricRing
from dockpit.metrics.snapshot import Entry, Snapshot
from dockpit.model.container_limits import Limits
from dockpit.model.engine_info import Link
from dockpit.model.verdicts import MemoryRisk, Throttling
from dockpit.model.view_models import Cell, DetailView, OverviewView, Row
from dockpit.views.overview import SPARE, OverviewOptions, RowCache, overview
from tests.builders import MIB, NOW, alert, entry, event, full_id, snapshot, tape

LIMITED = Limits(nano_cpus=200_000_000, memory_bytes=512 * MIB)


def fleet() -> list[Entry]:
    web = entry(
        "shop-web-1",
        about={"project": "shop"},
        limits=LIMITED,
        throttling=Throttling("high", 99.2, 812.0, NOW - 60),
        alerts=(alert("shop-web-1"),),
        past=tape(cpu_cores=0.2, memory_used_bytes=41.0 * MIB, throttled_ratio=0.99),
    )
    return [
        web,
        entry("shop-db", about={"project": "shop"}, memory=MemoryRisk(cache_heavy=True)),
        entry("worker"),
        entry("apple", about={"project": "Apps"}),
        entry("migrate", about={"state": "exited", "finished_at": NOW - 3 * 3600 - 5}),
    ]


def show(snap: Snapshot, **options: Any) -> OverviewView:
    return overview(snap, OverviewOptions(**options), NOW, UTC)


def keys(view: OverviewView) -> list[str]:
    return [row.key for row in view.table.rows]


def labels(view: OverviewView) -> list[str]:
    return [row.cells[1].text.split("  ")[0] for row in view.table.rows]


def cell(view: OverviewView, key: str, column: str) -> Cell:
    row = next(row for row in view.table.rows if row.key == key)
    return row.cells[[found.id for found in view.table.columns].index(column)]


def test_groups_stand_by_name_and_loose_containers_come_last() -> None:
    view = show(snapshot(fleet()))
    assert labels(view) == ["Apps", "apple", "shop", "db", "web-1", "no project · 2", "migrate", "worker"]
    assert keys(view)[2] == "project:shop"
    assert [row.kind for row in view.table.rows].count("group") == 3
    assert {row.indent for row in view.table.rows if row.kind == "item"} == {1}


def test_a_group_says_its_size_and_its_sums() -> None:
    view = show(snapshot(fleet()))
    assert cell(view, "project:shop", "name").text == "shop  compose · 2"
    assert cell(view, "project:shop", "cpu").text == "0.40"
    assert cell(view, "project:shop", "memory").text == "82M"
    assert cell(view, "project:shop", "throttled").text == ""


def test_a_group_without_figures_sums_to_a_dash() -> None:
    done = entry("a", about={"project": "p", "state": "exited"})
    assert cell(show(snapshot([done])), "project:p", "cpu").text == "–"


def test_a_folded_group_hides_its_containers_but_not_their_alerts() -> None:
    view = show(snapshot(fleet()), folded=frozenset({"project:shop"}))
    group = next(row for row in view.table.rows if row.key == "project:shop")
    assert group.folded
    assert full_id("shop-web-1") not in keys(view)
    assert cell(view, "project:shop", "oom") == Cell("1 alert", "high")
    assert cell(show(snapshot(fleet())), "project:shop", "oom") == Cell()


def test_without_projects_there_are_no_group_rows() -> None:
    assert labels(show(snapshot([entry("b"), entry("a")]))) == ["a", "b"]


def test_flat_shows_whole_names() -> None:
    view = show(snapshot(fleet()), grouped=False)
    assert labels(view) == ["apple", "migrate", "shop-db", "shop-web-1", "worker"]


def test_a_name_that_is_only_the_project_stays_whole() -> None:
    found = [entry("shop", about={"project": "shop"}), entry("shop-", about={"project": "shop"})]
    assert labels(show(snapshot(found)))[1:] == ["shop", "shop-"]


def test_trouble_brings_the_group_with_the_worst_container_to_the_top() -> None:
    assert labels(show(snapshot(fleet()), sort="trouble"))[:2] == ["shop", "web-1"]


def test_a_filter_shows_what_matches_and_says_of_how_many() -> None:
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
    ("snap", "filter", "said"),
    [
        (snapshot(fleet()), "nothing", "no container matches nothing"),
        (snapshot(), "", "this engine has no containers"),
        (snapshot(ready=False), "", "listing containers"),
        (snapshot(ready=False, link=Link("lost")), "", ""),
    ],
)
def test_an_empty_table_says_why(snap: Snapshot, filter: str, said: str) -> None:
    view = show(snap, filter=filter)
    assert view.table.rows == ()
    assert view.table.empty == said


def test_a_stopped_container_says_its_fate_over_the_room_of_its_figures() -> None:
    row = next(row for row in show(snapshot(fleet())).table.rows if row.key == full_id("migrate"))
    assert row.cells[1].text.split() == ["migrate", "exited", "0,", "3", "h", "ago"]
    assert row.cells[1].tone == row.tone == "dim"
    assert all(empty == Cell() for empty in row.cells[2:])


def test_rows_out_of_sight_are_a_sign_and_a_name() -> None:
    view = show(snapshot([entry(f"c{number}") for number in range(5)]), visible=range(1, 2))
    drawn = [sum(found != Cell() for found in row.cells) for row in view.table.rows]
    assert drawn[1] > 8
    assert drawn[0] == drawn[2] == 2


def test_the_cursor_brings_charts_and_events_of_its_container() -> None:
    happened = (event("shop-web-1", "start", 50), event("worker", "die", 20, exitCode="1"))
    view = show(snapshot(fleet(), events=happened), cursor=full_id("shop-web-1"), points=60)
    assert view.detail.title == "shop-web-1"
    assert [chart.title for chart in view.detail.charts] == ["CPU", "MEMORY", "DISK", "NETWORK"]
    assert len(view.detail.charts[0].lines[0].points) == 60
    assert [(line.name, line.text) for line in view.detail.events] == [("", "throttled 99 %"), ("", "started")]


def test_the_cursor_on_a_group_brings_the_events_of_its_containers() -> None:
    happened = (event("shop-db", "start", 50), event("worker", "die", 20, exitCode="1"))
    view = show(snapshot(fleet(), events=happened), cursor="project:shop")
    assert view.detail.title == "shop · 2 containers"
    assert view.detail.charts == ()
    assert [line.name for line in view.detail.events] == ["shop-web-1", "shop-db"]


def test_a_cursor_on_nothing_has_no_detail() -> None:
    view = show(snapshot(fleet()), cursor="gone")
    assert (view.detail.title, view.detail.charts, view.detail.events) == ("", (), ())


def test_paused_the_figures_stand_still_and_the_clock_goes_on() -> None:
    snap = snapshot(fleet())
    later = overview(snap, OverviewOptions(paused=True), NOW + 3600, UTC)
    assert later.table.rows == overview(snap, OverviewOptions(), NOW, UTC).table.rows
    assert later.header[-1].text == "23:13:20"
    assert "paused" in [figure.text for figure in later.header]
    assert later.banner is not None
    assert "22:13:20" in later.banner.text


def test_ascii_leaves_no_sign_of_ours_outside_ascii() -> None:
    happened = (event("shop-web-1", "oom", 20),)
    snap = snapshot(fleet(), events=happened)
    view = show(snap, ascii=True, cursor=full_id("shop-web-1"), folded=frozenset({"project:shop"}))
    texts = [cell.text for row in view.table.rows for cell in row.cells]
    texts += [figure.text for figure in (*view.header, *view.host)]
    texts += [text for chart in view.detail.charts for text in (chart.now_text, chart.limit_text, chart.empty)]
    texts += [mark.sign for chart in view.detail.charts for mark in chart.marks]
    assert all(text.isascii() for text in texts)


def test_two_views_of_one_moment_are_equal_so_that_nothing_is_drawn_twice() -> None:
    gappy = MetricRing(100)
    for second in range(30):
        gappy.append(NOW - 40 + second, [float("nan") if second % 7 == 0 else 0.1] * len(KEPT_NAMES))
    web = replace(fleet()[0], window=gappy.window())
    assert show(snapshot([web]), width=200).table == show(snapshot([web]), width=200).table


def test_a_second_later_a_steady_row_is_the_same() -> None:
    past = tape(cpu_cores=0.2, memory_used_bytes=41.0 * MIB)
    steady = snapshot([entry("a", limits=LIMITED, past=past)])
    at = NOW - NOW % 7.5 + 1
    rows: list[Row] = []
    for now in (at, at + 1):
        view = overview(steady, OverviewOptions(width=120), now, UTC)
        rows += [row for row in view.table.rows if row.kind == "item"]
    assert rows[0] == rows[1]


def test_an_engine_whose_clock_is_off_still_tells_true_ages() -> None:
    ahead = entry("a", sampled={"at": NOW + 500}, about={"started_at": NOW + 500 - 120})
    assert cell(show(snapshot([ahead])), full_id("a"), "uptime").text == "2 min"


def test_hostile_names_go_through_whole_but_never_by_the_megabyte() -> None:
    hostile = "[/]\x1b[31m" + "x" * 1_000_000
    view = show(snapshot([entry(hostile, about={"project": "p" * 1000})]), cursor=full_id(hostile))
    assert max(len(found.text) for row in view.table.rows for found in row.cells) < 300
    assert view.detail.title.startswith("[/]\x1b[31m")


def test_rows_that_stay_the_same_are_kept_and_no_others() -> None:
    made = RowCache()

    def rows(snap: Snapshot, now: float, **options: Any) -> dict[str, Row]:
        table = overview(snap, OverviewOptions(**options), now, UTC, made).table
        assert table == overview(snap, OverviewOptions(**options), now, UTC).table, "kept or made anew, it is the same"
        return {row.key: row for row in table.rows}

    snap = snapshot(fleet())
    near = rows(snap, NOW)
    assert all(row is near[key] for key, row in rows(snap, NOW).items() if row.kind == "item")
    assert all(row is not near[key] for key, row in rows(snap, NOW + 1).items() if row.kind == "item")
    far = rows(snap, NOW + 1, visible=range(0))
    assert all(row is far[key] for key, row in rows(snap, NOW + 2, visible=range(0)).items() if row.kind == "item")
    assert rows(snap, NOW + 2, visible=range(0), grouped=False).keys() < far.keys()
    assert rows(snap, NOW + 2, visible=range(0), columns=("cpu",)) != far
    for number in range(3 * SPARE):
        rows(snapshot([entry(f"n{number}")]), NOW + 3, visible=range(0))
    assert len(made.far) <= SPARE + 3


def test_nothing_is_made_of_what_is_under_the_cursor_where_there_is_no_room_for_it() -> None:
    shown = show(snapshot(fleet()), cursor=full_id("shop-web-1"), detailed=False)
    assert shown.detail == DetailView() and shown.table.rows
