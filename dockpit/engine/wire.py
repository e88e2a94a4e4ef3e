"""Engine API JSON -> model: the differences of cgroup v1, v2, Podman and Windows end here.

Whatever JSON an engine sends, nothing here raises: a field that is missing, of the wrong type, negative where it
cannot be, or absurd is None (n/a) in what comes out.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, cast, get_args

from dockpit.metrics.samples import Sample
from dockpit.model.container import Container, Health, ListedContainer, Process, State
from dockpit.model.container_limits import UNLIMITED_BYTES, Limits
from dockpit.model.engine_info import EngineInfo
from dockpit.model.events import Event

Json = Mapping[str, Any]

ABSURD = 1 << 63
"""No counter of a kernel gets here; engines print 2^64-1 for "max"."""

FAR_FUTURE = 32_503_680_000.0
"""The year 3000: a later time is nonsense, and calendars end soon after."""

_STATES = frozenset(get_args(State))
_NEVER = "0001-"


def mapping(value: object) -> Json:
    """`value` if it is a JSON object, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def items(value: object) -> Iterable[Any]:
    """`value` if it is a JSON array, else an empty one."""
    return value if isinstance(value, list) else ()


def text(value: object) -> str:
    """`value` if it is a string, else ""; half a surrogate pair, which no terminal or file takes, is replaced."""
    if not isinstance(value, str):
        return ""
    return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")


def count(value: object) -> int | None:
    """`value` as a counter or gauge: a whole number from 0 to below 2^63, else None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, float):
        if not math.isfinite(value) or abs(value) >= ABSURD:
            return None
        value = int(value)
    return value if 0 <= value < ABSURD else None


def number(value: object) -> int:
    """`value` as a whole number that may be negative, 0 where it is none."""
    if isinstance(value, bool) or not isinstance(value, int):
        return 0
    return value if -ABSURD <= value < ABSURD else 0


def strings(value: object) -> dict[str, str]:
    """The string pairs of a JSON object."""
    return {
        text(key): text(item) if isinstance(item, str) else str(item)
        for key, item in mapping(value).items()
        if isinstance(item, str | int | float)
    }


def seconds(value: object) -> float:
    """RFC 3339 with any number of decimals -> seconds since the epoch; 0 for "never", before it, or nonsense."""
    stamp = text(value)
    if len(stamp) < 20 or stamp.startswith(_NEVER) or len(stamp) > 64:
        return 0.0
    head, zone = stamp[:19], stamp[19:]
    fraction = 0.0
    if zone.startswith("."):
        digits = zone[1:].rstrip("Zz").split("+")[0].split("-")[0]
        zone = zone[1 + len(digits) :]
        fraction = float(f"0.{digits}") if digits.isascii() and digits.isdigit() else 0.0
    try:
        moment = datetime.fromisoformat(head + ("+00:00" if zone in ("Z", "z", "") else zone))
        at = moment.astimezone(UTC).timestamp() + fraction
    except (ValueError, OverflowError):
        return 0.0
    return at if 0 < at < FAR_FUTURE else 0.0


# --- stats ---------------------------------------------------------------------------------------------------------


def sample(container_id: str, stats: Json) -> Sample | None:
    """One object of GET /containers/{id}/stats -> Sample; None for the zero payload of a container that is not up."""
    at = seconds(stats.get("read"))
    if at <= 0:
        return None
    if "storage_stats" in stats and count(stats.get("num_procs")):
        return _windows_sample(container_id, at, stats)
    cpu = mapping(stats.get("cpu_stats"))
    usage = mapping(cpu.get("cpu_usage"))
    throttling = mapping(cpu.get("throttling_data"))
    memory = mapping(stats.get("memory_stats"))
    net = _network(stats.get("networks"))
    block = _block(mapping(stats.get("blkio_stats")))
    pids = mapping(stats.get("pids_stats"))
    detail = mapping(memory.get("stats"))
    used = count(memory.get("usage"))
    return Sample(
        container_id=container_id,
        at=at,
        cpu_ns=count(usage.get("total_usage")),
        cpu_user_ns=count(usage.get("usage_in_usermode")),
        cpu_system_ns=count(usage.get("usage_in_kernelmode")),
        periods=count(throttling.get("periods")),
        throttled_periods=count(throttling.get("throttled_periods")),
        throttled_ns=count(throttling.get("throttled_time")),
        memory_used_bytes=None if used is None else used - _inactive_file(detail, used),
        memory_unreclaimable_bytes=_unreclaimable(detail),
        memory_cache_bytes=_first(detail, "total_cache", "cache", "file"),
        memory_limit_bytes=_limit(memory.get("limit")),
        memory_peak_bytes=count(memory.get("max_usage")),
        memory_failures=count(memory.get("failcnt")),
        net_rx_bytes=net[0],
        net_tx_bytes=net[1],
        block_read_bytes=block[0],
        block_write_bytes=block[1],
        pids=count(pids.get("current")),
        pids_limit=count(pids.get("limit")) or None,
        anon_bytes=_first(detail, "total_rss", "rss", "anon"),
        file_bytes=_first(detail, "total_cache", "cache", "file"),
        major_faults=_first(detail, "total_pgmajfault", "pgmajfault"),
    )


def begins_run(stats: Json) -> bool:
    """Whether these are the first stats of a run, or of a stream: there are none before them to compare with."""
    return text(stats.get("preread")).startswith(_NEVER)


def without_throttling(sample: Sample) -> Sample:
    """A sample of Podman, whose throttling counters are always 0 and say nothing."""
    return sample._replace(periods=None, throttled_periods=None, throttled_ns=None)


def _windows_sample(container_id: str, at: float, stats: Json) -> Sample:
    usage = mapping(mapping(stats.get("cpu_stats")).get("cpu_usage"))
    storage = mapping(stats.get("storage_stats"))
    hundreds = count(usage.get("total_usage"))
    net = _network(stats.get("networks"))
    return Sample(
        container_id=container_id,
        at=at,
        cpu_ns=None if hundreds is None else hundreds * 100,
        memory_used_bytes=count(mapping(stats.get("memory_stats")).get("privateworkingset")),
        net_rx_bytes=net[0],
        net_tx_bytes=net[1],
        block_read_bytes=count(storage.get("read_size_bytes")),
        block_write_bytes=count(storage.get("write_size_bytes")),
    )


def _first(detail: Json, *names: str) -> int | None:
    for name in names:
        value = count(detail.get(name))
        if value is not None:
            return value
    return None


def _inactive_file(detail: Json, used: int) -> int:
    """What docker's figure takes off usage: total_inactive_file on v1, inactive_file on v2, when below usage."""
    inactive = _first(detail, "total_inactive_file", "inactive_file") or 0
    return inactive if inactive < used else 0


