"""Sorting by every figure: rows change places only for differences that matter."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from dockpit.metrics.compiled_columns import COLUMN_FIGURES
from dockpit.metrics.snapshot import Entry
from dockpit.metrics.sorting import TROUBLE, entry_alert_level, sort_entries
from dockpit.model.container_limits import Limits
from dockpit.model.verdicts import MemoryRisk, Throttling
from tests.builders import MIB, NOW, alert, entry

LIMITED = Limits(nano_cpus=1_000_000_000, memory_bytes=512 * MIB)


def names(entries: Iterable[Entry]) -> list[str]:
    return [found.container.name for found in entries]


def test_numbers_in_names_sort_by_value() -> None:
    found = [entry("web-10"), entry("Web-2"), entry("db"), entry("web-02a")]
    assert names(sort_entries(found, "name", False)) == ["db", "Web-2", "web-02a", "web-10"]


def test_a_number_of_thousands_of_digits_in_a_name_is_sorted_too() -> None:
    found = [entry("a" + "9" * 6000), entry("a1")]
    assert names(sort_entries(found, "name", False))[0] == "a1"


@pytest.mark.parametrize("descending", [False, True])
def test_containers_without_the_figure_come_last_in_both_directions(descending: bool) -> None:
    found = [entry("done", about={"state": "exited"}), entry("low"), entry("old", stale=True)]
    found.append(entry("high", rated={"cpu_cores": 3.0}))
    middle = ["high", "low"] if descending else ["low", "high"]
    assert names(sort_entries(found, "cpu", descending)) == [*middle, "done", "old"]


@pytest.mark.parametrize("descending", [False, True])
def test_noise_does_not_swap_neighbours(descending: bool) -> None:
    for first, second in ((0.201, 0.219), (0.219, 0.201)):
        found = [entry("a", rated={"cpu_cores": first}), entry("b", rated={"cpu_cores": second})]
        assert names(sort_entries(found, "cpu", descending)) == ["a", "b"]


def test_memory_is_compared_in_steps_of_its_own_size() -> None:
    near = [entry("a", sampled={"memory_used_bytes": 100 * MIB}), entry("b", sampled={"memory_used_bytes": 101 * MIB})]
    far = [entry("a", sampled={"memory_used_bytes": 100 * MIB}), entry("b", sampled={"memory_used_bytes": 120 * MIB})]
    assert names(sort_entries(near, "memory", True)) == ["a", "b"]
    assert names(sort_entries(far, "memory", True)) == ["b", "a"]


def test_trouble_puts_the_worst_first_whatever_the_direction() -> None:
    found = [
        entry("fine"),
        entry("cached", limits=LIMITED, sampled={"memory_used_bytes": 511 * MIB}, memory=MemoryRisk(cache_heavy=True)),
        entry("full", limits=LIMITED, sampled={"memory_used_bytes": 400 * MIB}),
        entry("slow", limits=LIMITED, throttling=Throttling("ok", 4.0)),
        entry("watched", alerts=(alert("watched", level="watch"),)),
        entry("killed", alerts=(alert("killed", "oom", "critical"),)),
        entry("done", about={"state": "exited"}),
    ]
    wanted = ["killed", "watched", "slow", "full", "fine", "cached", "done"]
    for descending in (False, True):
        assert names(sort_entries(found, TROUBLE, descending)) == wanted


def test_the_oom_sort_compares_risk_then_time_left_then_kills() -> None:
    found = [
        entry("none"),
        entry("cache", memory=MemoryRisk(cache_heavy=True)),
        entry("kills", memory=MemoryRisk(kills=2)),
        entry("later", memory=MemoryRisk("high", 3600.0)),
        entry("soon", memory=MemoryRisk("high", 60.0)),
        entry("now", memory=MemoryRisk("imminent")),
    ]
    assert names(sort_entries(found, "oom", True)) == ["now", "soon", "later", "kills", "cache", "none"]


def test_uptime_sorts_the_oldest_as_the_greatest() -> None:
    found = [entry("new", about={"started_at": NOW - 5}), entry("old"), entry("never", about={"started_at": 0.0})]
    assert names(sort_entries(found, "uptime", True)) == ["old", "new", "never"]


def test_an_unknown_figure_sorts_by_name() -> None:
    assert names(sort_entries([entry("b"), entry("a")], "no-such", False)) == ["a", "b"]


@pytest.mark.parametrize("sort", sorted(COLUMN_FIGURES))
@pytest.mark.parametrize("descending", [False, True])
def test_every_figure_sorts_and_loses_nothing(sort: str, descending: bool) -> None:
    found = [
        entry("a", limits=LIMITED, throttling=Throttling("high", 90.0, 800.0), about={"health": "healthy"}),
        entry("b", about={"state": "exited", "image": "x:1", "ports": ("80/tcp",)}),
        entry("c", about={"project": "p", "service": "s"}, stale=True),
        entry("d", rated={"cpu_cores": None, "net_rx_bytes_per_s": 1.5}, sampled={"memory_unreclaimable_bytes": 0}),
    ]
    assert sorted(names(sort_entries(found, sort, descending))) == ["a", "b", "c", "d"]


def test_the_worst_level_of_a_container_is_that_of_its_alerts() -> None:
    assert entry_alert_level(entry("a")) == "ok"
    both = (alert("a", level="watch"), alert("a", "oom", "critical"))
    assert entry_alert_level(entry("a", alerts=both)) == "critical"
