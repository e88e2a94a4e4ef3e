"""All settings, each declared once: its key, check, environment variable, flag and help text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

from dockpit.config.defaults import ConfirmSettings
from dockpit.config.setting_checks import (
    Check,
    boolean,
    column_ids,
    integer_between,
    name_without_spaces,
    number_between,
    printable_text,
    sort_order,
    source_choice,
    theme_name,
)
from dockpit.metrics.compiled_columns import COLUMN_FIGURES
from dockpit.model.thresholds import Thresholds


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting; `key` is dotted for a setting in a table, `env` and `flag` are "" where there is none."""

    key: str
    check: Check
    help: str
    env: str = ""
    flag: str = ""


_THRESHOLD_HELP: Mapping[str, str] = {
    "throttled_watch_percent": "throttled periods within throttle_window_seconds; `watch` from here",
    "throttle_window_seconds": "the window over which throttled periods are counted",
    "memory_watch_percent": "memory that cannot be reclaimed, of the limit; `watch` from here",
    "eta_watch_seconds": "time left until the limit at the present pace; `watch` from here down",
    "pids_watch_percent": "processes and threads, of the pids limit; `watch` from here",
    "restart_loop_count": "this many starts within restart_loop_window_seconds are a restart loop",
    "oom_debounce_seconds": "OOM kills closer together than this count as one",
    "oom_window_seconds": "how long an OOM kill stays an alert",
}


def _threshold_check(name: str) -> Check:
    if name.endswith("_count"):
        return integer_between(1, 1000)
    if name.endswith("_percent"):
        return number_between(0, 100)
    special = {"throttle_window_seconds": number_between(2, 30), "oom_debounce_seconds": number_between(0, 60)}
    return special.get(name, number_between(1, 604_800))


_CONFIRM_HELP = {"update": "false changes limits without asking; a change that may kill processes always asks"}

SETTINGS: Mapping[str, Setting] = {
    setting.key: setting
    for setting in (
        Setting(
            "interval_seconds",
            number_between(0.1, 3600),
            "seconds between two reads; below 1 for the container under the cursor only",
            "DOCKPIT_INTERVAL",
            "--interval",
        ),
        Setting(
            "source",
            source_choice,
            '"auto": the kernel where it shows the container, else the engine; or "kernel", or "engine"',
            "DOCKPIT_SOURCE",
            "--source",
        ),
        Setting(
            "calm",
            boolean,
            "read containers that are not on screen less often, and draw fewer frames",
            "DOCKPIT_CALM",
            "--calm",
        ),
        Setting("history_minutes", number_between(1, 240), "minutes of figures kept for each container"),
        Setting("read_only", boolean, "refuse every action", "DOCKPIT_READ_ONLY", "--read-only"),
        Setting("columns", column_ids, "the table's columns, in order; available: " + ", ".join(COLUMN_FIGURES)),
        Setting("sort", sort_order, 'a column with asc or desc, or "trouble": the worst first', "", "--sort"),
        Setting("group", boolean, "group containers by Compose project"),
        Setting("theme", theme_name, '"dark", "light", or a theme of Textual', "DOCKPIT_THEME", "--theme"),
        Setting("ascii", boolean, "draw with ASCII only", "DOCKPIT_ASCII", "--ascii"),
        Setting("color", boolean, "false draws without colour", "NO_COLOR"),
        Setting("bell", boolean, "ring the terminal's bell for new alerts", "DOCKPIT_BELL", "--bell"),
        Setting("log_file", printable_text, 'a debug log; "" for none', "DOCKPIT_LOG", "--log"),
        *(
            Setting(f"thresholds.{one.name}", _threshold_check(one.name), _THRESHOLD_HELP.get(one.name, ""))
            for one in fields(Thresholds)
        ),
        Setting("netshoot.image", name_without_spaces, "the image of debug containers"),
        *(Setting(f"confirm.{one.name}", boolean, _CONFIRM_HELP.get(one.name, "")) for one in fields(ConfirmSettings)),
    )
}
"""Every setting by its dotted key, in the order of the file."""

TABLES = ("thresholds", "netshoot", "confirm")
"""Tables with a fixed set of keys."""
USER_KEYED_TABLES = ("keys", "netshoot.recipes")
"""Tables whose keys the user chooses."""

ASCENDING_THRESHOLDS: tuple[tuple[str, ...], ...] = (
    ("throttled_watch_percent", "throttled_high_percent"),
    ("memory_watch_percent", "memory_high_percent", "memory_imminent_percent"),
    ("eta_imminent_seconds", "eta_high_seconds", "eta_watch_seconds"),
    ("pids_watch_percent", "pids_high_percent"),
)
"""Groups of thresholds that must not decrease from left to right."""


def candidate_keys(key: str) -> tuple[str, ...]:
    """The keys that an unknown `key` may be a misspelling of; tables too where it is at the top level."""
    return tuple(SETTINGS) if "." in key else (*SETTINGS, *TABLES, *USER_KEYED_TABLES)
