"""Samples and events in, a frozen Snapshot out: the one place where the past of every container is kept.

put() forget()            containers, as inspected         |
ingest() preload()        samples of containers            |--> snapshot() -> Snapshot(revision)
add_host_figures()        figures of the engine's machine  |
add_event()               events of the engine             |
set_...() add_outcome()   link, engine, sources, outcomes  |
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Iterable
from dataclasses import replace

from dockpit.config.defaults import HISTORY_MINUTES
from dockpit.metrics.metric_ring import MetricRing
from dockpit.metrics.row_ring import NAN
from dockpit.metrics.samples import Sample
from dockpit.metrics.snapshot import HOST_METRICS, Entry, Snapshot
from dockpit.model.container import Container
from dockpit.model.engine_info import EngineInfo, Link, SourceCounts
from dockpit.model.events import Event
from dockpit.model.host_figures import HostFigures
from dockpit.model.plans import Outcome
from dockpit.model.thresholds import Thresholds
from dockpit.model.verdicts import LEVELS
from dockpit.monitor.container_history import ContainerHistory

MIN_ROWS = 120
"""Minimum first capacity of a ring."""
ROWS_PER_SECOND = 1.1
"""First capacity of a ring per second of history: a sample a second and some to spare; rings grow for more."""
MAX_EVENTS = 500
"""Number of events kept, newest last."""
MAX_SEEN_EVENTS = 4 * MAX_EVENTS
"""Number of event keys remembered to recognise an event that is delivered twice."""
MAX_REMOVED = 4096
"""Number of removed containers remembered, whose late inspects are ignored."""
MAX_OUTCOMES = 100
"""Number of outcomes of plans kept, newest last."""
BATCH_SECONDS = 0.05
"""Minimum time between two snapshots that differ by samples only."""


class History:
    """All containers of one engine. Not shared between threads; everything runs on the session's loop."""

    def __init__(self, thresholds: Thresholds, minutes: float = HISTORY_MINUTES) -> None:
        self.thresholds = thresholds
        self._seconds = minutes * 60
        self._capacity = max(MIN_ROWS, math.ceil(self._seconds * ROWS_PER_SECOND))
        self._containers: dict[str, ContainerHistory] = {}
        self._events: deque[Event] = deque(maxlen=MAX_EVENTS)
        self._seen_events: dict[tuple[int, str, str, str], None] = {}
        self._health_verdicts: dict[str, str] = {}
        """The last verdict of each container's health check in this run."""
        self._removed: dict[str, None] = {}
        self._host_ring = MetricRing(self._capacity, HOST_METRICS)
        self._snapshot = Snapshot()
        self._in_order = True
        """Whether `_containers` is in order of creation."""
        self.sample_arrived = asyncio.Event()
        """Set with each sample that is taken; whoever waits for it clears it."""
        self._dirty = True
        """Whether anything changed since the last snapshot."""
        self._urgent = True
        """Whether anything but samples changed since the last snapshot."""
        self._snapshot_at = 0.0

    # containers

    def put(self, container: Container) -> None:
        """Add a container as inspected, or update a known one; an inspect answered after the removal is ignored."""
        known = self._containers.get(container.id)
        if container.id in self._removed or (known is not None and known.container == container):
            return
        if known is None:
            known = self._add(container)
        else:
            known.update(container)
        known.evaluate(self.thresholds)
        self._urgent = True

    def _add(self, container: Container) -> ContainerHistory:
        """A history of `container`, with the events that came before its inspect."""
        ring = MetricRing(self._capacity, span_seconds=self._seconds)
        added = ContainerHistory(container, ring, self._snapshot.engine)
        self._containers[container.id] = added
        self._in_order = False
        for event in self._events:
            if event.actor_id == container.id:
                added.add_event(event)
        return added

    def forget(self, container_id: str) -> None:
        """The container was removed: inspects that are answered later do not bring it back, but listings do."""
        self._removed[container_id] = None
        if len(self._removed) > MAX_REMOVED:
            del self._removed[next(iter(self._removed))]
        self._urgent = self._containers.pop(container_id, None) is not None or self._urgent

    def removed_ids(self) -> frozenset[str]:
        """Full ids of containers that were removed."""
        return frozenset(self._removed)

    def readmit(self, container_ids: Iterable[str]) -> None:
        """Containers that were taken for removed are in a listing that began later: they exist."""
        for container_id in container_ids:
            self._removed.pop(container_id, None)

    def get(self, container_id: str) -> Entry | None:
        """The newest entry of a container, None for an unknown one."""
        known = self._containers.get(container_id)
        return known.entry if known else None

    def ids(self) -> tuple[str, ...]:
        """Full ids of all containers."""
        return tuple(self._containers)

    # figures

    def ingest(self, sample: Sample) -> None:
        """Take one sample; one of an unknown container, or not newer than the last one, is dropped."""
        known = self._containers.get(sample.container_id)
        if known is not None and known.ingest(sample, self.thresholds):
            self._dirty = True
            self.sample_arrived.set()

    def preload(self, container_id: str, samples: Iterable[Sample]) -> None:
        """Fill in the past of a container that is new here; signals are evaluated once, at the end."""
        self._containers[container_id].preload(samples, self.thresholds)
        self._urgent = True

    def mark_stale(self, container_id: str) -> None:
        """No samples come of a live container: its row says n/a and its series gets a gap."""
        known = self._containers.get(container_id)
        if known is not None and not known.entry.stale:
            known.mark_stale()
            self._urgent = True

    def add_host_figures(self, host: HostFigures | None) -> None:
        """Take the figures of the engine's machine; None when they are not known any more."""
        if host is not None:
            values = (getattr(host, name) for name in HOST_METRICS)
            self._host_ring.append(host.at, [NAN if value is None else float(value) for value in values])
        self._snapshot = replace(self._snapshot, host=host)
        self._dirty = True

    # the engine, its events and what was done to it

    def add_event(self, event: Event) -> bool:
        """Take one event; False when it was seen already, or is a health check with the verdict of the one before."""
        if event.key in self._seen_events:
            return False
        self._seen_events[event.key] = None
        if len(self._seen_events) > MAX_SEEN_EVENTS:
            del self._seen_events[next(iter(self._seen_events))]
        if not self._is_health_news(event):
            return False
        self._events.append(event)
        known = self._containers.get(event.actor_id)
        if known is not None:
            known.add_event(event)
            known.evaluate(self.thresholds)
        self._urgent = True
        return True

    def _is_health_news(self, event: Event) -> bool:
        """Whether an event other than a repeated verdict: Podman sends one for every health check."""
        if event.action in ("start", "die", "destroy"):
            self._health_verdicts.pop(event.actor_id, None)
        if event.action != "health_status":
            return True
        before, self._health_verdicts[event.actor_id] = self._health_verdicts.get(event.actor_id), event.detail
        return before != event.detail

    def set_link(self, link: Link) -> None:
        """Set the state of the link to the engine."""
        self._set(link=link)

    def set_engine(self, info: EngineInfo) -> bool:
        """Set the engine that answers; True when it is another than before, whose containers and events are dropped."""
        known = self._snapshot.engine.id
        is_another = bool(known and info.id and known != info.id)
        if is_another:
            self._containers.clear()
            self._events.clear()
            self._seen_events.clear()
            self._health_verdicts.clear()
            self._removed.clear()
        self._set(engine=info)
        return is_another

    def set_ready(self, ready: bool = True) -> None:
        """Set whether the first listing is complete."""
        self._set(ready=ready)

    def add_outcome(self, outcome: Outcome, can_undo: bool) -> None:
        """Record the outcome of a plan, and whether there is a change to undo now."""
        self._set(outcomes=(*self._snapshot.outcomes[1 - MAX_OUTCOMES :], outcome), can_undo=can_undo)

    def set_can_undo(self, can_undo: bool) -> None:
        """Set whether there is a change to undo."""
        self._set(can_undo=can_undo)

    def set_sources(self, sources: SourceCounts) -> None:
        """Set how many containers are read from which source."""
        if sources != self._snapshot.sources:
            self._set(sources=sources)

    def set_read_only(self, read_only: bool) -> None:
        """Set whether plans are refused."""
        self._set(read_only=read_only)

    def _set(self, **changes: object) -> None:
        self._snapshot = replace(self._snapshot, **changes)  # type: ignore[arg-type]  # names are checked by the class
        self._urgent = True

    # snapshots

    def snapshot(self, now: float) -> Snapshot:
        """Everything at `now` (epoch seconds); the same object while nothing changed.

        Samples are shown in batches, at most one in BATCH_SECONDS; any other change is shown at once.
        """
        if not self._urgent and abs(now - self._snapshot_at) < BATCH_SECONDS:
            return self._snapshot
        for known in self._containers.values():
            if not known.is_healthy:
                self._dirty = known.refresh_alerts(now, self.thresholds) or self._dirty
        if self._dirty or self._urgent:
            self._snapshot = self._next_snapshot(now)
        self._dirty = self._urgent = False
        self._snapshot_at = now
        return self._snapshot

    def _next_snapshot(self, now: float) -> Snapshot:
        if not self._in_order:
            self._containers = dict(sorted(self._containers.items(), key=_creation_order))
            self._in_order = True
        entries = {key: known.entry for key, known in self._containers.items()}
        raised = [alert for entry in entries.values() for alert in entry.alerts]
        raised.sort(key=lambda alert: (-LEVELS.index(alert.level), alert.since, alert.name))
        return replace(
            self._snapshot,
            revision=self._snapshot.revision + 1,
            at=now,
            entries=entries,
            events=tuple(self._events),
            alerts=tuple(raised),
            host_window=self._host_ring.window(),
        )


def _creation_order(item: tuple[str, ContainerHistory]) -> tuple[float, str]:
    """Sort key of containers: creation time, then id."""
    return (item[1].container.created_at, item[0])
