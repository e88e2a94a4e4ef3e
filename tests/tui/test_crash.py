"""What nobody expected: in the session, in a worker of a screen, in a widget."""

from __future__ import annotations

from pathlib import Path

import pytest

from dockpit.model.container import Process
from dockpit.model.errors import EngineError
from tests.tui.stage import staged
from tui.app import DockpitApp
from tui.screens.container import ContainerScreen
from tui.screens.crash import CrashScreen
from tui.screens.overview import OverviewScreen

HOSTILE = "[/]boom\x1b[2J"


def failing(*_: object) -> None:
    raise RuntimeError(HOSTILE)


async def test_a_session_that_dies_is_shown_and_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[BaseException] = []

    def report(error: BaseException) -> str:
        written.append(error)
        return "/somewhere/crash.txt"

    async with staged(tmp_path, report=report) as stage:
        with monkeypatch.context() as patch:
            patch.setattr(stage.session.history, "put", failing)
            await stage.session.client.send(f"containers/{stage.entry('idle').container.id}/pause", {})
            await stage.at(CrashScreen)
        text = await stage.says("/somewhere/crash.txt", "[/]boom␛[2J")
        assert "\x1b" not in text and len(written) == 1
        await stage.press("y")
        assert "RuntimeError" in stage.app.clipboard
        await stage.press("r")
        assert isinstance(stage.app.screen, OverviewScreen)
        revision = stage.session.snapshot().revision
        await stage.until(lambda: stage.session.snapshot().revision > revision + 2)
        await stage.until(lambda: stage.entry("idle").container.state == "paused")


async def test_a_worker_of_a_tab_that_dies_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def processes(_: str) -> tuple[Process, ...]:
        raise RuntimeError(HOSTILE)

    async with staged(tmp_path) as stage:
        monkeypatch.setattr(stage.session, "processes", processes)
        await stage.press("enter", "tab")
        await stage.at(CrashScreen)
        await stage.says("No report could be written")
        await stage.press("escape")
        await stage.at(ContainerScreen)
        assert sum(w.group == "session" and not w.is_finished for w in stage.app.workers) == 1


async def test_an_engine_that_never_answered_ends_the_app(tmp_path: Path) -> None:
    from datetime import UTC

    from dockpit.engine.endpoint import Endpoint
    from dockpit.monitor.session import Session
    from tui.state import ViewState

    app = DockpitApp(Session(Endpoint(f"unix://{tmp_path}/nothing.sock")), ViewState(UTC))
    async with app.run_test() as pilot:
        while app.trouble is None:
            await pilot.pause(0.02)
    assert isinstance(app.trouble, EngineError) and app.return_value == 2


async def test_a_widget_that_dies_leaves_a_report_and_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written: list[BaseException] = []

    def report(error: BaseException) -> str:
        written.append(error)
        return "/somewhere/crash.txt"

    with pytest.raises(RuntimeError):
        async with staged(tmp_path, report=report) as stage:
            stage.app.call_later(failing)
            await stage.until(lambda: not stage.app.is_running)
    assert len(written) == 1
    said = capsys.readouterr().err
    assert "/somewhere/crash.txt" in said and "Traceback" not in said and stage.app.return_code == 1
