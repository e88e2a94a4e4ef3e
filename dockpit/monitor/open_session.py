"""Opens a session on the engine that flags, environment and docker configuration name."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from dockpit.config.config import Config
from dockpit.engine.endpoint import Endpoint, resolve
from dockpit.model.errors import EngineUnreachable
from dockpit.monitor.session import Session


def resolve_endpoint(context: str | None, host: str | None) -> Endpoint:
    """The engine that the flags, the environment and the docker configuration name. Raises EndpointError."""
    return resolve(context=context, host=host, environ=os.environ, home=Path.home(), uid=os.getuid())


@asynccontextmanager
async def open_session(
    engine: Endpoint, config: Config, *, history_minutes: float | None = None, machine: bool = True, keys: bool = True
) -> AsyncIterator[Session]:
    """A session on a real engine, not yet running; an EngineUnreachable that leaves it says who named the engine.

    `machine` is whether the figures of the machine itself are wanted, `keys` whether somebody presses any.
    """
    from dockpit.sources.host_reader import HostSource
    from dockpit.sources.kernel_files import KernelFiles

    try:
        yield Session(
            engine,
            thresholds=config.thresholds,
            history_minutes=history_minutes or config.history_minutes,
            read_only=config.read_only,
            host=HostSource() if machine else None,
            kernel=KernelFiles(),
            choice=config.source,
            interval=config.interval_seconds,
            calm=config.calm,
            keys=keys,
        )
    except EngineUnreachable as error:
        raise EngineUnreachable(error.address, error.reason, engine.origin) from error
