"""JSON lines, frames and log lines are decoded whatever the chunks, and every piece is bounded."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dockpit.engine.stream_decoding import (
    MAX_JSON_LINE_BYTES,
    MAX_LOG_LINE_BYTES,
    LogDemultiplexer,
    LogLineAssembler,
    StreamName,
    decode_json_lines,
)


async def chunked(data: bytes, size: int) -> AsyncIterator[bytes]:
    for at in range(0, len(data), size):
        yield data[at : at + size]


async def collect(data: bytes, size: int) -> list[dict[str, Any]]:
    return [found async for found in decode_json_lines(chunked(data, size))]


async def test_objects_survive_any_chunking() -> None:
    data = b'{"a": 1}\n\x1e{"b": 2}\r\n[1]\nnonsense\n\n{"c": "last"}'
    for size in (1, 3, 7, 1000):
        assert await collect(data, size) == [{"a": 1}, {"b": 2}, {"c": "last"}]


async def test_a_line_that_is_too_long_is_dropped_and_the_next_one_read() -> None:
    data = b'{"x": "' + b"y" * (MAX_JSON_LINE_BYTES + 200_000) + b'"}\n{"ok": true}\n'
    assert await collect(data, 65536) == [{"ok": True}]


async def test_deep_nesting_does_not_raise() -> None:
    assert await collect(b"[" * 200_000 + b'\n{"ok": 1}\n', 65536) == [{"ok": 1}]


def frame(stream: int, data: bytes) -> bytes:
    return bytes([stream, 0, 0, 0]) + len(data).to_bytes(4, "big") + data


@given(st.lists(st.tuples(st.sampled_from([1, 2]), st.binary(max_size=40)), max_size=8), st.integers(1, 20))
def test_frames_survive_any_chunking(pieces: list[tuple[int, bytes]], size: int) -> None:
    data = b"".join(frame(stream, data) for stream, data in pieces)
    frames = LogDemultiplexer(tty=False)
    found = [item for at in range(0, len(data), size) for item in frames.feed(data[at : at + size])]
    for number, name in ((1, "stdout"), (2, "stderr")):
        sent = b"".join(data for stream, data in pieces if stream == number)
        assert b"".join(data for stream, data in found if stream == name) == sent


def test_a_tty_has_no_frames() -> None:
    assert LogDemultiplexer(tty=True).feed(b"\x01plain") == [("stdout", b"\x01plain")]


def lines(chunks: list[bytes], timestamps: bool = False, stream: StreamName = "stdout") -> list[tuple[float, str]]:
    assembler = LogLineAssembler(timestamps)
    return [(line.at, line.text) for chunk in chunks for line in assembler.feed(stream, chunk)]


def test_log_lines_carry_their_time() -> None:
    stamped = json.dumps("2026-11-23T19:00:00.5Z").strip('"').encode()
    found = lines([stamped + b" hello wor", b"ld\r\nno time here\n"], timestamps=True)
    assert found[0][1] == "hello world" and found[0][0] % 1 == 0.5
    assert found[1] == (0.0, "no time here")


def test_a_line_of_a_megabyte_is_cut_with_a_note() -> None:
    ((_, text),) = lines([b"x" * 1_000_000, b"y\n"])
    assert len(text) < MAX_LOG_LINE_BYTES + 40
    assert text.endswith(f"… +{1_000_001 - MAX_LOG_LINE_BYTES} bytes")


def test_broken_utf8_is_replaced_not_raised() -> None:
    assert lines([b"\xff\xfe caf\xc3\xa9\n"]) == [(0.0, "�� café")]


def test_a_frame_of_four_gigabytes_is_not_buffered() -> None:
    frames = LogDemultiplexer(tty=False)
    head = bytes([2, 0, 0, 0]) + (2**32 - 1).to_bytes(4, "big")
    assert frames.feed(head[:5]) == [] and frames.feed(head[5:]) == []
    assert frames.feed(b"y" * 70_000) == [("stderr", b"y" * 70_000)], "its parts are passed on as they arrive"


def test_a_log_that_ends_without_a_newline_is_complete() -> None:
    assembler = LogLineAssembler(timestamps=False)
    assert [line.text for line in assembler.feed("stdout", b"one\ntwo")] == ["one"]
    assembler.feed("stderr", b"oops")
    assert {(line.stream, line.text) for line in assembler.flush()} == {("stdout", "two"), ("stderr", "oops")}
    assert assembler.flush() == []
