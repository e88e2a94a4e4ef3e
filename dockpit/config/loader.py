"""Defaults, file, environment and flags laid over each other, each value with where it came from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from dockpit.config import toml_file
from dockpit.config.config import Config, Confirm, Loaded, Netshoot, OwnRecipe, value_of
from dockpit.config.names import BINDINGS
from dockpit.config.schema import (
    OPEN_TABLES,
    ORDERED,
    SETTINGS,
    TABLES,
    command,
    keys,
    nearest,
    shown,
    suggestions,
    text,
)
from dockpit.model.errors import UsageError
from dockpit.model.thresholds import Thresholds

_PLAIN_TERMINALS = ("linux", "vt52", "vt100", "vt102", "vt220", "ansi", "dumb")
_OFF = ("0", "false", "no", "off")


class ConfigLoader:
    """Values in the making: each layer is laid over the one before, a value that cannot be used is left out."""

    def __init__(self) -> None:
        defaults = Config()
        self._values: dict[str, Any] = {key: value_of(defaults, key) for key in SETTINGS}
        self._origins: dict[str, str] = dict.fromkeys(SETTINGS, "default")
        self._keys: dict[str, str] = {}
        self._recipes: list[OwnRecipe] = []
        self._problems: list[str] = []

    # the terminal

    def read_terminal(self, environ: Mapping[str, str]) -> None:
        """Draw with ASCII where the terminal or the locale has no more, unless a later layer says otherwise."""
        if why := _without_unicode(environ):
            self._values["ascii"], self._origins["ascii"] = True, why

    # the file

    def read_file(self, path: Path, *, needed: bool) -> None:
        """Lay the file over; `needed` says that one that is not there is a mistake."""
        document = toml_file.read(path)
        if document.missing and needed:
            self._problems.append(f"{path}: there is no such file; using the defaults")
        if document.problem:
            self._problems.append(f"{document.problem}; using the defaults")
        for parts, value in _leaves(document.values):
            self._take(document, parts, value)

    def _take(self, document: toml_file.Document, parts: tuple[str, ...], value: object) -> None:
        key, where = ".".join(parts), document.where(parts)
        if key in SETTINGS:
            self._set(key, value, where)
        elif key in OPEN_TABLES or key in TABLES:
            self._problems.append(f"{where}: {key} must be a table, not {shown(value)}; it is passed over")
        elif parts[0] == "keys" and len(parts) == 2:
            self._key(parts[1], value, where)
        elif parts[:2] == ("netshoot", "recipes") and len(parts) == 3:
            self._recipe(parts[2], value, document)
        else:
            self._problems.append(f"{where}: there is no setting {_visible(key)}{nearest(key, suggestions(key))}")

    def _key(self, name: str, value: object, where: str) -> None:
        if name not in BINDINGS:
            self._problems.append(f"{where}: keys has no binding {_visible(name)}{nearest(name, BINDINGS)}")
            return
        try:
            self._keys[name] = keys(value)
        except ValueError as error:
            self._problems.append(f"{where}: keys.{_visible(name)} {error}; its own key stays")
        else:
            self._origins[f"keys.{name}"] = where

    def _recipe(self, name: str, table: object, document: toml_file.Document) -> None:
        parts = ("netshoot", "recipes", name)
        where, label = document.where(parts), f"netshoot.recipes.{_visible(name)}"
        try:
            if not isinstance(table, dict) or "command" not in table:
                raise ValueError("must be a table with a command")
            for other in set(table) - {"command", "description"}:
                near = nearest(other, ("command", "description"))
                self._problems.append(f"{document.where((*parts, other))}: there is no {label}.{_visible(other)}{near}")
            recipe = OwnRecipe(text(name), command(table["command"]), text(table.get("description", "")))
        except ValueError as error:
            self._problems.append(f"{where}: {label} {error}; it is left out")
        else:
            self._recipes.append(recipe)
            self._origins[f"netshoot.recipes.{name}"] = where

    # environment and flags

    def read_environ(self, environ: Mapping[str, str]) -> None:
        """Lay the variables over; one that is empty counts as not set."""
        for key, setting in SETTINGS.items():
            said = environ.get(setting.env, "") if setting.env else ""
            if said:
                self._set(key, _from_text(key, said, self._values[key]), setting.env, named=setting.env)

    def read_flags(self, flags: Mapping[str, object]) -> None:
        """Lay the flags over. Raises UsageError for the first that cannot be used."""
        for key, value in flags.items():
            if value is None:
                continue
            setting = SETTINGS[key]
            try:
                self._values[key] = setting.check(value)
            except ValueError as error:
                raise UsageError(f"{setting.flag} {error}") from None
            self._origins[key] = setting.flag

    def _set(self, key: str, value: object, where: str, named: str = "") -> None:
        try:
            self._values[key] = SETTINGS[key].check(value)
        except ValueError as error:
            subject = named or f"{where}: {key}"
            self._problems.append(f"{subject} {error}; using {shown(self._values[key])}")
        else:
            self._origins[key] = where

    # the whole

    def loaded(self, path: Path) -> Loaded:
        """What came of it."""
        self._check_order()
        nested = {table: _below(self._values, table) for table in TABLES}
        config = Config(
            **{key: value for key, value in self._values.items() if "." not in key},
            thresholds=Thresholds(**nested["thresholds"]),
            netshoot=Netshoot(**nested["netshoot"], recipes=tuple(self._recipes)),
            confirm=Confirm(**nested["confirm"]),
            keys=self._keys,
        )
        return Loaded(config, tuple(self._problems), self._origins, path)

    def _check_order(self) -> None:
        """Thresholds that contradict each other fall back to the defaults together."""
        defaults = Thresholds()
        for names in ORDERED:
            paths = [f"thresholds.{name}" for name in names]
            values = [self._values[path] for path in paths]
            if values == sorted(values):
                continue
            said = next(path for path in paths if self._origins[path] != "default")
            order = " ≤ ".join(names)
            usual = " ≤ ".join(f"{getattr(defaults, name):g}" for name in names)
            self._problems.append(f"{self._origins[said]}: thresholds must keep {order}; using {usual}")
            for path, name in zip(paths, names, strict=True):
                self._values[path], self._origins[path] = getattr(defaults, name), "default"


def _leaves(table: Mapping[str, object], prefix: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], object]]:
    """What is set in a file, with its path; only what is meant to be a table is gone into."""
    for name, value in table.items():
        path = (*prefix, name)
        key = ".".join(path)
        if isinstance(value, dict) and (key in TABLES or key in OPEN_TABLES):
            yield from _leaves(value, path)
        else:
            yield path, value


def _below(values: Mapping[str, Any], table: str) -> dict[str, Any]:
    return {key.partition(".")[2]: value for key, value in values.items() if key.startswith(f"{table}.")}


def _without_unicode(environ: Mapping[str, str]) -> str:
    """The variable that says that there is no Unicode, "" where none does.

    Python itself sets LC_CTYPE to C.UTF-8 where the locale is C: it says nothing then.
    """
    if environ.get("TERM", "") in _PLAIN_TERMINALS:
        return f"TERM={environ['TERM']}"
    said = {name: environ.get(name, "") for name in ("LC_ALL", "LC_CTYPE", "LANG")}
    if said["LC_CTYPE"] == "C.UTF-8" and said["LANG"]:
        del said["LC_CTYPE"]
    name = next((name for name, locale in said.items() if locale), "")
    unicode = not name or "utf8" in said[name].lower().replace("-", "")
    return "" if unicode else f"{name}={_visible(said[name])}"


def _from_text(key: str, said: str, present: object) -> object:
    """A variable's text as a value of the same type as the `present` one; the text itself where it is not one."""
    if key == "color":
        return False
    if isinstance(present, bool):
        return said.strip().lower() not in _OFF
    if isinstance(present, int | float):
        try:
            return float(said)
        except ValueError:
            return said
    return said


def _visible(name: str) -> str:
    return name if name.isprintable() and len(name) <= 80 else shown(name)


def default_path() -> Path:
    """config.toml in the platform's folder for configuration."""
    import platformdirs

    return platformdirs.user_config_path("dockpit", appauthor=False) / "config.toml"


def load(path: Path | None, environ: Mapping[str, str], flags: Mapping[str, object]) -> Loaded:
    """What is in force; `path` is that of --config, `flags` are values by dotted key, None where not given.

    A mistake in the file or the environment is a sentence in `problems` and leaves the value that would hold without
    it. Raises UsageError for a flag that cannot be used.
    """
    named = path or (Path(environ["DOCKPIT_CONFIG"]).expanduser() if environ.get("DOCKPIT_CONFIG") else None)
    layers = ConfigLoader()
    layers.read_terminal(environ)
    layers.read_file(named or default_path(), needed=named is not None)
    layers.read_environ(environ)
    layers.read_flags(flags)
    return layers.loaded(named or default_path())
