"""`dockpit stats`: the metrics of containers as JSON lines, sample by sample, or as a table at each interval.

JSON    snapshot ─► choose entries ─► RecordSchedule.due ─► write ─► wait for new samples ─┐
           ▲                                                                               │
           └───────────────────────────────────────────────────────────────────────────────┘
table   snapshot ─► choose entries ─► write ─► sleep to the next interval ─► again
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress

from dockpit.cli.connection_notices import ConnectionNotices
from dockpit.cli.container_lookup import find_container_ids
from dockpit.cli.live_session import LiveSession, live_session, run_until_complete
from dockpit.cli.output import write
from dockpit.cli.record_schedule import FIRST_RATE_SECONDS, RecordSchedule
from dockpit.cli.stats_table import format_table
from dockpit.config.options import Options
from dockpit.metrics.filtering import Filter, parse_filter
from dockpit.metrics.metric_record import Value, metric_record
from dockpit.metrics.snapshot import Entry, Snapshot
from dockpit.monitor.sample_intervals import Attention

BATCH_SECONDS = 0.25
"""Minimum seconds between two looks at the snapshot, so that samples that arrive one by one are printed together."""
MAX_WAIT_SECONDS = 1.5
"""Maximum wait for a new sample before the snapshot is checked for stopped containers and a lost engine."""
FIRST_RECORDS_POLL_SECONDS = 0.03
"""Seconds between two looks at the snapshot until each container was printed once."""


def run(options: Options, names: tuple[str, ...], *, as_json: bool, samples: int | None) -> int:
    """Print until each container was printed `samples` times, or for ever; returns the exit code.

    Raises FilterError for an invalid filter.
    """
    wanted = parse_filter(options.filter)

    async def command() -> int:
        async with live_session(options, machine=False) as running:
            choose = filter_entries(entry_chooser(running.snapshot(), names), wanted)
            if options.config.interval_seconds < 1:
                chosen_ids = frozenset(entry.container.id for entry in choose(running.snapshot()))
                running.session.attention = Attention(focus=chosen_ids)
            print_samples = _print_json_lines if as_json else _print_tables
            await print_samples(running, choose, options.config.interval_seconds, samples)
        return 0

    return run_until_complete(command)


EntryChooser = Callable[[Snapshot], list[Entry]]
"""The entries of a snapshot that are printed."""


def entry_chooser(snapshot: Snapshot, names: tuple[str, ...]) -> EntryChooser:
    """Chooses the containers called by `names` in any state, or all live ones without names.

    Raises DockpitError for a name that no container of `snapshot` has.
    """
    if not names:
        return lambda now: [entry for entry in now.entries.values() if entry.container.live]
    ids = find_container_ids(names, {key: entry.container for key, entry in snapshot.entries.items()})
    return lambda now: [now.entries[one] for one in ids if one in now.entries]


def filter_entries(choose: EntryChooser, wanted: Filter) -> EntryChooser:
    """Narrows the choice of `choose` to the containers that match the filter in the same snapshot."""
    return lambda now: [entry for entry in choose(now) if wanted.matches(entry)]


async def _print_json_lines(running: LiveSession, choose: EntryChooser, interval: float, samples: int | None) -> None:
    schedule = RecordSchedule(interval, samples)
    remaining = {entry.container.id for entry in choose(running.snapshot())}
    notices = ConnectionNotices()
    samples_arrived = running.session.history.sample_arrived
    while True:
        samples_arrived.clear()
        snapshot, now = running.snapshot(), running.session.now()
        notices.update(snapshot)
        entries = choose(snapshot)
        due = schedule.due(entries, snapshot, now)
        if due:
            write("".join(json_line(metric_record(entry, now)) for entry in due))
        remaining &= {entry.container.id for entry in entries}
        if schedule.all_complete(remaining):
            return
        if not schedule.all_printed_once(remaining):
            await asyncio.sleep(FIRST_RECORDS_POLL_SECONDS)
        else:
            await _wait_for_samples(samples_arrived, min(BATCH_SECONDS, interval / 2))


async def _wait_for_samples(arrived: asyncio.Event, min_seconds: float) -> None:
    """Return once samples have arrived, after `min_seconds` at the earliest and MAX_WAIT_SECONDS at the latest."""
    loop = asyncio.get_running_loop()
    started_at = loop.time()
    with suppress(TimeoutError):
        async with asyncio.timeout(MAX_WAIT_SECONDS):
            await arrived.wait()
    await asyncio.sleep(max(0.0, started_at + min_seconds - loop.time()))


def json_line(record: dict[str, Value]) -> str:
    """A metric record as one line of JSON."""
    return _encode_json(record) + "\n"


_encode_json = json.JSONEncoder(allow_nan=False).encode


async def _print_tables(running: LiveSession, choose: EntryChooser, interval: float, samples: int | None) -> None:
    notices = ConnectionNotices()

    def all_have_rates(snapshot: Snapshot) -> bool:
        sampled = (entry for entry in choose(snapshot) if entry.container.live and not entry.stale)
        return all(entry.rates is not None for entry in sampled)

    await running.until(all_have_rates, FIRST_RATE_SECONDS)
    printed = 0
    loop = asyncio.get_running_loop()
    started_at = loop.time()
    while True:
        snapshot, now = running.snapshot(), running.session.now()
        notices.update(snapshot)
        table = format_table([metric_record(entry, now) for entry in choose(snapshot)])
        write(("\n" if printed else "") + table)
        printed += 1
        if printed == samples:
            return
        await asyncio.sleep(max(0.0, started_at + printed * interval - loop.time()))
