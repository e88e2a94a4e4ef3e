"""The configuration as commented TOML: the values in force, and a template of the file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dockpit.config.defaults import Config, LoadedConfig, value_of
from dockpit.config.schema import SETTINGS, TABLES, Setting
from dockpit.model.control_characters import escaped

_TEMPLATE_EXAMPLES = """
# Keys of your own: the name of a binding, as `?` shows it, and its keys.
# [keys]
# limits = "u"
# quit = "q,ctrl+q"

# A netshoot recipe of your own: one line for a shell, or a list of words.
# [netshoot.recipes.gateway]
# command = "ping -c 3 $(ip route | awk '/default/ {print $3}')"
# description = "reach the gateway"
"""


def render_config(loaded: LoadedConfig) -> str:
    """Every value in force with its origin in a comment; the result is a valid configuration file."""
    lines = [f"# {problem}" for problem in loaded.problems]
    lines += [f"# file: {escaped(str(loaded.path))}"] if loaded.path else []
    for table, settings in _settings_by_table():
        lines += ["", f"[{table}]"] if table else [""]
        for setting in settings:
            value = _toml_value(value_of(loaded.config, setting.key))
            lines.append(f"{_name_in_table(setting)} = {value}  # {escaped(loaded.origins[setting.key])}")
    lines += _key_lines(loaded)
    lines += _recipe_lines(loaded)
    return "\n".join(lines) + "\n"


def _key_lines(loaded: LoadedConfig) -> Iterator[str]:
    if loaded.config.keys:
        yield from ("", "[keys]")
    for name, keys in loaded.config.keys.items():
        origin = escaped(loaded.origins.get(f"keys.{name}", ""))
        yield f"{_toml_key(name)} = {_toml_value(keys)}  # {origin}"


def _recipe_lines(loaded: LoadedConfig) -> Iterator[str]:
    for recipe in loaded.config.netshoot.recipes:
        origin = escaped(loaded.origins.get(f"netshoot.recipes.{recipe.name}", ""))
        yield from ("", f"[netshoot.recipes.{_toml_key(recipe.name)}]  # {origin}")
        yield f"command = {_toml_value(recipe.command)}"
        yield f"description = {_toml_value(recipe.description)}"


def render_template() -> str:
    """A configuration file with every setting and its default commented out."""
    defaults = Config()
    lines = ["# dockpit: take the # from a line and change what it says."]
    for table, settings in _settings_by_table():
        lines += ["", f"# [{table}]"] if table else [""]
        for setting in settings:
            lines += [f"# # {setting.help}"] if setting.help else []
            lines.append(f"# {_name_in_table(setting)} = {_toml_value(value_of(defaults, setting.key))}")
    return "\n".join(lines) + "\n" + _TEMPLATE_EXAMPLES


def _settings_by_table() -> Iterator[tuple[str, Iterable[Setting]]]:
    for table in ("", *TABLES):
        yield table, [one for one in SETTINGS.values() if one.key.rpartition(".")[0] == table]


def _name_in_table(setting: Setting) -> str:
    return setting.key.rpartition(".")[2]


def _toml_value(value: object) -> str:
    import tomlkit

    return tomlkit.item(list(value) if isinstance(value, tuple) else value).as_string()


def _toml_key(name: str) -> str:
    import tomlkit

    return tomlkit.key(name).as_string()
