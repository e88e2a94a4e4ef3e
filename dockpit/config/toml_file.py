"""The configuration file: read with the line of each key, written one value at a time."""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dockpit.model.errors import DockpitError

MOST_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Document:
    """A file as read; `problem` is a sentence without a full stop where it could not be."""

    path: Path
    values: Mapping[str, Any] = field(default_factory=dict)
    lines: Mapping[tuple[str, ...], int] = field(default_factory=dict)
    problem: str = ""
    missing: bool = False

    def where(self, key: tuple[str, ...]) -> str:
        """File and line of a key, or of the nearest table that holds it."""
        for length in range(len(key), 0, -1):
            if key[:length] in self.lines:
                return f"{self.path} line {self.lines[key[:length]]}"
        return str(self.path)


def read(path: Path) -> Document:
    """Read and parse a file; never raises."""
    import tomllib

    try:
        with path.open("rb") as file:
            source = file.read(MOST_BYTES + 1)
        if len(source) > MOST_BYTES:
            return Document(path, problem=f"{path} is larger than a configuration can be")
        content = source.decode()
        return Document(path, tomllib.loads(content), lines(content))
    except FileNotFoundError:
        return Document(path, missing=True)
    except OSError as error:
        return Document(path, problem=f"{path} cannot be read: {error.strerror}")
    except UnicodeDecodeError as error:
        line = source[: error.start].count(b"\n") + 1
        return Document(path, problem=f"{path} line {line}: this is not UTF-8")
    except tomllib.TOMLDecodeError as error:
        return Document(path, problem=_not_toml(path, str(error), content))
    except RecursionError:
        return Document(path, problem=f"{path} is nested too deeply")


def _not_toml(path: Path, message: str, content: str) -> str:
    found = re.search(r" \(at line (\d+), column \d+\)$", message)
    line = int(found[1]) if found else len(content.splitlines())
    said = re.sub(r" \(at .*\)$", "", message)
    return f"{path} line {line}: this is not TOML: {said[:1].lower()}{said[1:]}"


def lines(content: str) -> dict[tuple[str, ...], int]:
    """Path of each key and table of a valid document -> its line, from 1."""
    found: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    for line, statement, values in _statements(content):
        paths = list(_paths(values))
        if statement.lstrip().startswith("["):
            table = paths[-1] if paths else ()
            found.setdefault(table, line)
        else:
            for path in paths:
                found.setdefault((*table, *path), line)
    return found


def _statements(content: str) -> Iterator[tuple[int, str, Mapping[str, Any]]]:
    """The first line of each statement, its text and what it says alone: the fewest lines that are valid together."""
    import tomllib

    begin, held = 1, ""
    for number, line in enumerate(content.split("\n"), 1):
        held += line + "\n"
        try:
            values = tomllib.loads(held)
        except tomllib.TOMLDecodeError:
            continue
        yield begin, held, values
        begin, held = number + 1, ""


def _paths(values: object, prefix: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    if isinstance(values, list):
        values = values[-1] if values and isinstance(values[-1], dict) else None
    if isinstance(values, dict):
        for name, value in values.items():
            yield (*prefix, name)
            yield from _paths(value, (*prefix, name))


# writing


def save_value(path: Path, key: str, value: object) -> None:
    """Set one dotted key, leaving everything else and the comments as they are; the file is replaced at once.

    Raises DockpitError with a sentence when the file cannot be read, is not TOML, or cannot be written.
    """
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    document = read(path)
    if document.problem:
        raise DockpitError(f"{key} is not kept: {document.problem}")
    try:
        tree = tomlkit.parse("" if document.missing else path.read_bytes().decode())
        _put(tree, key.split("."), list(value) if isinstance(value, tuple) else value)
        _replace(path, tree.as_string())
    except OSError as error:
        raise DockpitError(f"{key} is not kept: {path} cannot be written: {error.strerror or error}") from error
    except (TOMLKitError, TypeError, ValueError) as error:
        raise DockpitError(f"{key} is not kept: {path} does not take it: {error}") from error


def _put(tree: Any, parts: list[str], value: object) -> None:
    import tomlkit

    for part in parts[:-1]:
        if part not in tree:
            tree[part] = tomlkit.table()
        tree = tree[part]
        if not isinstance(tree, dict):
            raise TypeError(f"{part} is not a table")
    tree[parts[-1]] = value


def _replace(path: Path, content: str) -> None:
    """Write beside the file, then take its place; a link is followed, and the file's mode is kept."""
    target = path.resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    mode = target.stat().st_mode & 0o777 if target.exists() else 0o644
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(content)
        os.chmod(name, mode)  # noqa: PTH101 - the name is all there is
        os.replace(name, target)  # noqa: PTH105 - as above
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)  # noqa: PTH108 - as above
        raise


def begin(path: Path, content: str) -> None:
    """Write a new file. Raises DockpitError where there is one already, or it cannot be written."""
    if os.path.lexists(path):
        raise DockpitError(f"{path} is there already, and is left as it is")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(content)
    except OSError as error:
        raise DockpitError(f"{path} cannot be written: {error.strerror}") from error
