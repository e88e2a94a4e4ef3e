"""Limit updates, POST /containers/{id}/update: the engine's checks, then the kernel's, in their own words.

body -> parse -> validate values -> check conflicts with HostConfig -> write to the cgroup -> store HostConfig
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dockpit.simulate.engine_refusal import EngineRefusal
from dockpit.simulate.kernel_model import UNLIMITED_BYTES, cgroup_limits, parse_cpu_list, quota_cores
from dockpit.simulate.scenario_spec import MIB
from dockpit.simulate.simulated_container import SimulatedContainer
from dockpit.simulate.world_state import WorldState

MIN_MEMORY_BYTES = 6 * MIB
INTEGER_KEYS = [
    "NanoCpus",
    "CpuQuota",
    "CpuPeriod",
    "CpuShares",
    "Memory",
    "MemorySwap",
    "MemoryReservation",
    "PidsLimit",
    "BlkioWeight",
]
TEXT_KEYS = ("CpusetCpus", "CpusetMems")
RESTART_POLICIES = ("no", "always", "unless-stopped", "on-failure")


def update(world: WorldState, container: SimulatedContainer, body: Mapping[str, Any], at: float) -> list[str]:
    """Change limits as the engine does; its warnings.

    Raises EngineRefusal 400, 409 or 500, with HostConfig and cgroup unchanged.
    """
    changes = _parse(body)
    _validate(world, changes)
    _check_conflicts(container, changes)
    after = {**container.host_config, **{key: value for key, value in changes.items() if value or key == "PidsLimit"}}
    warnings = _warnings(world, changes, after)
    if container.live:
        _write_cgroup(world, container, changes, after)
    container.host_config = after
    world.emit(container, "update", at)
    return warnings


def _parse(body: Mapping[str, Any]) -> dict[str, Any]:
    """The known keys of the body in canonical spelling, with their types checked. Raises EngineRefusal 500."""
    names = {name.lower(): name for name in (*INTEGER_KEYS, *TEXT_KEYS, "RestartPolicy")}
    changes: dict[str, Any] = {}
    for key, value in body.items():
        name = names.get(key.lower())
        if name is None or value is None:
            continue
        kind: type = int if name in INTEGER_KEYS else str if name in TEXT_KEYS else dict
        if not isinstance(value, kind) or isinstance(value, bool):
            raise EngineRefusal(500, _type_error(name, kind, value))
        changes[name] = value
    return changes


def _type_error(name: str, kind: type, value: object) -> str:
    """Go's message for a JSON value of the wrong type."""
    json_types = {str: "string", bool: "bool", float: "number", dict: "object", list: "array"}
    found, wanted = json_types.get(type(value), "number"), {int: "int64", str: "string"}.get(kind, "object")
    return f"json: cannot unmarshal {found} into Go struct field UpdateConfig.{name} of type {wanted}"


def _validate(world: WorldState, changes: Mapping[str, Any]) -> None:
    _validate_cpu(world, changes)
    _validate_memory(changes)
    for key, label, count in (("CpusetCpus", "CPUs", world.scenario.cpus), ("CpusetMems", "memory nodes", 1)):
        _validate_cpuset(str(changes.get(key, "")), key, label, count)
    weight = int(changes.get("BlkioWeight", 0))
    if world.scenario.cgroup_version == 2 and weight and not 10 <= weight <= 1000:
        raise EngineRefusal(400, "Range of blkio weight is from 10 to 1000")
    if "RestartPolicy" in changes:
        _validate_restart_policy(changes["RestartPolicy"])


def _validate_cpu(world: WorldState, changes: Mapping[str, Any]) -> None:
    nano, quota, period = (int(changes.get(key, 0)) for key in ("NanoCpus", "CpuQuota", "CpuPeriod"))
    if nano and quota > 0:
        raise EngineRefusal(400, "Conflicting options: Nano CPUs and CPU Quota cannot both be set")
    if nano and period > 0:
        raise EngineRefusal(400, "Conflicting options: Nano CPUs and CPU Period cannot both be set")
    cpus = world.scenario.cpus
    if nano < 0 or nano > cpus * 10**9:
        reason = f"as there are only {cpus} CPUs available"
        raise EngineRefusal(400, f"Range of CPUs is from 0.01 to {cpus}.00, {reason}")
    if period and not 1000 <= period <= 1_000_000:
        bounds = "less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)"
        raise EngineRefusal(400, f"CPU cfs period can not be {bounds}")
    if 0 < quota < 1000:
        raise EngineRefusal(400, "CPU cfs quota can not be less than 1ms (i.e. 1000)")


def _validate_memory(changes: Mapping[str, Any]) -> None:
    memory, swap, reserved = (int(changes.get(key, 0)) for key in ("Memory", "MemorySwap", "MemoryReservation"))
    if memory and memory < MIN_MEMORY_BYTES:
        raise EngineRefusal(400, "Minimum memory limit allowed is 6MB")
    if memory > 0 and 0 < swap < memory:
        raise EngineRefusal(400, "Minimum memoryswap limit should be larger than memory limit, see usage")
    if 0 < reserved < MIN_MEMORY_BYTES:
        raise EngineRefusal(400, "Minimum memory reservation allowed is 6MB")
    if 0 < memory < reserved:
        raise EngineRefusal(400, "Minimum memory limit can not be less than memory reservation limit, see usage")


