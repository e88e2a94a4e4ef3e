"""Loading the configuration: each layer overrides the one before, and each value keeps its origin.

defaults ─► terminal ─► file ─► environment ─► flags ─► LoadedConfig(config, problems, origins)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from dockpit.config import toml_file
from dockpit.config.defaults import Config, ConfirmSettings, CustomRecipe, LoadedConfig, NetshootSettings, value_of
from dockpit.config.schema import ASCENDING_THRESHOLDS, SETTINGS, TABLES, USER_KEYED_TABLES, candidate_keys
from dockpit.config.setting_checks import command_words, did_you_mean, key_names, printable_text, quote_value
from dockpit.config.ui_names import BINDING_NAMES
from dockpit.model.errors import UsageError
from dockpit.model.thresholds import Thresholds
from dockpit.process.user_folders import expand_home

_ASCII_TERMINALS = ("linux", "vt52", "vt100", "vt102", "vt220", "ansi", "dumb")
_FALSE_WORDS = ("0", "false", "no", "off")


class ConfigLoader:
    """Collects values layer by layer; an invalid value becomes a problem and leaves the layer below in force."""

    def __init__(self) -> None:
        defaults = Config()
        self._values: dict[str, Any] = {key: value_of(defaults, key) for key in SETTINGS}
        self._origins: dict[str, str] = dict.fromkeys(SETTINGS, "default")
        self._keys: dict[str, str] = {}
        self._recipes: list[CustomRecipe] = []
        self._problems: list[str] = []

    def apply_terminal(self, environ: Mapping[str, str]) -> None:
        """Default to ASCII where the terminal or the locale has no Unicode."""
        if origin := _ascii_only_variable(environ):
            self._values["ascii"], self._origins["ascii"] = True, origin

    def apply_file(self, path: Path, *, required: bool) -> None:
        """Apply the configuration file; a missing file is a problem only if `required`."""
        document = toml_file.read_document(path)
        if document.missing and required:
            self._problems.append(f"{path}: there is no such file; using the defaults")
        if document.problem:
            self._problems.append(f"{document.problem}; using the defaults")
        for parts, value in _file_entries(document.values):
            self._apply_entry(document, parts, value)

    def _apply_entry(self, document: toml_file.TomlDocument, parts: tuple[str, ...], value: object) -> None:
        key, origin = ".".join(parts), document.location(parts)
        if key in SETTINGS:
            self._apply_value(key, value, origin)
        elif key in USER_KEYED_TABLES or key in TABLES:
            self._problems.append(f"{origin}: {key} must be a table, not {quote_value(value)}; it is ignored")
        elif parts[0] == "keys" and len(parts) == 2:
            self._apply_binding(parts[1], value, origin)
        elif parts[:2] == ("netshoot", "recipes") and len(parts) == 3:
            self._apply_recipe(parts[2], value, document)
        else:
            hint = did_you_mean(key, candidate_keys(key))
            self._problems.append(f"{origin}: there is no setting {_visible(key)}{hint}")

    def _apply_binding(self, name: str, value: object, origin: str) -> None:
        if name not in BINDING_NAMES:
            hint = did_you_mean(name, BINDING_NAMES)
            self._problems.append(f"{origin}: keys has no binding {_visible(name)}{hint}")
            return
        try:
            self._keys[name] = key_names(value)
        except ValueError as error:
            self._problems.append(f"{origin}: keys.{_visible(name)} {error}; using its default keys")
        else:
            self._origins[f"keys.{name}"] = origin

    def _apply_recipe(self, name: str, table: object, document: toml_file.TomlDocument) -> None:
        parts = ("netshoot", "recipes", name)
        origin, label = document.location(parts), f"netshoot.recipes.{_visible(name)}"
        try:
            if not isinstance(table, dict) or "command" not in table:
                raise ValueError("must be a table with a command")
            for unknown in set(table) - {"command", "description"}:
                hint = did_you_mean(unknown, ("command", "description"))
                location = document.location((*parts, unknown))
                self._problems.append(f"{location}: there is no {label}.{_visible(unknown)}{hint}")
            recipe = CustomRecipe(
                printable_text(name), command_words(table["command"]), printable_text(table.get("description", ""))
            )
        except ValueError as error:
            self._problems.append(f"{origin}: {label} {error}; it is ignored")
        else:
            self._recipes.append(recipe)
            self._origins[f"netshoot.recipes.{name}"] = origin

    def apply_environment(self, environ: Mapping[str, str]) -> None:
        """Apply the environment variables; an empty one counts as unset."""
        for key, setting in SETTINGS.items():
            text = environ.get(setting.env, "") if setting.env else ""
            if text:
                value = _parse_variable(key, text, self._values[key])
                self._apply_value(key, value, setting.env, subject=setting.env)

    def apply_flags(self, flags: Mapping[str, object]) -> None:
        """Apply the command line's flags, None for those not given. Raises UsageError for the first invalid one."""
        for key, value in flags.items():
            if value is None:
                continue
            setting = SETTINGS[key]
            try:
                self._values[key] = setting.check(value)
            except ValueError as error:
                raise UsageError(f"{setting.flag} {error}") from None
            self._origins[key] = setting.flag

    def _apply_value(self, key: str, value: object, origin: str, subject: str = "") -> None:
        try:
            self._values[key] = SETTINGS[key].check(value)
        except ValueError as error:
            subject = subject or f"{origin}: {key}"
            self._problems.append(f"{subject} {error}; using {quote_value(self._values[key])}")
        else:
            self._origins[key] = origin

    def result(self, path: Path) -> LoadedConfig:
        """The configuration of all layers applied so far; `path` is the file's."""
        self._check_threshold_order()
        tables = {table: _table_values(self._values, table) for table in TABLES}
        config = Config(
            **{key: value for key, value in self._values.items() if "." not in key},
            thresholds=Thresholds(**tables["thresholds"]),
            netshoot=NetshootSettings(**tables["netshoot"], recipes=tuple(self._recipes)),
            confirm=ConfirmSettings(**tables["confirm"]),
            keys=self._keys,
        )
        return LoadedConfig(config, tuple(self._problems), self._origins, path)

    def _check_threshold_order(self) -> None:
        """Reset groups of thresholds that contradict each other to their defaults."""
        defaults = Thresholds()
        for names in ASCENDING_THRESHOLDS:
            keys = [f"thresholds.{name}" for name in names]
            values = [self._values[key] for key in keys]
            if values == sorted(values):
                continue
            origin = next(self._origins[key] for key in keys if self._origins[key] != "default")
            order = " ≤ ".join(names)
            default_values = " ≤ ".join(f"{getattr(defaults, name):g}" for name in names)
            self._problems.append(f"{origin}: thresholds must keep {order}; using {default_values}")
            for key, name in zip(keys, names, strict=True):
                self._values[key], self._origins[key] = getattr(defaults, name), "default"


