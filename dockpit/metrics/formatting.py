"""Numbers as text, each unit in one format everywhere; None, NaN and infinity are written as a dash."""

from __future__ import annotations

import math
from datetime import UTC, datetime, tzinfo

NA = "–"
"""Written instead of an unknown figure where there is no room for a word."""

IEC = ("B", "K", "M", "G", "T", "P", "E", "Z", "Y")
DECIMAL = ("", "k", "M", "G", "T", "P", "E", "Z", "Y")
DAY_SECONDS = 86_400.0

_ASCII_SIGNS = str.maketrans(
    {
        "–": "-", "·": "|", "…": "~", "→": ">", "▾": "v", "▸": ">", "●": "*", "◐": "=", "○": "o", "↻": "~",
        "✖": "x", "Δ": "d", "‖": "=", "÷": "/", "×": "x", "↑": "^", "↓": "v", "≥": ">=", "≤": "<=",
    }
)  # fmt: skip


def to_ascii(text: str) -> str:
    """`text` with the signs that dockpit itself writes replaced by ASCII; everything else is unchanged."""
    return text if text.isascii() else text.translate(_ASCII_SIGNS)


def is_known(value: float | None) -> bool:
    """Whether `value` is a finite number."""
    return value is not None and math.isfinite(value)


def bytes_short(value: float | None) -> str:
    """Bytes in at most 5 characters, in powers of 1024: "512K", "41M", "1.4G"."""
    return NA if value is None or not is_known(value) else _scaled(value, IEC, 1024)


def bytes_long(value: float | None) -> str:
    """Bytes with one decimal and the unit in full: "31.2 GiB", "0 B"."""
    if value is None or not is_known(value):
        return NA
    number, unit = _in_unit(abs(value), IEC, 1024, 1)
    return f"{_with_sign(value, _without_zero_decimals(number, 1))} {unit if unit == 'B' else unit + 'iB'}"


def bytes_share(used: float | None, total: float | None) -> str:
    """An amount and its total, both in the unit of the total: "31.2 of 62.7 GiB"."""
    if used is None or total is None or not is_known(used) or not is_known(total):
        return NA
    number, unit = _in_unit(abs(total), IEC, 1024, 1)
    divisor = 1024.0 ** IEC.index(unit)
    return f"{used / divisor:.1f} of {number:.1f} {unit if unit == 'B' else unit + 'iB'}"


def rate(value: float | None) -> str:
    """Bytes per second in at most 4 characters, in powers of 1000: "0", "340k", "1.2M"."""
    return NA if value is None or not is_known(value) else _scaled(value, DECIMAL, 1000)


def rate_pair(first: float | None, second: float | None) -> str:
    """Two rates, such as in/out or read/write: "1.2M/340k"; one dash when neither is known."""
    if not is_known(first) and not is_known(second):
        return NA
    return f"{rate(first)}/{rate(second)}"


def rate_long(value: float | None) -> str:
    """Bytes per second with the unit in full: "1.2 MB/s"."""
    if value is None or not is_known(value):
        return NA
    number, unit = _in_unit(abs(value), DECIMAL, 1000, 1)
    return f"{_with_sign(value, _without_zero_decimals(number, 1))} {unit}B/s"


def cores(value: float | None) -> str:
    """CPU cores with about three digits: "0.20", "12.4", "128"."""
    if value is None or not is_known(value):
        return NA
    digits = 2 if abs(value) < 9.995 else 1 if abs(value) < 99.95 else 0
    return _without_minus_zero(f"{value:.{digits}f}")


def percent(value: float | None, space: str = " ") -> str:
    """Percent without decimals: "99 %", "<1 %"; a value below 100 is never rounded up to 100."""
    if value is None or not is_known(value):
        return NA
    if 0 < value < 1:
        return f"<1{space}%"
    rounded = 99.0 if 99 < value < 100 else value
    return f"{_without_minus_zero(f'{rounded:.0f}')}{space}%"