def _validate_cpuset(text: str, key: str, label: str, count: int) -> None:
    if not text:
        return
    try:
        wanted = parse_cpu_list(text)
    except ValueError:
        kind = "cpuset cpus" if key == "CpusetCpus" else "cpuset mems"
        raise EngineRefusal(400, f"Invalid value {text} for {kind}: invalid format: {text}") from None
    if not wanted or wanted[-1] >= count:
        available = f"0-{count - 1}" if count > 1 else "0"
        raise EngineRefusal(400, f"Requested {label} are not available - requested {text}, available: {available}")


def _validate_restart_policy(policy: Mapping[str, Any]) -> None:
    name, max_retries = str(policy.get("Name") or ""), policy.get("MaximumRetryCount") or 0
    if name and name not in RESTART_POLICIES:
        raise EngineRefusal(400, f"invalid restart policy '{name}'")
    if max_retries < 0:
        raise EngineRefusal(400, "maximum retry count cannot be negative")
    if max_retries and name in ("no", "always", "unless-stopped"):
        raise EngineRefusal(400, f"maximum retry count cannot be used with restart policy '{name}'")


def _check_conflicts(container: SimulatedContainer, changes: dict[str, Any]) -> None:
    """Check `changes` against HostConfig, and drop an empty restart policy from it. Raises EngineRefusal 409."""
    current, prefix = container.host_config, f"Cannot update container {container.id}: "
    nano, quota, period = (int(changes.get(key, 0)) for key in ("NanoCpus", "CpuQuota", "CpuPeriod"))
    for present, name, value in ((current["CpuQuota"], "Quota", quota), (current["CpuPeriod"], "Period", period)):
        if nano and present > 0:
            problem = f"Nano CPUs cannot be updated as CPU {name} has already been set"
            raise EngineRefusal(409, f"{prefix}Conflicting options: {problem}")
        if value > 0 and current["NanoCpus"]:
            problem = f"CPU {name} cannot be updated as NanoCPUs has already been set"
            raise EngineRefusal(409, f"{prefix}Conflicting options: {problem}")
    memory = int(changes.get("Memory", 0))
    if memory and not changes.get("MemorySwap") and memory > int(current["MemorySwap"]):
        problem = (
            "Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time"
        )
        raise EngineRefusal(409, prefix + problem)
    policy = changes.get("RestartPolicy") or {}
    if not policy.get("Name"):
        changes.pop("RestartPolicy", None)
    elif current.get("AutoRemove") and policy["Name"] != "no":
        problem = "Restart policy cannot be updated because AutoRemove is enabled for the container"
        raise EngineRefusal(409, prefix + problem)


def _warnings(world: WorldState, changes: Mapping[str, Any], after: dict[str, Any]) -> list[str]:
    if world.scenario.cgroup_version == 1 and changes.get("BlkioWeight"):
        after["BlkioWeight"] = 0
        return ["Your kernel does not support Block I/O weight or the cgroup is not mounted. Weight discarded."]
    return []


def _write_cgroup(
    world: WorldState, container: SimulatedContainer, changes: Mapping[str, Any], after: dict[str, Any]
) -> None:
    """Write to the cgroup of a running container. Raises EngineRefusal 500 where the kernel refuses."""
    v1 = world.scenario.cgroup_version == 1
    _check_as_kernel(container, changes, v1)
    limits = container.limits
    if int(changes.get("CpuQuota", 0)) or int(changes.get("CpuPeriod", 0)) or int(changes.get("NanoCpus", 0)):
        nano = int(changes.get("NanoCpus", 0))
        limits.cores = nano / 1e9 if nano else quota_cores(after)
    requested = cgroup_limits(after)
    if changes.get("CpusetCpus"):
        limits.cpuset_cpus = requested.cpuset_cpus
    if "PidsLimit" in changes:
        limits.pids = requested.pids
    if int(changes.get("MemorySwap", 0)) > 0:
        limits.memory_swap_bytes = int(changes["MemorySwap"])
    memory = int(changes.get("Memory", 0))
    if memory:
        limits.memory = float(memory) if memory < UNLIMITED_BYTES else float("inf")


def _check_as_kernel(container: SimulatedContainer, changes: Mapping[str, Any], v1: bool) -> None:
    shares, nano = int(changes.get("CpuShares", 0)), int(changes.get("NanoCpus", 0))
    if shares == 1 or shares < 0:
        minimum = "the minimum allowed cpu-shares is 2"
        systemd = "unable to set unit properties: Value specified in CPUWeight is out of range"
        raise _runc_refusal(container, minimum if v1 else systemd)
    if shares > 262_144:
        raise _runc_refusal(container, "the maximum allowed cpu-shares is 262144")
    if 0 < nano < 10_000_000:
        raise _runc_refusal(container, "failed to write cpu.max: invalid argument")
    if int(changes.get("PidsLimit", 0)) > 4_194_304:
        raise _runc_refusal(container, "failed to write pids.max: invalid argument")
    memory, swap = int(changes.get("Memory", 0)), int(changes.get("MemorySwap", 0))
    if swap > 0 and not memory and swap < container.limits.memory < UNLIMITED_BYTES:
        raise _runc_refusal(
            container, "unable to set swap limit without memory limit" if not v1 else "invalid argument"
        )
    counters = container.counters
    if v1 and 0 < memory < counters.unreclaimable_bytes:
        used, peak = int(counters.usage_bytes), int(counters.peak_bytes)
        raise _runc_refusal(
            container, f"unable to set memory limit to {memory} (current usage: {used}, peak usage: {peak})"
        )


def _runc_refusal(container: SimulatedContainer, reason: str) -> EngineRefusal:
    prefix = f"Cannot update container {container.id}: runc did not terminate successfully: exit status 1: "
    return EngineRefusal(500, f"{prefix}{reason}: unknown")
