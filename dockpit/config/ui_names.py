"""Names of themes, key bindings and keys, known without importing Textual."""

from __future__ import annotations

import unicodedata
from typing import Final

THEME_NAMES: Final = (
    *("dark", "light", "auto", "dockpit-dark", "dockpit-light", "textual-dark", "textual-light", "nord", "gruvbox"),
    *("catppuccin-mocha", "catppuccin-latte", "catppuccin-frappe", "catppuccin-macchiato", "dracula", "tokyo-night"),
    *("monokai", "flexoki", "solarized-light", "solarized-dark", "rose-pine", "rose-pine-moon", "rose-pine-dawn"),
    *("atom-one-dark", "atom-one-light", "ansi-dark", "ansi-light"),
)
"""dockpit's own themes and those built into Textual."""

BINDING_NAMES: Final = (
    *("limits", "undo", "netshoot", "exec", "logs", "actions", "restart", "copy", "open", "filter", "trouble", "sort"),
    *("sort_pick", "reverse", "columns", "fold", "flat", "detail", "next_tab", "previous_tab", "zoom", "refresh"),
    *("logs.search", "logs.filter", "tail.next", "tail.previous", "tail.timestamps", "tail.follow", "tail.top"),
    *("tail.up", "tail.down", "tail.left", "tail.right", "json_tree.search", "json_tree.next", "json_tree.previous"),
    *("json_tree.copy", "json_tree.reveal", "json_tree.open", "json_tree.close", "json_tree.down", "json_tree.up"),
    *("table.up", "table.down", "table.page_up", "table.page_down", "table.first", "table.last", "table.fold"),
    *("table.unfold", "span_more", "span_less", "pause", "alerts", "costs", "back", "palette", "help", "quit"),
)
"""Ids of the bindings whose keys can be changed in the [keys] table."""

_MODIFIERS: Final = frozenset(("ctrl", "shift", "alt", "super", "meta", "hyper"))
_NAMED_KEYS: Final = frozenset(
    (
        *("escape", "enter", "tab", "space", "backspace", "delete", "insert", "home", "end", "pageup", "pagedown"),
        *("up", "down", "left", "right", "slash", "backslash", "at", "minus", "plus", "underscore"),
        *(f"f{number}" for number in range(1, 25)),
    )
)


def is_key_name(name: str) -> bool:
    """Whether Textual has a key called `name`: a character, its Unicode name or a named key, with any modifiers."""
    if len(name) == 1:
        return True
    *modifiers, last = name.split("+")
    return _MODIFIERS.issuperset(modifiers) and (len(last) == 1 or last in _NAMED_KEYS or _is_unicode_name(last))


def _is_unicode_name(name: str) -> bool:
    try:
        return bool(unicodedata.lookup(name.replace("_", " ")))
    except KeyError:
        return False
