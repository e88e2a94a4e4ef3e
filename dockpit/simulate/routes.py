"""The route table of the simulated API: method and path, with and without an API version before it -> handler."""

from __future__ import annotations

from aiohttp import web

from dockpit.simulate.routes_containers import ContainerRoutes
from dockpit.simulate.routes_engine import EngineRoutes
from dockpit.simulate.routes_exec_attach import ExecAttachRoutes
from dockpit.simulate.routes_images import ImageRoutes
from dockpit.simulate.routes_streams import StreamRoutes
from dockpit.simulate.simulated_engine import Handler, SimulatedEngine

CONTAINER = r"/containers/{id:[^/]+|[^/]+/[^/]+}"


def add_routes(app: web.Application, engine: SimulatedEngine) -> None:
    """Add every route of the simulated API to `app`."""
    containers, streams, execs = ContainerRoutes(engine), StreamRoutes(engine), ExecAttachRoutes(engine)
    images, about_engine = ImageRoutes(engine), EngineRoutes(engine)
    table: list[tuple[str, str, Handler]] = [
        ("GET", "/_ping", about_engine.ping),
        ("HEAD", "/_ping", about_engine.ping),
        ("GET", "/version", about_engine.version),
        ("GET", "/info", about_engine.info),
        ("GET", "/system/df", about_engine.disk_usage),
        ("GET", "/images/json", images.listing),
        ("POST", "/images/create", images.pull),
        ("GET", r"/images/{name:.+}/json", images.inspect),
        ("GET", r"/images/{name:.+}/history", images.history),
        ("GET", "/events", streams.events),
        ("GET", "/containers/json", containers.listing),
        ("POST", "/containers/create", containers.create),
        ("GET", CONTAINER + "/json", containers.inspect),
        ("GET", CONTAINER + "/top", containers.top),
        ("GET", CONTAINER + "/changes", containers.changes),
        ("GET", CONTAINER + "/stats", streams.stats),
        ("GET", CONTAINER + "/logs", streams.logs),
        ("POST", CONTAINER + "/update", containers.update),
        ("POST", CONTAINER + "/rename", containers.rename),
        ("POST", CONTAINER + r"/{action:start|stop|restart|kill|pause|unpause}", containers.change_state),
        ("POST", CONTAINER + "/resize", containers.resize),
        ("POST", CONTAINER + "/wait", streams.wait),
        ("POST", CONTAINER + "/attach", execs.attach),
        ("POST", CONTAINER + "/exec", execs.create),
        ("DELETE", CONTAINER, containers.remove),
        ("POST", "/exec/{exec}/start", execs.start),
        ("POST", "/exec/{exec}/resize", execs.resize),
        ("GET", "/exec/{exec}/json", execs.inspect),
    ]
    for method, path, handler in table:
        for prefix in ("", r"/v{version:[0-9]+\.[0-9]+}"):
            if method == "GET":
                app.router.add_get(prefix + path, handler, allow_head=path != "/_ping")
            else:
                app.router.add_route(method, prefix + path, handler)
