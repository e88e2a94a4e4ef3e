"""A simulated engine: an HTTP server that speaks the Docker Engine API over a world whose containers obey limits.

Import it only where a simulated engine is wanted: the server imports aiohttp.web.
"""

from __future__ import annotations

from dockpit.simulate.http_server import serve
from dockpit.simulate.scenario_spec import Scenario
from dockpit.simulate.scenarios import SCENARIOS, scenario
from dockpit.simulate.simulated_engine import SimulatedEngine
from dockpit.simulate.world import World

__all__ = ["SCENARIOS", "Scenario", "SimulatedEngine", "World", "scenario", "serve"]
