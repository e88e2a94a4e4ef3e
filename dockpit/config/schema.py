"""Every setting once: its key, what it may be, its environment variable and flag, and what it is for."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from typing import get_args

from dockpit.config.config import Confirm, SourceChoice
from dockpit.config.names import THEMES, is_key
from dockpit.metrics.sorting import TROUBLE
from dockpit.metrics.table_figures import TABLE_FIGURES
from dockpit.model.thresholds import Thresholds

Check = Callable[[object], object]
"""Turns a raw value into the one that is used. Raises ValueError with what follows the key in a sentence."""

_SHOWN = 60
SOURCES: tuple[str, ...] = get_args(SourceChoice)


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting; `key` is dotted below a table."""

    key: str
    check: Check
    help: str
    env: str = ""
    flag: str = ""


def shown(value: object) -> str:
    """A value as it would be written in the file, short, control characters made visible."""
    if isinstance(value, float):
        return f"{value:g}"
    text = json.dumps(list(value) if isinstance(value, tuple) else value, default=str)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def nearest(name: str, known: Iterable[str]) -> str:
    """` (did you mean …?)` with the nearest known name, "" where none is near."""
    names = list(known)
    found = [one for one in names if one.endswith(f".{name}")] or difflib.get_close_matches(name, names, 1)
    return f" (did you mean {found[0]}?)" if found else ""


# checks


