"""The state of the simulated world: its containers, images, execs and event log; time goes on in world.py."""

from __future__ import annotations

from dockpit.simulate.container import Exec, SimulatedContainer
from dockpit.simulate.container_spec import Scenario
from dockpit.simulate.event_log import EventLog
from dockpit.simulate.refusal import EngineRefusal
from dockpit.simulate.seeded_noise import hexadecimal


class WorldState:
    """Everything that a scenario consists of at one moment, `now` in seconds since the epoch."""

    def __init__(self, scenario: Scenario, seed: int, start: float) -> None:
        self.scenario = scenario
        self.seed = seed
        self.start = start
        self.now = start - scenario.warmup
        self.event_log = EventLog()
        self.containers: dict[str, SimulatedContainer] = {}
        self.execs: dict[str, Exec] = {}
        self.images: dict[str, str] = {}
        self._count = 0

    def find(self, reference: str) -> SimulatedContainer:
        """The container with this id, unambiguous id prefix or name. Raises Refusal 404."""
        found = self.containers.get(reference)
        wanted = reference.removeprefix("/")
        matches = [container for container in self.containers.values() if container.name == wanted]
        if not found and not matches and wanted:
            matches = [container for container in self.containers.values() if container.id.startswith(wanted)]
        if found or len(matches) == 1:
            return found or matches[0]
        raise EngineRefusal(404, f"No such container: {reference}")

    def network_owner(self, container: SimulatedContainer) -> SimulatedContainer | None:
        """The owner of the network namespace: `container` itself, or the end of its chain of `container:` modes.

        None in the modes host and none, and where the owner is gone.
        """
        for _ in range(8):
            if not container.net_mode.startswith("container:"):
                return None if container.net_mode in ("host", "none") else container
            try:
                container = self.find(container.net_mode.removeprefix("container:"))
            except EngineRefusal:
                return None
        return None

    def add_image(self, name: str) -> None:
        """Make an image present."""
        self.images[full_name(name)] = "sha256:" + hexadecimal("image", full_name(name))

    def new_id(self, *parts: object) -> str:
        """A fresh id of 64 hex digits, the same in every world with the same past."""
        self._count += 1
        return hexadecimal(self.seed, self._count, *parts)

    def attributes(self, container: SimulatedContainer, **more: str) -> dict[str, str]:
        """The attributes of an event of `container`."""
        return {**container.spec.labels, "image": container.spec.image, "name": container.name, **more}

    def emit(self, container: SimulatedContainer, action: str, at: float, **more: str) -> None:
        """Log an event of a container."""
        self.event_log.emit(at, "container", action, container.id, self.attributes(container, **more))


def full_name(image: str) -> str:
    """An image reference as the engine shows it: "docker.io/library/busybox" -> "busybox:latest"."""
    image = image.removeprefix("docker.io/").removeprefix("library/")
    tail = image.rpartition("/")[2]
    return image if ":" in tail or "@" in tail else f"{image}:latest"