def _unreclaimable(detail: Json) -> int | None:
    """anon + shmem + kernel memory that reclaim cannot free; n/a where the engine gives no breakdown (Podman)."""
    if "anon" in detail:
        parts = ("anon", "shmem", "slab_unreclaimable", "kernel_stack", "sock")
        return sum(count(detail.get(part)) or 0 for part in parts)
    anon = _first(detail, "total_active_anon", "active_anon")
    inactive = _first(detail, "total_inactive_anon", "inactive_anon")
    unevictable = _first(detail, "total_unevictable", "unevictable")
    if anon is None and inactive is None:
        return _first(detail, "total_rss", "rss")
    return (anon or 0) + (inactive or 0) + (unevictable or 0)


def _limit(value: object) -> int | None:
    limit = count(value)
    return limit if limit and limit < UNLIMITED_BYTES else None


def _network(value: object) -> tuple[int | None, int | None]:
    """Bytes in and out over all interfaces; n/a for host and none networks, which have no `networks` at all."""
    interfaces = [mapping(item) for item in mapping(value).values()]
    if not interfaces:
        return None, None
    received = sum(count(item.get("rx_bytes")) or 0 for item in interfaces)
    sent = sum(count(item.get("tx_bytes")) or 0 for item in interfaces)
    return received, sent


