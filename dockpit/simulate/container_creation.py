"""Container creation: the body of POST /containers/create becomes a container of the world."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dockpit.simulate import workloads
from dockpit.simulate.container_shell import is_interactive
from dockpit.simulate.engine_refusal import EngineRefusal
from dockpit.simulate.host_config import host_config
from dockpit.simulate.lifecycle import check_name
from dockpit.simulate.scenario_spec import MIB, ContainerSpec, LogSpec
from dockpit.simulate.seeded_noise import seed_of
from dockpit.simulate.simulated_container import SimulatedContainer
from dockpit.simulate.world_state import WorldState, full_image_name

ADJECTIVES = ("brave", "calm", "eager", "gentle", "jolly", "keen", "quiet", "witty")
SURNAMES = ("curie", "darwin", "euler", "hopper", "lovelace", "noether", "turing", "wing")


def create_container(world: WorldState, name: str, body: Mapping[str, Any], at: float) -> SimulatedContainer:
    """Create a container, with a generated name if `name` is empty. Raises EngineRefusal 400, 404 or 409."""
    image = str(body.get("Image") or "")
    if not image:
        raise EngineRefusal(400, "config cannot be empty in order to create a container")
    if full_image_name(image) not in world.images:
        raise EngineRefusal(404, f"No such image: {full_image_name(image)}")
    changes = dict(body.get("HostConfig") or {})
    _resolve_network(world, changes, body)
    container_id = world.new_id("container", image, name)
    if name:
        check_name(world, name)
    container = SimulatedContainer(
        id=container_id,
        name=name or _generated_name(world, container_id),
        spec=_spec(body, image, changes),
        seed=seed_of(world.seed, container_id),
        host_config=host_config(changes),
        created_at=at,
        ip_address=f"172.18.200.{len(world.containers) % 250 + 2}",
    )
    world.containers[container.id] = container
    world.emit(container, "create", at)
    return container


def _resolve_network(world: WorldState, changes: dict[str, Any], body: Mapping[str, Any]) -> None:
    """Replace the name in a `container:` mode by the id. Raises EngineRefusal 400 or 404."""
    mode = str(changes.get("NetworkMode") or "")
    if not mode.startswith("container:"):
        return
    owner = world.find(mode.removeprefix("container:"))
    changes["NetworkMode"] = f"container:{owner.id}"
    if changes.get("PortBindings"):
        raise EngineRefusal(400, "conflicting options: port publishing and the container type network mode")
    if changes.get("Dns"):
        raise EngineRefusal(400, "conflicting options: dns and the network mode")
    if body.get("Hostname"):
        raise EngineRefusal(400, "conflicting options: hostname and the network mode")


def _spec(body: Mapping[str, Any], image: str, changes: Mapping[str, Any]) -> ContainerSpec:
    argv = [*(body.get("Entrypoint") or []), *(body.get("Cmd") or [])]
    command = tuple(str(part) for part in argv) or ("/bin/sh",)
    return ContainerSpec(
        name="",
        image=image,
        command=command,
        workload=workloads.idle(4 * MIB),
        labels={str(key): str(value) for key, value in (body.get("Labels") or {}).items()},
        env=tuple(str(item) for item in body.get("Env") or ()),
        network=str(changes.get("NetworkMode") or "bridge"),
        tty=bool(body.get("Tty")),
        user=str(body.get("User") or ""),
        logs=LogSpec((), 0.0),
        runs_command=not is_interactive(list(command)),
    )


def _generated_name(world: WorldState, container_id: str) -> str:
    number = int(container_id[:8], 16)
    taken = {container.name for container in world.containers.values()}
    name = f"{ADJECTIVES[number % 8]}_{SURNAMES[number // 8 % 8]}"
    return name if name not in taken else name + container_id[:4]
