"""The log lines of containers, as a pure function of time, and the engine's encoding of them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from dockpit.simulate.seeded_noise import jitter
from dockpit.simulate.simulated_container import SimulatedContainer
from dockpit.simulate.timestamps import format_timestamp

MAX_LINES = 50_000
"""Most lines of one run in one answer; the newest are kept."""


class PrintedLine(NamedTuple):
    """One printed line; stream 1 is stdout, 2 stderr."""

    at: float
    stream: int
    text: str


def lines_between(container: SimulatedContainer, after: float, until: float) -> Iterator[PrintedLine]:
    """The lines that `container` printed in (after, until], oldest first."""
    rate = container.spec.logs.lines_per_second
    if rate > 0:
        for begin, end in container.run_periods:
            yield from _workload_lines(container, begin, max(after, begin), min(until, end), rate)
    yield from _command_lines(container, after, until)


def last_lines(container: SimulatedContainer, until: float, count: int) -> list[PrintedLine]:
    """The last `count` lines printed up to `until`, oldest first."""
    rate = container.spec.logs.lines_per_second
    lines = _command_lines(container, 0.0, until)
    for begin, end in reversed(container.run_periods):
        if rate <= 0 or len(lines) >= count:
            break
        stop = min(until, end)
        missing = count - len(lines)
        lines = [*_workload_lines(container, begin, max(begin, stop - (missing + 1) / rate), stop, rate), *lines]
    return lines[-count:] if count else []


def _command_lines(container: SimulatedContainer, after: float, until: float) -> list[PrintedLine]:
    """The output of a container that runs its command."""
    return [
        PrintedLine(at, stream, data.decode("utf-8", "replace").removesuffix("\n"))
        for at, stream, data in container.command_output
        if after < at <= until
    ]


def _workload_lines(
    container: SimulatedContainer, begin: float, after: float, until: float, rate: float
) -> Iterator[PrintedLine]:
    """Lines number 1, 2, ... of the run that began at `begin`, `rate` a second, in (after, until]."""
    first = math.floor((after - begin) * rate) + 1
    final = math.floor((until - begin) * rate)
    for number in range(max(first, final - MAX_LINES), final + 1):
        yield _workload_line(container, number, begin + number / rate)


def _workload_line(container: SimulatedContainer, number: int, at: float) -> PrintedLine:
    logs = container.spec.logs
    noise = jitter(container.seed, number)
    text = logs.lines[number % len(logs.lines)]
    text = text.format(n=number, k=int(noise * 900) + 17, m=int(noise * 60))
    stream = 2 if jitter(container.seed + 1, number) < logs.stderr_share else 1
    return PrintedLine(at, stream, text)


def encode_lines(lines: Iterable[PrintedLine], *, tty: bool, timestamps: bool, streams: set[int]) -> bytes:
    """Lines as GET logs sends them: plain with a TTY, else those of `streams` in frames."""
    pieces: list[bytes] = []
    for line in lines:
        if line.stream not in streams and not tty:
            continue
        text = f"{format_timestamp(line.at)} {line.text}\n" if timestamps else line.text + "\n"
        data = text.encode("utf-8", "replace")
        pieces.append(data if tty else encode_frame(line.stream, data))
    return b"".join(pieces)


def encode_frame(stream: int, data: bytes) -> bytes:
    """The 8-byte header of a multiplexed stream, and `data`."""
    return bytes((stream, 0, 0, 0)) + len(data).to_bytes(4, "big") + data


def stream_type(tty: bool) -> str:
    """The content type of logs, exec and attach."""
    return f"application/vnd.docker.{'raw' if tty else 'multiplexed'}-stream"
