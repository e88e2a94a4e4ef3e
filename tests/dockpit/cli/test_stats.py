"""`dockpit stats`: when a record is due, and the whole of it on a simulated engine."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest

from dockpit.cli.main import main
from dockpit.cli.stats import PATIENCE_SECONDS, RecordSchedule, _Link, table
from dockpit.metrics.metric_record import metric_record
from dockpit.metrics.snapshot import Entry
from dockpit.model.engine_info import Link
from dockpit.model.verdicts import MemoryRisk
from dockpit.simulate.default_scenario import KILLED
from tests.builders import NOW, entry, snapshot


def names(pace: RecordSchedule, entries: Iterable[Entry], now: float, rest: Iterable[Entry] = ()) -> list[str]:
    """Whose record is due; `rest` are containers there are, but that are not chosen."""
    chosen = list(entries)
    return [one.container.name for one in pace.due(chosen, snapshot([*chosen, *rest]), now)]


def sampled(name: str, at: float, **fields: Any) -> Entry:
    """A container with a sample of `at` seconds from now."""
    return entry(name, sampled={"at": NOW + at}, **fields)


def unrated(name: str, at: float) -> Entry:
    """A container with one sample, and so without rates."""
    found = sampled(name, at)
    return Entry(found.container, found.window, found.sample)


def test_each_sample_is_printed_once() -> None:
    pace = RecordSchedule(1.0, None)
    assert names(pace, [sampled("a", 0.0), sampled("b", 0.1)], 0.0) == ["a", "b"]
    assert names(pace, [sampled("a", 0.0), sampled("b", 0.1)], 0.9) == []
    assert names(pace, [sampled("a", 1.0), sampled("b", 0.1)], 1.1) == ["a"]


def test_samples_between_two_intervals_are_left_out() -> None:
    pace = RecordSchedule(2.0, None)
    printed = [names(pace, [sampled("a", at)], at) for at in (0.0, 1.03, 2.06, 3.09, 4.12)]
    assert printed == [["a"], [], ["a"], [], ["a"]]


def test_a_record_waits_for_rates_but_not_for_ever() -> None:
    pace = RecordSchedule(1.0, None)
    assert names(pace, [unrated("a", 0.0)], 0.0) == []
    assert names(pace, [unrated("a", 0.0)], PATIENCE_SECONDS + 0.1) == ["a"]


def test_a_container_without_figures_is_printed_by_the_clock() -> None:
    pace = RecordSchedule(1.0, None)
    down = entry("a", about={"state": "exited"})
    assert [names(pace, [down], at) for at in (0.0, 0.5, 1.0)] == [["a"], [], ["a"]]
    assert names(pace, [entry("b", stale=True)], 0.0) == ["b"]


def test_a_container_that_stops_is_printed_once_more() -> None:
    pace = RecordSchedule(1.0, None)
    down = entry("a", about={"state": "exited"})
    assert names(pace, [sampled("a", 0.0)], 0.0) == ["a"]
    assert names(pace, [], 0.5, [down]) == ["a"]
    assert names(pace, [], 1.5, [down]) == []
    assert names(pace, [], 2.5) == []


def test_enough_is_enough_for_each() -> None:
    pace = RecordSchedule(1.0, 2)
    a, b = sampled("a", 0.0).container.id, sampled("b", 0.0).container.id
    names(pace, [sampled("a", 0.0)], 0.0)
    names(pace, [sampled("a", 1.0), sampled("b", 1.0)], 1.0)
    assert pace.done([a])
    assert not pace.done([a, b])
    assert names(pace, [sampled("a", 2.0), sampled("b", 2.0)], 2.0) == ["b"]
    assert pace.done([a, b])
    assert names(pace, [], 3.0, [entry("a", about={"state": "exited"})]) == []
    assert not RecordSchedule(1.0, None).done([])


def test_a_table_says_everything_in_words_and_figures() -> None:
    hostile = entry("\x1b[31mred", about={"health": "unhealthy"}, memory=MemoryRisk("high", 240.0, kills=2))
    text = table([metric_record(hostile, NOW), metric_record(entry("b", about={"state": "exited"}), NOW)])
    head, first, second = text.splitlines()
    assert head.startswith("CONTAINER    STATE")
    assert first.startswith("\\x1b[31mred  running  0.20")
    assert "high ~4 min 2 kills" in first
    assert first.endswith("unhealthy     1 h")
    assert second.split()[:3] == ["b", "exited", "–"]


def test_a_lost_engine_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    link = _Link()
    lost = snapshot(link=Link("lost", "tcp://a", "it \x1b[1mreset the connection"))
    for now in (snapshot(), lost, lost, snapshot()):
        link.tell(now)
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


def test_only_what_is_named_is_printed_stopped_or_not(capsys: pytest.CaptureFixture[str]) -> None:
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


def test_a_name_that_is_none_is_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["stats", "--demo", "throttled", "spinn"]) == 1
    assert capsys.readouterr() == ("", "dockpit: there is no container spinn; did you mean spin?\n")


def test_a_filter_chooses_the_containers(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["stats", "--demo", "throttled", "--json", "--samples", "1", "--filter", "spin"]) == 0
    assert [json.loads(line)["name"] for line in capsys.readouterr().out.splitlines()] == ["spin"]


def test_it_has_begun_when_each_was_printed_once() -> None:
    pace = RecordSchedule(1.0, None)
    first, second = entry("a"), entry("b")
    ids = {first.container.id, second.container.id}
    pace.due([first], snapshot([first]), NOW)
    assert not pace.begun(ids)
    pace.due([first, second], snapshot([first, second]), NOW)
    assert pace.begun(ids)
