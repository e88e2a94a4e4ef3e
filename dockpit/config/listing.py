"""The configuration as TOML with comments: what is in force, and a file to begin with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dockpit.config.config import Config, Loaded, value_of
from dockpit.config.schema import SETTINGS, TABLES, Setting

_EXAMPLES = """
# Keys of your own: the name of a binding, as `?` shows it, and its keys.
# [keys]
# limits = "u"
# quit = "q,ctrl+q"

# A netshoot recipe of your own: one line for a shell, or a list of words.
# [netshoot.recipes.gateway]
# command = "ping -c 3 $(ip route | awk '/default/ {print $3}')"
# description = "reach the gateway"
"""


def toml(value: object) -> str:
    """A value as TOML writes it."""
    import tomlkit

    return tomlkit.item(list(value) if isinstance(value, tuple) else value).as_string()


def show(loaded: Loaded) -> str:
    """Everything in force with where each value came from: a valid file."""
    lines = [f"# {problem}" for problem in loaded.problems]
    lines += [f"# file: {_comment(str(loaded.path))}"] if loaded.path else []
    for table, settings in _tables():
        lines += ["", f"[{table}]"] if table else [""]
        for setting in settings:
            value = toml(value_of(loaded.config, setting.key))
            lines.append(f"{_name(setting)} = {value}  # {_comment(loaded.origins[setting.key])}")
    lines += _show_keys(loaded)
    lines += _show_recipes(loaded)
    return "\n".join(line for line in lines) + "\n"


def _show_keys(loaded: Loaded) -> Iterator[str]:
    if loaded.config.keys:
        yield from ("", "[keys]")
    for name, keys in loaded.config.keys.items():
        yield f"{_key(name)} = {toml(keys)}  # {_comment(loaded.origins.get(f'keys.{name}', ''))}"


def _show_recipes(loaded: Loaded) -> Iterator[str]:
    for recipe in loaded.config.netshoot.recipes:
        origin = _comment(loaded.origins.get(f"netshoot.recipes.{recipe.name}", ""))
        yield from ("", f"[netshoot.recipes.{_key(recipe.name)}]  # {origin}")
        yield f"command = {toml(recipe.command)}"
        yield f"description = {toml(recipe.description)}"


def template() -> str:
    """A file that says every setting with its default, all commented out."""
    defaults = Config()
    lines = ["# dockpit: take the # from a line and change what it says."]
    for table, settings in _tables():
        lines += ["", f"# [{table}]"] if table else [""]
        for setting in settings:
            lines += [f"# # {setting.help}"] if setting.help else []
            lines.append(f"# {_name(setting)} = {toml(value_of(defaults, setting.key))}")
    return "\n".join(lines) + "\n" + _EXAMPLES


def _tables() -> Iterator[tuple[str, Iterable[Setting]]]:
    for table in ("", *TABLES):
        yield table, [one for one in SETTINGS.values() if one.key.rpartition(".")[0] == table]


def _name(setting: Setting) -> str:
    return setting.key.rpartition(".")[2]


def _key(name: str) -> str:
    import tomlkit

    return tomlkit.key(name).as_string()


def _comment(text: str) -> str:
    """Text that cannot leave its comment."""
    return "".join(char if char.isprintable() else "?" for char in text)
