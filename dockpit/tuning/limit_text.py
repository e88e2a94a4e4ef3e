"""Limits as text, in the units in which a user types them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from dockpit.model.container_limits import UNLIMITED_BYTES, Limits
from dockpit.model.engine_info import EngineInfo
from dockpit.tuning.cpu_limit_rules import DEFAULT_PERIOD_US
from dockpit.tuning.units import NANO, format_cpus, format_size


def format_limit(field: str, limits: Limits, engine: EngineInfo) -> str:
    """One limit as text; `field` is that of a limit request."""
    return _FORMATTERS[field](limits, engine)


def restart_policy_text(limits: Limits) -> str:
    """The restart policy as docker writes it: `always`, `on-failure:3`."""
    max_retries = f":{limits.restart_max_retries}" if limits.restart_max_retries else ""
    return f"{limits.restart_policy}{max_retries}"


def _cpus_text(limits: Limits, engine: EngineInfo) -> str:
    nano_cpus = limits.nano_cpus
    if not nano_cpus and limits.cpu_quota_us > 0:
        nano_cpus = limits.cpu_quota_us * NANO // (limits.cpu_period_us or DEFAULT_PERIOD_US)
    if not nano_cpus:
        return "none"
    text = format_cpus(nano_cpus)
    if limits.cpu_quota_us < 0:
        return f"{text} until the next start"
    return f"{text} (all)" if engine.cpus and nano_cpus >= engine.cpus * NANO else text


def _memory_swap_text(limits: Limits, engine: EngineInfo) -> str:
    swap = limits.memory_swap_bytes
    if limits.memory_limit_bytes is None:
        return "none"
    if not 0 <= swap < UNLIMITED_BYTES:
        return "unlimited"
    return format_size(swap) if swap else "default"


def _size_or_none(size_bytes: int | None) -> str:
    return format_size(size_bytes) if size_bytes else "none"


_FORMATTERS: Mapping[str, Callable[[Limits, EngineInfo], str]] = {
    "cpus": _cpus_text,
    "cpu_shares": lambda limits, engine: str(limits.cpu_shares or "default"),
    "cpuset_cpus": lambda limits, engine: limits.cpuset_cpus or "all",
    "cpuset_mems": lambda limits, engine: limits.cpuset_mems or "all",
    "memory": lambda limits, engine: _size_or_none(limits.memory_limit_bytes),
    "memory_swap": _memory_swap_text,
    "memory_reservation": lambda limits, engine: _size_or_none(limits.memory_reserved_bytes),
    "pids_limit": lambda limits, engine: str(limits.pids_max or "none"),
    "blkio_weight": lambda limits, engine: str(limits.blkio_weight or "default"),
    "restart": lambda limits, engine: restart_policy_text(limits),
}
