"""Values of a JSON document with their paths, and masked secrets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

JsonPath: TypeAlias = tuple[str | int, ...]
"""Keys and indexes that lead to a value."""

_SECRET_NAME: Final = re.compile(r"passw|pwd|secret|token|key|credential|auth", re.IGNORECASE)
_URL_PASSWORD: Final = re.compile(r"(://[^/\s:@]*:)[^/\s@]+(@)")
_MASK: Final = "••••••"


@dataclass(frozen=True, slots=True)
class JsonEntry:
    """One value of a document and its path."""

    path: JsonPath
    value: object


def format_path(path: JsonPath) -> str:
    """Return a path in the usual notation: Config.Env[0]."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")


def child_entries(entry: JsonEntry) -> list[JsonEntry]:
    """Return the entries of a mapping or a sequence, none for any other value."""
    path, value = entry.path, entry.value
    if isinstance(value, Mapping):
        return [JsonEntry((*path, str(key)), inner) for key, inner in value.items()]
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [JsonEntry((*path, index), inner) for index, inner in enumerate(value)]
    return []


def mask_secrets(entry: JsonEntry) -> object:
    """Return the value with secrets masked: in lists named Env, by the variable's name or in a URL."""
    path, value = entry.path, entry.value
    if isinstance(value, str) and len(path) > 1 and path[-2] == "Env":
        name, equals, rest = value.partition("=")
        if equals and rest and _SECRET_NAME.search(name):
            return f"{name}={_MASK}"
        return _URL_PASSWORD.sub(rf"\1{_MASK}\2", value)
    if isinstance(value, Mapping):
        return {str(inner.path[-1]): mask_secrets(inner) for inner in child_entries(entry)}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [mask_secrets(inner) for inner in child_entries(entry)]
    return value


def walk_entries(entry: JsonEntry) -> Iterator[JsonEntry]:
    """Yield every entry below `entry`, in the order of a fully open tree."""
    for inner in child_entries(entry):
        yield inner
        yield from walk_entries(inner)
