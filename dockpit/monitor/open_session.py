"""Opens a session on the engine that flags, environment and docker configuration name."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from dockpit.config.defaults import Config
from dockpit.engine.endpoint_resolution import Endpoint, resolve
from dockpit.model.errors import EngineUnreachable
from dockpit.monitor.session import Session
from dockpit.monitor.session_options import SessionOptions


def resolve_endpoint(context: str | None, host: str | None) -> Endpoint:
    """The engine that flags, environment and docker configuration name. Raises EndpointError."""
    return resolve(context=context, host=host, environ=os.environ, home=Path.home(), uid=os.getuid())


@asynccontextmanager
async def open_session(
    engine: Endpoint,
    config: Config,
    *,
    history_minutes: float | None = None,
    read_host: bool = True,
    interactive: bool = True,
) -> AsyncIterator[Session]:
    """A session on a real engine, not yet running.

    `read_host` is whether the host's figures are read, `interactive` whether a user presses keys. An EngineUnreachable
    that leaves the context says who named the engine.
    """
    from dockpit.sources.host_reader import HostReader
    from dockpit.sources.kernel_files import KernelFiles

    options = SessionOptions.from_config(config, history_minutes=history_minutes, interactive=interactive)
    try:
        yield Session(engine, options, kernel=KernelFiles(), host=HostReader() if read_host else None)
    except EngineUnreachable as error:
        raise EngineUnreachable(error.address, error.reason, engine.origin) from error
