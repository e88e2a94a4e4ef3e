"""Samples and events in, a frozen Snapshot out: the one place where the past of every container is kept."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable
from dataclasses import replace

from dockpit import derive
from dockpit.model import Alert, Container, EngineInfo, Event, Host, Link, Outcome, Rates, Sample
from dockpit.series import METRICS, NAN, Tape
from dockpit.signals import memory, oom, throttling
from dockpit.signals.alerts import alerts
from dockpit.signals.thresholds import Thresholds
from dockpit.snapshot import HOST_METRICS, Entry, Snapshot

KEPT_EVENTS = 500
GATHER_SECONDS = 0.05
RECENT_SECONDS = 30.0
"""How far back raw samples are kept for the signals."""
CLOCK_BACK_SECONDS = 5.0
"""A sample so much older than the last one says that the engine's clock was set back."""
KEPT_GONE = 4096
_SEVERITY = {"critical": 0, "high": 1, "watch": 2, "ok": 3}


class Track:
    """What is known of one container: its tape, its newest samples, when it started and when it was OOM-killed."""

    def __init__(self, container: Container, capacity: int, memory_total_bytes: int) -> None:
        self.tape = Tape(capacity)
        self.recent: deque[Sample] = deque()
        self.oom_times: deque[float] = deque(maxlen=256)
        self.starts: deque[float] = deque(maxlen=64)
        self.since: dict[str, float] = {}
        self.entry = Entry(container, self.tape.window(), memory_total_bytes=memory_total_bytes)

    @property
    def container(self) -> Container:
        """The container as last inspected."""
        return self.entry.container

    def describe(self, container: Container) -> None:
        """Take a new inspect; a container that is no longer live, or runs anew, ends its series with a gap."""
        old = self.container
        if (old.started_at, old.live) != (container.started_at, container.live):
            self.break_off()
            self.entry = replace(self.entry, sample=None, rates=None, stale=False)
        self.entry = replace(self.entry, container=container)

    def break_off(self) -> None:
        """End the series here: what comes next is not derived from what came before."""
        self.tape.gap()
        self.recent.clear()
        self.entry = replace(self.entry, window=self.tape.window())

    def _begin_anew(self) -> None:
        """Give up the past, whose times are not those of the clock that runs now."""
        self.tape = self.tape.anew()
        self.recent.clear()
        self.since.clear()

    def ingest(self, sample: Sample, thresholds: Thresholds) -> bool:
        """Take one sample; False when it is not newer than the last one, or too near to it to give a rate."""
        if sample.at < self.tape.last_at - CLOCK_BACK_SECONDS:
            self._begin_anew()
        if sample.at < self.tape.last_at + derive.MIN_SECONDS:
            return False
        last = self.recent[-1] if self.recent else None
        if last is not None and derive.counters_fell(last, sample):
            self.break_off()
            last = None
        rates = derive.rates(last, sample) if last is not None else None
        self.recent.append(sample)
        while self.recent[0].at < sample.at - RECENT_SECONDS and len(self.recent) > 2:
            self.recent.popleft()
        self.tape.append(sample.at, _row(sample, rates))
        self._show(sample, rates, stale=False, thresholds=thresholds)
        return True

    def judge(self, thresholds: Thresholds) -> None:
        """Work out the signals anew from what is kept."""
        self._show(self.entry.sample, self.entry.rates, stale=self.entry.stale, thresholds=thresholds)

    def _show(self, sample: Sample | None, rates: Rates | None, *, stale: bool, thresholds: Thresholds) -> None:
        throttled = throttling.judge(self.recent, thresholds)
        at = self.recent[-1].at if self.recent else 0.0
        if since := self._since("throttling", throttled.level != "ok", at):
            throttled = replace(throttled, since=since)
        window = self.tape.window()
        self.entry = replace(self.entry, sample=sample, rates=rates, window=window, stale=stale, throttling=throttled)
        self.entry = replace(self.entry, memory=self._memory(thresholds, at))

    def _memory(self, thresholds: Thresholds, at: float) -> memory.MemoryRisk:
        sample = self.entry.sample
        kills = self.kills(thresholds)
        last_kill = self.oom_times[-1] if self.oom_times else 0.0
        if sample is None:
            return memory.MemoryRisk(kills=kills, last_kill_at=last_kill)
        limit = self.entry.memory_limit_bytes
        kept = self.recent if limit is not None else ()
        times, values = [sample.at for sample in kept], [_unreclaimable(sample) for sample in kept]
        risk = memory.judge(times, values, sample.memory_used_bytes, limit, thresholds)
        since = self._since("memory", risk.risk != "none", at)
        return replace(risk, kills=kills, last_kill_at=last_kill, since=since) if kills or since else risk

    def kills(self, thresholds: Thresholds) -> int:
        """OOM kills seen: the events, debounced; at least one where the engine says that it was killed so."""
        counted = oom.count_kills(list(self.oom_times), thresholds.oom_debounce_seconds)
        return max(counted, int(self.container.oom_killed))

    def warn(self, now: float, thresholds: Thresholds) -> None:
        """Bring the alerts up to date; each keeps the time it was first raised."""
        entry = self.entry
        pids = entry.sample.pids if entry.sample else None
        found = alerts(entry.container, entry.throttling, entry.memory, pids, tuple(self.starts), now, thresholds)
        kinds = {alert.kind for alert in found}
        for kind in [key for key in self.since if key.startswith("alert:") and key[6:] not in kinds]:
            del self.since[kind]
        dated = tuple(self._dated(alert, now) for alert in found)
        if dated != entry.alerts:
            self.entry = replace(entry, alerts=dated)

    def _dated(self, alert: Alert, now: float) -> Alert:
        return replace(alert, since=self.since.setdefault(f"alert:{alert.kind}", alert.since or now))

    def _since(self, key: str, raised: bool, at: float) -> float:
        if not raised:
            self.since.pop(key, None)
            return 0.0
        return self.since.setdefault(key, at)