def duration(seconds: float | None) -> str:
    """A length of time in whole seconds, minutes, hours or, from two on, days: "17 s", "4 min", "47 h", "2 d"."""
    if seconds is None or not is_known(seconds):
        return NA
    whole = max(0.0, seconds)
    if whole < 60:
        return f"{int(whole)} s"
    if whole < 3600:
        return f"{int(whole / 60)} min"
    if whole < 2 * DAY_SECONDS:
        return f"{int(whole / 3600)} h"
    return f"{int(whole / DAY_SECONDS)} d"


def ago(seconds: float | None) -> str:
    """How long ago something was: "3 h ago", "just now"."""
    if seconds is None or not is_known(seconds):
        return NA
    return "just now" if seconds < 1 else f"{duration(seconds)} ago"


def eta(seconds: float | None) -> str:
    """A rough time left: "~4 min", "~15 s"; rounded down to steps, so that it does not change each second."""
    if seconds is None or not is_known(seconds):
        return NA
    step = 5 if seconds < 30 else 10 if seconds < 60 else 60
    whole = seconds // step * step if seconds >= step else seconds
    return "now" if seconds < 1 else f"~{duration(whole)}"


def ms_per_s(value: float | None) -> str:
    """Milliseconds of CPU time lost in each second, summed over CPUs: "812 CPU-ms/s"."""
    if value is None or not is_known(value):
        return NA
    return "<1 CPU-ms/s" if 0 < value < 1 else f"{_without_minus_zero(f'{value:.0f}')} CPU-ms/s"


def count(number: float | None) -> str:
    """A whole number in at most 5 characters: "7", "1024", "12k"."""
    if number is None or not is_known(number):
        return NA
    return str(round(number)) if abs(number) < 9999.5 else _scaled(number, DECIMAL, 1000)


def per_second(value: float | None) -> str:
    """A rate of events in at most 5 characters, with one decimal below ten: "0", "0.2", "12", "12k"."""
    if value is None or not is_known(value):
        return NA
    return count(value) if value >= 9.95 or value == 0 else f"{max(0.1, value):.1f}"


def plural(number: int, noun: str) -> str:
    """A number with its noun: "1 alert", "4 alerts"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def time_of_day(at: float, tz: tzinfo) -> str:
    """The time of day `at` seconds since the epoch: "14:03:07"."""
    time = _local_time(at, tz)
    return NA if time is None else f"{time:%H:%M:%S}"


def time_and_date(at: float, now: float, tz: tzinfo) -> str:
    """The time of day, or date and time when it is not today: "14:02:58", "11-23 14:02"."""
    time, today = _local_time(at, tz), _local_time(now, tz)
    if time is None:
        return NA
    same_day = today is not None and time.date() == today.date()
    return f"{time:%H:%M:%S}" if same_day else f"{time:%m-%d %H:%M}"


def _local_time(at: float, tz: tzinfo) -> datetime | None:
    if not math.isfinite(at):
        return None
    try:
        return datetime.fromtimestamp(at, UTC).astimezone(tz)
    except (OverflowError, OSError, ValueError):
        return None


def _scaled(value: float, units: tuple[str, ...], base: int) -> str:
    number, unit = _in_unit(abs(float(value)), units, base, 0)
    digits = 1 if number < 9.95 and unit != units[0] else 0
    return f"{_with_sign(value, _without_zero_decimals(number, digits))}{unit}"


def _in_unit(value: float, units: tuple[str, ...], base: int, digits: int) -> tuple[float, str]:
    """`value` in the first unit in which it stays below `base` when rounded to `digits` decimals."""
    number = float(value)
    for unit in units[:-1]:
        if round(number, digits) < base:
            return number, unit
        number /= base
    return min(number, base - 1.0), units[-1]


def _without_zero_decimals(number: float, digits: int) -> str:
    return f"{number:.{0 if number.is_integer() else digits}f}"


def _with_sign(value: float, text: str) -> str:
    return f"-{text}" if value < 0 and text.strip("0.") else text


def _without_minus_zero(text: str) -> str:
    return text[1:] if text.startswith("-") and not text.strip("-0.") else text
