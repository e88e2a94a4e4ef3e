"""HostConfig as the engine stores and shows it."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from dockpit.simulate.scenario_spec import ContainerSpec

_DEFAULTS: Mapping[str, Any] = {
    "Binds": None,
    "ContainerIDFile": "",
    "LogConfig": {"Type": "json-file", "Config": {}},
    "NetworkMode": "bridge",
    "PortBindings": {},
    "RestartPolicy": {"Name": "no", "MaximumRetryCount": 0},
    "AutoRemove": False,
    "VolumeDriver": "",
    "VolumesFrom": None,
    "ConsoleSize": [0, 0],
    "CapAdd": None,
    "CapDrop": None,
    "CgroupnsMode": "private",
    "Dns": [],
    "DnsOptions": [],
    "DnsSearch": [],
    "ExtraHosts": None,
    "GroupAdd": None,
    "IpcMode": "private",
    "Cgroup": "",
    "Links": None,
    "OomScoreAdj": 0,
    "PidMode": "",
    "Privileged": False,
    "PublishAllPorts": False,
    "ReadonlyRootfs": False,
    "SecurityOpt": None,
    "UTSMode": "",
    "UsernsMode": "",
    "ShmSize": 67108864,
    "Runtime": "runc",
    "Isolation": "",
    "CpuShares": 0,
    "Memory": 0,
    "NanoCpus": 0,
    "CgroupParent": "",
    "BlkioWeight": 0,
    "BlkioWeightDevice": [],
    "BlkioDeviceReadBps": [],
    "BlkioDeviceWriteBps": [],
    "BlkioDeviceReadIOps": [],
    "BlkioDeviceWriteIOps": [],
    "CpuPeriod": 0,
    "CpuQuota": 0,
    "CpuRealtimePeriod": 0,
    "CpuRealtimeRuntime": 0,
    "CpusetCpus": "",
    "CpusetMems": "",
    "Devices": [],
    "DeviceCgroupRules": None,
    "DeviceRequests": None,
    "MemoryReservation": 0,
    "MemorySwap": 0,
    "MemorySwappiness": None,
    "OomKillDisable": None,
    "PidsLimit": None,
    "Ulimits": None,
    "CpuCount": 0,
    "CpuPercent": 0,
    "IOMaximumIOps": 0,
    "IOMaximumBandwidth": 0,
    "MaskedPaths": ["/proc/asound", "/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/timer_list", "/sys/firmware"],
    "ReadonlyPaths": ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"],
}


def host_config(changes: Mapping[str, Any]) -> dict[str, Any]:
    """The defaults with `changes`; as in the engine, Memory alone sets MemorySwap to twice as much."""
    result: dict[str, Any] = deepcopy(dict(_DEFAULTS))
    result.update((key, value) for key, value in changes.items() if value is not None)
    if result["Memory"] and not result["MemorySwap"]:
        result["MemorySwap"] = 2 * result["Memory"]
    return result


def host_config_of_spec(spec: ContainerSpec, network_mode: str) -> dict[str, Any]:
    """The HostConfig of a scenario's container."""
    binds = [f"{source}:{destination}:rw" for source, destination in spec.mounts] or None
    ports = {f"{container_port}/tcp": [{"HostIp": "", "HostPort": str(port)}] for port, container_port in spec.ports}
    return host_config({"Binds": binds, "PortBindings": ports, "NetworkMode": network_mode, **spec.host_config})