def _unreclaimable(sample: Sample) -> float:
    value = sample.memory_unreclaimable_bytes
    return NAN if value is None else float(value)


def _row(sample: Sample, rates: Rates | None) -> list[float]:
    row = []
    for name in METRICS:
        value = getattr(rates, name, None) if rates is not None else None
        if value is None:
            value = getattr(sample, name, None)
        row.append(NAN if value is None else float(value))
    return row


class History:
    """All containers of one engine. Not shared between threads; everything runs on the session's loop."""

    def __init__(self, thresholds: Thresholds, minutes: float = 15.0, interval: float = 1.0) -> None:
        self.thresholds = thresholds
        self._capacity = max(120, math.ceil(minutes * 60 / min(interval, 1.0) * 1.1))
        self._tracks: dict[str, Track] = {}
        self._events: deque[Event] = deque(maxlen=KEPT_EVENTS)
        self._seen: dict[tuple[int, str, str, str], None] = {}
        self._gone: dict[str, None] = {}
        self._host_tape = Tape(self._capacity, HOST_METRICS)
        self._snapshot = Snapshot()
        self._dirty = True
        self._urgent = True
        self._made_at = 0.0

    # what is watched

    def put(self, container: Container) -> None:
        """Take a container as inspected, new or known; an answer that comes after its removal is not one."""
        track = self._tracks.get(container.id)
        if container.id in self._gone or (track is not None and track.container == container):
            return
        if track is None:
            track = Track(container, self._capacity, self._snapshot.engine.memory_bytes)
            self._tracks[container.id] = track
            self._replay(track)
        else:
            track.describe(container)
        track.judge(self.thresholds)
        self._urgent = True

    def _replay(self, track: Track) -> None:
        for event in self._events:
            if event.actor_id == track.container.id:
                _note(track, event)

    def forget(self, container_id: str) -> None:
        """The container was removed; its id never comes back."""
        self._gone[container_id] = None
        if len(self._gone) > KEPT_GONE:
            del self._gone[next(iter(self._gone))]
        self._urgent = self._tracks.pop(container_id, None) is not None or self._urgent

    def get(self, container_id: str) -> Entry | None:
        """One container as it stands."""
        track = self._tracks.get(container_id)
        return track.entry if track else None

    def ids(self) -> tuple[str, ...]:
        """Full ids of all containers."""
        return tuple(self._tracks)

    # figures

    def ingest(self, sample: Sample) -> None:
        """Take one sample; those of unknown containers and those that are not newer are dropped."""
        track = self._tracks.get(sample.container_id)
        if track is not None and track.ingest(sample, self.thresholds):
            self._dirty = True

    def preload(self, container_id: str, samples: Iterable[Sample]) -> None:
        """Fill the past of a container that is new here; signals are judged once, at the end."""
        track = self._tracks[container_id]
        last: Sample | None = None
        for sample in samples:
            if last is not None and derive.counters_fell(last, sample):
                track.break_off()
            track.tape.append(sample.at, _row(sample, derive.rates(last, sample) if last else None))
            track.recent.append(sample)
            last = sample
        while track.recent and last and track.recent[0].at < last.at - RECENT_SECONDS:
            track.recent.popleft()
        track.entry = replace(track.entry, window=track.tape.window())
        track.judge(self.thresholds)
        self._urgent = True

    def quiet(self, container_id: str) -> None:
        """No figures come for a live container: its row says n/a and its series has a gap."""
        track = self._tracks.get(container_id)
        if track is not None and not track.entry.stale:
            track.break_off()
            track.entry = replace(track.entry, stale=True, rates=None)
            self._urgent = True

    def host(self, host: Host | None) -> None:
        """Take the figures of the machine."""
        if host is not None:
            values = (getattr(host, name) for name in HOST_METRICS)
            self._host_tape.append(host.at, [NAN if value is None else float(value) for value in values])
        self._snapshot = replace(self._snapshot, host=host)
        self._dirty = True

    # happenings

    def happened(self, event: Event) -> bool:
        """Take one event; False when it was seen already."""
        if event.key in self._seen:
            return False
        self._seen[event.key] = None
        if len(self._seen) > 4 * KEPT_EVENTS:
            del self._seen[next(iter(self._seen))]
        self._events.append(event)
        track = self._tracks.get(event.actor_id)
        if track is not None:
            _note(track, event)
            track.judge(self.thresholds)
        self._urgent = True
        return True

    def link(self, link: Link) -> None:
        """How it stands with the engine now."""
        self._set(link=link)

    def engine(self, info: EngineInfo) -> bool:
        """Who answers now; True for another engine than before, which takes everything known with it."""
        known = self._snapshot.engine.id
        another = bool(known and info.id and known != info.id)
        if another:
            self._tracks.clear()
            self._events.clear()
            self._seen.clear()
            self._gone.clear()
        self._set(engine=info)
        return another

    def ready(self, ready: bool = True) -> None:
        """Whether the listing is complete."""
        self._set(ready=ready)

    def outcome(self, outcome: Outcome, can_undo: bool) -> None:
        """Take down what became of an action."""
        self._set(outcomes=(*self._snapshot.outcomes[-99:], outcome), can_undo=can_undo)

    def can_undo(self, can_undo: bool) -> None:
        """Whether there is a change to take back."""
        self._set(can_undo=can_undo)

    def read_only(self, read_only: bool) -> None:
        """Whether actions are refused."""
        self._set(read_only=read_only)

    def _set(self, **changes: object) -> None:
        self._snapshot = replace(self._snapshot, **changes)  # type: ignore[arg-type]  # names are checked by the class
        self._urgent = True

    @property
    def revision(self) -> int:
        """The revision of the last snapshot taken."""
        return self._snapshot.revision

    def snapshot(self, now: float) -> Snapshot:
        """Everything as of now; the same object while nothing changed.

        Samples that trickle in are taken up together, GATHER_SECONDS at a time; all else shows at once.
        """
        if not self._urgent and abs(now - self._made_at) < GATHER_SECONDS:
            return self._snapshot
        for track in self._tracks.values():
            before = track.entry.alerts
            track.warn(now, self.thresholds)
            self._dirty = self._dirty or track.entry.alerts is not before
        if self._dirty or self._urgent:
            self._snapshot = self._fresh(now)
        self._dirty = self._urgent = False
        self._made_at = now
        return self._snapshot

    def _fresh(self, now: float) -> Snapshot:
        entries = {key: track.entry for key, track in self._tracks.items()}
        raised = [alert for entry in entries.values() for alert in entry.alerts]
        raised.sort(key=lambda alert: (_SEVERITY[alert.level], alert.since, alert.name))
        return replace(
            self._snapshot,
            revision=self._snapshot.revision + 1,
            at=now,
            entries=dict(sorted(entries.items(), key=lambda item: (item[1].container.created_at, item[0]))),
            events=tuple(self._events),
            alerts=tuple(raised),
            host_window=self._host_tape.window(),
        )


def _note(track: Track, event: Event) -> None:
    if event.action == "oom":
        track.oom_times.append(event.at)
    elif event.action == "start":
        track.starts.append(event.at)
