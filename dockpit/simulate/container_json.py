"""The JSON of a container: inspect, and its row of the container list."""

from __future__ import annotations

from typing import Any

from dockpit.simulate.seeded_noise import sha256_hex
from dockpit.simulate.simulated_container import HealthState, SimulatedContainer
from dockpit.simulate.timestamps import format_timestamp
from dockpit.simulate.world_state import WorldState, image_id

NS_PER_SECOND = 1_000_000_000


def inspect_container(world: WorldState, container: SimulatedContainer) -> dict[str, Any]:
    """GET /containers/{id}/json."""
    folder = f"/var/lib/docker/containers/{container.id}"
    return {
        "Id": container.id,
        "Created": format_timestamp(container.created_at),
        "Path": container.spec.command[0] if container.spec.command else "",
        "Args": list(container.spec.command[1:]),
        "State": _state(container),
        "Image": image_id(container.spec.image),
        "ResolvConfPath": f"{folder}/resolv.conf",
        "HostnamePath": f"{folder}/hostname",
        "HostsPath": f"{folder}/hosts",
        "LogPath": f"{folder}/{container.id}-json.log",
        "Name": f"/{container.name}",
        "RestartCount": container.restart_count,
        "Driver": "overlay2",
        "Platform": "linux",
        "MountLabel": "",
        "ProcessLabel": "",
        "AppArmorProfile": "docker-default",
        "ExecIDs": sorted(e.id for e in world.execs.values() if e.container is container and e.running) or None,
        "HostConfig": container.host_config,
        "GraphDriver": {"Data": _overlay_folders(container), "Name": "overlay2"},
        "Mounts": [_mount(source, target) for source, target in container.spec.mounts],
        "Config": _config(container),
        "NetworkSettings": _network_settings(container),
    }


def list_row(container: SimulatedContainer, now: float) -> dict[str, Any]:
    """One row of GET /containers/json."""
    return {
        "Id": container.id,
        "Names": [f"/{container.name}"],
        "Image": container.spec.image,
        "ImageID": image_id(container.spec.image),
        "Command": " ".join(container.spec.command),
        "Created": int(container.created_at),
        "Ports": _port_rows(container),
        "Labels": dict(container.spec.labels),
        "State": container.status,
        "Status": status_text(container, now),
        "HostConfig": {"NetworkMode": container.network_mode},
        "NetworkSettings": {"Networks": _networks(container)},
        "Mounts": [_mount(source, target) for source, target in container.spec.mounts],
    }


def status_text(container: SimulatedContainer, now: float) -> str:
    """The status column of `docker ps`: "Up 3 hours (healthy)"."""
    if container.status == "created":
        return "Created"
    if container.status == "restarting":
        return f"Restarting ({container.exit_code}) {human_duration(now - container.finished_at)} ago"
    if container.live:
        extra = " (Paused)" if container.status == "paused" else ""
        if container.health is not None:
            health = "health: starting" if container.health.status == "starting" else container.health.status
            extra = f" ({health})" + extra
        return f"Up {human_duration(now - container.started_at)}{extra}"
    return f"Exited ({container.exit_code}) {human_duration(now - container.finished_at)} ago"


def human_duration(seconds: float) -> str:
    """A duration in words, as Go's units.HumanDuration gives it."""
    whole = int(max(0.0, seconds))
    if whole < 1:
        return "Less than a second"
    if whole < 60:
        return f"{whole} second{'s' * (whole != 1)}"
    minutes, hours = whole // 60, round(whole / 3600)
    if minutes < 60:
        return "About a minute" if minutes == 1 else f"{minutes} minutes"
    if hours < 48:
        return "About an hour" if hours == 1 else f"{hours} hours"
    days = hours // 24
    return f"{days} days" if days < 14 else f"{days // 7} weeks" if days < 60 else f"{days // 30} months"


def _state(container: SimulatedContainer) -> dict[str, Any]:
    state: dict[str, Any] = {
        "Status": container.status,
        "Running": container.live or container.status == "restarting",
        "Paused": container.status == "paused",
        "Restarting": container.status == "restarting",
        "OOMKilled": container.oom_killed,
        "Dead": False,
        "Pid": container.pid if container.live else 0,
        "ExitCode": container.exit_code,
        "Error": container.error,
        "StartedAt": format_timestamp(container.started_at),
        "FinishedAt": format_timestamp(container.finished_at),
    }
    if container.health is not None:
        state["Health"] = _health(container.health)
    return state


def _health(health: HealthState) -> dict[str, Any]:
    return {
        "Status": health.status,
        "FailingStreak": health.failing_streak,
        "Log": [
            {
                "Start": format_timestamp(run.started_at),
                "End": format_timestamp(run.finished_at),
                "ExitCode": run.exit_code,
                "Output": run.output,
            }
            for run in health.runs
        ],
    }


