"""Times as the engine's since and until take them."""

from __future__ import annotations

import re
from datetime import datetime

from dockpit.simulate.refusal import EngineRefusal

_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}


def timestamp(text: str | None, now: float) -> int | None:
    """Seconds with up to nine decimals, RFC 3339 or a duration before `now` -> nanoseconds since the epoch.

    None for nothing. Raises Refusal 400.
    """
    if not text or text == "0":
        return None
    if re.fullmatch(r"\d+(\.\d{1,9})?", text):
        seconds, _, decimals = text.partition(".")
        return int(seconds) * 10**9 + int(decimals.ljust(9, "0") or 0)
    parts = re.findall(r"(\d+(?:\.\d+)?)(ms|h|m|s)", text)
    if parts and "".join(number + unit for number, unit in parts) == text:
        return round((now - sum(float(number) * _UNITS[unit] for number, unit in parts)) * 1e9)
    try:
        return round(datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text)).timestamp() * 1e9)
    except ValueError:
        raise EngineRefusal(400, f'failed to parse value as time or duration: "{text}"') from None
