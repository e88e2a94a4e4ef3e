"""Parsing of requests: bodies, flags, filters and terminal sizes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from dockpit.simulate.engine_refusal import EngineRefusal


async def json_body(request: web.Request) -> dict[str, Any]:
    """The JSON object in a request's body, {} for an empty one. Raises EngineRefusal 400."""
    raw = await request.read()
    try:
        value = json.loads(raw) if raw.strip() else {}
    except ValueError as error:
        raise EngineRefusal(400, f"invalid JSON: {error}") from error
    if not isinstance(value, dict):
        raise EngineRefusal(400, "invalid JSON: an object is needed")
    return value


def filters(request: web.Request) -> dict[str, list[str]]:
    """The `filters` query, in both of its forms: {"k": ["v"]} and {"k": {"v": true}}. Raises EngineRefusal 400."""
    raw = request.query.get("filters") or "{}"
    try:
        value = json.loads(raw)
        return {str(key): [str(item) for item in wanted] for key, wanted in value.items()}
    except (ValueError, AttributeError, TypeError) as error:
        raise EngineRefusal(400, f"invalid filter: {error}") from error


def flag(request: web.Request, name: str, default: bool = False) -> bool:
    """A boolean query parameter, read as the engine does."""
    value = request.query.get(name)
    return default if value is None else value.strip().lower() not in ("", "0", "no", "false", "none")


def has_labels(labels: Mapping[str, str], wanted: list[str]) -> bool:
    """Whether `labels` has each `wanted` "key" or "key=value"."""
    pairs = (item.partition("=") for item in wanted)
    return all(key in labels and (not equals or labels[key] == value) for key, equals, value in pairs)


def terminal_size(request: web.Request) -> tuple[int, int]:
    """(rows, columns) of a resize request. Raises EngineRefusal 400."""
    try:
        return int(request.query["h"]), int(request.query["w"])
    except (KeyError, ValueError) as error:
        raise EngineRefusal(400, 'invalid resize height "": invalid syntax') from error


def event_passes(wanted: Mapping[str, list[str]], message: Mapping[str, Any]) -> bool:
    """Whether an event passes the filters; an action also matches by its part before the colon."""
    actor = message["Actor"]
    attributes = actor["Attributes"]
    checks = (
        ("type", lambda value: message["Type"] == value),
        ("event", lambda value: value in (message["Action"], message["Action"].partition(":")[0])),
        ("container", lambda value: actor["ID"].startswith(value) or attributes.get("name") == value),
        ("image", lambda value: attributes.get("image") == value),
        ("label", lambda value: has_labels(attributes, [value])),
    )
    return all(any(check(value) for value in wanted[key]) for key, check in checks if wanted.get(key))
