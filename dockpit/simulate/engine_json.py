"""The JSON of the engine itself: ping headers, version, info and disk usage."""

from __future__ import annotations

from collections import Counter
from typing import Any

from dockpit.simulate.image_json import image_row, image_size_bytes
from dockpit.simulate.seeded_noise import sha256_hex
from dockpit.simulate.timestamps import format_timestamp
from dockpit.simulate.world_state import WorldState

NEWEST_API = (1, 45)
OLDEST_API = (1, 24)
VERSION = "26.1.5"
KERNEL = "6.12.48-dockpit"
PING_HEADERS = {
    "Api-Version": "1.45",
    "Ostype": "linux",
    "Server": f"Docker/{VERSION} (linux)",
    "Docker-Experimental": "false",
}


def version() -> dict[str, Any]:
    """GET /version."""
    details = {"ApiVersion": "1.45", "Arch": "amd64", "GitCommit": "411e817", "GoVersion": "go1.22.5"}
    return {
        "Platform": {"Name": "Docker Engine - Simulated"},
        "Components": [
            {
                "Name": "Engine",
                "Version": VERSION,
                "Details": {**details, "KernelVersion": KERNEL, "MinAPIVersion": "1.24", "Os": "linux"},
            },
            {
                "Name": "containerd",
                "Version": "1.7.18",
                "Details": {"GitCommit": "ae71819c4f5e67bb4d5ae76a6b735f29cc25774e"},
            },
            {"Name": "runc", "Version": "1.1.13", "Details": {"GitCommit": "v1.1.13-0-g58aa920"}},
        ],
        "Version": VERSION,
        "MinAPIVersion": "1.24",
        "Os": "linux",
        "KernelVersion": KERNEL,
        "BuildTime": "2024-07-23T19:57:12.000000000+00:00",
        **details,
    }


def info(world: WorldState, now: float) -> dict[str, Any]:
    """GET /info."""
    states = Counter(container.status for container in world.containers.values())
    running = states["running"] + states["restarting"]
    v2 = world.scenario.cgroup_version == 2
    return {
        "ID": sha256_hex("engine", world.scenario.name, world.seed)[:32],
        "Containers": len(world.containers),
        "ContainersRunning": running,
        "ContainersPaused": states["paused"],
        "ContainersStopped": len(world.containers) - running - states["paused"],
        "Images": len(world.images),
        "Driver": "overlay2",
        "DriverStatus": [["Backing Filesystem", "extfs"], ["Supports d_type", "true"]],
        "MemoryLimit": True,
        "SwapLimit": True,
        "CpuCfsPeriod": True,
        "CpuCfsQuota": True,
        "CPUShares": True,
        "CPUSet": True,
        "PidsLimit": True,
        "OomKillDisable": not v2,
        "IPv4Forwarding": True,
        "Debug": False,
        "SystemTime": format_timestamp(now),
        "LoggingDriver": "json-file",
        "CgroupDriver": "systemd" if v2 else "cgroupfs",
        "CgroupVersion": "2" if v2 else "1",
        "KernelVersion": KERNEL,
        "OperatingSystem": "Debian GNU/Linux 12 (bookworm)",
        "OSType": "linux",
        "Architecture": "x86_64",
        "NCPU": world.scenario.cpus,
        "MemTotal": world.scenario.memory_bytes,
        "IndexServerAddress": "https://index.docker.io/v1/",
        "DockerRootDir": "/var/lib/docker",
        "HttpProxy": "",
        "HttpsProxy": "",
        "NoProxy": "",
        "Name": f"sim-{world.scenario.name}",
        "Labels": [],
        "ExperimentalBuild": False,
        "ServerVersion": VERSION,
        "Runtimes": {"runc": {"path": "runc"}},
        "DefaultRuntime": "runc",
        "Swarm": {"NodeID": "", "LocalNodeState": "inactive", "ControlAvailable": False},
        "LiveRestoreEnabled": False,
        "Isolation": "",
        "InitBinary": "docker-init",
        "SecurityOptions": ["name=apparmor", "name=seccomp,profile=builtin", "name=cgroupns"],
        "Warnings": None,
    }


def disk_usage(world: WorldState) -> dict[str, Any]:
    """GET /system/df, without volumes and build cache."""
    return {
        "LayersSize": sum(image_size_bytes(name) for name in world.images),
        "Images": [image_row(world, name) for name in sorted(world.images)],
        "Containers": [
            {
                "Id": container.id,
                "Names": [f"/{container.name}"],
                "SizeRw": 4096,
                "SizeRootFs": image_size_bytes(container.spec.image),
            }
            for container in world.containers.values()
        ],
        "Volumes": [],
        "BuildCache": [],
    }