def _file_entries(
    table: Mapping[str, object], prefix: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], object]]:
    """The values of a file with their paths; only the tables of the schema are descended into."""
    for name, value in table.items():
        path = (*prefix, name)
        key = ".".join(path)
        if isinstance(value, dict) and (key in TABLES or key in USER_KEYED_TABLES):
            yield from _file_entries(value, path)
        else:
            yield path, value


def _table_values(values: Mapping[str, Any], table: str) -> dict[str, Any]:
    return {key.partition(".")[2]: value for key, value in values.items() if key.startswith(f"{table}.")}


def _ascii_only_variable(environ: Mapping[str, str]) -> str:
    """The `NAME=value` of the variable that rules Unicode out, "" if none does.

    LC_CTYPE=C.UTF-8 is ignored where LANG is set: Python itself sets it where the locale is C.
    """
    if environ.get("TERM", "") in _ASCII_TERMINALS:
        return f"TERM={environ['TERM']}"
    locales = {name: environ.get(name, "") for name in ("LC_ALL", "LC_CTYPE", "LANG")}
    if locales["LC_CTYPE"] == "C.UTF-8" and locales["LANG"]:
        del locales["LC_CTYPE"]
    name = next((name for name, locale in locales.items() if locale), "")
    unicode = not name or "utf8" in locales[name].lower().replace("-", "")
    return "" if unicode else f"{name}={_visible(locales[name])}"


def _parse_variable(key: str, text: str, current: object) -> object:
    """A variable's text as a value of the type of the `current` one; the text itself if it does not parse.

    NO_COLOR switches colour off whatever its text is.
    """
    if key == "color":
        return False
    if isinstance(current, bool):
        return text.strip().lower() not in _FALSE_WORDS
    if isinstance(current, int | float):
        try:
            return float(text)
        except ValueError:
            return text
    return text


def _visible(name: str) -> str:
    return name if name.isprintable() and len(name) <= 80 else quote_value(name)


def default_config_path() -> Path:
    """Path of config.toml in the platform's configuration folder."""
    import platformdirs

    return platformdirs.user_config_path("dockpit", appauthor=False) / "config.toml"


def load_config(path: Path | None, environ: Mapping[str, str], flags: Mapping[str, object]) -> LoadedConfig:
    """The configuration in force.

    `path` is that of --config; `flags` are values by dotted key, None for those not given. A mistake in the file or
    the environment is a sentence in `problems`, and the value of the layer below stays in force. Raises UsageError for
    an invalid flag.
    """
    named = path or (expand_home(environ["DOCKPIT_CONFIG"]) if environ.get("DOCKPIT_CONFIG") else None)
    loader = ConfigLoader()
    loader.apply_terminal(environ)
    loader.apply_file(named or default_config_path(), required=named is not None)
    loader.apply_environment(environ)
    loader.apply_flags(flags)
    return loader.result(named or default_config_path())
