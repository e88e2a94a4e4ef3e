"""Debug containers that a dockpit which was cut off left behind, told from those of one that is alive."""

from __future__ import annotations

import json
import socket

import psutil

from dockpit.engine import wire
from dockpit.engine.client import EngineClient

LABEL = "dockpit.debug"
OWNER_LABEL = "dockpit.owner"
DAY_SECONDS = 86_400.0
_SAME_START_SECONDS = 5.0


def owner() -> str:
    """This process as the label of what it creates: host/pid/start, the last in seconds since the epoch."""
    own = psutil.Process()
    return f"{socket.gethostname()}/{own.pid}/{own.create_time():.2f}"


def abandoned(label: str, age_seconds: float) -> bool:
    """Whether nobody is left who would remove a container of the owner `label`, made `age_seconds` ago.

    A process of this host can be looked for; one of another host cannot, so its containers have a day. What has no
    owner that can be read is nobody's.
    """
    try:
        host, pid, start = label.rsplit("/", 2)
        number, started_at = int(pid), float(start)
    except ValueError:
        return True
    if host != socket.gethostname():
        return age_seconds > DAY_SECONDS
    try:
        return not abs(psutil.Process(number).create_time() - started_at) <= _SAME_START_SECONDS
    except (psutil.NoSuchProcess, ValueError, OverflowError):
        return True
    except psutil.Error:
        return False


async def leftovers(client: EngineClient, now: float) -> tuple[tuple[str, str], ...]:
    """(id, name) of the debug containers whose dockpit is gone, at `now` on the engine's clock. Raises EngineError."""
    filters = json.dumps({"label": [f"{LABEL}=1"]})
    rows = await client.fetch("containers/json", params={"all": "1", "filters": filters})
    found = [wire.mapping(row) for row in wire.items(rows)]
    return tuple((wire.text(row.get("Id")), _first_name(row)) for row in found if _left(row, now))


def _left(row: wire.Json, now: float) -> bool:
    label = wire.text(wire.mapping(row.get("Labels")).get(OWNER_LABEL))
    return abandoned(label, now - (wire.count(row.get("Created")) or 0))


def _first_name(row: wire.Json) -> str:
    names = [wire.text(name).removeprefix("/") for name in wire.items(row.get("Names"))]
    return names[0] if names else wire.text(row.get("Id"))[:12]
