"""Every key, once: the footer, the help, the palette and the bindings are made from this table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from textual.binding import Binding, BindingType


@dataclass(frozen=True, slots=True)
class Key:
    """One key: `id` names it in the configuration, `keys` are its defaults, `where` the screens and tabs that have it.

    `rank` is its place in the key bar, 0 for none. The widget with the focus binds a `widgets` key, the screen any
    other.
    """

    id: str
    keys: str
    action: str
    label: str
    help: str
    where: frozenset[str]
    rank: int = 0
    widgets: bool = False


_TABLES: Final = "overview alerts processes limits"
_ACT: Final = "overview container alerts"


def _key(id: str, keys: str, action: str, label: str, help: str, where: str, rank: int = 0) -> Key:
    return Key(id, keys, action, label, help, frozenset(where.split()), rank)


def _of_widget(id: str, keys: str, action: str, label: str, help: str, where: str, rank: int = 0) -> Key:
    return Key(id, keys, action, label, help, frozenset(where.split()), rank, widgets=True)


KEYS: Final[tuple[Key, ...]] = (
    # what to do to the container
    _key("limits", "u", "app.limits", "limits", "Change the limits of the container", _ACT, 30),
    _key("undo", "U", "app.undo", "undo", "Undo the last change of limits", _ACT, 78),
    _key("netshoot", "n", "app.netshoot", "netshoot", "Open a debug shell or a recipe in its network", _ACT, 32),
    _key("exec", "e", "app.exec", "exec", "Open a shell in the container", _ACT, 36),
    _key("logs", "l", "app.logs", "logs", "Follow its logs", _ACT, 34),
    _key("actions", "a", "app.actions", "actions", "Start, stop, restart, pause, kill or remove it", _ACT, 38),
    _key("restart", "r", "app.restart", "restart", "Restart the container", _ACT),
    _key("copy", "y", "app.copy", "copy", "Copy what is selected, else the container's name", _ACT),
    # the overview
    _key("open", "enter", "open", "open", "Open the container under the cursor", "overview alerts", 20),
    _key("filter", "slash", "filter", "filter", "Filter, as in: web state:running cpu>50", "overview", 40),
    _key("trouble", "t", "trouble", "trouble", "Put what is worst first", "overview", 44),
    _key("sort", "s", "sort", "sort", "Sort by the next column", "overview", 42),
    _key("sort_pick", "S", "sort_pick", "sort by", "Choose the column to sort by", "overview"),
    _key("reverse", "R", "reverse", "reverse", "Turn the order round", "overview"),
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
    _of_widget("tail.next", "n", "next_hit", "next", "Go to the next line found", "logs", 12),
    _of_widget("tail.previous", "N", "previous_hit", "before", "Go to the line found before", "logs"),
    _of_widget("tail.timestamps", "t", "timestamps", "times", "Show or hide the time of each line", "logs", 13),
    _of_widget("tail.follow", "f,end,G", "follow", "follow", "Go to the end and follow", "logs", 14),
    _of_widget("tail.top", "home,g", "top", "top", "Go to the oldest line kept", "logs"),
    _of_widget("tail.up", "k,up", "scroll_up", "up", "Scroll up", "logs"),
    _of_widget("tail.down", "j,down", "scroll_down", "down", "Scroll down", "logs"),
    _of_widget("tail.left", "h,left", "left", "left", "Show what is left of a long line", "logs"),
    _of_widget("tail.right", "l,right", "right", "right", "Show more of a long line", "logs"),
    _of_widget("json_tree.search", "slash", "search", "search", "Search the keys and values", "inspect", 10),
    _of_widget("json_tree.next", "n", "next_hit", "next", "Go to the next value found", "inspect", 11),
    _of_widget("json_tree.previous", "N", "previous_hit", "before", "Go to the value found before", "inspect"),
    _of_widget("json_tree.copy", "y", "copy", "copy", "Copy the path and value under the cursor", "inspect", 12),
    _of_widget("json_tree.reveal", "v", "reveal", "secrets", "Show or cover passwords and tokens", "inspect", 13),
    _of_widget("json_tree.open", "l,right", "open", "open", "Open what is under the cursor", "inspect"),
    _of_widget("json_tree.close", "h,left", "close", "close", "Close it, or go to what holds it", "inspect"),
    _of_widget("json_tree.down", "j", "cursor_down", "down", "Go down", "inspect"),
    _of_widget("json_tree.up", "k", "cursor_up", "up", "Go up", "inspect"),
    # moving
    _of_widget("table.up", "up,k", "move(-1)", "up", "Go up", _TABLES),
    _of_widget("table.down", "down,j", "move(1)", "down", "Go down", _TABLES),
    _of_widget("table.page_up", "pageup", "page(-1)", "page up", "Go up by a page", _TABLES),
    _of_widget("table.page_down", "pagedown", "page(1)", "page down", "Go down by a page", _TABLES),
    _of_widget("table.first", "home,g", "edge(False)", "first", "Go to the first row", _TABLES),
    _of_widget("table.last", "end,G", "edge(True)", "last", "Go to the last row", _TABLES),
    _of_widget("table.fold", "left", "fold(True)", "fold", "Fold the project under the cursor", "overview"),
    _of_widget("table.unfold", "right", "fold(False)", "unfold", "Unfold the project under the cursor", "overview"),
    # everywhere
    _key("span_more", "plus,equals_sign", "span(1)", "longer", "Look further back in the charts", "overview container"),
    _key("span_less", "minus", "span(-1)", "shorter", "Look less far back in the charts", "overview container"),
    _key("pause", "space", "app.pause", "pause", "Hold the screen still; sampling goes on", "overview container", 80),
    _key("alerts", "w", "app.alerts", "alerts", "List what is wrong, and jump to it", "overview container", 46),
    _key("costs", "tilde", "app.costs", "costs", "Show or hide what dockpit itself costs", _ACT),
    _key("back", "escape,backspace", "back", "back", "Go back", "container alerts help", 5),
    _key("palette", "colon,ctrl+p", "app.command_palette", "commands", "Find a command by its words", _ACT, 84),
    _key("help", "question_mark,f1", "app.help", "help", "Show all keys, and what the figures mean", _ACT, 82),
    _key("quit", "q", "app.leave", "quit", "Leave dockpit", f"{_ACT} help", 86),
)

_WRITTEN: Final[Mapping[str, str]] = {
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
"""How Textual's name of a key is written on a key cap, where they differ."""