def _config(container: SimulatedContainer) -> dict[str, Any]:
    spec = container.spec
    config: dict[str, Any] = {
        "Hostname": container.id[:12],
        "Domainname": "",
        "User": spec.user,
        "AttachStdin": False,
        "AttachStdout": False,
        "AttachStderr": False,
        "ExposedPorts": {f"{container_port}/tcp": {} for _, container_port in spec.ports},
        "Tty": spec.tty,
        "OpenStdin": spec.tty,
        "StdinOnce": False,
        "Env": list(spec.env),
        "Cmd": list(spec.command),
        "Image": spec.image,
        "Volumes": None,
        "WorkingDir": "",
        "Entrypoint": None,
        "OnBuild": None,
        "Labels": dict(spec.labels),
    }
    if spec.health is not None:
        check = {
            "Test": list(spec.health.test),
            "Interval": int(spec.health.interval_seconds * NS_PER_SECOND),
            "Timeout": 5 * NS_PER_SECOND,
        }
        config["Healthcheck"] = {**check, "Retries": spec.health.retries}
    return config


def _overlay_folders(container: SimulatedContainer) -> dict[str, str]:
    upper = sha256_hex("upper", container.id)
    folder = f"/var/lib/docker/overlay2/{upper}"
    lower = sha256_hex("lower", container.spec.image)
    return {
        "LowerDir": f"{folder}-init/diff:/var/lib/docker/overlay2/{lower}/diff",
        "MergedDir": f"{folder}/merged",
        "UpperDir": f"{folder}/diff",
        "WorkDir": f"{folder}/work",
    }


def _mount(source: str, target: str) -> dict[str, Any]:
    if source.startswith("/"):
        kind = {"Type": "bind", "Source": source}
    else:
        path = f"/var/lib/docker/volumes/{source}/_data"
        kind = {"Type": "volume", "Name": source, "Source": path, "Driver": "local"}
    return {**kind, "Destination": target, "Mode": "rw", "RW": True, "Propagation": "rprivate"}


def _network_settings(container: SimulatedContainer) -> dict[str, Any]:
    shared = container.network_mode.startswith("container:")
    sandbox = sha256_hex("sandbox", container.id) if container.live and not shared else ""
    ports = (
        {f"{container_port}/tcp": _port_bindings(host_port) for host_port, container_port in container.spec.ports}
        if container.live
        else {}
    )
    first: dict[str, Any] = next(iter(_networks(container).values()), {}) if container.network_mode == "bridge" else {}
    return {
        "Bridge": "",
        "SandboxID": sandbox,
        "SandboxKey": f"/var/run/docker/netns/{sandbox[:12]}" if sandbox else "",
        "Ports": ports,
        "Gateway": first.get("Gateway", ""),
        "IPAddress": first.get("IPAddress", ""),
        "IPPrefixLen": first.get("IPPrefixLen", 0),
        "MacAddress": first.get("MacAddress", ""),
        "Networks": _networks(container),
    }


def _port_bindings(host_port: int) -> list[dict[str, str]]:
    return [{"HostIp": address, "HostPort": str(host_port)} for address in ("0.0.0.0", "::")]


def _port_rows(container: SimulatedContainer) -> list[dict[str, Any]]:
    if not container.live:
        return []
    return [
        {"IP": address, "PrivatePort": container_port, "PublicPort": host_port, "Type": "tcp"}
        for host_port, container_port in container.spec.ports
        for address in ("0.0.0.0", "::")
    ]


def _networks(container: SimulatedContainer) -> dict[str, Any]:
    mode = container.network_mode
    if mode.startswith("container:"):
        return {}
    name = "bridge" if mode == "default" else mode
    up = container.live and name not in ("host", "none")
    octets = [int(part) for part in container.ip_address.split(".")] if up and container.ip_address else []
    return {
        name: {
            "IPAMConfig": None,
            "Links": None,
            "Aliases": [container.spec.labels.get("com.docker.compose.service", container.name)],
            "MacAddress": "02:42:" + ":".join(f"{octet:02x}" for octet in octets) if octets else "",
            "NetworkID": sha256_hex("network", name),
            "EndpointID": sha256_hex("endpoint", container.id) if up else "",
            "Gateway": "172.18.0.1" if up else "",
            "IPAddress": container.ip_address if up else "",
            "IPPrefixLen": 16 if up else 0,
            "IPv6Gateway": "",
            "GlobalIPv6Address": "",
            "GlobalIPv6PrefixLen": 0,
            "DriverOpts": None,
            "DNSNames": [container.name, container.id[:12]],
        }
    }
