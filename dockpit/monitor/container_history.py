"""The past and present of one container: its ring of figures, its newest sample and what the signals make of them.

sample -> ingest() -> ring -> signals -> entry (frozen, one row of a Snapshot)
inspect -> update()  event -> add_event()  time -> refresh_alerts()
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable
from dataclasses import replace

from dockpit.metrics import derive
from dockpit.metrics.metric_ring import MetricRing, Window
from dockpit.metrics.samples import Rates, Sample
from dockpit.metrics.snapshot import Entry, memory_limit
from dockpit.model.container import Container
from dockpit.model.engine_info import EngineInfo
from dockpit.model.events import Event
from dockpit.model.thresholds import Thresholds
from dockpit.model.verdicts import MemoryRisk
from dockpit.monitor.condition_times import ConditionTimes
from dockpit.monitor.limit_history import LimitHistory
from dockpit.monitor.oom_kill_counter import OomKillCounter
from dockpit.signals import memory_risk
from dockpit.signals.alerts import container_alerts, has_no_alerts
from dockpit.signals.throttling import ThrottlingWindow

FORECAST_WINDOW_SECONDS = 30.0
"""Length of the past that the memory forecast is made from."""
CLOCK_BACK_SECONDS = 5.0
"""Minimum age of a sample relative to the last one that means its clock was set back."""
CPU_RATE_TOLERANCE = 1.5
"""A CPU rate above this many times the machine's CPUs comes of a counter that was wrong: its pair gives no rates."""
MAX_STARTS = 64
"""Number of start times remembered; the oldest are dropped."""


