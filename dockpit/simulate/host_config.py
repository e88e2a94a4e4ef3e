"""HostConfig as the engine stores and shows it."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from dockpit.simulate.container_spec import ContainerSpec

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
    """A complete HostConfig with `changes` made; Memory alone gives twice as much memory+swap, as the engine does."""
    host: dict[str, Any] = deepcopy(dict(_DEFAULTS))
    host.update((key, value) for key, value in changes.items() if value is not None)
    if host["Memory"] and not host["MemorySwap"]:
        host["MemorySwap"] = 2 * host["Memory"]
    return host


def of_spec(spec: ContainerSpec, network_mode: str) -> dict[str, Any]:
    """The HostConfig of a scenario's container."""
    binds = [f"{source}:{target}:rw" for source, target in spec.mounts] or None
    published = {f"{inside}/tcp": [{"HostIp": "", "HostPort": str(outside)}] for outside, inside in spec.ports}
    return host_config({"Binds": binds, "PortBindings": published, "NetworkMode": network_mode, **spec.limits})