def ids() -> tuple[str, ...]:
    """The names under which keys can be remapped."""
    return tuple(key.id for key in KEYS)


def of(*where: str) -> Iterator[Key]:
    """The keys of a screen and of a tab in it."""
    return (key for key in KEYS if key.where & set(where))


def bindings(where: str) -> list[BindingType]:
    """The Textual bindings of one screen or tab."""
    return [
        Binding(key.keys, key.action, key.label, id=key.id, tooltip=key.help, show=False)
        for key in of(where)
        if not key.widgets
    ]


def caps(key: Key, remapped: Mapping[str, str]) -> tuple[str, ...]:
    """All key caps of a key after the user's remapping."""
    return tuple(_cap(name.strip()) for name in remapped.get(key.id, key.keys).split(",") if name.strip())


def shown(key: Key, remapped: Mapping[str, str]) -> str:
    """The key cap that stands for a key on the screen."""
    return next(iter(caps(key, remapped)), "")


def _cap(name: str) -> str:
    *held, last = name.split("+") if len(name) > 1 else [name]
    return "+".join((*held, _WRITTEN.get(last, last)))


def footer(remapped: Mapping[str, str], *where: str) -> tuple[tuple[str, str], ...]:
    """The pairs of the key bar of a screen and of a tab in it; a key of the tab stands before one of the screen."""
    pairs: dict[str, str] = {}
    for key in sorted((key for key in of(*where) if key.rank), key=lambda key: key.rank):
        pairs.setdefault(shown(key, remapped), key.label)
    return tuple((cap, label) for cap, label in pairs.items() if cap)


def pressed(cap: str, remapped: Mapping[str, str], *where: str) -> Key | None:
    """The key that a key cap of the bar stands for."""
    found = sorted((key for key in of(*where) if key.rank), key=lambda key: key.rank)
    return next((key for key in found if shown(key, remapped) == cap), None)
