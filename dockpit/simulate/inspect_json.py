"""A box -> the JSON of inspect and of the container list."""

from __future__ import annotations

from typing import Any

from dockpit.simulate.container import HealthState, SimulatedContainer
from dockpit.simulate.seeded_noise import hexadecimal
from dockpit.simulate.stats_json import stamp
from dockpit.simulate.world_state import WorldState, full_name


def inspect(world: WorldState, box: SimulatedContainer) -> dict[str, Any]:
    """GET /containers/{id}/json."""
    folder = f"/var/lib/docker/containers/{box.id}"
    return {
        "Id": box.id,
        "Created": stamp(box.created),
        "Path": box.spec.command[0] if box.spec.command else "",
        "Args": list(box.spec.command[1:]),
        "State": _state(box),
        "Image": image_id(box.spec.image),
        "ResolvConfPath": f"{folder}/resolv.conf",
        "HostnamePath": f"{folder}/hostname",
        "HostsPath": f"{folder}/hosts",
        "LogPath": f"{folder}/{box.id}-json.log",
        "Name": f"/{box.name}",
        "RestartCount": box.restarts,
        "Driver": "overlay2",
        "Platform": "linux",
        "MountLabel": "",
        "ProcessLabel": "",
        "AppArmorProfile": "docker-default",
        "ExecIDs": sorted(e.id for e in world.execs.values() if e.box is box and e.running) or None,
        "HostConfig": box.host,
        "GraphDriver": {"Data": _layers(box), "Name": "overlay2"},
        "Mounts": [_mount(source, target) for source, target in box.spec.mounts],
        "Config": _config(box),
        "NetworkSettings": _network_settings(box),
    }


def summary(world: WorldState, box: SimulatedContainer, now: float) -> dict[str, Any]:
    """One row of GET /containers/json."""
    return {
        "Id": box.id,
        "Names": [f"/{box.name}"],
        "Image": box.spec.image,
        "ImageID": image_id(box.spec.image),
        "Command": " ".join(box.spec.command),
        "Created": int(box.created),
        "Ports": _port_rows(box),
        "Labels": dict(box.spec.labels),
        "State": box.status,
        "Status": status_text(box, now),
        "HostConfig": {"NetworkMode": box.net_mode},
        "NetworkSettings": {"Networks": _networks(box)},
        "Mounts": [_mount(source, target) for source, target in box.spec.mounts],
    }


def image_id(image: str) -> str:
    """The local id of an image."""
    return "sha256:" + hexadecimal("image", full_name(image))


def status_text(box: SimulatedContainer, now: float) -> str:
    """What `docker ps` prints: "Up 3 hours (healthy)"."""
    if box.status == "created":
        return "Created"
    if box.status == "restarting":
        return f"Restarting ({box.exit_code}) {human(now - box.finished)} ago"
    if box.live:
        extra = " (Paused)" if box.status == "paused" else ""
        if box.health is not None:
            verdict = "health: starting" if box.health.status == "starting" else box.health.status
            extra = f" ({verdict})" + extra
        return f"Up {human(now - box.started)}{extra}"
    return f"Exited ({box.exit_code}) {human(now - box.finished)} ago"


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


def _state(box: SimulatedContainer) -> dict[str, Any]:
    state: dict[str, Any] = {
        "Status": box.status,
        "Running": box.live or box.status == "restarting",
        "Paused": box.status == "paused",
        "Restarting": box.status == "restarting",
        "OOMKilled": box.oom_killed,
        "Dead": False,
        "Pid": box.pid if box.live else 0,
        "ExitCode": box.exit_code,
        "Error": box.error,
        "StartedAt": stamp(box.started),
        "FinishedAt": stamp(box.finished),
    }
    if box.health is not None:
        state["Health"] = _health(box.health)
    return state


def _health(health: HealthState) -> dict[str, Any]:
    return {
        "Status": health.status,
        "FailingStreak": health.streak,
        "Log": [
            {"Start": stamp(p.begin), "End": stamp(p.end), "ExitCode": p.code, "Output": p.output} for p in health.log
        ],
    }


def _config(box: SimulatedContainer) -> dict[str, Any]:
    spec = box.spec
    config: dict[str, Any] = {
        "Hostname": box.id[:12],
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


def _layers(box: SimulatedContainer) -> dict[str, str]:
    upper = hexadecimal("upper", box.id)
    folder = f"/var/lib/docker/overlay2/{upper}"
    lower = f"{folder}-init/diff:/var/lib/docker/overlay2/{hexadecimal('lower', box.spec.image)}/diff"
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


def _network_settings(box: SimulatedContainer) -> dict[str, Any]:
    shared = box.net_mode.startswith("container:")
    sandbox = hexadecimal("sandbox", box.id) if box.live and not shared else ""
    ports = {f"{inside}/tcp": _bindings(outside) for outside, inside in box.spec.ports} if box.live else {}
    first: dict[str, Any] = next(iter(_networks(box).values()), {}) if box.net_mode == "bridge" else {}
    return {
        "Bridge": "",
        "SandboxID": sandbox,
        "SandboxKey": f"/var/run/docker/netns/{sandbox[:12]}" if sandbox else "",
        "Ports": ports,
        "Gateway": first.get("Gateway", ""),
        "IPAddress": first.get("IPAddress", ""),
        "IPPrefixLen": first.get("IPPrefixLen", 0),
        "MacAddress": first.get("MacAddress", ""),
        "Networks": _networks(box),
    }


def _bindings(outside: int) -> list[dict[str, str]]:
    return [{"HostIp": address, "HostPort": str(outside)} for address in ("0.0.0.0", "::")]


def _port_rows(box: SimulatedContainer) -> list[dict[str, Any]]:
    if not box.live:
        return []
    return [
        {"IP": address, "PrivatePort": inside, "PublicPort": outside, "Type": "tcp"}
        for outside, inside in box.spec.ports
        for address in ("0.0.0.0", "::")
    ]


def _networks(box: SimulatedContainer) -> dict[str, Any]:
    mode = box.net_mode
    if mode.startswith("container:"):
        return {}
    name = "bridge" if mode == "default" else mode
    up = box.live and name not in ("host", "none")
    octets = [int(part) for part in box.address.split(".")] if up and box.address else []
    return {
        name: {
            "IPAMConfig": None,
            "Links": None,
            "Aliases": [box.spec.labels.get("com.docker.compose.service", box.name)],
            "MacAddress": "02:42:" + ":".join(f"{octet:02x}" for octet in octets) if octets else "",
            "NetworkID": hexadecimal("network", name),
            "EndpointID": hexadecimal("endpoint", box.id) if up else "",
            "Gateway": "172.18.0.1" if up else "",
            "IPAddress": box.address if up else "",
            "IPPrefixLen": 16 if up else 0,
            "IPv6Gateway": "",
            "GlobalIPv6Address": "",
            "GlobalIPv6PrefixLen": 0,
            "DriverOpts": None,
            "DNSNames": [box.name, box.id[:12]],
        }
    }
