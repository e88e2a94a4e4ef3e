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
        self.boxes: dict[str, SimulatedContainer] = {}
        self.execs: dict[str, Exec] = {}
        self.images: dict[str, str] = {}
        self._count = 0

    def find(self, reference: str) -> SimulatedContainer:
        """The container with this id, unambiguous id prefix or name. Raises Refusal 404."""
        found = self.boxes.get(reference)
        wanted = reference.removeprefix("/")
        matches = [box for box in self.boxes.values() if box.name == wanted]
        if not found and not matches and wanted:
            matches = [box for box in self.boxes.values() if box.id.startswith(wanted)]
        if found or len(matches) == 1:
            return found or matches[0]
        raise EngineRefusal(404, f"No such container: {reference}")

    def network_owner(self, box: SimulatedContainer) -> SimulatedContainer | None:
        """The container whose network `box` uses: itself, the end of a container: chain, None for host and none."""
        for _ in range(8):
            if not box.net_mode.startswith("container:"):
                return None if box.net_mode in ("host", "none") else box
            try:
                box = self.find(box.net_mode.removeprefix("container:"))
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

    def attributes(self, box: SimulatedContainer, **more: str) -> dict[str, str]:
        """The attributes of an event of `box`."""
        return {**box.spec.labels, "image": box.spec.image, "name": box.name, **more}

    def emit(self, box: SimulatedContainer, action: str, at: float, **more: str) -> None:
        """Log an event of a container."""
        self.event_log.emit(at, "container", action, box.id, self.attributes(box, **more))


def full_name(image: str) -> str:
    """An image reference as the engine shows it: "docker.io/library/busybox" -> "busybox:latest"."""
    image = image.removeprefix("docker.io/").removeprefix("library/")
    tail = image.rpartition("/")[2]
    return image if ":" in tail or "@" in tail else f"{image}:latest"
