"""The whole state of one engine at one instant: frozen, compared by identity, shared by every screen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from dockpit.metrics.metric_ring import MetricRing, Window
from dockpit.metrics.samples import Rates, Sample
from dockpit.model.container import Container
from dockpit.model.engine_info import EngineInfo, Link, SourceCounts
from dockpit.model.events import Event
from dockpit.model.host_figures import HostFigures
from dockpit.model.plans import Outcome
from dockpit.model.verdicts import Alert, MemoryRisk, Risk, Throttling

HOST_METRICS = (
    "cpu_percent",
    "memory_used_bytes",
    "disk_read_bytes_per_s",
    "disk_write_bytes_per_s",
    "net_rx_bytes_per_s",
    "net_tx_bytes_per_s",
    "cpu_some_percent",
    "memory_some_percent",
    "io_some_percent",
)
"""The figures in the host's ring: the fields of HostFigures with these names."""


def memory_limit(sample: Sample | None, container: Container, memory_total_bytes: int) -> int | None:
    """The memory limit in force, in bytes: the kernel's, else the engine's, else the configured one; None for none.

    An engine that reports the whole machine's memory as the limit means that there is none.
    """
    if sample is not None and sample.in_force is not None:
        return sample.in_force.tightest_memory_bytes
    measured = sample.memory_limit_bytes if sample is not None else None
    if measured is None or (memory_total_bytes and measured >= memory_total_bytes):
        return container.limits.memory_limit_bytes
    return measured


def cpu_limit(sample: Sample | None, container: Container) -> float | None:
    """The CFS limit in force, in cores: the kernel's where it was read, else the configured one; None for none."""
    if sample is not None and sample.in_force is not None:
        return sample.in_force.tightest_cpu_cores
    return container.limits.cpu_cores


class LimitsSince(NamedTuple):
    """The limits in force from a time on; None is no limit."""

    at: float
    """Seconds since the epoch."""
    cpu_cores: float | None
    memory_bytes: int | None


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """One container at one instant: its description, newest figures, history and alerts."""

    container: Container
    window: Window
    sample: Sample | None = None
    rates: Rates | None = None
    throttling: Throttling = field(default_factory=Throttling)
    memory: MemoryRisk = field(default_factory=MemoryRisk)
    alerts: tuple[Alert, ...] = ()
    stale: bool = False
    """Live, but without a sample for longer than the watchdog allows; its figures are shown as n/a."""
    memory_total_bytes: int = 0
    """Memory of the engine's machine; a reported limit of this much is no limit."""
    differences: tuple[str, ...] = ()
    """Limits in force that differ from the configured ones, a sentence each."""
    limits_history: tuple[LimitsSince, ...] = ()
    """The limits in force since watching began, oldest first; the last ones are in force now."""

    @property
    def current_sample(self) -> Sample | None:
        """The newest sample, None for a container that is not live or whose samples have stopped."""
        return self.sample if self.container.live and not self.stale else None

    @property
    def current_rates(self) -> Rates | None:
        """The newest rates, None for a container that is not live or whose samples have stopped."""
        return self.rates if self.container.live and not self.stale else None

    @property
    def cpu_limit_cores(self) -> float | None:
        """The CFS limit in force, in cores; None for none."""
        return cpu_limit(self.sample, self.container)

    @property
    def cpu_of_limit_percent(self) -> float | None:
        """CPU used in percent of the limit in force, None without a limit or a rate."""
        limit, rates = self.cpu_limit_cores, self.current_rates
        cores = rates.cpu_cores if rates is not None else None
        return cores / limit * 100 if cores is not None and limit else None

    @property
    def throttled_percent(self) -> float | None:
        """Throttled periods in percent of all periods of the last window; None without a CPU limit.

        The container's own, or those of a cgroup above that was throttled more.
        """
        return self.throttling.percent if self.current_rates is not None and self.cpu_limit_cores else None

    @property
    def throttled_ms_per_s(self) -> float | None:
        """CPU milliseconds per second lost to the limit over the last window; None without a CPU limit."""
        return self.throttling.ms_per_s if self.current_rates is not None and self.cpu_limit_cores else None

    @property
    def memory_limit_bytes(self) -> int | None:
        """The memory limit in force; None when only the machine bounds it."""
        return memory_limit(self.sample, self.container, self.memory_total_bytes)

    @property
    def memory_of_limit_percent(self) -> float | None:
        """Memory as docker counts it in percent of the limit in force, None without either."""
        limit, sample = self.memory_limit_bytes, self.current_sample
        used = sample.memory_used_bytes if sample is not None else None
        return used / limit * 100 if used is not None and limit else None

    @property
    def oom_risk(self) -> Risk:
        """The risk of an OOM kill; "none" while no samples come."""
        return self.memory.risk if self.current_sample is not None else "none"

    @property
    def oom_eta_seconds(self) -> float | None:
        """Estimated seconds until an OOM kill; None while no samples come."""
        return self.memory.eta_seconds if self.current_sample is not None else None

    @property
    def pids_limit(self) -> int | None:
        """The pids limit in force, None for none."""
        measured = self.sample.pids_limit if self.sample is not None else None
        return measured or self.container.limits.pids_max

    @property
    def running_since(self) -> float | None:
        """When it was started, seconds since the epoch; None for a container that is not live."""
        return self.container.started_at if self.container.live and self.container.started_at else None

    @property
    def figures_source(self) -> str:
        """Where its figures come from: "kernel" or "engine"."""
        sample = self.current_sample
        return sample.source if sample is not None else "engine"

    @property
    def ports_text(self) -> str:
        """Its published ports with commas between them."""
        return ", ".join(self.container.ports)

    @property
    def differences_text(self) -> str:
        """The limits in force that differ from those configured, with semicolons between them."""
        return "; ".join(self.differences)


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """Everything a screen may show. `revision` grows by one with every change."""

    revision: int = 0
    at: float = 0.0
    link: Link = field(default_factory=Link)
    engine: EngineInfo = field(default_factory=EngineInfo)
    host: HostFigures | None = None
    host_window: Window = field(default_factory=lambda: MetricRing(1, HOST_METRICS).window())
    entries: Mapping[str, Entry] = field(default_factory=dict)
    """By full container id, in order of creation."""
    events: tuple[Event, ...] = ()
    """Oldest first, without routine ones such as the execs of health checks."""
    alerts: tuple[Alert, ...] = ()
    """Worst first."""
    outcomes: tuple[Outcome, ...] = ()
    """Results of this session's actions, oldest first."""
    can_undo: bool = False
    read_only: bool = False
    ready: bool = False
    """Whether the first listing is complete."""
    sources: SourceCounts = field(default_factory=SourceCounts)

    @property
    def measured_and_live(self) -> tuple[int, int]:
        """The number of live containers whose samples still come, and of all live containers."""
        live = [entry for entry in self.entries.values() if entry.container.live]
        return sum(not entry.stale for entry in live), len(live)

    def detach(self) -> Snapshot:
        """The same snapshot with copies of its histories, in which no later row overwrites one that it shows."""
        entries = {key: replace(entry, window=entry.window.copy()) for key, entry in self.entries.items()}
        return replace(self, entries=entries, host_window=self.host_window.copy())