def number(least: float, most: float) -> Check:
    """A finite number in a range."""

    def check(value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            raise ValueError(f"must be a number from {least:g} to {most:g}, not {shown(value)}")
        return value

    return check


def whole(least: int, most: int) -> Check:
    """A whole number in a range."""

    def check(value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise ValueError(f"must be a whole number from {least} to {most}, not {shown(value)}")
        return value

    return check


def switch(value: object) -> bool:
    """true or false."""
    if not isinstance(value, bool):
        raise ValueError(f"must be true or false, not {shown(value)}")
    return value


def text(value: object) -> str:
    """A printable string of reasonable length."""
    if not isinstance(value, str) or not value.isprintable() or len(value) > 1000:
        raise ValueError(f"must be a text in quotes, not {shown(value)}")
    return value


def word(value: object) -> str:
    """A name without blanks."""
    if not isinstance(value, str) or not re.fullmatch(r"[!-~]{1,200}", value):
        raise ValueError(f"must be a name in quotes, not {shown(value)}")
    return value


def source(value: object) -> str:
    """Where figures may come from."""
    if value not in SOURCES:
        raise ValueError(f"must be one of {', '.join(SOURCES)}, not {shown(value)}")
    return str(value)


def theme(value: object) -> str:
    """The name of a theme there is."""
    name = word(value)
    if name not in THEMES:
        near = nearest(name, THEMES) or ": there are " + ", ".join(THEMES)
        raise ValueError(f"names no theme: {shown(name)}{near}")
    return name


def columns(value: object) -> tuple[str, ...]:
    """A list of ids of figures, at least one."""
    if not isinstance(value, list | tuple) or not value or not all(isinstance(one, str) for one in value):
        raise ValueError(f'must be a list of columns like ["name", "cpu"], not {shown(value)}')
    for one in value:
        if one not in TABLE_FIGURES:
            raise ValueError(f"has no column {shown(one)}{nearest(one, TABLE_FIGURES)}")
    return tuple(dict.fromkeys(value))


def sort(value: object) -> str:
    """ "trouble", or the id of a figure with asc or desc."""
    wrong = ValueError(f'must be "trouble" or a column with asc or desc like "cpu desc", not {shown(value)}')
    if not isinstance(value, str) or not value.split():
        raise wrong
    name, *rest = value.lower().split()
    if name not in (TROUBLE, *TABLE_FIGURES):
        raise ValueError(f"names no column: {shown(name)}{nearest(name, TABLE_FIGURES)}")
    if len(rest) > 1 or (rest and rest[0] not in ("asc", "desc")):
        raise wrong
    return " ".join((name, *rest)) if name != TROUBLE else TROUBLE


def keys(value: object) -> str:
    """A key, several with commas between them, or a list of them -> one text with commas."""
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list) or not all(isinstance(one, str) and one.strip().isprintable() for one in listed):
        raise ValueError(f'must be a key like "ctrl+x" or a list of them, not {shown(value)}')
    parts = [part.strip() for one in listed for part in one.split(",") if part.strip()]
    if not parts:
        raise ValueError("must name a key")
    for part in parts:
        if not is_key(part):
            raise ValueError(f"names no key: {shown(part)}")
    return ",".join(parts)


def command(value: object) -> tuple[str, ...]:
    """A command as a list of words, or as one line for a shell."""
    if isinstance(value, str) and value.strip():
        return ("sh", "-c", value)
    if isinstance(value, list) and value and all(isinstance(one, str) for one in value):
        return tuple(value)
    raise ValueError(f'must be a command like "dig example.org" or a list of its words, not {shown(value)}')


# the table


_THRESHOLD_HELP: Mapping[str, str] = {
    "throttled_watch_percent": "throttled periods of the last window; `watch` from here",
    "throttle_window_seconds": "what throttling is judged over",
    "memory_watch_percent": "memory that cannot be reclaimed, of the limit; `watch` from here",
    "eta_watch_seconds": "time left until the limit at the present pace; `watch` from here down",
    "pids_watch_percent": "processes and threads, of the pids limit; `watch` from here",
    "restart_loop_count": "so many starts within restart_loop_window_seconds are a loop",
    "oom_debounce_seconds": "OOM kills nearer than this count as one",
    "oom_window_seconds": "how long an OOM kill is an alert",
}


def _threshold(name: str) -> Check:
    if name.endswith("_count"):
        return whole(1, 1000)
    if name.endswith("_percent"):
        return number(0, 100)
    return {"throttle_window_seconds": number(2, 30), "oom_debounce_seconds": number(0, 60)}.get(
        name, number(1, 604_800)
    )


_CONFIRM_HELP = {"update": "false does it without asking; what could kill always asks"}

SETTINGS: Mapping[str, Setting] = {
    setting.key: setting
    for setting in (
        Setting(
            "interval_seconds",
            number(0.1, 3600),
            "seconds between two reads; below 1 for the container under the cursor only",
            "DOCKPIT_INTERVAL",
            "--interval",
        ),
        Setting(
            "source",
            source,
            '"auto": the kernel where it shows the container, else the engine; or "kernel", or "engine"',
            "DOCKPIT_SOURCE",
            "--source",
        ),
        Setting("calm", switch, "less often what is out of sight, and fewer frames", "DOCKPIT_CALM", "--calm"),
        Setting("history_minutes", number(1, 240), "how much of the past is kept of each container"),
        Setting("read_only", switch, "refuse every action", "DOCKPIT_READ_ONLY", "--read-only"),
        Setting("columns", columns, "the table's columns, in order; there are " + ", ".join(TABLE_FIGURES)),
        Setting("sort", sort, 'a column with asc or desc, or "trouble": the worst first', "", "--sort"),
        Setting("group", switch, "by Compose project"),
        Setting("theme", theme, '"dark", "light", or a theme of Textual', "DOCKPIT_THEME", "--theme"),
        Setting("ascii", switch, "draw with ASCII only", "DOCKPIT_ASCII", "--ascii"),
        Setting("color", switch, "false draws without colour", "NO_COLOR"),
        Setting("bell", switch, "ring the terminal's bell for new alerts", "DOCKPIT_BELL", "--bell"),
        Setting("log_file", text, 'a debug log; "" for none', "DOCKPIT_LOG", "--log"),
        *(
            Setting(f"thresholds.{one.name}", _threshold(one.name), _THRESHOLD_HELP.get(one.name, ""))
            for one in fields(Thresholds)
        ),
        Setting("netshoot.image", word, "the image of debug containers"),
        *(Setting(f"confirm.{one.name}", switch, _CONFIRM_HELP.get(one.name, "")) for one in fields(Confirm)),
    )
}
"""By dotted key, in the order of the file."""

TABLES = ("thresholds", "netshoot", "confirm")
OPEN_TABLES = ("keys", "netshoot.recipes")
"""Tables whose keys are the user's own."""

ORDERED: tuple[tuple[str, ...], ...] = (
    ("throttled_watch_percent", "throttled_high_percent"),
    ("memory_watch_percent", "memory_high_percent", "memory_imminent_percent"),
    ("eta_imminent_seconds", "eta_high_seconds", "eta_watch_seconds"),
    ("pids_watch_percent", "pids_high_percent"),
)
"""Thresholds that must not fall from left to right."""


def suggestions(key: str) -> tuple[str, ...]:
    """What a key that does not exist may have been meant for: tables only where it is in none."""
    return tuple(SETTINGS) if "." in key else (*SETTINGS, *TABLES, *OPEN_TABLES)
