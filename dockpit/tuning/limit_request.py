"""The limits a user asks for, and the container, engine and host they are checked against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from dockpit.metrics.samples import Sample
from dockpit.model.container import Container
from dockpit.model.engine_info import EngineInfo
from dockpit.model.errors import LimitError
from dockpit.tuning.units import parse_cpuset

LIMIT_LABELS: Mapping[str, str] = {
    "cpus": "CPUs",
    "cpu_shares": "CPU shares",
    "cpuset_cpus": "CPU set",
    "cpuset_mems": "memory nodes",
    "memory": "memory",
    "memory_swap": "memory + swap",
    "memory_reservation": "reservation",
    "pids_limit": "pids",
    "blkio_weight": "block I/O weight",
    "restart": "restart policy",
}
"""Field of a LimitRequest -> its label for the user, in the order of the form."""

UpdateBody = dict[str, Any]
"""Part of the JSON of POST /containers/{id}/update."""


@dataclass(frozen=True, slots=True)
class LimitRequest:
    """The text a user typed for each limit, in docker's units; "" leaves the limit alone, `none` lifts it."""

    cpus: str = ""
    cpu_shares: str = ""
    cpuset_cpus: str = ""
    cpuset_mems: str = ""
    memory: str = ""
    memory_swap: str = ""
    memory_reservation: str = ""
    pids_limit: str = ""
    blkio_weight: str = ""
    restart: str = ""

    @property
    def given(self) -> tuple[str, ...]:
        """Names of the fields with text."""
        return tuple(one.name for one in fields(self) if getattr(self, one.name).strip())


@dataclass(frozen=True, slots=True)
class LimitContext:
    """Container, engine and host that a request is checked against.

    `sample` is the latest one, None if there is none; `cpus` and `mems` are the host's CPUs and memory nodes, empty if
    not known.
    """

    container: Container
    engine: EngineInfo
    sample: Sample | None = None
    cpus: frozenset[int] = frozenset()
    mems: frozenset[int] = frozenset()

    @property
    def all_cpus(self) -> frozenset[int]:
        """The CPUs that a container may be given; counted from 0 where only their number is known.

        Empty where the container has a CPU beyond that: some are offline, as with hyper-threading off.
        """
        counted = frozenset(range(self.engine.cpus))
        return self.cpus or (counted if self._own_cpus() <= counted else frozenset())

    def _own_cpus(self) -> frozenset[int]:
        """The CPUs of the container's cpuset, as far as it can be read."""
        try:
            return frozenset(parse_cpuset(self.container.limits.cpuset_cpus))
        except LimitError:
            return frozenset()

    @property
    def unreclaimable_bytes(self) -> int | None:
        """Memory in use that reclaim cannot free, or all memory in use where that is not known.

        None for a stopped container or without a sample.
        """
        if not self.container.live or self.sample is None:
            return None
        unreclaimable = self.sample.memory_unreclaimable_bytes
        return unreclaimable if unreclaimable is not None else self.sample.memory_used_bytes
