"""Debug containers left over by a dockpit that was killed, told apart from those of a running one by their labels."""

from __future__ import annotations

import json
import socket

import psutil

from dockpit.engine.engine_client import EngineClient
from dockpit.engine.json_values import JsonObject, as_count, as_list, as_object, as_text

DEBUG_LABEL = "dockpit.debug"
OWNER_LABEL = "dockpit.owner"

FOREIGN_HOST_SECONDS = 86_400.0
"""Age from which a debug container made on another host counts as abandoned."""

START_TOLERANCE_SECONDS = 5.0
"""Maximum difference between two readings of the start time of one process."""


def owner_label_value() -> str:
    """This process as the value of OWNER_LABEL: host/pid/start, the start in seconds since the epoch."""
    own = psutil.Process()
    return f"{socket.gethostname()}/{own.pid}/{own.create_time():.2f}"


def is_abandoned(owner: str, age_seconds: float) -> bool:
    """Whether the process in the label value `owner`, of a container created `age_seconds` ago, no longer exists.

    A process of another host cannot be checked, so its containers count as abandoned after a day. A container whose
    label cannot be read is abandoned.
    """
    try:
        host, pid, start = owner.rsplit("/", 2)
        number, started_at = int(pid), float(start)
    except ValueError:
        return True
    if host != socket.gethostname():
        return age_seconds > FOREIGN_HOST_SECONDS
    try:
        return not abs(psutil.Process(number).create_time() - started_at) <= START_TOLERANCE_SECONDS
    except (psutil.NoSuchProcess, ValueError, OverflowError):
        return True
    except psutil.Error:
        return False


async def find_leftovers(client: EngineClient, now: float) -> tuple[tuple[str, str], ...]:
    """(id, name) of the abandoned debug containers; `now` is the engine's time in seconds. Raises EngineError."""
    filters = json.dumps({"label": [f"{DEBUG_LABEL}=1"]})
    rows = await client.requests.fetch("containers/json", params={"all": "1", "filters": filters})
    containers = [as_object(row) for row in as_list(rows)]
    return tuple((as_text(row.get("Id")), _first_name(row)) for row in containers if _is_leftover(row, now))


def _is_leftover(row: JsonObject, now: float) -> bool:
    owner = as_text(as_object(row.get("Labels")).get(OWNER_LABEL))
    return is_abandoned(owner, now - (as_count(row.get("Created")) or 0))


def _first_name(row: JsonObject) -> str:
    names = [as_text(name).removeprefix("/") for name in as_list(row.get("Names"))]
    return names[0] if names else as_text(row.get("Id"))[:12]
