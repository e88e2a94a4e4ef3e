"""What is known of one container: its tape, its newest samples, when it started, when it was OOM-killed."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import replace

from dockpit.metrics import derive
from dockpit.metrics.samples import Rates, Sample
from dockpit.metrics.series import MetricRing, Window
from dockpit.metrics.snapshot import Entry, LimitsSince, cpu_limit, memory_limit
from dockpit.model.container import Container
from dockpit.model.events import Event
from dockpit.model.thresholds import Thresholds
from dockpit.model.verdicts import Alert, MemoryRisk
from dockpit.signals import memory_risk, oom_kills
from dockpit.signals.alerts import alerts, nothing_wrong
from dockpit.signals.limit_differences import differences
from dockpit.signals.throttling import ThrottlingWindow

RECENT_SECONDS = 30.0
"""How far back a forecast of memory looks."""
CLOCK_BACK_SECONDS = 5.0
"""A sample so much older than the last one says that the clock it was read by was set back."""
KEPT_LIMITS = 64
"""So many changes of its limits are remembered."""
SEEN_TWICE = 2
"""Limits that differ are spoken of once two readings of them agree: a change takes a moment to be known everywhere."""


class ContainerHistory:
    """One container's past and present; `entry` is what of it goes into a snapshot."""

    def __init__(self, container: Container, tape: MetricRing, memory_total_bytes: int) -> None:
        self.tape = tape
        self._throttled = ThrottlingWindow()
        self.oom_times: deque[float] = deque(maxlen=256)
        self.starts: deque[float] = deque(maxlen=64)
        self.since: dict[str, float] = {}
        self.entry = Entry(container, self.tape.window(), memory_total_bytes=memory_total_bytes)
        self._last: Sample | None = None
        self._kernel_kills: int | None = None
        self._kill_seen_at = 0.0
        self._differing = (0.0, 0)
        self._fine: Entry | None = None
        """The entry that was last found to have nothing wrong with it, whatever the time."""

    @property
    def container(self) -> Container:
        """The container as last inspected."""
        return self.entry.container

    # what it is

    def describe(self, container: Container) -> None:
        """Take a new inspect; a container that is no longer live, or runs anew, ends its series with a gap."""
        old = self.container
        if (old.started_at, old.live) != (container.started_at, container.live):
            self.break_off()
            self.entry = replace(self.entry, sample=None, rates=None, stale=False)
        if old.started_at != container.started_at:
            self._kernel_kills, self._kill_seen_at = None, 0.0
        if old.limits != container.limits:
            self._differing = (0.0, 0)
        self.entry = replace(self.entry, container=container)

    def note(self, event: Event) -> None:
        """Take down when it started and when it was killed."""
        self._fine = None
        if event.action == "oom":
            self.oom_times.append(event.at)
        elif event.action == "start":
            self.starts.append(event.at)

    # figures

    def break_off(self) -> None:
        """End the series here: what comes next is not derived from what came before."""
        self.tape.gap()
        self._throttled.clear()
        self._last = None
        self.entry = replace(self.entry, window=self.tape.window())

    def silence(self) -> None:
        """No figures come any more: those there are are old."""
        self.break_off()
        self.entry = replace(self.entry, stale=True, rates=None)

    def _begin_anew(self) -> None:
        """Give up the past, whose times are not those of the clock that runs now."""
        self.tape = self.tape.anew()
        self._throttled.clear()
        self._last = None
        self.since.clear()
        self.entry = replace(self.entry, limits_from=())

    def ingest(self, sample: Sample, thresholds: Thresholds) -> bool:
        """Take one sample; False when it is not newer than the last one, or too near to it to give a rate."""
        if sample.first:
            self.break_off()
        if sample.at < self.tape.last_at - CLOCK_BACK_SECONDS:
            self._begin_anew()
        if sample.at < self.tape.last_at + derive.MIN_SECONDS:
            return False
        rates = self._append(sample, thresholds)
        self._count_kills(sample)
        self._compare(sample)
        self._show(sample, rates, stale=False, thresholds=thresholds)
        return True

    def preload(self, samples: Iterable[Sample], thresholds: Thresholds) -> None:
        """Fill the past of a container that is new here; signals are judged once, at the end."""
        for sample in samples:
            self._append(sample, thresholds)
        self.entry = replace(self.entry, window=self.tape.window())
        self.judge(thresholds)

    def _append(self, sample: Sample, thresholds: Thresholds) -> Rates | None:
        last = self._last
        if last is not None and derive.counters_fell(last, sample):
            self.break_off()
            last = None
        rates = derive.rates(last, sample) if last is not None else None
        self._throttled.add(sample, thresholds.throttle_window_seconds)
        self.tape.append(sample.at, derive.ring_row(sample, rates))
        self._last = sample
        return rates

    def _count_kills(self, sample: Sample) -> None:
        """The kernel's own count of this run; one that grew says when, even where no event came."""
        kills, known = sample.oom_kills, self._kernel_kills
        if kills is not None:
            self._kernel_kills = kills
            if known is not None and kills > known:
                self._kill_seen_at = sample.at

    def _compare(self, sample: Sample) -> None:
        """Count the readings of the limits in force that differ from what is configured."""
        read_at, times = self._differing
        if sample.in_force is None or sample.in_force.read_at == read_at:
            return
        found = differences(self.container.limits, sample.in_force, self.entry.memory_total_bytes)
        self._differing = (sample.in_force.read_at, times + 1 if found else 0)

    # signals

    def judge(self, thresholds: Thresholds) -> None:
        """Work out the signals anew from what is kept."""
        self._show(self.entry.sample, self.entry.rates, stale=self.entry.stale, thresholds=thresholds)

    def _show(self, sample: Sample | None, rates: Rates | None, *, stale: bool, thresholds: Thresholds) -> None:
        throttled = self._throttled.judge(thresholds)
        at = self._last.at if self._last is not None else 0.0
        if since := self._since("throttling", throttled.level != "ok", at):
            throttled = replace(throttled, since=since)
        old, window = self.entry, self.tape.window()
        limit = memory_limit(sample, old.container, old.memory_total_bytes)
        self.entry = Entry(
            container=old.container,
            window=window,
            sample=sample,
            rates=rates,
            throttling=throttled,
            memory=self._memory(window, sample, limit, thresholds, at),
            alerts=old.alerts,
            stale=stale,
            memory_total_bytes=old.memory_total_bytes,
            differences=self._differences(sample),
            limits_from=self._limits_from(at, sample, limit),
        )
        self._fine = self.entry if self._is_fine(thresholds) else None

    def _is_fine(self, thresholds: Thresholds) -> bool:
        entry = self.entry
        if entry.alerts or entry.differences or self.starts:
            return False
        pids = entry.sample.pids if entry.sample is not None else None
        return nothing_wrong(entry.container, entry.throttling, entry.memory, pids, thresholds)

    def _limits_from(self, at: float, sample: Sample | None, memory_bytes: int | None) -> tuple[LimitsSince, ...]:
        """What held when, with what holds now where that is another."""
        known = self.entry.limits_from
        if sample is None:
            return known
        cores = cpu_limit(sample, self.container)
        if known and known[-1][1:] == (cores, memory_bytes):
            return known
        return (*known[1 - KEPT_LIMITS :], LimitsSince(at, cores, memory_bytes))

    def _memory(
        self, window: Window, sample: Sample | None, limit: int | None, thresholds: Thresholds, at: float
    ) -> MemoryRisk:
        risk = memory_risk.SAFE
        if sample is not None and limit is not None:
            times, values = window.rows("memory_unreclaimable_bytes", at - RECENT_SECONDS)
            risk = memory_risk.judge(times, values, sample.memory_used_bytes, limit, thresholds)
        since = self._since("memory", risk.risk != "none", at)
        kills = self.kills(thresholds)
        if not kills and not since:
            return risk
        return replace(risk, kills=kills, last_kill_at=self._last_kill(), since=since)

    def kills(self, thresholds: Thresholds) -> int:
        """OOM kills: the kernel's count of this run and the events before it, or all events where there are more.

        Events are debounced; at least one where the engine says that it was killed so.
        """
        if not self.oom_times and not self._kernel_kills:
            return int(self.container.oom_killed)
        debounce, started = thresholds.oom_debounce_seconds, self.container.started_at
        told = oom_kills.count_kills(list(self.oom_times), debounce)
        if self._kernel_kills is not None:
            told = oom_kills.count_kills([at for at in self.oom_times if at < started], debounce) + self._run_kills(
                told
            )
        return max(told, int(self.container.oom_killed))

    def _run_kills(self, told: int) -> int:
        """This run's kills: the kernel's count while it runs, at the end the last event may be missing from it."""
        assert self._kernel_kills is not None
        if self.container.live:
            return self._kernel_kills
        started, since_start = self.container.started_at, self.oom_times
        return max(self._kernel_kills, min(told, sum(at >= started for at in since_start)))

    def _last_kill(self) -> float:
        return max(self.oom_times[-1] if self.oom_times else 0.0, self._kill_seen_at)

    def _differences(self, sample: Sample | None) -> tuple[str, ...]:
        if sample is None or sample.in_force is None or self._differing[1] < SEEN_TWICE:
            return ()
        return differences(self.container.limits, sample.in_force, self.entry.memory_total_bytes)

    @property
    def fine(self) -> bool:
        """Whether nothing is wrong with it, whatever the time: there is nothing to warn of."""
        return self.entry is self._fine

    def warn(self, now: float, thresholds: Thresholds) -> bool:
        """Bring the alerts up to date; each keeps the time it was first raised. Whether any differs."""
        entry = self.entry
        pids = entry.sample.pids if entry.sample else None
        found = alerts(
            entry.container,
            entry.throttling,
            entry.memory,
            pids,
            tuple(self.starts),
            now,
            thresholds,
            entry.differences,
        )
        kinds = {alert.kind for alert in found}
        for kind in [key for key in self.since if key.startswith("alert:") and key[6:] not in kinds]:
            del self.since[kind]
        dated = tuple(self._dated(alert, now) for alert in found)
        if dated == entry.alerts:
            return False
        self.entry = replace(entry, alerts=dated)
        return True

    def _dated(self, alert: Alert, now: float) -> Alert:
        return replace(alert, since=self.since.setdefault(f"alert:{alert.kind}", alert.since or now))

    def _since(self, key: str, raised: bool, at: float) -> float:
        if not raised:
            self.since.pop(key, None)
            return 0.0
        return self.since.setdefault(key, at)
