"""When the next record of a container is due."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from dockpit.cli.record_schedule import FIRST_RATE_SECONDS, RecordSchedule
from dockpit.metrics.snapshot import Entry
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


def test_all_are_printed_once_after_their_first_records() -> None:
    schedule = RecordSchedule(1.0, None)
    first, second = entry("a"), entry("b")
    ids = {first.container.id, second.container.id}
    schedule.due([first], snapshot([first]), NOW)
    assert not schedule.all_printed_once(ids)
    schedule.due([first, second], snapshot([first, second]), NOW)
    assert schedule.all_printed_once(ids)
