"""Readers of values in JSON from an engine that never raise, whatever the engine sends.

A field that is missing, of the wrong type, negative where it cannot be, or absurd is None, zero or empty.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

JsonObject = Mapping[str, Any]

COUNTER_LIMIT = 1 << 63
"""No counter of a kernel gets here; engines print 2^64-1 for "max"."""

YEAR_3000_SECONDS = 32_503_680_000.0
"""The year 3000 in seconds since the epoch: a later time is nonsense, and calendars end soon after."""

NEVER = "0001-"
"""Beginning of Go's zero time, which stands for "never" in an engine's answers."""

LONGEST_TIMESTAMP = 64


def as_object(value: object) -> JsonObject:
    """`value` if it is a JSON object, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def as_list(value: object) -> Iterable[Any]:
    """`value` if it is a JSON array, else an empty one."""
    return value if isinstance(value, list) else ()


def as_text(value: object) -> str:
    """`value` if it is a string, else ""; half a surrogate pair, which no terminal or file takes, is replaced."""
    if not isinstance(value, str):
        return ""
    return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")


def as_count(value: object) -> int | None:
    """`value` as a counter or gauge: a whole number from 0 to below 2^63, else None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, float):
        if not math.isfinite(value) or abs(value) >= COUNTER_LIMIT:
            return None
        value = int(value)
    return value if 0 <= value < COUNTER_LIMIT else None


def first_count(source: JsonObject, *names: str) -> int | None:
    """The first of the fields `names` that is a count, None if none is."""
    for name in names:
        value = as_count(source.get(name))
        if value is not None:
            return value
    return None


def as_integer(value: object) -> int:
    """`value` as a whole number that may be negative, 0 if it is not one."""
    if isinstance(value, bool) or not isinstance(value, int):
        return 0
    return value if -COUNTER_LIMIT <= value < COUNTER_LIMIT else 0


def as_string_map(value: object) -> dict[str, str]:
    """The pairs of a JSON object whose values are strings or numbers, as strings."""
    return {
        as_text(key): as_text(item) if isinstance(item, str) else str(item)
        for key, item in as_object(value).items()
        if isinstance(item, str | int | float)
    }


def as_epoch_seconds(value: object) -> float:
    """An RFC 3339 time with any number of decimals as seconds since the epoch; 0.0 for "never" and for nonsense."""
    stamp = as_text(value)
    if len(stamp) < 20 or stamp.startswith(NEVER) or len(stamp) > LONGEST_TIMESTAMP:
        return 0.0
    date_and_time, zone = stamp[:19], stamp[19:]
    fraction = 0.0
    if zone.startswith("."):
        digits = zone[1:].rstrip("Zz").split("+")[0].split("-")[0]
        zone = zone[1 + len(digits) :]
        fraction = float(f"0.{digits}") if digits.isascii() and digits.isdigit() else 0.0
    try:
        parsed = datetime.fromisoformat(date_and_time + ("+00:00" if zone in ("Z", "z", "") else zone))
        at = parsed.astimezone(UTC).timestamp() + fraction
    except (ValueError, OverflowError):
        return 0.0
    return at if 0 < at < YEAR_3000_SECONDS else 0.0
