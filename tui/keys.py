"""The table of keys: the bindings, the key bar, the help and the command palette are all made from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from textual.binding import Binding, BindingType


@dataclass(frozen=True, slots=True)
class Key:
    """One key; `id` names it in the configuration, and `keys` are its defaults, Textual's names separated by commas.

    `scopes` are the screens and tabs that have it. `rank` is its place in the key bar, 0 for none. A key of a widget
    (`in_widget`) is bound by the widget, which must have the focus; any other by the screen.
    """

    id: str
    keys: str
    action: str
    label: str
    help: str
    scopes: frozenset[str]
    rank: int = 0
    in_widget: bool = False


_TABLES: Final = "overview alerts processes limits"
_TARGETED: Final = "overview container alerts"
"""The screens that have a container under the cursor."""


def _key(id: str, keys: str, action: str, label: str, help: str, scopes: str, rank: int = 0) -> Key:
    return Key(id, keys, action, label, help, frozenset(scopes.split()), rank)


def _widget_key(id: str, keys: str, action: str, label: str, help: str, scopes: str, rank: int = 0) -> Key:
    return Key(id, keys, action, label, help, frozenset(scopes.split()), rank, in_widget=True)


KEYS: Final[tuple[Key, ...]] = (
    # what to do to the container
    _key("limits", "u", "app.limits", "limits", "Change the limits of the container", _TARGETED, 30),
    _key("undo", "U", "app.undo", "undo", "Undo the last change of limits", _TARGETED, 78),
    _key(
        "netshoot",
        "n",
        "app.netshoot",
        "netshoot",
        "Open a debug shell or a recipe in its network",
        _TARGETED,
        32,
    ),
    _key("exec", "e", "app.exec", "exec", "Open a shell in the container", _TARGETED, 36),
    _key("logs", "l", "app.logs", "logs", "Follow its logs", _TARGETED, 34),
    _key("actions", "a", "app.actions", "actions", "Start, stop, restart, pause, kill or remove it", _TARGETED, 38),
    _key("restart", "r", "app.restart", "restart", "Restart the container", _TARGETED),
    _key("copy", "y", "app.copy", "copy", "Copy what is selected, else the container's name", _TARGETED),
    # the overview
    _key("open", "enter", "open", "open", "Open the container under the cursor", "overview alerts", 20),
    _key("filter", "slash", "filter", "filter", "Filter, as in: web state:running cpu>50", "overview", 40),
    _key("trouble", "t", "trouble", "trouble", "Sort by trouble, the worst first", "overview", 44),
    _key("sort", "s", "sort", "sort", "Sort by the next column", "overview", 42),
    _key("sort_pick", "S", "sort_pick", "sort by", "Choose the column to sort by", "overview"),
    _key("reverse", "R", "reverse", "reverse", "Reverse the order", "overview"),
    _key("columns", "c", "columns", "columns", "Choose the columns", "overview"),
    _key("fold", "z", "fold", "fold", "Fold or unfold the project of the container", "overview"),
    _key("flat", "p", "flat", "group", "Group by Compose project, or not", "overview"),
    _key("detail", "d", "detail", "charts", "Show or hide the charts below the table", "overview"),
    # one container
    _key("next_tab", "tab,right_square_bracket", "tab(1)", "next tab", "Go to the next tab", "container", 24),
    _key("previous_tab", "shift+tab,left_square_bracket", "tab(-1)", "tab back", "Go to the tab before", "container"),
    _key("zoom", "Z", "zoom", "zoom", "Zoom into one chart after the other, with axes", "charts", 25),
    _key("refresh", "R,f5", "refresh", "refresh", "Ask the engine again", "processes inspect", 26),
    _key("logs.search", "slash", "ask('search')", "search", "Search the lines", "logs", 10),
    _key("logs.filter", "ampersand", "ask('filter')", "filter", "Show the lines that match an expression", "logs", 11),
    _widget_key("tail.next", "n", "next_hit", "next", "Go to the next line found", "logs", 12),
    _widget_key("tail.previous", "N", "previous_hit", "before", "Go to the line found before", "logs"),
    _widget_key("tail.timestamps", "t", "timestamps", "times", "Show or hide the time of each line", "logs", 13),
    _widget_key("tail.follow", "f,end,G", "follow", "follow", "Go to the end and follow", "logs", 14),
    _widget_key("tail.top", "home,g", "top", "top", "Go to the oldest line kept", "logs"),
    _widget_key("tail.up", "k,up", "scroll_up", "up", "Scroll up", "logs"),
    _widget_key("tail.down", "j,down", "scroll_down", "down", "Scroll down", "logs"),
    _widget_key("tail.left", "h,left", "left", "left", "Scroll left in long lines", "logs"),
    _widget_key("tail.right", "l,right", "right", "right", "Scroll right in long lines", "logs"),
    _widget_key("json_tree.search", "slash", "search", "search", "Search the keys and values", "inspect", 10),
    _widget_key("json_tree.next", "n", "next_hit", "next", "Go to the next value found", "inspect", 11),
    _widget_key("json_tree.previous", "N", "previous_hit", "before", "Go to the value found before", "inspect"),
    _widget_key("json_tree.copy", "y", "copy", "copy", "Copy the path and value under the cursor", "inspect", 12),
    _widget_key("json_tree.reveal", "v", "reveal", "secrets", "Show or cover passwords and tokens", "inspect", 13),
    _widget_key("json_tree.open", "l,right", "open", "open", "Open what is under the cursor", "inspect"),
    _widget_key("json_tree.close", "h,left", "close", "close", "Close it, or go to its parent", "inspect"),
    _widget_key("json_tree.down", "j", "cursor_down", "down", "Go down", "inspect"),
    _widget_key("json_tree.up", "k", "cursor_up", "up", "Go up", "inspect"),
    # moving
    _widget_key("table.up", "up,k", "move(-1)", "up", "Go up", _TABLES),
    _widget_key("table.down", "down,j", "move(1)", "down", "Go down", _TABLES),
    _widget_key("table.page_up", "pageup", "page(-1)", "page up", "Go up by a page", _TABLES),
    _widget_key("table.page_down", "pagedown", "page(1)", "page down", "Go down by a page", _TABLES),
    _widget_key("table.first", "home,g", "edge(False)", "first", "Go to the first row", _TABLES),
    _widget_key("table.last", "end,G", "edge(True)", "last", "Go to the last row", _TABLES),
    _widget_key("table.fold", "left", "fold(True)", "fold", "Fold the project under the cursor", "overview"),
    _widget_key("table.unfold", "right", "fold(False)", "unfold", "Unfold the project under the cursor", "overview"),
    # everywhere
    _key("span_more", "plus,equals_sign", "span(1)", "longer", "Look further back in the charts", "overview container"),
    _key("span_less", "minus", "span(-1)", "shorter", "Look less far back in the charts", "overview container"),
    _key("pause", "space", "app.pause", "pause", "Hold the screen still; sampling goes on", "overview container", 80),
    _key("alerts", "w", "app.alerts", "alerts", "List what is wrong, and jump to it", "overview container", 46),
    _key("costs", "tilde", "app.costs", "costs", "Show or hide what dockpit itself costs", _TARGETED),
    _key("back", "escape,backspace", "back", "back", "Go back", "container alerts help", 5),
    _key("palette", "colon,ctrl+p", "app.command_palette", "commands", "Find a command by its words", _TARGETED, 84),
    _key("help", "question_mark,f1", "app.help", "help", "Show all keys, and what the figures mean", _TARGETED, 82),
    _key("quit", "q", "app.leave", "quit", "Leave dockpit", f"{_TARGETED} help", 86),
)

_CAP_NAMES: Final[Mapping[str, str]] = {
    "escape": "esc",
    "slash": "/",
    "ampersand": "&",
    "question_mark": "?",
    "plus": "+",
    "minus": "-",
    "equals_sign": "=",
    "colon": ":",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "comma": ",",
    "full_stop": ".",
    "semicolon": ";",
    "exclamation_mark": "!",
    "number_sign": "#",
    "asterisk": "*",
    "tilde": "~",
    "underscore": "_",
    "pageup": "page up",
    "pagedown": "page down",
}
"""Key caps by Textual's names of the keys, where they differ."""


