"""The lines of a Compose file that make a change of limits permanent."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from dockpit.model.container import Container
from dockpit.model.container_limits import Limits
from dockpit.model.engine_info import EngineInfo
from dockpit.tuning.limit_text import restart_policy_text
from dockpit.tuning.units import NANO, format_cpus, format_size

_PLAIN_SCALAR = re.compile(r"[A-Za-z][A-Za-z0-9._-]*")
_YAML_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})


def compose_lines(body: Mapping[str, Any], container: Container, expected: Limits, engine: EngineInfo) -> str:
    """YAML of the container's service with the limits that `body` changes, in the format of Compose v2."""
    lines = [*_cpu_lines(body, expected, engine), *_memory_lines(body, expected), *_other_lines(body, expected)]
    service = _yaml_key(container.service or container.name)
    head = ["# a deploy.resources.limits in the same service must say the same", "services:", f"  {service}:"]
    return "\n".join([*head, *(f"    {line}" for line in lines)])


def _cpu_lines(body: Mapping[str, Any], limits: Limits, engine: EngineInfo) -> list[str]:
    lines: list[str] = []
    if "NanoCpus" in body:
        all_cpus = limits.nano_cpus >= engine.cpus * NANO > 0
        lines.append("# no cpus: line, for no limit" if all_cpus else f"cpus: {format_cpus(limits.nano_cpus)}")
    if "CpuQuota" in body:
        lines.append(f"cpu_quota: {limits.cpu_quota_us}")
        lines += [f"cpu_period: {limits.cpu_period_us}"] if limits.cpu_period_us else []
    if "CpuShares" in body:
        lines.append(f"cpu_shares: {limits.cpu_shares}")
    if "CpusetCpus" in body:
        lines.append(f'cpuset: "{limits.cpuset_cpus}"')
    if "CpusetMems" in body:
        lines.append("# memory nodes cannot be set in a Compose file")
    return lines


def _memory_lines(body: Mapping[str, Any], limits: Limits) -> list[str]:
    lines: list[str] = []
    if "Memory" in body:
        memory, swap = limits.memory_limit_bytes, body["MemorySwap"]
        if memory is None:
            lines.append("# no mem_limit: and no memswap_limit: line, for no limit")
        else:
            unlimited = swap > 1 << 62
            lines += [f"mem_limit: {format_size(memory)}", f"memswap_limit: {-1 if unlimited else format_size(swap)}"]
    if "MemoryReservation" in body:
        reserved = limits.memory_reserved_bytes
        text = f"mem_reservation: {format_size(reserved)}" if reserved else "# no mem_reservation: line, for none"
        lines.append(text)
    return lines


def _other_lines(body: Mapping[str, Any], limits: Limits) -> list[str]:
    lines: list[str] = []
    if "PidsLimit" in body:
        lines.append(f"pids_limit: {limits.pids_max or -1}")
    if "BlkioWeight" in body:
        lines += ["blkio_config:", f"  weight: {body['BlkioWeight']}"]
    if "RestartPolicy" in body:
        lines.append(f'restart: "{restart_policy_text(limits)}"')
    return lines


def _yaml_key(text: str) -> str:
    """`text` as a YAML key: quoted and escaped unless it is certainly a plain scalar."""
    plain = _PLAIN_SCALAR.fullmatch(text) and text.lower() not in _YAML_WORDS
    return text if plain else json.dumps(text)