def _block(block: Json) -> tuple[int | None, int | None]:
    """Bytes read and written; n/a where the kernel attributes none (cgroup v1 on a modern kernel: empty arrays)."""
    entries = [mapping(item) for item in items(block.get("io_service_bytes_recursive"))]
    if not entries:
        return None, None
    read = sum(count(e.get("value")) or 0 for e in entries if text(e.get("op"))[:1] in ("r", "R"))
    written = sum(count(e.get("value")) or 0 for e in entries if text(e.get("op"))[:1] in ("w", "W"))
    return read, written


# --- containers ----------------------------------------------------------------------------------------------------


def container(inspected: Json) -> Container:
    """GET /containers/{id}/json -> Container."""
    state = mapping(inspected.get("State"))
    config = mapping(inspected.get("Config"))
    host = mapping(inspected.get("HostConfig"))
    labels = strings(config.get("Labels"))
    return Container(
        id=text(inspected.get("Id")),
        name=_name(inspected.get("Name")),
        image=text(config.get("Image")) or text(inspected.get("ImageName")) or text(inspected.get("Image")),
        image_id=text(inspected.get("Image")),
        command=" ".join([text(inspected.get("Path")), *map(text, items(inspected.get("Args")))]).strip(),
        project=labels.get("com.docker.compose.project", ""),
        service=labels.get("com.docker.compose.service", ""),
        state=_state(state),
        health=_health(mapping(state.get("Health") or state.get("Healthcheck")).get("Status")),
        created_at=seconds(inspected.get("Created")),
        started_at=seconds(state.get("StartedAt")),
        finished_at=seconds(state.get("FinishedAt")),
        exit_code=number(state.get("ExitCode")),
        error=text(state.get("Error")),
        oom_killed=state.get("OOMKilled") is True,
        restarts=count(inspected.get("RestartCount")) or 0,
        pid=count(state.get("Pid")) or 0,
        limits=limits(host),
        network_mode=text(host.get("NetworkMode")),
        pid_mode=text(host.get("PidMode")),
        auto_remove=host.get("AutoRemove") is True,
        stop_seconds=count(config.get("StopTimeout")),
        tty=config.get("Tty") is True,
        ports=_ports(mapping(inspected.get("NetworkSettings")).get("Ports")),
        labels=labels,
    )


def listed(row: Json) -> ListedContainer:
    """One row of GET /containers/json -> Listed; health is in the words of its status: "Up 3 hours (healthy)"."""
    names = [_name(name) for name in items(row.get("Names"))]
    state = text(row.get("State")).lower()
    inside = text(row.get("Status")).rpartition("(")[2].removesuffix(")").removeprefix("health: ")
    return ListedContainer(
        id=text(row.get("Id")),
        names=tuple(names),
        state=cast(State, state) if state in _STATES else None,
        health=_health(inside),
    )


def _name(value: object) -> str:
    return text(value).removeprefix("/")


def _state(state: Json) -> State:
    status = text(state.get("Status")).lower()
    if status in _STATES:
        return cast(State, status)
    if status in ("stopped", "stopping"):
        return "exited"
    if state.get("Paused") is True:
        return "paused"
    return "running" if state.get("Running") is True else "created"


def _health(value: object) -> Health:
    status = text(value)
    if status == "healthy":
        return "healthy"
    if status == "unhealthy":
        return "unhealthy"
    return "starting" if status == "starting" else "none"


def limits(host: Json) -> Limits:
    """HostConfig -> Limits."""
    policy = mapping(host.get("RestartPolicy"))
    pids = host.get("PidsLimit")
    return Limits(
        nano_cpus=number(host.get("NanoCpus")),
        cpu_quota_us=number(host.get("CpuQuota")),
        cpu_period_us=number(host.get("CpuPeriod")),
        cpu_shares=number(host.get("CpuShares")),
        cpuset_cpus=text(host.get("CpusetCpus")),
        cpuset_mems=text(host.get("CpusetMems")),
        memory_bytes=number(host.get("Memory")),
        memory_swap_bytes=number(host.get("MemorySwap")),
        memory_reservation_bytes=number(host.get("MemoryReservation")),
        pids_limit=None if pids is None else number(pids),
        blkio_weight=number(host.get("BlkioWeight")),
        restart_policy=text(policy.get("Name")) or "no",
        restart_max_retries=number(policy.get("MaximumRetryCount")),
    )


