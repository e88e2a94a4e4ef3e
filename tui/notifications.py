"""Toasts: short messages in the corner of the screen."""

from __future__ import annotations

from textual.app import App
from textual.notifications import SeverityLevel

from tui.plain_text import displayable

SEVERITIES: dict[str, SeverityLevel] = {"warning": "warning", "error": "error"}
TIMEOUT_SECONDS: dict[SeverityLevel, float] = {"information": 2.5, "warning": 5.0, "error": 10.0}
MAX_CHARACTERS = 300


def toast(app: App[int], text: str, severity: str = "information") -> None:
    """Show `text`, which may be hostile; `severity` is "information", "warning" or "error"."""
    shown = displayable(app, text if len(text) <= MAX_CHARACTERS else f"{text[:MAX_CHARACTERS]}…", MAX_CHARACTERS)
    level = SEVERITIES.get(severity, "information")
    app.notify(shown, severity=level, markup=False, timeout=TIMEOUT_SECONDS[level])
