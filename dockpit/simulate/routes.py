"""Which handler answers which path, with and without a version before it."""

from __future__ import annotations

from aiohttp import web

from dockpit.simulate.engine import Handler, SimulatedEngine
from dockpit.simulate.routes_containers import ContainerRoutes
from dockpit.simulate.routes_images import ImageRoutes
from dockpit.simulate.routes_sessions import SessionRoutes
from dockpit.simulate.routes_streams import StreamRoutes

ONE = r"/containers/{id:[^/]+|[^/]+/[^/]+}"


def add_routes(app: web.Application, engine: SimulatedEngine) -> None:
    """Give `app` every path of the simulated API."""
    containers, streams = ContainerRoutes(engine), StreamRoutes(engine)
    sessions, images = SessionRoutes(engine), ImageRoutes(engine)
    table: list[tuple[str, str, Handler]] = [
        ("GET", "/_ping", images.ping),
        ("HEAD", "/_ping", images.ping),
        ("GET", "/version", images.version),
        ("GET", "/info", images.info),
        ("GET", "/system/df", images.disk_usage),
        ("GET", "/images/json", images.listing),
        ("POST", "/images/create", images.pull),
        ("GET", r"/images/{name:.+}/json", images.one),
        ("GET", r"/images/{name:.+}/history", images.history),
        ("GET", "/events", streams.events),
        ("GET", "/containers/json", containers.listing),
        ("POST", "/containers/create", containers.create),
        ("GET", ONE + "/json", containers.inspect),
        ("GET", ONE + "/top", containers.top),
        ("GET", ONE + "/changes", containers.changes),
        ("GET", ONE + "/stats", streams.stats),
        ("GET", ONE + "/logs", streams.logs),
        ("POST", ONE + "/update", containers.update),
        ("POST", ONE + "/rename", containers.rename),
        ("POST", ONE + r"/{action:start|stop|restart|kill|pause|unpause}", containers.act),
        ("POST", ONE + "/resize", containers.resize),
        ("POST", ONE + "/wait", streams.wait),
        ("POST", ONE + "/attach", sessions.attach),
        ("POST", ONE + "/exec", sessions.create),
        ("DELETE", ONE, containers.remove),
        ("POST", "/exec/{exec}/start", sessions.start),
        ("POST", "/exec/{exec}/resize", sessions.resize),
        ("GET", "/exec/{exec}/json", sessions.inspect),
    ]
    for method, path, handler in table:
        for prefix in ("", r"/v{version:[0-9]+\.[0-9]+}"):
            if method == "GET":
                app.router.add_get(prefix + path, handler, allow_head=path != "/_ping")
            else:
                app.router.add_route(method, prefix + path, handler)