def key_ids() -> tuple[str, ...]:
    """The ids under which keys can be remapped."""
    return tuple(key.id for key in KEYS)


def keys_of(*scopes: str) -> Iterator[Key]:
    """The keys of a screen and of its tab in front."""
    return (key for key in KEYS if key.scopes & set(scopes))


def bindings(scope: str) -> list[BindingType]:
    """The Textual bindings of one screen or tab, without those of its widgets."""
    return [
        Binding(key.keys, key.action, key.label, id=key.id, tooltip=key.help, show=False)
        for key in keys_of(scope)
        if not key.in_widget
    ]


def key_caps(key: Key, remapped: Mapping[str, str]) -> tuple[str, ...]:
    """All key caps of a key; `remapped` has the user's keys by id, in the form of `Key.keys`."""
    return tuple(_cap(name.strip()) for name in remapped.get(key.id, key.keys).split(",") if name.strip())


def key_cap(key: Key, remapped: Mapping[str, str]) -> str:
    """The first key cap of a key, "" for none."""
    return next(iter(key_caps(key, remapped)), "")


def _cap(name: str) -> str:
    *modifiers, last = name.split("+") if len(name) > 1 else [name]
    return "+".join((*modifiers, _CAP_NAMES.get(last, last)))


def footer_pairs(remapped: Mapping[str, str], *scopes: str) -> tuple[tuple[str, str], ...]:
    """(key cap, label) for the key bar, by rank; of two keys with the same cap only the first is shown."""
    pairs: dict[str, str] = {}
    for key in _ranked(*scopes):
        pairs.setdefault(key_cap(key, remapped), key.label)
    return tuple((cap, label) for cap, label in pairs.items() if cap)


def key_for_cap(cap: str, remapped: Mapping[str, str], *scopes: str) -> Key | None:
    """The key that a key cap in the key bar stands for, None for none."""
    return next((key for key in _ranked(*scopes) if key_cap(key, remapped) == cap), None)


def _ranked(*scopes: str) -> list[Key]:
    return sorted((key for key in keys_of(*scopes) if key.rank), key=lambda key: key.rank)
