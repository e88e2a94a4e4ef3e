"""`dockpit stats`: when a record is due, and the whole of it on a simulated engine."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest

from dockpit.cli.connection_notices import ConnectionNotices
from dockpit.cli.main import main
from dockpit.cli.record_schedule import FIRST_RATE_SECONDS, RecordSchedule
from dockpit.cli.stats_table import format_table
from dockpit.metrics.metric_record import metric_record
from dockpit.metrics.snapshot import Entry
from dockpit.model.engine_info import Link
from dockpit.model.verdicts import MemoryRisk
from dockpit.simulate.default_scenario import KILLED
from tests.builders import NOW, entry, snapshot


def due_names(
    schedule: RecordSchedule, entries: Iterable[Entry], now: float, unchosen: Iterable[Entry] = ()
) -> list[str]:
    """Names of the containers whose record is due; `unchosen` are containers that exist but are not chosen."""
    chosen = list(entries)
    return [one.container.name for one in schedule.due(chosen, snapshot([*chosen, *unchosen]), now)]


def sampled(name: str, at: float, **fields: Any) -> Entry:
    """A container with a sample taken `at` seconds after NOW."""
    return entry(name, sampled={"at": NOW + at}, **fields)


def unrated(name: str, at: float) -> Entry:
    """A container with one sample and therefore without rates."""
    found = sampled(name, at)
    return Entry(found.container, found.window, found.sample)


def test_each_sample_is_printed_once() -> None:
    schedule = RecordSchedule(1.0, None)
    assert due_names(schedule, [sampled("a", 0.0), sampled("b", 0.1)], 0.0) == ["a", "b"]
    assert due_names(schedule, [sampled("a", 0.0), sampled("b", 0.1)], 0.9) == []
    assert due_names(schedule, [sampled("a", 1.0), sampled("b", 0.1)], 1.1) == ["a"]


def test_samples_within_an_interval_are_skipped() -> None:
    schedule = RecordSchedule(2.0, None)
    printed = [due_names(schedule, [sampled("a", at)], at) for at in (0.0, 1.03, 2.06, 3.09, 4.12)]
    assert printed == [["a"], [], ["a"], [], ["a"]]


def test_the_first_record_waits_for_rates_for_a_limited_time() -> None:
    schedule = RecordSchedule(1.0, None)
    assert due_names(schedule, [unrated("a", 0.0)], 0.0) == []
    assert due_names(schedule, [unrated("a", 0.0)], FIRST_RATE_SECONDS + 0.1) == ["a"]


def test_a_container_without_figures_is_printed_by_the_clock() -> None:
    schedule = RecordSchedule(1.0, None)
    down = entry("a", about={"state": "exited"})
    assert [due_names(schedule, [down], at) for at in (0.0, 0.5, 1.0)] == [["a"], [], ["a"]]
    assert due_names(schedule, [entry("b", stale=True)], 0.0) == ["b"]


def test_a_container_that_stops_is_printed_once_more() -> None:
    schedule = RecordSchedule(1.0, None)
    down = entry("a", about={"state": "exited"})
    assert due_names(schedule, [sampled("a", 0.0)], 0.0) == ["a"]
    assert due_names(schedule, [], 0.5, [down]) == ["a"]
    assert due_names(schedule, [], 1.5, [down]) == []
    assert due_names(schedule, [], 2.5) == []


def test_each_container_is_printed_at_most_samples_times() -> None:
    schedule = RecordSchedule(1.0, 2)
    a, b = sampled("a", 0.0).container.id, sampled("b", 0.0).container.id
    due_names(schedule, [sampled("a", 0.0)], 0.0)
    due_names(schedule, [sampled("a", 1.0), sampled("b", 1.0)], 1.0)
    assert schedule.all_complete([a])
    assert not schedule.all_complete([a, b])
    assert due_names(schedule, [sampled("a", 2.0), sampled("b", 2.0)], 2.0) == ["b"]
    assert schedule.all_complete([a, b])
    assert due_names(schedule, [], 3.0, [entry("a", about={"state": "exited"})]) == []
    assert not RecordSchedule(1.0, None).all_complete([])


def test_the_table_has_all_columns_and_escapes_names() -> None:
    hostile = entry("\x1b[31mred", about={"health": "unhealthy"}, memory=MemoryRisk("high", 240.0, kills=2))
    text = format_table([metric_record(hostile, NOW), metric_record(entry("b", about={"state": "exited"}), NOW)])
    head, first, second = text.splitlines()
    assert head.startswith("CONTAINER    STATE")
    assert first.startswith("\\x1b[31mred  running  0.20")
    assert "high ~4 min 2 kills" in first
    assert first.endswith("unhealthy     1 h")
    assert second.split()[:3] == ["b", "exited", "–"]


def test_a_lost_engine_is_printed_once(capsys: pytest.CaptureFixture[str]) -> None:
    notices = ConnectionNotices()
    lost = snapshot(link=Link("lost", "tcp://a", "it \x1b[1mreset the connection"))
    for now in (snapshot(), lost, lost, snapshot()):
        notices.update(now)
    assert capsys.readouterr().err == (
        "dockpit: the engine at tcp://a is lost: it \\x1b[1mreset the connection; trying again\n"
        "dockpit: ssh://ops@web-07 is back\n"
    )


# on a simulated engine


def test_json_has_a_line_for_each_sample_of_each_container(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["stats", "--demo", "throttled", "--json", "--samples", "2"]) == 0
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert sorted(one["name"] for one in records) == ["idle", "idle", "spin", "spin"]
    spins = [one for one in records if one["name"] == "spin"]
    assert spins[0]["at"] < spins[1]["at"]
    for one in spins:
        assert one["throttled_percent"] > 80
        assert one["cpu_limit_cores"] == 0.2
        assert one["cpu_cores"] == pytest.approx(0.2, rel=0.2)
        assert one["memory_limit_bytes"] == 64 << 20


def test_only_named_containers_are_printed_stopped_or_not(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["stats", "--demo", "incident", "--json", "--samples", "1", "shop/web", KILLED.name]) == 0
    records = {one["name"]: one for one in map(json.loads, capsys.readouterr().out.splitlines())}
    assert sorted(records) == sorted(["shop-web-1", "shop-web-2", KILLED.name])
    assert (records[KILLED.name]["state"], records[KILLED.name]["cpu_cores"]) == ("exited", None)
    assert records["shop-web-1"]["service"] == "web"


def test_a_table_is_printed_as_often_as_asked(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--demo", "throttled", "stats", "--samples", "2", "--interval", "0.5", "spin"]) == 0
    blocks = capsys.readouterr().out.split("\n\n")
    assert len(blocks) == 2
    for block in blocks:
        head, row = block.strip().splitlines()
        assert head.split()[0] == "CONTAINER"
        assert row.split()[:2] == ["spin", "running"]


def test_an_unknown_name_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["stats", "--demo", "throttled", "spinn"]) == 1
    assert capsys.readouterr() == ("", "dockpit: there is no container spinn; did you mean spin?\n")


def test_a_filter_chooses_the_containers(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["stats", "--demo", "throttled", "--json", "--samples", "1", "--filter", "spin"]) == 0
    assert [json.loads(line)["name"] for line in capsys.readouterr().out.splitlines()] == ["spin"]


def test_all_are_printed_once_after_their_first_records() -> None:
    schedule = RecordSchedule(1.0, None)
    first, second = entry("a"), entry("b")
    ids = {first.container.id, second.container.id}
    schedule.due([first], snapshot([first]), NOW)
    assert not schedule.all_printed_once(ids)
    schedule.due([first, second], snapshot([first, second]), NOW)
    assert schedule.all_printed_once(ids)
