"""A container -> the JSON of inspect and of the container list."""

from __future__ import annotations

from typing import Any

from dockpit.simulate.container import HealthState, SimulatedContainer
from dockpit.simulate.seeded_noise import hexadecimal
from dockpit.simulate.stats_json import stamp
from dockpit.simulate.world_state import WorldState, full_name


def inspect(world: WorldState, container: SimulatedContainer) -> dict[str, Any]:
    """GET /containers/{id}/json."""
    folder = f"/var/lib/docker/containers/{container.id}"
    return {
        "Id": container.id,
        "Created": stamp(container.created),
        "Path": container.spec.command[0] if container.spec.command else "",
        "Args": list(container.spec.command[1:]),
        "State": _state(container),
        "Image": image_id(container.spec.image),
        "ResolvConfPath": f"{folder}/resolv.conf",
        "HostnamePath": f"{folder}/hostname",
        "HostsPath": f"{folder}/hosts",
        "LogPath": f"{folder}/{container.id}-json.log",
        "Name": f"/{container.name}",
        "RestartCount": container.restarts,
        "Driver": "overlay2",
        "Platform": "linux",
        "MountLabel": "",
        "ProcessLabel": "",
        "AppArmorProfile": "docker-default",
        "ExecIDs": sorted(e.id for e in world.execs.values() if e.container is container and e.running) or None,
        "HostConfig": container.host,
        "GraphDriver": {"Data": _layers(container), "Name": "overlay2"},
        "Mounts": [_mount(source, target) for source, target in container.spec.mounts],
        "Config": _config(container),
        "NetworkSettings": _network_settings(container),
    }


def summary(world: WorldState, container: SimulatedContainer, now: float) -> dict[str, Any]:
    """One row of GET /containers/json."""
    return {
        "Id": container.id,
        "Names": [f"/{container.name}"],
        "Image": container.spec.image,
        "ImageID": image_id(container.spec.image),
        "Command": " ".join(container.spec.command),
        "Created": int(container.created),
        "Ports": _port_rows(container),
        "Labels": dict(container.spec.labels),
        "State": container.status,
        "Status": status_text(container, now),
        "HostConfig": {"NetworkMode": container.net_mode},
        "NetworkSettings": {"Networks": _networks(container)},
        "Mounts": [_mount(source, target) for source, target in container.spec.mounts],
    }


def image_id(image: str) -> str:
    """The local id of an image."""
    return "sha256:" + hexadecimal("image", full_name(image))


def status_text(container: SimulatedContainer, now: float) -> str:
    """What `docker ps` prints: "Up 3 hours (healthy)"."""
    if container.status == "created":
        return "Created"
    if container.status == "restarting":
        return f"Restarting ({container.exit_code}) {human(now - container.finished)} ago"
    if container.live:
        extra = " (Paused)" if container.status == "paused" else ""
        if container.health is not None:
            verdict = "health: starting" if container.health.status == "starting" else container.health.status
            extra = f" ({verdict})" + extra
        return f"Up {human(now - container.started)}{extra}"
    return f"Exited ({container.exit_code}) {human(now - container.finished)} ago"


def human(seconds: float) -> str:
    """Go's units.HumanDuration."""
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
        "StartedAt": stamp(container.started),
        "FinishedAt": stamp(container.finished),
    }
    if container.health is not None:
        state["Health"] = _health(container.health)
    return state


def _health(health: HealthState) -> dict[str, Any]:
    return {
        "Status": health.status,
        "FailingStreak": health.streak,
        "Log": [
            {"Start": stamp(p.begin), "End": stamp(p.end), "ExitCode": p.code, "Output": p.output} for p in health.log
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
        "ExposedPorts": {f"{inside}/tcp": {} for _, inside in spec.ports},
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
        ns = 1_000_000_000
        check = {"Test": list(spec.health.test), "Interval": int(spec.health.interval * ns), "Timeout": 5 * ns}
        config["Healthcheck"] = {**check, "Retries": spec.health.retries}
    return config


def _layers(container: SimulatedContainer) -> dict[str, str]:
    upper = hexadecimal("upper", container.id)
    folder = f"/var/lib/docker/overlay2/{upper}"
    lower = f"{folder}-init/diff:/var/lib/docker/overlay2/{hexadecimal('lower', container.spec.image)}/diff"
    return {
        "LowerDir": lower,
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
    shared = container.net_mode.startswith("container:")
    sandbox = hexadecimal("sandbox", container.id) if container.live and not shared else ""
    ports = {f"{inside}/tcp": _bindings(outside) for outside, inside in container.spec.ports} if container.live else {}
    first: dict[str, Any] = next(iter(_networks(container).values()), {}) if container.net_mode == "bridge" else {}
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


def _bindings(outside: int) -> list[dict[str, str]]:
    return [{"HostIp": address, "HostPort": str(outside)} for address in ("0.0.0.0", "::")]


def _port_rows(container: SimulatedContainer) -> list[dict[str, Any]]:
    if not container.live:
        return []
    return [
        {"IP": address, "PrivatePort": inside, "PublicPort": outside, "Type": "tcp"}
        for outside, inside in container.spec.ports
        for address in ("0.0.0.0", "::")
    ]


def _networks(container: SimulatedContainer) -> dict[str, Any]:
    mode = container.net_mode
    if mode.startswith("container:"):
        return {}
    name = "bridge" if mode == "default" else mode
    up = container.live and name not in ("host", "none")
    octets = [int(part) for part in container.address.split(".")] if up and container.address else []
    return {
        name: {
            "IPAMConfig": None,
            "Links": None,
            "Aliases": [container.spec.labels.get("com.docker.compose.service", container.name)],
            "MacAddress": "02:42:" + ":".join(f"{octet:02x}" for octet in octets) if octets else "",
            "NetworkID": hexadecimal("network", name),
            "EndpointID": hexadecimal("endpoint", container.id) if up else "",
            "Gateway": "172.18.0.1" if up else "",
            "IPAddress": container.address if up else "",
            "IPPrefixLen": 16 if up else 0,
            "IPv6Gateway": "",
            "GlobalIPv6Address": "",
            "GlobalIPv6PrefixLen": 0,
            "DriverOpts": None,
            "DNSNames": [container.name, container.id[:12]],
        }
    }
