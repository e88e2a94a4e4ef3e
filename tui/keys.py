"""Every key, once: the footer, the help, the palette and the bindings are made from this table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from textual.binding import Binding, BindingType


@dataclass(frozen=True, slots=True)
class Key:
    """One key: `id` names it in the configuration, `keys` are its defaults, `where` the screens that have it."""

    id: str
    keys: str
    action: str
    label: str
    help: str
    where: frozenset[str]
    footer: bool = False
    shown: str = ""
    """How the key is written, where its Textual name is not what is on the key cap."""


def _key(
    id: str, keys: str, action: str, label: str, help: str, where: str, *, footer: bool = False, shown: str = ""
) -> Key:
    return Key(id, keys, action, label, help, frozenset(where.split()), footer, shown)


_TARGET = "overview container alerts"

KEYS: tuple[Key, ...] = (
    _key("open", "enter", "open", "open", "Open the container under the cursor", "overview alerts", shown="⏎"),
    _key("limits", "u", "app.limits", "limits", "Change the limits of the container", _TARGET, footer=True),
    _key("undo", "U", "app.undo", "undo", "Undo the last change of limits", _TARGET, footer=True),
    _key("netshoot", "n", "app.netshoot", "netshoot", "A debug shell or recipe in its network", _TARGET, footer=True),
    _key("exec", "e", "app.exec", "exec", "A shell in the container", _TARGET, footer=True),
    _key("logs", "l", "app.logs", "logs", "Follow its logs", _TARGET, footer=True),
    _key("actions", "a", "app.actions", "actions", "Start, stop, pause, kill, remove", _TARGET, footer=True),
    _key("restart", "r", "app.restart", "restart", "Restart the container", _TARGET),
    _key("filter", "slash", "filter", "filter", "Filter: web state:running cpu>50", "overview", footer=True, shown="/"),
    _key("sort", "s", "sort", "sort", "Sort by the next column", "overview", footer=True),
    _key("sort_pick", "S", "sort_pick", "sort by…", "Choose the column to sort by", "overview"),
    _key("reverse", "R", "reverse", "reverse", "Turn the order round", "overview"),
    _key("trouble", "t", "trouble", "trouble", "Trouble first", "overview", footer=True),
    _key("alerts", "w", "app.alerts", "alerts", "List the alerts and jump to one", "overview container", footer=True),
    _key("fold", "z", "fold", "fold", "Fold or unfold the project under the cursor", "overview"),
    _key("flat", "p", "flat", "group", "Group by Compose project, or not", "overview"),
    _key("columns", "c", "columns", "columns", "Choose the columns", "overview"),
    _key("detail", "d", "detail", "charts", "Show or hide the charts below the table", "overview"),
    _key("span_more", "plus,equals_sign", "span(1)", "longer", "Show a longer time", "overview container", shown="+"),
    _key("span_less", "minus", "span(-1)", "shorter", "Show a shorter time", "overview container", shown="-"),
    _key("zoom", "Z", "zoom", "zoom", "Zoom into the chart with axes", "container"),
    _key("next_tab", "tab,right_square_bracket", "tab(1)", "next tab", "Go to the next tab", "container", shown="⇥"),
    _key("previous_tab", "shift+tab,left_square_bracket", "tab(-1)", "tab back", "Go to the tab before", "container"),
    _key("pause", "space", "app.pause", "pause", "Hold the screen still while sampling goes on", "overview container"),
    _key("copy", "y", "app.copy", "copy", "Copy the container's name or what is selected", "overview container"),
    _key("back", "escape,backspace", "back", "back", "Back", "container alerts help", footer=True, shown="esc"),
    _key("palette", "colon,ctrl+p", "app.command_palette", "commands", "Find any command", _TARGET, shown=":"),
    _key("help", "question_mark,f1", "app.help", "help", "All keys, and what the figures mean", _TARGET, shown="?"),
    _key("quit", "q", "app.leave", "quit", "Leave dockpit", _TARGET, footer=True),
)


def bindings(where: str) -> list[BindingType]:
    """The Textual bindings of one screen."""
    return [
        Binding(key.keys, key.action, key.label, id=key.id, tooltip=key.help, show=False)
        for key in KEYS
        if where in key.where
    ]


def shown(key: Key, remapped: dict[str, str]) -> str:
    """How a key is written on the screen, after the user's remapping."""
    if key.id in remapped:
        return remapped[key.id].split(",")[0]
    return key.shown or key.keys.split(",")[0]


def footer(where: str, remapped: dict[str, str]) -> tuple[tuple[str, str], ...]:
    """The pairs of the key bar of one screen."""
    return tuple((shown(key, remapped), key.label) for key in _of(where) if key.footer)


def _of(where: str) -> Iterable[Key]:
    return (key for key in KEYS if where in key.where)
