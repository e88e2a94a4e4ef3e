"""Endless answers cut into pieces: JSON lines and multiplexed log frames, with a bound on every piece."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any, Literal

from dockpit.engine.wire import seconds
from dockpit.model.container import LogLine

MAX_LINE = 1 << 20
"""A longer JSON line is not one of ours and is dropped."""

MAX_LOG_LINE = 64 * 1024
"""A log line is cut here; what follows up to its end is counted and said."""


async def json_lines(chunks: AsyncIterator[bytes]) -> AsyncIterator[dict[str, Any]]:
    """JSON objects of a stream, one a line (or record separated); what is not an object is skipped."""
    rest = bytearray()
    dropping = False
    async for chunk in chunks:
        *lines, tail = chunk.split(b"\n")
        for line in lines:
            rest += line
            if not dropping and (found := _object(rest)) is not None:
                yield found
            rest.clear()
            dropping = False
        rest += tail
        if len(rest) > MAX_LINE:
            rest.clear()
            dropping = True
    if not dropping and (found := _object(rest)) is not None:
        yield found


def _object(line: bytearray) -> dict[str, Any] | None:
    try:
        found = json.loads(line.strip(b"\x1e \r\n\t"))
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


StreamName = Literal["stdout", "stderr"]


class Frames:
    """Bytes of GET logs -> (stream, bytes): 8-byte headers without a TTY, plain bytes with one; keeps none of them."""

    def __init__(self, tty: bool) -> None:
        self._tty = tty
        self._head = b""
        self._name: StreamName = "stdout"
        self._left = 0

    def feed(self, data: bytes) -> list[tuple[StreamName, bytes]]:
        """What is in `data`, as it comes: a frame that it holds a part of gives that part."""
        if self._tty:
            return [("stdout", data)]
        found: list[tuple[StreamName, bytes]] = []
        at = 0
        while at < len(data):
            if self._left:
                part = data[at : at + self._left]
                found.append((self._name, part))
                self._left -= len(part)
                at += len(part)
                continue
            missing = 8 - len(self._head)
            self._head += data[at : at + missing]
            at += missing
            if len(self._head) == 8:
                self._name = "stderr" if self._head[0] == 2 else "stdout"
                self._left = int.from_bytes(self._head[4:], "big")
                self._head = b""
        return found


class LogLines:
    """(stream, bytes) -> whole lines with the engine's timestamp split off; over-long lines are cut and say so."""

    def __init__(self, timestamps: bool) -> None:
        self._timestamps = timestamps
        self._rest: dict[StreamName, bytearray] = {"stdout": bytearray(), "stderr": bytearray()}
        self._cut: dict[StreamName, int] = {"stdout": 0, "stderr": 0}

    def feed(self, stream: StreamName, data: bytes) -> list[LogLine]:
        """The lines that `data` completes."""
        rest = self._rest[stream]
        *lines, tail = data.split(b"\n")
        found = []
        for line in lines:
            self._add(stream, line)
            found.append(self._line(stream, rest))
            rest.clear()
            self._cut[stream] = 0
        self._add(stream, tail)
        return found

    def rest(self) -> list[LogLine]:
        """The last lines of a log that ended without a line's end."""
        found = [self._line(stream, raw) for stream, raw in self._rest.items() if raw]
        for stream, raw in self._rest.items():
            raw.clear()
            self._cut[stream] = 0
        return found

    def _add(self, stream: StreamName, data: bytes) -> None:
        room = MAX_LOG_LINE - len(self._rest[stream])
        self._rest[stream] += data[:room]
        self._cut[stream] += max(0, len(data) - room)

    def _line(self, stream: StreamName, raw: bytearray) -> LogLine:
        text = raw.decode("utf-8", "replace").removesuffix("\r")
        at = 0.0
        if self._timestamps and " " in text[:40]:
            stamp, _, remainder = text.partition(" ")
            at = seconds(stamp)
            text = remainder if at else text
        cut = self._cut[stream]
        return LogLine(stream, f"{text} … +{cut} bytes" if cut else text, at)
