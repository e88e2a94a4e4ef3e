"""The state of the simulated world: its containers, images, execs and event log; world.py advances it."""

from __future__ import annotations

from dockpit.simulate.engine_refusal import EngineRefusal
from dockpit.simulate.event_log import EventLog
from dockpit.simulate.scenario_spec import Scenario
from dockpit.simulate.seeded_noise import sha256_hex
from dockpit.simulate.simulated_container import Exec, SimulatedContainer

MAX_NETWORK_CHAIN = 8


class WorldState:
    """The world at the time `now`; its `start` follows the scenario's warm-up. Both are seconds since the epoch."""

    def __init__(self, scenario: Scenario, seed: int, start: float) -> None:
        self.scenario = scenario
        self.seed = seed
        self.start = start
        self.now = start - scenario.warmup_seconds
        self.event_log = EventLog()
        self.containers: dict[str, SimulatedContainer] = {}
        """Containers by full id, oldest first."""
        self.execs: dict[str, Exec] = {}
        """Exec instances by id."""
        self.images: dict[str, str] = {}
        """Image ids by full name."""
        self._ids_made = 0

    def find(self, reference: str) -> SimulatedContainer:
        """The container with this id, unambiguous id prefix or name. Raises EngineRefusal 404."""
        exact = self.containers.get(reference)
        wanted = reference.removeprefix("/")
        matches = [container for container in self.containers.values() if container.name == wanted]
        if not exact and not matches and wanted:
            matches = [container for container in self.containers.values() if container.id.startswith(wanted)]
        if exact or len(matches) == 1:
            return exact or matches[0]
        raise EngineRefusal(404, f"No such container: {reference}")

    def network_owner(self, container: SimulatedContainer) -> SimulatedContainer | None:
        """The owner of the network namespace: `container` itself, or the end of its chain of `container:` modes.

        None in the modes host and none, and where the owner is gone.
        """
        for _ in range(MAX_NETWORK_CHAIN):
            if not container.network_mode.startswith("container:"):
                return None if container.network_mode in ("host", "none") else container
            try:
                container = self.find(container.network_mode.removeprefix("container:"))
            except EngineRefusal:
                return None
        return None

    def add_image(self, name: str) -> None:
        """Add an image to those present."""
        self.images[full_image_name(name)] = image_id(name)

    def new_id(self, *parts: object) -> str:
        """A fresh id of 64 hex digits, the same in every world with the same past."""
        self._ids_made += 1
        return sha256_hex(self.seed, self._ids_made, *parts)

    def emit(self, container: SimulatedContainer, action: str, at: float, **attributes: str) -> None:
        """Log an event of a container, with its labels, image and name beside `attributes`."""
        about = {**container.spec.labels, "image": container.spec.image, "name": container.name}
        self.event_log.emit(at, "container", action, container.id, {**about, **attributes})


def full_image_name(image: str) -> str:
    """An image reference as the engine shows it: "busybox:latest" for "docker.io/library/busybox"."""
    image = image.removeprefix("docker.io/").removeprefix("library/")
    tail = image.rpartition("/")[2]
    return image if ":" in tail or "@" in tail else f"{image}:latest"


def image_id(image: str) -> str:
    """The local id of an image."""
    return "sha256:" + sha256_hex("image", full_image_name(image))
