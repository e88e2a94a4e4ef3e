"""Handlers of requests about containers that are answered at once: list, inspect, create and the lifecycle."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from dockpit.simulate import container_json, lifecycle
from dockpit.simulate.container_creation import create_container
from dockpit.simulate.engine_refusal import EngineRefusal
from dockpit.simulate.limit_update import update
from dockpit.simulate.request_parsing import filters, flag, has_labels, json_body, terminal_size
from dockpit.simulate.simulated_container import SimulatedContainer
from dockpit.simulate.simulated_engine import SimulatedEngine, empty_response, json_response


def _passes(container: SimulatedContainer, wanted: dict[str, list[str]]) -> bool:
    checks = {
        "status": lambda values: container.status in values,
        "id": lambda values: any(container.id.startswith(value) for value in values),
        "name": lambda values: any(value.strip("/^$") in container.name for value in values),
        "label": lambda values: has_labels(container.spec.labels, values),
        "ancestor": lambda values: any(container.spec.image.startswith(value) for value in values),
    }
    unknown = set(wanted) - set(checks)
    if unknown:
        raise EngineRefusal(400, f"invalid filter '{sorted(unknown)[0]}'")
    return all(checks[key](values) for key, values in wanted.items())


class ContainerRoutes:
    """Handlers of /containers, except those of streams, exec and attach."""

    def __init__(self, engine: SimulatedEngine) -> None:
        self._engine = engine

    def _container(self, request: web.Request) -> SimulatedContainer:
        self._engine.now()
        return self._engine.world.find(request.match_info["id"])

    async def listing(self, request: web.Request) -> web.Response:
        """GET /containers/json, newest first."""
        now, wanted = self._engine.now(), filters(request)
        show_all = flag(request, "all") or "status" in wanted
        containers = self._engine.world.containers.values()
        shown = [each for each in containers if show_all or each.live or each.restart_at > now]
        passing = sorted((each for each in shown if _passes(each, wanted)), key=lambda each: -each.created_at)
        limit = int(request.query.get("limit") or 0)
        return json_response([container_json.list_row(each, now) for each in passing[: limit if limit > 0 else None]])

    async def inspect(self, request: web.Request) -> web.Response:
        """GET /containers/{id}/json."""
        return json_response(container_json.inspect_container(self._engine.world, self._container(request)))

    async def create(self, request: web.Request) -> web.Response:
        """POST /containers/create."""
        body = await json_body(request)
        container = create_container(self._engine.world, request.query.get("name", ""), body, self._engine.now())
        return json_response({"Id": container.id, "Warnings": []}, 201)

    async def update(self, request: web.Request) -> web.Response:
        """POST /containers/{id}/update."""
        body, container = await json_body(request), self._container(request)
        warnings = update(self._engine.world, container, body, self._engine.now())
        return json_response({"Warnings": warnings or None})

    async def rename(self, request: web.Request) -> web.Response:
        """POST /containers/{id}/rename."""
        container = self._container(request)
        lifecycle.rename(self._engine.world, container, self._engine.now(), request.query.get("name", ""))
        return empty_response(204)

    async def change_state(self, request: web.Request) -> web.Response:
        """POST /containers/{id}/start, stop, restart, kill, pause or unpause; 304 when there is nothing to do."""
        container, world, at = self._container(request), self._engine.world, self._engine.now()
        action = request.match_info["action"]
        signal = lifecycle.signal_number(request.query.get("signal") or ("KILL" if action == "kill" else "TERM"))
        if (action == "start" and container.live) or (
            action == "stop" and not container.live and container.status != "restarting"
        ):
            return empty_response(304)
        if action == "kill":
            lifecycle.kill(world, container, at, signal)
        elif action == "stop":
            lifecycle.stop(world, container, at, signal)
        else:
            {
                "start": lifecycle.start,
                "restart": lifecycle.restart,
                "pause": lifecycle.pause,
                "unpause": lifecycle.unpause,
            }[action](world, container, at)
        return empty_response(204)

    async def remove(self, request: web.Request) -> web.Response:
        """DELETE /containers/{id}."""
        lifecycle.remove(self._engine.world, self._container(request), self._engine.now(), force=flag(request, "force"))
        return empty_response(204)

    async def resize(self, request: web.Request) -> web.Response:
        """POST /containers/{id}/resize."""
        container = self._container(request)
        if not container.live:
            raise EngineRefusal(409, f"Container {container.id} is not running")
        rows, columns = terminal_size(request)
        container.rows, container.columns = rows, columns
        self._engine.world.emit(container, "resize", self._engine.now(), height=str(rows), width=str(columns))
        return empty_response(200)

    async def top(self, request: web.Request) -> web.Response:
        """GET /containers/{id}/top, which emits a `top` event."""
        container = self._container(request)
        if not container.live:
            raise EngineRefusal(409, f"container {container.id} is not running")
        self._engine.world.emit(container, "top", self._engine.now())
        return json_response(_processes(container))

    async def changes(self, request: web.Request) -> web.Response:
        """GET /containers/{id}/changes: the files that differ from the image."""
        self._container(request)
        return json_response([{"Path": "/tmp", "Kind": 0}, {"Path": "/tmp/session", "Kind": 1}])


def _processes(container: SimulatedContainer) -> dict[str, Any]:
    titles = ["UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD"]
    user = container.spec.user or "root"
    children = list(container.spec.processes)
    children += [container.spec.command[0]] * min(200, max(0, container.counters.pids - 1 - len(children)))
    first = [
        user,
        str(container.pid),
        str(max(1, container.pid - 21)),
        "0",
        "00:00",
        "?",
        "00:00:07",
        " ".join(container.spec.command),
    ]
    rest = [
        [user, str(container.pid + 3 * number), str(container.pid), "0", "00:00", "?", "00:00:01", command]
        for number, command in enumerate(children, 1)
    ]
    return {"Titles": titles, "Processes": [first, *rest]}
