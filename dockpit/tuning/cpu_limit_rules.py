"""Rules for CPU limits: CPUs, CPU shares, CPU set and memory nodes."""

from __future__ import annotations

from dockpit.metrics.formatting import plural
from dockpit.model.container_limits import Limits
from dockpit.model.errors import LimitError
from dockpit.tuning.limit_request import LIMIT_LABELS, LimitContext, LimitRequest, UpdateBody
from dockpit.tuning.units import (
    NANO,
    format_cpus,
    format_cpuset,
    means_unlimited,
    parse_count,
    parse_cpus,
    parse_cpuset,
)

MIN_NANO_CPUS = 10_000_000
MIN_QUOTA_US = 1000
DEFAULT_PERIOD_US = 100_000
DEFAULT_SHARES = 1024


def cpus_body(request: LimitRequest, context: LimitContext) -> UpdateBody:
    """NanoCpus or CpuQuota; all CPUs of the engine for no limit."""
    limits, count = context.container.limits, context.engine.cpus
    if not request.cpus.strip():
        return {}
    if means_unlimited(request.cpus):
        if limits.cpu_cores is None and not limits.nano_cpus:
            return {}
        if not count:
            raise LimitError("the engine does not say how many CPUs it has: give a number", "cpus")
        nano_cpus = count * NANO
    else:
        nano_cpus = parse_cpus(request.cpus)
    if nano_cpus < MIN_NANO_CPUS:
        raise LimitError("the minimum is 0.01 CPUs; write none for no limit", "cpus")
    if count and nano_cpus > count * NANO:
        raise LimitError(f"the engine has only {plural(count, 'CPU')}", "cpus")
    return _quota_body(nano_cpus, limits) if requires_quota(limits) else {"NanoCpus": nano_cpus}


def requires_quota(limits: Limits) -> bool:
    """Whether the CPU limit must be a quota: the engine refuses NanoCpus where a quota or period was ever set."""
    return limits.nano_cpus == 0 and (limits.cpu_quota_us != 0 or limits.cpu_period_us > 0)


def _quota_body(nano_cpus: int, limits: Limits) -> UpdateBody:
    period_us = limits.cpu_period_us or DEFAULT_PERIOD_US
    quota_us = nano_cpus * period_us // NANO
    if quota_us < MIN_QUOTA_US:
        least = format_cpus(-(-MIN_QUOTA_US * NANO // period_us))
        raise LimitError(f"with this container's period of {period_us} µs the minimum is {least} CPUs", "cpus")
    return {"CpuQuota": quota_us}


def cpu_shares_body(request: LimitRequest, context: LimitContext) -> UpdateBody:
    """CpuShares; the default weight for no limit."""
    if not request.cpu_shares.strip():
        return {}
    if means_unlimited(request.cpu_shares):
        return {"CpuShares": DEFAULT_SHARES}
    shares = parse_count(request.cpu_shares, "cpu_shares")
    if not 2 <= shares <= 262_144:
        raise LimitError("CPU shares go from 2 to 262144; 1024 is the default", "cpu_shares")
    return {"CpuShares": shares}


def cpuset_cpus_body(request: LimitRequest, context: LimitContext) -> UpdateBody:
    """CpusetCpus; all CPUs of the host for no limit."""
    return _cpuset_body(request.cpuset_cpus, "cpuset_cpus", "CpusetCpus", context.cpus, context.all_cpus)


def cpuset_mems_body(request: LimitRequest, context: LimitContext) -> UpdateBody:
    """CpusetMems; all memory nodes of the host for no limit."""
    return _cpuset_body(request.cpuset_mems, "cpuset_mems", "CpusetMems", context.mems, context.mems)


def _cpuset_body(text: str, field: str, key: str, known: frozenset[int], every: frozenset[int]) -> UpdateBody:
    """The numbers listed, which are checked against those `known` of the host; `every` for no limit."""
    if not text.strip():
        return {}
    if means_unlimited(text) or text.strip().lower() == "all":
        if not every:
            raise LimitError(f"the host's {LIMIT_LABELS[field]} is not known here: list the numbers", field)
        return {key: format_cpuset(every)}
    numbers = parse_cpuset(text, field)
    missing = sorted(set(numbers) - known)
    if known and missing:
        raise LimitError(f"{format_cpuset(missing)} is not there: the host has {format_cpuset(known)}", field)
    return {key: format_cpuset(numbers)}
