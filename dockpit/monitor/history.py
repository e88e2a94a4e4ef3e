"""Samples and events in, a frozen Snapshot out: the one place where the past of every container is kept."""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Iterable
from dataclasses import replace

from dockpit.metrics.samples import Sample
from dockpit.metrics.series import NAN, MetricRing
from dockpit.metrics.snapshot import HOST_METRICS, Entry, Snapshot
from dockpit.model.container import Container
from dockpit.model.engine_info import EngineInfo, Link, SourceCounts
from dockpit.model.events import Event
from dockpit.model.host_figures import HostFigures
from dockpit.model.plans import Outcome
from dockpit.model.thresholds import Thresholds
from dockpit.monitor.container_history import ContainerHistory

KEPT_EVENTS = 500
GATHER_SECONDS = 0.05
KEPT_GONE = 4096
_SEVERITY = {"critical": 0, "high": 1, "watch": 2, "ok": 3}


class History:
    """All containers of one engine. Not shared between threads; everything runs on the session's loop."""

    def __init__(self, thresholds: Thresholds, minutes: float = 15.0, interval: float = 1.0) -> None:
        self.thresholds = thresholds
        self._seconds = minutes * 60
        self._capacity = max(120, math.ceil(minutes * 60 / min(interval, 1.0) * 1.1))
        self._tracks: dict[str, ContainerHistory] = {}
        self._events: deque[Event] = deque(maxlen=KEPT_EVENTS)
        self._seen: dict[tuple[int, str, str, str], None] = {}
        self._gone: dict[str, None] = {}
        self._host_tape = MetricRing(self._capacity, HOST_METRICS)
        self._snapshot = Snapshot()
        self._in_order = True
        self.came = asyncio.Event()
        """Set with each sample that is taken, for whoever clears it."""
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
            track = ContainerHistory(
                container, MetricRing(self._capacity, seconds=self._seconds), self._snapshot.engine.memory_bytes
            )
            self._tracks[container.id] = track
            self._in_order = False
            self._replay(track)
        else:
            track.update(container)
        track.evaluate(self.thresholds)
        self._urgent = True

    def _replay(self, track: ContainerHistory) -> None:
        for event in self._events:
            if event.actor_id == track.container.id:
                track.add_event(event)

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
            self.came.set()

    def preload(self, container_id: str, samples: Iterable[Sample]) -> None:
        """Fill the past of a container that is new here; signals are judged once, at the end."""
        self._tracks[container_id].preload(samples, self.thresholds)
        self._urgent = True

    def quiet(self, container_id: str) -> None:
        """No figures come for a live container: its row says n/a and its series has a gap."""
        track = self._tracks.get(container_id)
        if track is not None and not track.entry.stale:
            track.mark_stale()
            self._urgent = True

    def host(self, host: HostFigures | None) -> None:
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
            track.add_event(event)
            track.evaluate(self.thresholds)
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

    def sources(self, sources: SourceCounts) -> None:
        """Where figures come from now."""
        if sources != self._snapshot.sources:
            self._set(sources=sources)

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
            if not track.is_healthy:
                self._dirty = track.refresh_alerts(now, self.thresholds) or self._dirty
        if self._dirty or self._urgent:
            self._snapshot = self._fresh(now)
        self._dirty = self._urgent = False
        self._made_at = now
        return self._snapshot

    def _fresh(self, now: float) -> Snapshot:
        if not self._in_order:
            self._tracks = dict(sorted(self._tracks.items(), key=_creation))
            self._in_order = True
        entries = {key: track.entry for key, track in self._tracks.items()}
        raised = [alert for entry in entries.values() for alert in entry.alerts]
        raised.sort(key=lambda alert: (_SEVERITY[alert.level], alert.since, alert.name))
        return replace(
            self._snapshot,
            revision=self._snapshot.revision + 1,
            at=now,
            entries=entries,
            events=tuple(self._events),
            alerts=tuple(raised),
            host_window=self._host_tape.window(),
        )


def _creation(item: tuple[str, ContainerHistory]) -> tuple[float, str]:
    """What containers are in order of."""
    return (item[1].container.created_at, item[0])
