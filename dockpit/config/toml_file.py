"""The TOML configuration file: read with the line number of each key, written one value at a time."""

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

MAX_FILE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class TomlDocument:
    """A parsed file; `problem` is a sentence without a full stop if it could not be read or parsed."""

    path: Path
    values: Mapping[str, Any] = field(default_factory=dict)
    key_lines: Mapping[tuple[str, ...], int] = field(default_factory=dict)
    """Path of each key and table -> its line, from 1."""
    problem: str = ""
    missing: bool = False

    def location(self, key: tuple[str, ...]) -> str:
        """File and line of a key, or of the innermost table around it that has a line."""
        for length in range(len(key), 0, -1):
            if key[:length] in self.key_lines:
                return f"{self.path} line {self.key_lines[key[:length]]}"
        return str(self.path)


def read_document(path: Path) -> TomlDocument:
    """Read and parse a file; a failure is reported in `missing` or `problem`, never raised."""
    import tomllib

    try:
        with path.open("rb") as file:
            source = file.read(MAX_FILE_BYTES + 1)
        if len(source) > MAX_FILE_BYTES:
            return TomlDocument(path, problem=f"{path} is too large for a configuration")
        content = source.decode()
        return TomlDocument(path, tomllib.loads(content), find_key_lines(content))
    except FileNotFoundError:
        return TomlDocument(path, missing=True)
    except OSError as error:
        return TomlDocument(path, problem=f"{path} cannot be read: {error.strerror}")
    except UnicodeDecodeError as error:
        line = source[: error.start].count(b"\n") + 1
        return TomlDocument(path, problem=f"{path} line {line}: this is not UTF-8")
    except tomllib.TOMLDecodeError as error:
        return TomlDocument(path, problem=_syntax_problem(path, str(error), content))
    except RecursionError:
        return TomlDocument(path, problem=f"{path} is nested too deeply")


def _syntax_problem(path: Path, message: str, content: str) -> str:
    found = re.search(r" \(at line (\d+), column \d+\)$", message)
    line = int(found[1]) if found else len(content.splitlines())
    reason = re.sub(r" \(at .*\)$", "", message)
    return f"{path} line {line}: this is not TOML: {reason[:1].lower()}{reason[1:]}"


def find_key_lines(content: str) -> dict[tuple[str, ...], int]:
    """Path of each key and table of a valid document -> the line on which its statement begins, from 1."""
    found: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    for line, statement, values in _statements(content):
        paths = list(_key_paths(values))
        if statement.lstrip().startswith("["):
            table = paths[-1] if paths else ()
            found.setdefault(table, line)
        else:
            for path in paths:
                found.setdefault((*table, *path), line)
    return found


def _statements(content: str) -> Iterator[tuple[int, str, Mapping[str, Any]]]:
    """First line, text and parsed values of each statement: the fewest lines that together are valid TOML."""
    import tomllib

    first_line, statement = 1, ""
    for number, line in enumerate(content.split("\n"), 1):
        statement += line + "\n"
        try:
            values = tomllib.loads(statement)
        except tomllib.TOMLDecodeError:
            continue
        yield first_line, statement, values
        first_line, statement = number + 1, ""


def _key_paths(values: object, prefix: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    if isinstance(values, list):
        values = values[-1] if values and isinstance(values[-1], dict) else None
    if isinstance(values, dict):
        for name, value in values.items():
            yield (*prefix, name)
            yield from _key_paths(value, (*prefix, name))


# writing


def save_value(path: Path, key: str, value: object) -> None:
    """Set one dotted key and keep the rest of the file, comments included; the file is replaced atomically.

    Raises DockpitError if the file cannot be read, is not TOML, or cannot be written.
    """
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    document = read_document(path)
    if document.problem:
        raise DockpitError(f"cannot save {key}: {document.problem}")
    try:
        tree = tomlkit.parse("" if document.missing else path.read_bytes().decode())
        _set_key(tree, key.split("."), list(value) if isinstance(value, tuple) else value)
        _replace_file(path, tree.as_string())
    except OSError as error:
        raise DockpitError(f"cannot save {key}: {path} cannot be written: {error.strerror or error}") from error
    except (TOMLKitError, TypeError, ValueError) as error:
        raise DockpitError(f"cannot save {key} in {path}: {error}") from error


def _set_key(tree: Any, parts: list[str], value: object) -> None:
    import tomlkit

    for part in parts[:-1]:
        if part not in tree:
            tree[part] = tomlkit.table()
        tree = tree[part]
        if not isinstance(tree, dict):
            raise TypeError(f"{part} is not a table")
    tree[parts[-1]] = value


def _replace_file(path: Path, content: str) -> None:
    """Write a temporary file next to it and rename that; a symbolic link is followed, the file's mode is kept."""
    target = path.resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    mode = target.stat().st_mode & 0o777 if target.exists() else 0o644
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(content)
        temporary.chmod(mode)
        temporary.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def create_file(path: Path, content: str) -> None:
    """Write a new file. Raises DockpitError if it exists already or cannot be written."""
    if os.path.lexists(path):
        raise DockpitError(f"{path} exists already and was not changed")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(content)
    except OSError as error:
        raise DockpitError(f"{path} cannot be written: {error.strerror}") from error
