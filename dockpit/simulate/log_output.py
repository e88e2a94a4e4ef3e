"""What containers print: log lines as a pure function of time, with the engine's framing."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

from dockpit.simulate.container import SimulatedContainer
from dockpit.simulate.seeded_noise import jitter
from dockpit.simulate.stats_json import stamp

MOST_AT_ONCE = 50_000
"""Lines of one run that one answer holds at most: the newest."""


class PrintedLine(NamedTuple):
    """One printed line; stream 1 is stdout, 2 stderr."""

    at: float
    stream: int
    text: str


def frame(stream: int, data: bytes) -> bytes:
    """The 8-byte header of a multiplexed stream, and `data`."""
    return bytes((stream, 0, 0, 0)) + len(data).to_bytes(4, "big") + data


def lines(container: SimulatedContainer, after: float, until: float) -> Iterator[PrintedLine]:
    """What `container` printed in (after, until], oldest first."""
    rate = container.spec.logs.per_second
    if rate > 0:
        for begin, end in container.runs:
            yield from _run_lines(container, begin, max(after, begin), min(until, end), rate)
    yield from _said(container, after, until)


def last(container: SimulatedContainer, until: float, count: int) -> list[PrintedLine]:
    """The last `count` lines printed up to `until`."""
    rate = container.spec.logs.per_second
    found = _said(container, 0.0, until)
    for begin, end in reversed(container.runs):
        if rate <= 0 or len(found) >= count:
            break
        stop = min(until, end)
        missing = count - len(found)
        found = [*_run_lines(container, begin, max(begin, stop - (missing + 1) / rate), stop, rate), *found]
    return found[-count:] if count else []


def _said(container: SimulatedContainer, after: float, until: float) -> list[PrintedLine]:
    said = ((at, stream, data) for at, stream, data in container.transcript if after < at <= until)
    return [PrintedLine(at, stream, data.decode("utf-8", "replace").removesuffix("\n")) for at, stream, data in said]


def _run_lines(
    container: SimulatedContainer, begin: float, after: float, until: float, rate: float
) -> Iterator[PrintedLine]:
    first = math.floor((after - begin) * rate) + 1
    final = math.floor((until - begin) * rate)
    for number in range(max(first, final - MOST_AT_ONCE), final + 1):
        yield _line(container, number, begin + number / rate)


def _line(container: SimulatedContainer, number: int, at: float) -> PrintedLine:
    logs = container.spec.logs
    chance = jitter(container.seed, number)
    text = logs.lines[number % len(logs.lines)]
    text = text.format(n=number, k=int(chance * 900) + 17, m=int(chance * 60))
    stream = 2 if jitter(container.seed + 1, number) < logs.stderr else 1
    return PrintedLine(at, stream, text)


def encode(
    printed: Iterator[PrintedLine] | list[PrintedLine], *, tty: bool, timestamps: bool, streams: set[int]
) -> bytes:
    """Lines as GET logs sends them."""
    pieces: list[bytes] = []
    for line in printed:
        if line.stream not in streams and not tty:
            continue
        data = (f"{stamp(line.at)} {line.text}\n" if timestamps else line.text + "\n").encode("utf-8", "replace")
        pieces.append(data if tty else frame(line.stream, data))
    return b"".join(pieces)
