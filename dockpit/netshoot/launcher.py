"""Debug containers: whose network one joins, the body it is created with, and running it."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from dockpit.engine.attached_streams import CommandResult
from dockpit.engine.engine_client import EngineClient
from dockpit.engine.temporary_containers import ContainerTerminal, open_container, run_container
from dockpit.engine.terminals import TERMINAL_ENVIRONMENT
from dockpit.model.container import Container
from dockpit.model.errors import NotFound, UsageError
from dockpit.netshoot.leftover_containers import DEBUG_LABEL, OWNER_LABEL, owner_label_value

DEFAULT_IMAGE = "nicolaka/netshoot"
TARGET_LABEL = "dockpit.target"
CAPABILITIES = ("NET_ADMIN", "NET_RAW", "SYS_PTRACE")
MEMORY_BYTES = 256 * 1024 * 1024
NANO_CPUS = 500_000_000
PIDS_LIMIT = 256

TARGET_NAME_CHARACTERS = 40
"""Maximum characters of the target's name in the name of its debug container."""

ContainerLookup = Callable[[str], Container | None]
"""Finds a container by full id, or by name as docker allows in container:<name>."""


@dataclass(frozen=True, slots=True)
class DebugTarget:
    """The namespaces a debug container joins; `note` tells the user whose network that is, "" if `container`'s own."""

    container: Container
    network_mode: str
    pid_mode: str
    note: str = ""


def find_debug_target(container: Container, lookup: ContainerLookup, *, share_pid: bool = False) -> DebugTarget:
    """The namespaces to join to debug `container`. Raises UsageError with the reason if it has no network to debug."""
    if not container.live:
        raise UsageError(
            f"{container.name} is {container.state}: a stopped container has no network to look into; start it first"
        )
    network_owner, note = _network_owner(container, lookup)
    mode = network_owner.network_mode
    if mode == "none":
        raise UsageError(f"{container.name} runs with --network none: there is only its loopback, nothing to look into")
    pid_mode = f"container:{container.id}" if share_pid else ""
    if mode == "host":
        note = f"{container.name} uses the host's network: you see the whole machine's"
        return DebugTarget(container, "host", pid_mode, note)
    return DebugTarget(container, f"container:{network_owner.id}", pid_mode, note)


def _network_owner(container: Container, lookup: ContainerLookup) -> tuple[Container, str]:
    """The container whose network `container` uses, by following container:X, and a note for the user about it."""
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


def create_body(image: str, debug_target: DebugTarget, command: Sequence[str], *, tty: bool) -> dict[str, Any]:
    """The body of POST /containers/create for a debug container; with a TTY the engine removes it when it ends.

    Ports, DNS and host name are left out: the engine answers 400 to a container that shares a network and sets them.
    """
    host_config: dict[str, Any] = {
        "NetworkMode": debug_target.network_mode,
        "CapAdd": list(CAPABILITIES),
        "AutoRemove": tty,
        "Memory": MEMORY_BYTES,
        "MemorySwap": MEMORY_BYTES,
        "NanoCpus": NANO_CPUS,
        "PidsLimit": PIDS_LIMIT,
    }
    if debug_target.pid_mode:
        host_config["PidMode"] = debug_target.pid_mode
    return {
        "Image": image,
        **({"Cmd": list(command)} if command else {}),
        "Tty": tty,
        "OpenStdin": tty,
        "StdinOnce": tty,
        "AttachStdin": tty,
        "AttachStdout": True,
        "AttachStderr": True,
        "Env": list(TERMINAL_ENVIRONMENT),
        "Labels": {DEBUG_LABEL: "1", TARGET_LABEL: debug_target.container.id, OWNER_LABEL: owner_label_value()},
        "HostConfig": host_config,
    }


async def has_image(client: EngineClient, image: str) -> bool:
    """Whether the engine has the image already."""
    try:
        await client.requests.fetch(f"images/{quote(image, safe='/:@')}/json")
    except NotFound:
        return False
    return True


def debug_container_name(container: Container) -> str:
    """A recognisable name for a new debug container: dockpit-debug-<target>-<6 hex digits>."""
    target_name = re.sub(r"[^a-zA-Z0-9_.-]", "-", container.name)[:TARGET_NAME_CHARACTERS] or container.short_id
    return f"dockpit-debug-{target_name}-{secrets.token_hex(3)}"


def open_shell(
    client: EngineClient, image: str, debug_target: DebugTarget
) -> AbstractAsyncContextManager[ContainerTerminal]:
    """An interactive debug container, removed when the block is left. Raises EngineError."""
    return open_container(
        client, create_body(image, debug_target, (), tty=True), debug_container_name(debug_target.container)
    )


async def run_recipe(
    client: EngineClient, image: str, debug_target: DebugTarget, command: Sequence[str], seconds: float = 60.0
) -> CommandResult:
    """Run one command to its end in a debug container of its own. Raises EngineError, TimeoutError."""
    created = create_body(image, debug_target, command, tty=False)
    return await run_container(client, created, debug_container_name(debug_target.container), seconds)
