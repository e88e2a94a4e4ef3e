"""The ring counts what it forgets, and a filter keeps in step with it."""

from __future__ import annotations

from dockpit.model.container import LogLine
from widgets.logs.log_buffer import LogBuffer


def printed(*texts: str) -> list[LogLine]:
    return [LogLine("stdout", text) for text in texts]


def test_the_oldest_go_and_are_counted() -> None:
    ring = LogBuffer(3)
    assert ring.append(printed("a", "b")) == 0
    assert ring.append(printed("c", "d", "e")) == 2
    assert (len(ring), ring.dropped, list(ring.numbers)) == (3, 2, [2, 3, 4])
    assert ring.line(2).text == "c" and ring.row(3) == 1


def test_a_batch_bigger_than_the_ring_leaves_its_end() -> None:
    ring = LogBuffer(2)
    ring.append(printed("a"))
    assert ring.append(printed(*"bcdefg")) == 1
    assert [ring.line(number).text for number in ring.numbers] == ["f", "g"]
    assert ring.dropped == 5


def test_a_filter_follows_what_comes_and_goes() -> None:
    ring = LogBuffer(4)
    ring.append(printed("keep 0", "drop", "keep 2"))
    ring.filter("^keep")
    assert list(ring.numbers) == [0, 2]
    assert ring.append(printed("keep 3", "drop")) == 1
    assert list(ring.numbers) == [2, 3] and ring.row(1) == 0
    ring.filter("")
    assert list(ring.numbers) == [1, 2, 3, 4]


def test_clear_counts_from_zero() -> None:
    ring = LogBuffer(2)
    ring.append(printed("abc", "b", "c"))
    ring.clear()
    assert (len(ring), ring.dropped, ring.longest, list(ring.numbers)) == (0, 0, 0, [])