def _ports(value: object) -> tuple[str, ...]:
    found: list[str] = []
    for private, bindings in mapping(value).items():
        for binding in items(bindings):
            bound = mapping(binding)
            found.append(f"{text(bound.get('HostIp'))}:{text(bound.get('HostPort'))}->{private}")
    return tuple(dict.fromkeys(found))


# --- events --------------------------------------------------------------------------------------------------------


def event(message: Json) -> Event | None:
    """One object of GET /events -> Event, None where it is none."""
    actor = mapping(message.get("Actor"))
    whole = text(message.get("Action")) or text(message.get("status"))
    at_ns = count(message.get("timeNano")) or (count(message.get("time")) or 0) * 1_000_000_000
    if not whole or not 0 < at_ns < FAR_FUTURE * 1e9:
        return None
    action, _, detail = whole.partition(":")
    attributes = strings(actor.get("Attributes"))
    return Event(
        at_ns=at_ns,
        type=text(message.get("Type")) or "container",
        action="die" if action.strip() == "died" else action.strip(),
        actor_id=text(actor.get("ID")) or text(message.get("id")),
        detail=detail.strip(),
        name=attributes.get("name", ""),
        attributes=attributes,
    )


# --- the engine ----------------------------------------------------------------------------------------------------


def engine_info(version: Json, info: Json, *, api_version: str, address: str = "", context: str = "") -> EngineInfo:
    """GET /version and GET /info -> EngineInfo."""
    parts = [text(mapping(part).get("Name")) for part in items(version.get("Components"))]
    options = [text(option) for option in items(info.get("SecurityOptions"))]
    cgroups = text(info.get("CgroupVersion"))
    return EngineInfo(
        id=text(info.get("ID")),
        name=text(info.get("Name")),
        version=text(version.get("Version")) or text(info.get("ServerVersion")),
        api_version=api_version,
        product="Podman" if any("Podman" in part for part in parts) else "Docker",
        os=text(version.get("Os")) or text(info.get("OSType")) or "linux",
        kernel=text(info.get("KernelVersion")) or text(version.get("KernelVersion")),
        cgroup_version=int(cgroups) if cgroups in ("1", "2") else None,
        cgroup_driver=text(info.get("CgroupDriver")),
        cpus=count(info.get("NCPU")) or 0,
        memory_bytes=count(info.get("MemTotal")) or 0,
        rootless=any("name=rootless" in option for option in options),
        memory_limit=info.get("MemoryLimit") is not False,
        swap_limit=info.get("SwapLimit") is not False,
        cpu_cfs=info.get("CpuCfsQuota") is not False,
        cpu_shares=info.get("CPUShares") is not False,
        cpuset=info.get("CPUSet") is not False,
        pids_limit=info.get("PidsLimit") is not False,
        data_root=text(info.get("DockerRootDir")),
        warnings=tuple(text(warning) for warning in items(info.get("Warnings")) if text(warning)),
        system_time=seconds(info.get("SystemTime")),
        address=address,
        context=context,
    )


def processes(top: Json) -> tuple[Process, ...]:
    """GET /containers/{id}/top -> processes; columns are found by title, those that are missing stay n/a."""
    titles = {text(title).upper(): index for index, title in enumerate(items(top.get("Titles")))}

    def pick(row: list[Any], *names: str) -> str:
        found = next((titles[name] for name in names if name in titles), None)
        return text(row[found]) if found is not None and found < len(row) else ""

    def whole(value: str) -> int | None:
        return int(value) if value.isascii() and value.isdigit() and len(value) < 12 else None

    rows = [row for row in items(top.get("Processes")) if isinstance(row, list)]
    return tuple(
        Process(
            pid=whole(pick(row, "PID", "HPID")) or 0,
            user=pick(row, "UID", "USER", "HUSER"),
            command=pick(row, "CMD", "COMMAND", "ARGS"),
            ppid=whole(pick(row, "PPID")),
        )
        for row in rows
    )
