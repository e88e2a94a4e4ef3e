"""The docker CLI's configuration folder as tests write it, and the endpoint resolved from it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path

from dockpit.engine.endpoint_resolution import Endpoint, resolve

PROD = "tcp://10.9.9.9:2375"


def write_context(folder: Path, name: str, meta: object, pems: tuple[str, ...] = ()) -> Path:
    """A stored context as `docker context create` leaves it; the path of its meta.json."""
    key = hashlib.sha256(name.encode()).hexdigest()
    path = folder / "contexts" / "meta" / key / "meta.json"
    path.parent.mkdir(parents=True)
    path.write_text(meta if isinstance(meta, str) else json.dumps(meta))
    tls = folder / "contexts" / "tls" / key / "docker"
    tls.mkdir(parents=True)
    for pem in pems:
        (tls / pem).touch()
    return path


def context_meta(host: object = PROD, **more: object) -> dict[str, object]:
    """The content of a meta.json with one docker endpoint."""
    return {"Name": "x", "Metadata": {}, "Endpoints": {"docker": {"Host": host, **more}}}


def write_config(folder: Path, content: object) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(content if isinstance(content, str) else json.dumps(content))


def resolve_in(
    home: Path,
    *,
    context: str | None = None,
    host: str | None = None,
    environ: Mapping[str, str] | None = None,
    exists: Callable[[Path], bool] = lambda path: False,
    config: Path | None = None,
) -> Endpoint:
    """resolve() without anything of this machine."""
    return resolve(context=context, host=host, environ=environ or {}, home=home, uid=1000, exists=exists, config=config)