class ContainerHistory:
    """One container's past and present; `entry` is its part of a snapshot."""

    def __init__(self, container: Container, ring: MetricRing, engine: EngineInfo) -> None:
        self._ring = ring
        self._max_cores = engine.cpus * CPU_RATE_TOLERANCE if engine.cpus else math.inf
        self._throttling = ThrottlingWindow()
        self._oom_kills = OomKillCounter()
        self._limits = LimitHistory()
        self._times = ConditionTimes()
        self._starts: deque[float] = deque(maxlen=MAX_STARTS)
        self.entry = Entry(container, ring.window(), memory_total_bytes=engine.memory_bytes)
        self._last: Sample | None = None
        self._healthy_entry: Entry | None = None
        """The last entry found to have nothing wrong with it, whatever the time."""

    @property
    def container(self) -> Container:
        """The container as last inspected."""
        return self.entry.container

    # inspects and events

    def update(self, container: Container) -> None:
        """Take a new inspect; the series of a container that ended or runs anew gets a gap."""
        old = self.container
        if (old.started_at, old.live) != (container.started_at, container.live):
            self._end_series()
            self.entry = replace(self.entry, sample=None, rates=None, stale=False)
        if old.started_at != container.started_at:
            self._oom_kills.start_run()
        if old.limits != container.limits:
            self._limits.reset_differences()
        self.entry = replace(self.entry, container=container)

    def add_event(self, event: Event) -> None:
        """Record when the container started or was OOM-killed."""
        self._healthy_entry = None
        if event.action == "oom":
            self._oom_kills.add_event(event.at)
        elif event.action == "start":
            self._starts.append(event.at)

    # samples

    def ingest(self, sample: Sample, thresholds: Thresholds) -> bool:
        """Take one sample; False when it is not newer than the last one, too near to it, or without its counters."""
        if self._has_lost_counters(sample):
            return False
        if sample.first:
            self._end_series()
        if sample.at < self._ring.last_at - CLOCK_BACK_SECONDS:
            self._start_over()
        if sample.at < self._ring.last_at + derive.MIN_SECONDS:
            return False
        rates = self._append(sample, thresholds)
        self._oom_kills.add_sample(sample)
        self._limits.add_sample(sample, self.entry.container, self.entry.memory_total_bytes)
        self._evaluate(sample, rates, stale=False, thresholds=thresholds)
        return True

    def preload(self, samples: Iterable[Sample], thresholds: Thresholds) -> None:
        """Fill in the past of a container that is new here; signals are evaluated once, at the end."""
        for sample in samples:
            self._append(sample, thresholds)
        self.entry = replace(self.entry, window=self._ring.window())
        self.evaluate(thresholds)

    def mark_stale(self) -> None:
        """No more samples come: the figures are old, and the series gets a gap."""
        self._end_series()
        self.entry = replace(self.entry, stale=True, rates=None)

    def _append(self, sample: Sample, thresholds: Thresholds) -> Rates | None:
        last = self._last
        if last is not None and derive.counters_fell(last, sample):
            self._end_series()
            last = None
        rates = self._rates(last, sample) if last is not None else None
        self._throttling.add(sample, thresholds.throttle_window_seconds)
        self._ring.append(sample.at, derive.ring_row(sample, rates))
        self._last = sample
        return rates

    def _has_lost_counters(self, sample: Sample) -> bool:
        """Whether the CPU time of a run under way is 0: some engines send such a sample now and then."""
        return sample.cpu_ns == 0 and not sample.first and self._last is not None and bool(self._last.cpu_ns)

    def _rates(self, last: Sample, sample: Sample) -> Rates | None:
        """The rates between two samples, None where an engine counts more CPU than the machine has."""
        rates = derive.rates(last, sample)
        cores = rates.cpu_cores if rates is not None else None
        is_wrong = cores is not None and cores > self._max_cores and sample.source == "engine"
        return None if is_wrong else rates

    def _end_series(self) -> None:
        """Add a gap: nothing that follows is derived from what came before."""
        self._ring.append_gap()
        self._throttling.clear()
        self._last = None
        self.entry = replace(self.entry, window=self._ring.window())

    def _start_over(self) -> None:
        """Forget the past, whose times are of a clock that was set back."""
        self._ring = self._ring.empty_copy()
        self._throttling.clear()
        self._last = None
        self._times.clear()
        self._limits.clear_changes()

    # signals

    def evaluate(self, thresholds: Thresholds) -> None:
        """Evaluate all signals again from the samples and events in memory."""
        self._evaluate(self.entry.sample, self.entry.rates, stale=self.entry.stale, thresholds=thresholds)

    def _evaluate(self, sample: Sample | None, rates: Rates | None, *, stale: bool, thresholds: Thresholds) -> None:
        throttling = self._throttling.assess(thresholds)
        at = self._last.at if self._last is not None else 0.0
        if since := self._times.since("throttling", throttling.level != "ok", at):
            throttling = replace(throttling, since=since)
        old, window = self.entry, self._ring.window()
        container, total_bytes = old.container, old.memory_total_bytes
        limit_bytes = memory_limit(sample, container, total_bytes)
        self.entry = Entry(
            container=container,
            window=window,
            sample=sample,
            rates=rates,
            throttling=throttling,
            memory=self._memory_risk(window, sample, limit_bytes, thresholds, at),
            alerts=old.alerts,
            stale=stale,
            memory_total_bytes=total_bytes,
            differences=self._limits.confirmed_differences(sample, container, total_bytes),
            limits_history=self._limits.record(at, sample, container, limit_bytes),
        )
        self._healthy_entry = self.entry if self._is_healthy(thresholds) else None

    def _memory_risk(
        self, window: Window, sample: Sample | None, limit_bytes: int | None, thresholds: Thresholds, at: float
    ) -> MemoryRisk:
        risk = memory_risk.NO_RISK
        if sample is not None and limit_bytes is not None:
            times, values = window.rows("memory_unreclaimable_bytes", at - FORECAST_WINDOW_SECONDS)
            risk = memory_risk.assess_memory_risk(times, values, sample.memory_used_bytes, limit_bytes, thresholds)
        since = self._times.since("memory", risk.risk != "none", at)
        kills = self._oom_kills.count(self.entry.container, thresholds)
        if not kills and not since:
            return risk
        return replace(risk, kills=kills, last_kill_at=self._oom_kills.last_kill_at, since=since)

    def _is_healthy(self, thresholds: Thresholds) -> bool:
        entry = self.entry
        if entry.alerts or entry.differences or self._starts:
            return False
        pids = entry.sample.pids if entry.sample is not None else None
        return has_no_alerts(entry.container, entry.throttling, entry.memory, pids, thresholds)

    # alerts

    @property
    def is_healthy(self) -> bool:
        """Whether nothing is wrong with the container, whatever the time: refresh_alerts() has nothing to do."""
        return self.entry is self._healthy_entry

    def refresh_alerts(self, now: float, thresholds: Thresholds) -> bool:
        """Bring the alerts up to date at `now` (epoch seconds); True when any changed."""
        while self._starts and self._starts[0] < now - thresholds.restart_loop_window_seconds:
            self._starts.popleft()
        entry = self.entry
        found = container_alerts(
            entry.container,
            entry.throttling,
            entry.memory,
            entry.sample.pids if entry.sample else None,
            tuple(self._starts),
            now,
            thresholds,
            entry.differences,
        )
        dated = self._times.date_alerts(found, now)
        if dated == entry.alerts:
            return False
        self.entry = replace(entry, alerts=dated)
        return True
