"""Where a debug container can look, what it is created with, and how it is run."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from dockpit.engine import terminals, wire
from dockpit.engine.client import EngineClient
from dockpit.model.container import Container
from dockpit.model.errors import NotFound, UsageError
from dockpit.netshoot.leftovers import LABEL, OWNER_LABEL, owner

DEFAULT_IMAGE = "nicolaka/netshoot"
TARGET_LABEL = "dockpit.target"
CAPABILITIES = ("NET_ADMIN", "NET_RAW", "SYS_PTRACE")
MEMORY_BYTES = 256 * 1024 * 1024
NANO_CPUS = 500_000_000
PIDS = 256
NAME_CHARACTERS = 40

Lookup = Callable[[str], Container | None]
"""Finds a container by full id, or by name as docker allows in container:<name>."""


@dataclass(frozen=True, slots=True)
class Target:
    """The network a debug container is to join, and what the user should know about it."""

    container: Container
    network_mode: str
    pid_mode: str
    note: str = ""


def target(container: Container, lookup: Lookup, *, share_pid: bool = False) -> Target:
    """Where to look for a container. Raises UsageError with the reason when there is nothing to look into."""
    if not container.live:
        raise UsageError(
            f"{container.name} is {container.state}: a stopped container has no network to look into; start it first"
        )
    owner, note = _network_owner(container, lookup)
    mode = owner.network_mode
    if mode == "none":
        raise UsageError(f"{container.name} runs with --network none: there is only its loopback, nothing to look into")
    pid = f"container:{container.id}" if share_pid else ""
    if mode == "host":
        return Target(container, "host", pid, f"{container.name} uses the host's network: you see the whole machine's")
    return Target(container, f"container:{owner.id}", pid, note)


def _network_owner(container: Container, lookup: Lookup) -> tuple[Container, str]:
    """Follow network_mode container:X to the container whose network it is."""
    owner, seen = container, {container.id}
    while owner.network_mode.startswith("container:"):
        reference = owner.network_mode.partition(":")[2]
        found = lookup(reference)
        if found is None or found.id in seen or not found.live:
            raise UsageError(f"{container.name} shares the network of {reference}, which is not running")
        owner = found
        seen.add(owner.id)
    shared = owner.id != container.id
    return owner, f"{container.name} shares the network of {owner.name}: you see that one" if shared else ""


def body(image: str, where: Target, command: Sequence[str], *, tty: bool) -> dict[str, Any]:
    """The body of POST /containers/create for a debug container: small limits, labels, removed when it ends.

    A container that shares a network may have no ports, DNS or host name of its own: the engine answers 400.
    """
    host: dict[str, Any] = {
        "NetworkMode": where.network_mode,
        "CapAdd": list(CAPABILITIES),
        "AutoRemove": tty,
        "Memory": MEMORY_BYTES,
        "MemorySwap": MEMORY_BYTES,
        "NanoCpus": NANO_CPUS,
        "PidsLimit": PIDS,
    }
    if where.pid_mode:
        host["PidMode"] = where.pid_mode
    return {
        "Image": image,
        **({"Cmd": list(command)} if command else {}),
        "Tty": tty,
        "OpenStdin": tty,
        "StdinOnce": tty,
        "AttachStdin": tty,
        "AttachStdout": True,
        "AttachStderr": True,
        "Env": ["TERM=xterm-256color"],
        "Labels": {LABEL: "1", TARGET_LABEL: where.container.id, OWNER_LABEL: owner()},
        "HostConfig": host,
    }


async def has_image(client: EngineClient, image: str) -> bool:
    """Whether the engine has the image already."""
    try:
        await client.fetch(f"images/{quote(image, safe='/:@')}/json")
    except NotFound:
        return False
    return True


def debug_name(container: Container) -> str:
    """A name for a debug container that people recognise: dockpit-debug-<target>-<6 hex digits>."""
    beside = re.sub(r"[^a-zA-Z0-9_.-]", "-", container.name)[:NAME_CHARACTERS] or container.short_id
    return f"dockpit-debug-{beside}-{secrets.token_hex(3)}"


def open_shell(
    client: EngineClient, image: str, where: Target
) -> AbstractAsyncContextManager[terminals.ContainerTerminal]:
    """An interactive debug container, removed when the block is left. Raises EngineError."""
    return terminals.open_container(client, body(image, where, (), tty=True), debug_name(where.container))


async def run_recipe(
    client: EngineClient, image: str, where: Target, command: Sequence[str], seconds: float = 60.0
) -> terminals.Result:
    """Run one command in a debug container of its own, to its end. Raises EngineError, TimeoutError."""
    asked = body(image, where, command, tty=False)
    return await terminals.run_container(client, asked, debug_name(where.container), seconds)


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of a pull, or the pull as a whole when `id` is "": bytes (0 where unknown) and the engine's word."""

    id: str
    status: str
    current: int = 0
    total: int = 0


def layer(progress: wire.Json) -> Layer:
    """One progress object of POST /images/create."""
    detail = wire.mapping(progress.get("progressDetail"))
    units = wire.text(detail.get("units"))
    current, total = (0, 0) if units else (wire.count(detail.get("current")) or 0, wire.count(detail.get("total")) or 0)
    status = wire.text(progress.get("status"))
    whole = status.startswith(("Digest", "Status", "Pulling from"))
    return Layer("" if whole else wire.text(progress.get("id")), status, current, total)


def explain_pull(image: str, message: str) -> str:
    """Why an image cannot be pulled, and what to do."""
    lower = message.lower()
    if any(word in lower for word in ("no such host", "dial tcp", "timeout", "connection refused", "network is")):
        cure = "the engine does not reach the registry; load the image there (docker save | docker load) or set another"
    elif any(word in lower for word in ("denied", "unauthorized", "authentication")):
        cure = "the registry wants a login (docker login) or the image does not exist"
    elif any(word in lower for word in ("not found", "manifest unknown", "no such image")):
        cure = "the registry has no such image or tag"
    elif "no space" in lower:
        cure = "the engine's disk is full"
    else:
        cure = "the engine gave no better reason"
    return f"{image} cannot be pulled: {cure} ([netshoot] image in the configuration). The engine says: {message[:300]}"
