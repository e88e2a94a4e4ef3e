"""The log buffer counts dropped lines, and its filter follows appended and dropped ones."""

from __future__ import annotations

from dockpit.model.container import LogLine
from widgets.logs.log_buffer import LogBuffer


def log_lines(*texts: str) -> list[LogLine]:
    return [LogLine("stdout", text) for text in texts]


def test_the_oldest_lines_are_dropped_and_counted() -> None:
    buffer = LogBuffer(3)
    assert buffer.append(log_lines("a", "b")) == 0
    assert buffer.append(log_lines("c", "d", "e")) == 2
    assert (len(buffer), buffer.dropped, list(buffer.numbers)) == (3, 2, [2, 3, 4])
    assert buffer.line(2).text == "c" and buffer.row(3) == 1


def test_a_batch_larger_than_the_buffer_leaves_its_end() -> None:
    buffer = LogBuffer(2)
    buffer.append(log_lines("a"))
    assert buffer.append(log_lines(*"bcdefg")) == 1
    assert [buffer.line(number).text for number in buffer.numbers] == ["f", "g"]
    assert buffer.dropped == 5


def test_a_filter_follows_appended_and_dropped_lines() -> None:
    buffer = LogBuffer(4)
    buffer.append(log_lines("keep 0", "drop", "keep 2"))
    buffer.filter("^keep")
    assert list(buffer.numbers) == [0, 2]
    assert buffer.append(log_lines("keep 3", "drop")) == 1
    assert list(buffer.numbers) == [2, 3] and buffer.row(1) == 0
    buffer.filter("")
    assert list(buffer.numbers) == [1, 2, 3, 4]


def test_clear_restarts_the_numbers_at_zero() -> None:
    buffer = LogBuffer(2)
    buffer.append(log_lines("abc", "b", "c"))
    buffer.clear()
    assert (len(buffer), buffer.dropped, buffer.longest, list(buffer.numbers)) == (0, 0, 0, [])
