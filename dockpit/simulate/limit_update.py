"""POST /containers/{id}/update: the engine's checks in its own words, then the kernel's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dockpit.simulate.container import SimulatedContainer
from dockpit.simulate.kernel_model import UNLIMITED, cpu_list, in_force, quota_cores
from dockpit.simulate.refusal import EngineRefusal
from dockpit.simulate.world import World

SIX_MIB = 6 * 1024 * 1024
INTEGERS = [
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
TEXTS = ("CpusetCpus", "CpusetMems")
POLICIES = ("no", "always", "unless-stopped", "on-failure")


def update(world: World, container: SimulatedContainer, body: Mapping[str, Any], at: float) -> list[str]:
    """Change limits as the engine would; the warnings. Raises Refusal 400, 409 or 500, leaving HostConfig as it was."""
    asked = _read(body)
    _validate(world, asked)
    _check_conflicts(container, asked)
    after = {**container.host, **{key: value for key, value in asked.items() if value or key == "PidsLimit"}}
    warnings = _warnings(world, asked, after)
    if container.live:
        _write(world, container, asked, after)
    container.host = after
    world.emit(container, "update", at)
    return warnings


def _read(body: Mapping[str, Any]) -> dict[str, Any]:
    """The known keys of the body in canonical spelling, typed. Raises Refusal 500, as the engine does."""
    names = {name.lower(): name for name in (*INTEGERS, *TEXTS, "RestartPolicy")}
    asked: dict[str, Any] = {}
    for key, value in body.items():
        name = names.get(key.lower())
        if name is None or value is None:
            continue
        kind: type = int if name in INTEGERS else str if name in TEXTS else dict
        if not isinstance(value, kind) or isinstance(value, bool):
            wrong = {str: "string", bool: "bool", float: "number", dict: "object", list: "array"}
            found, wanted = wrong.get(type(value), "number"), {int: "int64", str: "string"}.get(kind, "object")
            raise EngineRefusal(
                500, f"json: cannot unmarshal {found} into Go struct field UpdateConfig.{name} of type {wanted}"
            )
        asked[name] = value
    return asked


def _validate(world: World, asked: Mapping[str, Any]) -> None:
    _validate_cpu(world, asked)
    _validate_memory(asked)
    for key, label, most in (("CpusetCpus", "CPUs", world.scenario.cpus), ("CpusetMems", "memory nodes", 1)):
        _validate_set(str(asked.get(key, "")), key, label, most)
    weight = int(asked.get("BlkioWeight", 0))
    if world.scenario.cgroup_version == 2 and weight and not 10 <= weight <= 1000:
        raise EngineRefusal(400, "Range of blkio weight is from 10 to 1000")
    if "RestartPolicy" in asked:
        _validate_policy(asked["RestartPolicy"])


def _validate_cpu(world: World, asked: Mapping[str, Any]) -> None:
    nano, quota, period = (int(asked.get(key, 0)) for key in ("NanoCpus", "CpuQuota", "CpuPeriod"))
    if nano and quota > 0:
        raise EngineRefusal(400, "Conflicting options: Nano CPUs and CPU Quota cannot both be set")
    if nano and period > 0:
        raise EngineRefusal(400, "Conflicting options: Nano CPUs and CPU Period cannot both be set")
    cpus = world.scenario.cpus
    if nano < 0 or nano > cpus * 10**9:
        there = f"as there are only {cpus} CPUs available"
        raise EngineRefusal(400, f"Range of CPUs is from 0.01 to {cpus}.00, {there}")
    if period and not 1000 <= period <= 1_000_000:
        span = "less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)"
        raise EngineRefusal(400, f"CPU cfs period can not be {span}")
    if 0 < quota < 1000:
        raise EngineRefusal(400, "CPU cfs quota can not be less than 1ms (i.e. 1000)")


def _validate_memory(asked: Mapping[str, Any]) -> None:
    memory, swap, reserved = (int(asked.get(key, 0)) for key in ("Memory", "MemorySwap", "MemoryReservation"))
    if memory and memory < SIX_MIB:
        raise EngineRefusal(400, "Minimum memory limit allowed is 6MB")
    if memory > 0 and 0 < swap < memory:
        raise EngineRefusal(400, "Minimum memoryswap limit should be larger than memory limit, see usage")
    if 0 < reserved < SIX_MIB:
        raise EngineRefusal(400, "Minimum memory reservation allowed is 6MB")
    if 0 < memory < reserved:
        raise EngineRefusal(400, "Minimum memory limit can not be less than memory reservation limit, see usage")


def _validate_set(text: str, key: str, label: str, most: int) -> None:
    if not text:
        return
    try:
        wanted = cpu_list(text)
    except ValueError:
        kind = "cpuset cpus" if key == "CpusetCpus" else "cpuset mems"
        raise EngineRefusal(400, f"Invalid value {text} for {kind}: invalid format: {text}") from None
    if not wanted or wanted[-1] >= most:
        available = f"0-{most - 1}" if most > 1 else "0"
        raise EngineRefusal(400, f"Requested {label} are not available - requested {text}, available: {available}")


def _validate_policy(policy: Mapping[str, Any]) -> None:
    name, most = str(policy.get("Name") or ""), policy.get("MaximumRetryCount") or 0
    if name and name not in POLICIES:
        raise EngineRefusal(400, f"invalid restart policy '{name}'")
    if most < 0:
        raise EngineRefusal(400, "maximum retry count cannot be negative")
    if most and name in ("no", "always", "unless-stopped"):
        raise EngineRefusal(400, f"maximum retry count cannot be used with restart policy '{name}'")


def _check_conflicts(container: SimulatedContainer, asked: dict[str, Any]) -> None:
    """Raises Refusal 409 for what contradicts the configuration there is."""
    host, prefix = container.host, f"Cannot update container {container.id}: "
    nano, quota, period = (int(asked.get(key, 0)) for key in ("NanoCpus", "CpuQuota", "CpuPeriod"))
    for has, name, value in ((host["CpuQuota"], "Quota", quota), (host["CpuPeriod"], "Period", period)):
        if nano and has > 0:
            told = f"Nano CPUs cannot be updated as CPU {name} has already been set"
            raise EngineRefusal(409, f"{prefix}Conflicting options: {told}")
        if value > 0 and host["NanoCpus"]:
            told = f"CPU {name} cannot be updated as NanoCPUs has already been set"
            raise EngineRefusal(409, f"{prefix}Conflicting options: {told}")
    memory = int(asked.get("Memory", 0))
    if memory and not asked.get("MemorySwap") and memory > int(host["MemorySwap"]):
        told = (
            "Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time"
        )
        raise EngineRefusal(409, prefix + told)
    policy = asked.get("RestartPolicy") or {}
    if not policy.get("Name"):
        asked.pop("RestartPolicy", None)
    elif host.get("AutoRemove") and policy["Name"] != "no":
        told = "Restart policy cannot be updated because AutoRemove is enabled for the container"
        raise EngineRefusal(409, prefix + told)


def _warnings(world: World, asked: Mapping[str, Any], after: dict[str, Any]) -> list[str]:
    if world.scenario.cgroup_version == 1 and asked.get("BlkioWeight"):
        after["BlkioWeight"] = 0
        return ["Your kernel does not support Block I/O weight or the cgroup is not mounted. Weight discarded."]
    return []


def _write(world: World, container: SimulatedContainer, asked: Mapping[str, Any], after: dict[str, Any]) -> None:
    """Write to the cgroup of a running container. Raises Refusal 500 where the kernel would."""
    v1 = world.scenario.cgroup_version == 1
    _check_kernel(container, asked, v1)
    limits = container.limits
    if int(asked.get("CpuQuota", 0)) or int(asked.get("CpuPeriod", 0)) or int(asked.get("NanoCpus", 0)):
        nano = int(asked.get("NanoCpus", 0))
        limits.cores = nano / 1e9 if nano else quota_cores(after)
    fresh = in_force(after)
    if asked.get("CpusetCpus"):
        limits.cpuset = fresh.cpuset
    if "PidsLimit" in asked:
        limits.pids = fresh.pids
    if int(asked.get("MemorySwap", 0)) > 0:
        limits.swap_total = int(asked["MemorySwap"])
    memory = int(asked.get("Memory", 0))
    if memory:
        limits.memory = float(memory) if memory < UNLIMITED else float("inf")


def _check_kernel(container: SimulatedContainer, asked: Mapping[str, Any], v1: bool) -> None:
    shares, nano = int(asked.get("CpuShares", 0)), int(asked.get("NanoCpus", 0))
    if shares == 1 or shares < 0:
        least = "the minimum allowed cpu-shares is 2"
        systemd = "unable to set unit properties: Value specified in CPUWeight is out of range"
        raise _runc(container, least if v1 else systemd)
    if shares > 262_144:
        raise _runc(container, "the maximum allowed cpu-shares is 262144")
    if 0 < nano < 10_000_000:
        raise _runc(container, "failed to write cpu.max: invalid argument")
    if int(asked.get("PidsLimit", 0)) > 4_194_304:
        raise _runc(container, "failed to write pids.max: invalid argument")
    memory, swap = int(asked.get("Memory", 0)), int(asked.get("MemorySwap", 0))
    if swap > 0 and not memory and swap < container.limits.memory < UNLIMITED:
        raise _runc(container, "unable to set swap limit without memory limit" if not v1 else "invalid argument")
    counters = container.counters
    if v1 and 0 < memory < counters.unreclaimable:
        used, peak = int(counters.usage), int(counters.peak)
        raise _runc(container, f"unable to set memory limit to {memory} (current usage: {used}, peak usage: {peak})")


def _runc(container: SimulatedContainer, reason: str) -> EngineRefusal:
    prefix = f"Cannot update container {container.id}: runc did not terminate successfully: exit status 1: "
    return EngineRefusal(500, f"{prefix}{reason}: unknown")
