"""Checks that turn a raw value of a setting into the value used.

Each takes the raw value and returns the checked one, or raises ValueError. The text of the error completes a sentence
that starts with the name of the setting.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Iterable
from typing import get_args

from dockpit.config.defaults import SourceChoice
from dockpit.config.ui_names import THEME_NAMES, is_key_name
from dockpit.metrics.compiled_columns import COLUMN_FIGURES
from dockpit.metrics.sorting import TROUBLE

Check = Callable[[object], object]

SOURCES: tuple[str, ...] = get_args(SourceChoice)
_MAX_QUOTED_CHARS = 60


def quote_value(value: object) -> str:
    """A value as the file would write it, cut to 60 characters, with control characters escaped."""
    if isinstance(value, float):
        return f"{value:g}"
    text = json.dumps(list(value) if isinstance(value, tuple) else value, default=str)
    return text if len(text) <= _MAX_QUOTED_CHARS else f"{text[: _MAX_QUOTED_CHARS - 1]}…"


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """` (did you mean …?)` with the known name most like `name`, "" if none is similar."""
    names = list(known)
    found = [one for one in names if one.endswith(f".{name}")] or difflib.get_close_matches(name, names, 1)
    return f" (did you mean {found[0]}?)" if found else ""


def number_between(minimum: float, maximum: float) -> Check:
    """A check for a finite number in a range, bounds included."""

    def check(value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not minimum <= value <= maximum:
            raise ValueError(f"must be a number from {minimum:g} to {maximum:g}, not {quote_value(value)}")
        return value

    return check


def integer_between(minimum: int, maximum: int) -> Check:
    """A check for a whole number in a range, bounds included."""

    def check(value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not minimum <= value <= maximum:
            raise ValueError(f"must be a whole number from {minimum} to {maximum}, not {quote_value(value)}")
        return value

    return check


def boolean(value: object) -> bool:
    """true or false."""
    if not isinstance(value, bool):
        raise ValueError(f"must be true or false, not {quote_value(value)}")
    return value


def printable_text(value: object) -> str:
    """A printable string of at most 1000 characters."""
    if not isinstance(value, str) or not value.isprintable() or len(value) > 1000:
        raise ValueError(f"must be a text in quotes, not {quote_value(value)}")
    return value


def name_without_spaces(value: object) -> str:
    """A name of 1 to 200 printable ASCII characters without spaces."""
    if not isinstance(value, str) or not re.fullmatch(r"[!-~]{1,200}", value):
        raise ValueError(f"must be a name in quotes, not {quote_value(value)}")
    return value


def source_choice(value: object) -> str:
    """The source of the samples, one of SourceChoice."""
    if value not in SOURCES:
        raise ValueError(f"must be one of {', '.join(SOURCES)}, not {quote_value(value)}")
    return str(value)


def theme_name(value: object) -> str:
    """The name of an existing theme."""
    name = name_without_spaces(value)
    if name not in THEME_NAMES:
        hint = did_you_mean(name, THEME_NAMES) or "; the themes are " + ", ".join(THEME_NAMES)
        raise ValueError(f"names no theme: {quote_value(name)}{hint}")
    return name


def column_ids(value: object) -> tuple[str, ...]:
    """A non-empty list of column ids; duplicates are dropped."""
    if not isinstance(value, list | tuple) or not value or not all(isinstance(one, str) for one in value):
        raise ValueError(f'must be a list of columns like ["name", "cpu"], not {quote_value(value)}')
    for one in value:
        if one not in COLUMN_FIGURES:
            raise ValueError(f"has no column {quote_value(one)}{did_you_mean(one, COLUMN_FIGURES)}")
    return tuple(dict.fromkeys(value))


def sort_order(value: object) -> str:
    """ "trouble", or a column id with an optional asc or desc."""
    malformed = ValueError(f'must be "trouble" or a column with asc or desc like "cpu desc", not {quote_value(value)}')
    if not isinstance(value, str) or not value.split():
        raise malformed
    name, *rest = value.lower().split()
    if name not in (TROUBLE, *COLUMN_FIGURES):
        raise ValueError(f"names no column: {quote_value(name)}{did_you_mean(name, COLUMN_FIGURES)}")
    if len(rest) > 1 or (rest and rest[0] not in ("asc", "desc")):
        raise malformed
    return " ".join((name, *rest)) if name != TROUBLE else TROUBLE


def key_names(value: object) -> str:
    """A key, several separated by commas, or a list of them; returned as one string separated by commas."""
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list) or not all(isinstance(one, str) and one.strip().isprintable() for one in listed):
        raise ValueError(f'must be a key like "ctrl+x" or a list of them, not {quote_value(value)}')
    parts = [part.strip() for one in listed for part in one.split(",") if part.strip()]
    if not parts:
        raise ValueError("must name a key")
    for part in parts:
        if not is_key_name(part):
            raise ValueError(f"names no key: {quote_value(part)}")
    return ",".join(parts)


def command_words(value: object) -> tuple[str, ...]:
    """A command given as a list of words, or as one line, which is run by `sh -c`."""
    if isinstance(value, str) and value.strip():
        return ("sh", "-c", value)
    if isinstance(value, list) and value and all(isinstance(one, str) for one in value):
        return tuple(value)
    raise ValueError(f'must be a command like "dig example.org" or a list of its words, not {quote_value(value)}')
