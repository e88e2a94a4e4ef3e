"""Decoders of endless answers: JSON lines, and log output, with a bound on every piece.

docker's multiplexed stream, without a TTY:      | stream (1, 2) | 0 0 0 | length, 4 bytes, big-endian | data ... |
with a TTY: plain bytes, all of them stdout

bytes -> demultiplexed: (stream, bytes) -> assembled: whole lines, each with its timestamp
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any, Literal

from dockpit.engine.json_values import as_epoch_seconds
from dockpit.model.container import LogLine

MAX_JSON_LINE_BYTES = 1 << 20
"""A longer JSON line does not come from an engine and is dropped."""

MAX_LOG_LINE_BYTES = 64 * 1024
"""A longer log line is cut here, with a note of how many bytes are missing."""

FRAME_HEADER_BYTES = 8
STDERR_NUMBER = 2


async def decode_json_lines(chunks: AsyncIterator[bytes]) -> AsyncIterator[dict[str, Any]]:
    """The JSON objects of a stream, separated by newlines or record separators; anything else is skipped."""
    line = bytearray()
    too_long = False
    async for chunk in chunks:
        *completed, partial = chunk.split(b"\n")
        for part in completed:
            line += part
            if not too_long and (decoded := _decode_object(line)) is not None:
                yield decoded
            line.clear()
            too_long = False
        line += partial
        if len(line) > MAX_JSON_LINE_BYTES:
            line.clear()
            too_long = True
    if not too_long and (decoded := _decode_object(line)) is not None:
        yield decoded


def _decode_object(line: bytearray) -> dict[str, Any] | None:
    try:
        decoded = json.loads(line.strip(b"\x1e \r\n\t"))
    except (ValueError, RecursionError):
        return None
    return decoded if isinstance(decoded, dict) else None


StreamName = Literal["stdout", "stderr"]


class LogDemultiplexer:
    """Splits the bytes of GET logs into (stream, bytes); nothing but a partial header is kept between calls."""

    def __init__(self, tty: bool) -> None:
        self._tty = tty
        self._header = b""
        self._stream: StreamName = "stdout"
        self._missing_bytes = 0
        """Bytes of the current frame that have not arrived yet."""

    def feed(self, data: bytes) -> list[tuple[StreamName, bytes]]:
        """The (stream, bytes) in `data`; a frame that is only partly in it gives that part."""
        if self._tty:
            return [("stdout", data)]
        parts: list[tuple[StreamName, bytes]] = []
        at = 0
        while at < len(data):
            if self._missing_bytes:
                part = data[at : at + self._missing_bytes]
                parts.append((self._stream, part))
                self._missing_bytes -= len(part)
                at += len(part)
                continue
            missing = FRAME_HEADER_BYTES - len(self._header)
            self._header += data[at : at + missing]
            at += missing
            if len(self._header) == FRAME_HEADER_BYTES:
                self._stream = "stderr" if self._header[0] == STDERR_NUMBER else "stdout"
                self._missing_bytes = int.from_bytes(self._header[4:], "big")
                self._header = b""
        return parts


class LogLineAssembler:
    """Joins (stream, bytes) into whole lines with the engine's timestamp split off; over-long lines are cut."""

    def __init__(self, timestamps: bool) -> None:
        self._timestamps = timestamps
        self._partial: dict[StreamName, bytearray] = {"stdout": bytearray(), "stderr": bytearray()}
        self._cut_bytes: dict[StreamName, int] = {"stdout": 0, "stderr": 0}

    def feed(self, stream: StreamName, data: bytes) -> list[LogLine]:
        """The lines that `data` completes."""
        *completed, partial = data.split(b"\n")
        lines = []
        for part in completed:
            self._append(stream, part)
            lines.append(self._take_line(stream))
        self._append(stream, partial)
        return lines

    def flush(self) -> list[LogLine]:
        """The last lines of a log that ended without a newline."""
        return [self._take_line(stream) for stream, partial in self._partial.items() if partial]

    def _append(self, stream: StreamName, data: bytes) -> None:
        free_bytes = MAX_LOG_LINE_BYTES - len(self._partial[stream])
        self._partial[stream] += data[:free_bytes]
        self._cut_bytes[stream] += max(0, len(data) - free_bytes)

    def _take_line(self, stream: StreamName) -> LogLine:
        text = self._partial[stream].decode("utf-8", "replace").removesuffix("\r")
        cut_bytes = self._cut_bytes[stream]
        self._partial[stream].clear()
        self._cut_bytes[stream] = 0
        at = 0.0
        if self._timestamps and " " in text[:40]:
            stamp, _, remainder = text.partition(" ")
            at = as_epoch_seconds(stamp)
            text = remainder if at else text
        return LogLine(stream, f"{text} … +{cut_bytes} bytes" if cut_bytes else text, at)
