"""Containers to debug, and what there is of debug containers in the simulated engine."""

from __future__ import annotations

from dockpit.engine.engine_client import EngineClient
from dockpit.model.container import Container
from dockpit.netshoot import launcher
from tests.dockpit.simulated_session import RunningSession

WEB = Container("w" * 64, "web", state="running", network_mode="bridge")
SIDECAR = Container("s" * 64, "side", state="running", network_mode=f"container:{'w' * 64}")


def find_container(reference: str) -> Container | None:
    """WEB or SIDECAR by id or name."""
    known = {c.id: c for c in (WEB, SIDECAR)} | {c.name: c for c in (WEB, SIDECAR)}
    return known.get(reference)


def client_with_image(running: RunningSession) -> EngineClient:
    """The session's client after the debug image has been added to the engine."""
    running.engine.world.add_image(f"{launcher.DEFAULT_IMAGE}:latest")
    return running.session.client


def debug_container_names(running: RunningSession) -> list[str]:
    """The names of the debug containers on the engine."""
    return [
        container.name
        for container in running.engine.world.containers.values()
        if "dockpit.debug" in container.spec.labels
    ]
