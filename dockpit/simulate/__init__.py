"""A simulated engine: an HTTP server that speaks the Docker Engine API over a world that obeys.

Import it only where a simulated engine is wanted: the server brings aiohttp.web with it.
"""

from __future__ import annotations

from dockpit.simulate.container_spec import Scenario
from dockpit.simulate.engine import SimulatedEngine
from dockpit.simulate.scenarios import SCENARIOS, scenario
from dockpit.simulate.server import serve
from dockpit.simulate.world import World

__all__ = ["SCENARIOS", "Scenario", "SimulatedEngine", "World", "scenario", "serve"]
