"""Unexpected errors in the session, in a worker of a screen and in a widget."""

from __future__ import annotations

from pathlib import Path

import pytest

from dockpit.model.container import Process
from dockpit.model.errors import EngineError
from tests.tui.running_cockpit import running_cockpit
from tui.app import DockpitApp
from tui.container.container_screen import ContainerScreen
from tui.crash.crash_screen import CrashScreen
from tui.overview.overview_screen import OverviewScreen

HOSTILE = "[/]boom\x1b[2J"


def raise_error(*_: object) -> None:
    raise RuntimeError(HOSTILE)


async def test_an_error_in_the_session_is_shown_and_the_session_runs_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[BaseException] = []

    def write_report(error: BaseException) -> str:
        written.append(error)
        return "/somewhere/crash.txt"

    async with running_cockpit(tmp_path, write_report=write_report) as cockpit:
        with monkeypatch.context() as patch:
            patch.setattr(cockpit.session.history, "put", raise_error)
            await cockpit.session.client.requests.send(f"containers/{cockpit.entry('idle').container.id}/pause", {})
            await cockpit.wait_for_screen(CrashScreen)
        text = await cockpit.wait_for_text("/somewhere/crash.txt", "[/]boom␛[2J")
        assert "\x1b" not in text and len(written) == 1
        await cockpit.press("y")
        assert "RuntimeError" in cockpit.app.clipboard
        await cockpit.press("r")
        assert isinstance(cockpit.app.screen, OverviewScreen)
        revision = cockpit.session.snapshot().revision
        await cockpit.wait_until(lambda: cockpit.session.snapshot().revision > revision + 2)
        await cockpit.wait_until(lambda: cockpit.entry("idle").container.state == "paused")


async def test_an_error_in_a_worker_of_a_tab_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def processes(_: str) -> tuple[Process, ...]:
        raise RuntimeError(HOSTILE)

    async with running_cockpit(tmp_path) as cockpit:
        monkeypatch.setattr(cockpit.session, "processes", processes)
        await cockpit.press("enter", "tab")
        await cockpit.wait_for_screen(CrashScreen)
        await cockpit.wait_for_text("No report could be written")
        await cockpit.press("escape")
        await cockpit.wait_for_screen(ContainerScreen)
        assert sum(w.group == "session" and not w.is_finished for w in cockpit.app.workers) == 1


async def test_the_app_ends_where_the_engine_never_answered(tmp_path: Path) -> None:
    from datetime import UTC

    from dockpit.engine.endpoint_resolution import Endpoint
    from dockpit.monitor.session import Session
    from tui.view_state import ViewState

    app = DockpitApp(Session(Endpoint(f"unix://{tmp_path}/nothing.sock")), ViewState(UTC))
    async with app.run_test() as pilot:
        while app.connection_error is None:
            await pilot.pause(0.02)
    assert isinstance(app.connection_error, EngineError) and app.return_value == 2


async def test_an_error_in_a_widget_ends_with_a_report_and_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written: list[BaseException] = []

    def write_report(error: BaseException) -> str:
        written.append(error)
        return "/somewhere/crash.txt"

    with pytest.raises(RuntimeError):
        async with running_cockpit(tmp_path, write_report=write_report) as cockpit:
            cockpit.app.call_later(raise_error)
            await cockpit.wait_until(lambda: not cockpit.app.is_running)
    assert len(written) == 1
    printed = capsys.readouterr().err
    assert "/somewhere/crash.txt" in printed and "Traceback" not in printed and cockpit.app.return_code == 1
