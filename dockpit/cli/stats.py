"""`dockpit stats`: the figures of containers as JSON lines or as a table, sample by sample."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress

from dockpit.cli.container_names import all_named
from dockpit.cli.live_session import LiveSession, live_session, run_to_end
from dockpit.cli.output import aligned, visible, write
from dockpit.config.options import Options
from dockpit.metrics import formatting
from dockpit.metrics.filtering import Filter, parse
from dockpit.metrics.metric_record import Value, metric_record
from dockpit.metrics.snapshot import Entry, Snapshot
from dockpit.monitor.poll_intervals import Attention

PATIENCE_SECONDS = 6.0
"""How long a container's first record waits for a second sample, without which there is no rate."""
SLACK_SECONDS = 0.5
"""Samples come when the engine collects them: one that is this much early is still due."""
LOOK_SECONDS = 0.25
"""How long samples that come one by one are gathered."""
SILENT_SECONDS = 1.5
"""How long is waited for a sample before what else may have happened is looked at."""
FIRST_LOOK_SECONDS = 0.03
"""How often is looked until each container was printed once."""

log = logging.getLogger(__name__)


def run(options: Options, names: tuple[str, ...], *, as_json: bool, samples: int | None) -> int:
    """Print until `samples` were printed of each container, or for ever; the exit code. Raises FilterError."""
    wanted = parse(options.filter)

    async def command() -> int:
        async with live_session(options, machine=False) as running:
            chosen = filtered(choice(running.snapshot(), names), wanted)
            if options.config.interval_seconds < 1:
                wanted_ids = frozenset(entry.container.id for entry in chosen(running.snapshot()))
                running.session.attention = Attention(focus=wanted_ids)
            printing = _lines if as_json else _tables
            await printing(running, chosen, options.config.interval_seconds, samples)
        return 0

    return run_to_end(command)


Choice = Callable[[Snapshot], list[Entry]]
"""The containers that are printed, as of a snapshot."""


def choice(snapshot: Snapshot, names: tuple[str, ...]) -> Choice:
    """All live containers, or those named, whatever their state. Raises DockpitError for a name that is none."""
    if not names:
        return lambda now: [entry for entry in now.entries.values() if entry.container.live]
    ids = all_named(names, {key: entry.container for key, entry in snapshot.entries.items()})
    return lambda now: [now.entries[one] for one in ids if one in now.entries]


def filtered(chosen: Choice, wanted: Filter) -> Choice:
    """Those of the chosen containers that the filter lets through, as of each snapshot anew."""
    return lambda now: [entry for entry in chosen(now) if wanted.matches(entry)]


class RecordSchedule:
    """When the next record of each container is due: one per sample, not more often than every `interval` seconds."""

    def __init__(self, interval: float, samples: int | None) -> None:
        self._interval = interval
        self._samples = samples
        self._gap = interval - min(SLACK_SECONDS, interval / 2)
        self._first_seen: dict[str, float] = {}
        self._sampled: dict[str, float] = {}
        self._printed: dict[str, float] = {}
        self._counts: Counter[str] = Counter()
        self._live: set[str] = set()

    def due(self, entries: Iterable[Entry], snapshot: Snapshot, now: float) -> list[Entry]:
        """Those of `entries` that have something new to say, and those that stopped since they last did."""
        present = {entry.container.id: entry for entry in entries}
        stopped = [snapshot.entries[one] for one in self._live - set(present) if one in snapshot.entries]
        self._live = {key for key, entry in present.items() if entry.container.live}
        found = [entry for entry in present.values() if self._is_due(entry, now)]
        found += [entry for entry in stopped if not self._full(entry.container.id)]
        for entry in found:
            self._take(entry, now)
        return found

    def _full(self, container_id: str) -> bool:
        return self._samples is not None and self._counts[container_id] >= self._samples

    def _is_due(self, entry: Entry, now: float) -> bool:
        key = entry.container.id
        waited = now - self._first_seen.setdefault(key, now)
        if self._full(key):
            return False
        if entry.container.live and not entry.stale:
            if entry.sample is None or (entry.rates is None and key not in self._sampled):
                return entry.sample is not None and waited > PATIENCE_SECONDS
            return key not in self._sampled or entry.sample.at - self._sampled[key] >= self._gap
        return key not in self._printed or now - self._printed[key] >= self._interval

    def _take(self, entry: Entry, now: float) -> None:
        key = entry.container.id
        self._counts[key] += 1
        self._printed[key] = now
        if entry.sample is not None and entry.container.live:
            self._sampled[key] = entry.sample.at
        else:
            self._sampled.pop(key, None)

    def begun(self, ids: Iterable[str]) -> bool:
        """Whether each of the containers was printed once."""
        return all(self._counts[one] for one in ids)

    def done(self, ids: Iterable[str]) -> bool:
        """Whether each of the containers was printed often enough."""
        return self._samples is not None and all(self._full(one) for one in ids)


