"""The limits form and the undo of limits."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import Input

from dockpit.tuning.limit_request import LimitRequest
from dockpit.tuning.update_plans import plan_update
from tests.tui.running_cockpit import RunningCockpit, running_cockpit
from tui.limits.limits_screen import LimitsScreen
from tui.overview.overview_screen import OverviewScreen
from widgets.dialogs.confirmation import ConfirmationScreen
from widgets.dialogs.field_form import FieldForm


async def raise_limit(cockpit: RunningCockpit, cores: str = "1.5") -> None:
    """Raise the CPU limit of spin with keys, from the overview until it is applied."""
    await cockpit.move_cursor_to("spin")
    await cockpit.press("u")
    await cockpit.wait_for_screen(LimitsScreen)
    await cockpit.press(*cores)
    await cockpit.wait_for_text(f"$ docker update --cpus {cores} spin")
    await cockpit.press("enter")
    await cockpit.wait_for_screen(ConfirmationScreen)
    assert "0.2 → " + cores in await cockpit.wait_for_text("CPUs", "docker update")
    await cockpit.press("enter")
    await cockpit.wait_until(lambda: cockpit.session.snapshot().can_undo, "the limit is applied")


async def test_a_limit_is_typed_previewed_applied_and_undone(tmp_path: Path) -> None:
    async with running_cockpit(tmp_path) as cockpit:
        await raise_limit(cockpit)
        await cockpit.wait_for_screen(OverviewScreen)
        assert cockpit.entry("spin").container.limits.cpu_cores == 1.5
        await cockpit.wait_for_text("CPUs 0.2 → 1.5", "U undoes it")
        await cockpit.wait_until(lambda: cockpit.entry("spin").throttling.level == "ok", "throttling goes away")
        await cockpit.press("U")
        await cockpit.wait_for_screen(ConfirmationScreen)
        await cockpit.wait_for_text("undo: CPUs 1.5 → 0.2")
        await cockpit.press("enter")
        await cockpit.wait_until(lambda: not cockpit.session.snapshot().can_undo)
        assert cockpit.entry("spin").container.limits.cpu_cores == 0.2
        await cockpit.press("U")
        assert "there is nothing to undo" in cockpit.toasts()


async def test_an_undo_is_validated_against_current_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running_cockpit(tmp_path, "leak") as cockpit:
        entry, snapshot = cockpit.entry("grow"), cockpit.session.snapshot()
        await cockpit.session.act(
            plan_update(entry.container, snapshot.engine, LimitRequest(memory="512m"), entry.sample)
        )
        await cockpit.press("U")
        await cockpit.wait_for_screen(ConfirmationScreen)
        assert "Type grow" not in await cockpit.wait_for_text("undo: memory 512m → 64m")
        await cockpit.press("escape")
        entry, snapshot = cockpit.entry("grow"), cockpit.session.snapshot()
        assert entry.sample is not None
        larger = replace(entry, sample=entry.sample._replace(memory_unreclaimable_bytes=300 << 20))
        now = replace(snapshot, entries={larger.container.id: larger})
        monkeypatch.setattr(cockpit.session, "snapshot", lambda: now)
        await cockpit.press("U")
        await cockpit.wait_for_screen(ConfirmationScreen)
        await cockpit.wait_for_text("undo: memory 512m → 64m", "kill", "Type grow to continue")


async def test_an_undo_is_dropped_where_the_limits_are_the_earlier_ones_already(tmp_path: Path) -> None:
    async with running_cockpit(tmp_path) as cockpit:
        await raise_limit(cockpit)
        entry, snapshot = cockpit.entry("spin"), cockpit.session.snapshot()
        back = plan_update(entry.container, snapshot.engine, LimitRequest(cpus="0.2"), entry.sample)
        await cockpit.session.client.update(back.container_id, back.body)
        await cockpit.wait_until(lambda: cockpit.entry("spin").container.limits.cpu_cores == 0.2)
        await cockpit.press("U")
        assert "has its earlier limits already" in cockpit.toasts()
        assert not cockpit.session.snapshot().can_undo


async def test_an_undo_of_a_removed_container_shows_a_toast(tmp_path: Path) -> None:
    async with running_cockpit(tmp_path) as cockpit:
        await raise_limit(cockpit)
        await cockpit.session.client.requests.send(
            f"containers/{cockpit.entry('spin').container.id}", {"force": "1"}, "DELETE"
        )
        await cockpit.wait_until(lambda: len(cockpit.session.snapshot().entries) == 1)
        await cockpit.press("U")
        assert "spin is gone" in cockpit.toasts() and not cockpit.session.snapshot().can_undo


async def test_a_wrong_limit_is_explained_as_it_is_typed(tmp_path: Path) -> None:
    async with running_cockpit(tmp_path) as cockpit:
        await cockpit.move_cursor_to("spin")
        await cockpit.press("u")
        await cockpit.wait_for_screen(LimitsScreen)
        await cockpit.press(*"0.0000001")
        form = cockpit.app.screen.query_one(FieldForm)
        assert form.errors["cpus"] and not form.errors["cpus"].startswith("CPUs: ")
        assert form.errors["cpus"][:30] in cockpit.screen_text()
        await cockpit.press("enter")
        assert isinstance(cockpit.app.screen, LimitsScreen)
        await cockpit.press("escape")
        assert isinstance(cockpit.app.screen, OverviewScreen)


async def test_an_empty_form_changes_nothing(tmp_path: Path) -> None:
    async with running_cockpit(tmp_path) as cockpit:
        await cockpit.move_cursor_to("spin")
        await cockpit.press("u")
        await cockpit.wait_for_screen(LimitsScreen)
        await cockpit.press("enter")
        await cockpit.wait_for_text("nothing would change")


async def test_the_form_begins_in_the_field_of_the_alert(tmp_path: Path) -> None:
    async with running_cockpit(tmp_path, "incident") as cockpit:
        await cockpit.wait_until(lambda: any(a.kind == "throttled" for a in cockpit.session.snapshot().alerts))
        alert = next(a for a in cockpit.session.snapshot().alerts if a.kind == "throttled")
        await cockpit.move_cursor_to(alert.name)
        await cockpit.press("u")
        await cockpit.wait_for_screen(LimitsScreen)
        focused = cockpit.app.focused
        assert isinstance(focused, Input) and focused.name == "cpus"


async def test_the_full_form_fits_80x24(tmp_path: Path) -> None:
    async with running_cockpit(tmp_path, size=(80, 24)) as cockpit:
        await cockpit.move_cursor_to("spin")
        await cockpit.press("u")
        await cockpit.wait_for_screen(LimitsScreen)
        await cockpit.press(*"1.25")
        for field, text in (("memory", "128m"), ("memory_swap", "256m"), ("pids_limit", "50"), ("restart", "always")):
            cockpit.app.screen.query_one(FieldForm).set_value(field, text)
        text = await cockpit.wait_for_text("$ docker update", "restart policy", "enter shows what it does")
        assert len(text.splitlines()) == 24


async def test_limits_of_a_stopped_container_can_be_changed(tmp_path: Path) -> None:
    async with running_cockpit(tmp_path, "fleet") as cockpit:
        await cockpit.move_cursor_to("report-2024-q4")
        await cockpit.press("u")
        await cockpit.wait_for_screen(LimitsScreen)
        await cockpit.press(*"1", "enter")
        await cockpit.wait_for_screen(ConfirmationScreen)


async def test_the_form_closes_when_its_container_is_removed(tmp_path: Path) -> None:
    async with running_cockpit(tmp_path) as cockpit:
        await cockpit.move_cursor_to("idle")
        await cockpit.press("u")
        await cockpit.wait_for_screen(LimitsScreen)
        await cockpit.session.client.requests.send(
            f"containers/{cockpit.entry('idle').container.id}", {"force": "1"}, "DELETE"
        )
        await cockpit.wait_for_screen(OverviewScreen)
        await cockpit.wait_until(lambda: "the container is gone" in cockpit.toasts())


async def test_the_docker_command_is_copied(tmp_path: Path) -> None:
    async with running_cockpit(tmp_path) as cockpit:
        await cockpit.move_cursor_to("spin")
        await cockpit.press("u")
        await cockpit.wait_for_screen(LimitsScreen)
        await cockpit.press("2", "ctrl+y")
        assert cockpit.app.clipboard == "docker update --cpus 2 spin"
        await cockpit.press("enter")
        await cockpit.wait_for_screen(ConfirmationScreen)
        cockpit.app.copy_to_clipboard("")
        await cockpit.press("c")
        assert cockpit.app.clipboard == "docker update --cpus 2 spin"
