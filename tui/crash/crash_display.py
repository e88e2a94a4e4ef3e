"""Shows an unexpected error: on the crash screen, or in a sentence where no screen can be shown."""

from __future__ import annotations

from rich.text import Text
from textual.app import App

from tui.app_settings import AppSettings


def show_crash(app: App[int], error: BaseException, settings: AppSettings) -> None:
    """Write a crash report and open the crash screen."""
    from tui.crash.crash_screen import CrashScreen

    path = settings.write_report(error) if settings.write_report else ""
    app.push_screen(CrashScreen(error, path))


def last_words(error: BaseException, path: str) -> Text:
    """The sentence printed where dockpit has to end; `path` is that of the crash report, "" for none."""
    where = f"a report was written to {path}" if path else "no report could be written"
    return Text(f"an unexpected error ended dockpit: {type(error).__name__}; {where}")