async def _lines(running: LiveSession, chosen: Choice, interval: float, samples: int | None) -> None:
    pace = RecordSchedule(interval, samples)
    awaited = {entry.container.id for entry in chosen(running.snapshot())}
    link = _Link()
    news = running.session.history.came
    while True:
        news.clear()
        snapshot, now = running.snapshot(), running.session.now()
        link.tell(snapshot)
        entries = chosen(snapshot)
        due = pace.due(entries, snapshot, now)
        if due:
            write("".join(line(metric_record(entry, now)) for entry in due))
        awaited &= {entry.container.id for entry in entries}
        if pace.done(awaited):
            return
        if not pace.begun(awaited):
            await asyncio.sleep(FIRST_LOOK_SECONDS)
        else:
            await _news(news, min(LOOK_SECONDS, interval / 2))


async def _news(came: asyncio.Event, look: float) -> None:
    """Return when samples came, `look` seconds from now at the earliest: one by one they would be costly.

    In the end it returns without any: what stopped, and an engine that is lost, are to be said too.
    """
    loop = asyncio.get_running_loop()
    begun = loop.time()
    with suppress(TimeoutError):
        async with asyncio.timeout(SILENT_SECONDS):
            await came.wait()
    await asyncio.sleep(max(0.0, begun + look - loop.time()))


def line(values: dict[str, Value]) -> str:
    """A record as one line of JSON."""
    return _encode(values) + "\n"


_encode = json.JSONEncoder(allow_nan=False).encode


async def _tables(running: LiveSession, chosen: Choice, interval: float, samples: int | None) -> None:
    link = _Link()

    def measured(snapshot: Snapshot) -> bool:
        waiting = (entry for entry in chosen(snapshot) if entry.container.live and not entry.stale)
        return all(entry.rates is not None for entry in waiting)

    await running.until(measured, PATIENCE_SECONDS)
    printed = 0
    loop = asyncio.get_running_loop()
    begun = loop.time()
    while True:
        snapshot, now = running.snapshot(), running.session.now()
        link.tell(snapshot)
        write(("\n" if printed else "") + table([metric_record(entry, now) for entry in chosen(snapshot)]))
        printed += 1
        if printed == samples:
            return
        await asyncio.sleep(max(0.0, begun + printed * interval - loop.time()))


HEAD = (
    *("CONTAINER", "STATE", "CPU", "OF LIMIT", "THROTTLED", "MEMORY", "OF LIMIT", "OOM"),
    *("NET in/out", "DISK r/w", "PIDS", "RESTARTS", "HEALTH", "UPTIME"),
)


def table(records: list[dict[str, Value]]) -> str:
    """Records as an aligned table with a head."""
    if not records:
        return "no container is running\n"
    return aligned([HEAD, *(_row(one) for one in records)], left=frozenset({0, 1}))


def _row(values: dict[str, Value]) -> tuple[str, ...]:
    def number(key: str) -> float | None:
        value = values[key]
        return None if value is None or isinstance(value, str) else value

    return (
        visible(str(values["name"]), 40),
        str(values["state"]),
        formatting.cores(number("cpu_cores")),
        formatting.percent(number("cpu_of_limit_percent")),
        formatting.percent(number("throttled_percent")),
        formatting.bytes_short(number("memory_used_bytes")),
        formatting.percent(number("memory_of_limit_percent")),
        _oom(str(values["oom_risk"]), number("oom_eta_seconds"), int(number("oom_kills") or 0)),
        formatting.rate_pair(number("net_rx_bytes_per_s"), number("net_tx_bytes_per_s")),
        formatting.rate_pair(number("block_read_bytes_per_s"), number("block_write_bytes_per_s")),
        formatting.count(number("pids")),
        formatting.count(number("restarts")),
        formatting.NA if values["health"] == "none" else str(values["health"]),
        formatting.duration(number("uptime_s")),
    )


def _oom(risk: str, eta: float | None, kills: int) -> str:
    words = [] if risk == "none" else [risk]
    words += [formatting.eta(eta)] if eta is not None and words else []
    words += [formatting.plural(kills, "kill")] if kills else []
    return " ".join(words) or formatting.NA


class _Link:
    """Says once that the engine is lost, and once that it is back."""

    def __init__(self) -> None:
        self._lost = False

    def tell(self, snapshot: Snapshot) -> None:
        lost = snapshot.link.state == "lost"
        if lost != self._lost:
            address = visible(snapshot.link.address)
            reason = visible(snapshot.link.reason)
            read, live = snapshot.figures_go_on
            still = f", {read} of {live} containers are still read from the kernel" if read else ""
            said = f"the engine at {address} is lost: {reason}; trying again{still}" if lost else f"{address} is back"
            log.warning(said)
            sys.stderr.write(f"dockpit: {said}\n")
        self._lost = lost
