"""Timestamps as the engine writes them in JSON and reads them in queries."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from dockpit.simulate.engine_refusal import EngineRefusal

NEVER = "0001-01-01T00:00:00Z"
"""Go's zero time."""

_UNIT_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}


def format_timestamp(at: float) -> str:
    """RFC 3339 with nanoseconds, as Go prints it, of `at` seconds since the epoch; NEVER for 0."""
    if not at:
        return NEVER
    micros = round(at * 1e6)
    whole = datetime.fromtimestamp(micros // 1_000_000, UTC)
    return f"{whole:%Y-%m-%dT%H:%M:%S}.{micros % 1_000_000:06d}000Z"


def parse_timestamp(text: str | None, now: float) -> int | None:
    """Nanoseconds since the epoch of a `since` or `until` query; None for an absent one and for "0".

    Takes seconds with up to nine decimals, RFC 3339, or a duration before `now`. Raises EngineRefusal 400.
    """
    if not text or text == "0":
        return None
    if re.fullmatch(r"\d+(\.\d{1,9})?", text):
        seconds, _, decimals = text.partition(".")
        return int(seconds) * 10**9 + int(decimals.ljust(9, "0") or 0)
    parts = re.findall(r"(\d+(?:\.\d+)?)(ms|h|m|s)", text)
    if parts and "".join(number + unit for number, unit in parts) == text:
        return round((now - sum(float(number) * _UNIT_SECONDS[unit] for number, unit in parts)) * 1e9)
    try:
        return round(datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text)).timestamp() * 1e9)
    except ValueError:
        raise EngineRefusal(400, f'failed to parse value as time or duration: "{text}"') from None
