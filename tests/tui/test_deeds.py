"""What the keys do to containers: limits and their way back, dangerous deeds, and a dockpit that only looks."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from pathlib import Path

import pytest
from textual.widgets import Input, OptionList

from dockpit.tuning.limit_rules import Request
from dockpit.tuning.update_plans import plan_update
from tests.tui.stage import Stage, staged
from tui.asking import WORD, question
from tui.screens.choose import ChooseScreen
from tui.screens.limits import LimitsScreen
from tui.screens.overview import OverviewScreen
from tui.state import ViewState
from widgets.confirm import ConfirmScreen
from widgets.field_form import FieldForm


def offered(stage: Stage) -> list[str]:
    """The ids of what can be chosen."""
    return [option.id or "" for option in stage.app.screen.query_one(OptionList).options]


async def raise_limit(stage: Stage, cores: str = "1.5") -> None:
    """From the overview to an applied limit, as a user does it."""
    await stage.point_at("spin")
    await stage.press("u")
    await stage.at(LimitsScreen)
    await stage.press(*cores)
    await stage.says(f"$ docker update --cpus {cores} spin")
    await stage.press("enter")
    await stage.at(ConfirmScreen)
    assert "0.2 → " + cores in await stage.says("CPUs", "docker update")
    await stage.press("enter")
    await stage.until(lambda: stage.session.snapshot().can_undo, "the limit is applied")


async def test_a_limit_is_typed_previewed_applied_and_taken_back(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await raise_limit(stage)
        await stage.at(OverviewScreen)
        assert stage.entry("spin").container.limits.cpu_cores == 1.5
        await stage.says("CPUs 0.2 → 1.5", "U undoes it")
        await stage.until(lambda: stage.entry("spin").throttling.level == "ok", "throttling goes away")
        await stage.press("U")
        await stage.at(ConfirmScreen)
        await stage.says("undo: CPUs 1.5 → 0.2")
        await stage.press("enter")
        await stage.until(lambda: not stage.session.snapshot().can_undo)
        assert stage.entry("spin").container.limits.cpu_cores == 0.2
        await stage.press("U")
        assert "there is nothing to undo" in stage.words()


async def test_an_undo_is_judged_by_what_is_in_use_now(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with staged(tmp_path, "leak") as stage:
        entry, snapshot = stage.entry("grow"), stage.session.snapshot()
        await stage.session.act(plan_update(entry.container, snapshot.engine, Request(memory="512m"), entry.sample))
        await stage.press("U")
        await stage.at(ConfirmScreen)
        assert "Type grow" not in await stage.says("undo: memory 512m → 64m")
        await stage.press("escape")
        entry, snapshot = stage.entry("grow"), stage.session.snapshot()
        assert entry.sample is not None
        grown = replace(entry, sample=entry.sample._replace(memory_unreclaimable_bytes=300 << 20))
        now = replace(snapshot, entries={grown.container.id: grown})
        monkeypatch.setattr(stage.session, "snapshot", lambda: now)
        await stage.press("U")
        await stage.at(ConfirmScreen)
        await stage.says("undo: memory 512m → 64m", "kill", "Type grow to go on")


async def test_an_undo_with_nothing_left_to_take_back_is_given_up(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await raise_limit(stage)
        entry, snapshot = stage.entry("spin"), stage.session.snapshot()
        back = plan_update(entry.container, snapshot.engine, Request(cpus="0.2"), entry.sample)
        await stage.session.client.update(back.container_id, back.body)
        await stage.until(lambda: stage.entry("spin").container.limits.cpu_cores == 0.2)
        await stage.press("U")
        assert "has its earlier limits already" in stage.words()
        assert not stage.session.snapshot().can_undo


async def test_an_undo_of_a_container_that_is_gone_says_so(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await raise_limit(stage)
        await stage.session.client.send(f"containers/{stage.entry('spin').container.id}", {"force": "1"}, "DELETE")
        await stage.until(lambda: len(stage.session.snapshot().entries) == 1)
        await stage.press("U")
        assert "spin is gone" in stage.words() and not stage.session.snapshot().can_undo


async def test_what_is_wrong_is_said_as_it_is_typed(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await stage.point_at("spin")
        await stage.press("u")
        await stage.at(LimitsScreen)
        await stage.press(*"0.0000001")
        form = stage.app.screen.query_one(FieldForm)
        assert form.errors["cpus"] and not form.errors["cpus"].startswith("CPUs: ")
        assert form.errors["cpus"][:30] in stage.text()
        await stage.press("enter")
        assert isinstance(stage.app.screen, LimitsScreen)
        await stage.press("escape")
        assert isinstance(stage.app.screen, OverviewScreen)


async def test_nothing_typed_changes_nothing(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await stage.point_at("spin")
        await stage.press("u")
        await stage.at(LimitsScreen)
        await stage.press("enter")
        await stage.says("nothing would change")


async def test_the_form_begins_where_the_trouble_is(tmp_path: Path) -> None:
    async with staged(tmp_path, "incident") as stage:
        await stage.until(lambda: any(a.kind == "throttled" for a in stage.session.snapshot().alerts))
        alert = next(a for a in stage.session.snapshot().alerts if a.kind == "throttled")
        await stage.point_at(alert.name)
        await stage.press("u")
        await stage.at(LimitsScreen)
        focused = stage.app.focused
        assert isinstance(focused, Input) and focused.name == "cpus"


async def test_the_form_fits_80x24_with_everything_that_can_be_said(tmp_path: Path) -> None:
    async with staged(tmp_path, size=(80, 24)) as stage:
        await stage.point_at("spin")
        await stage.press("u")
        await stage.at(LimitsScreen)
        await stage.press(*"1.25")
        for field, text in (("memory", "128m"), ("memory_swap", "256m"), ("pids_limit", "50"), ("restart", "always")):
            stage.app.screen.query_one(FieldForm).set_value(field, text)
        text = await stage.says("$ docker update", "restart policy", "enter shows what it does")
        assert len(text.splitlines()) == 24


async def test_a_stopped_container_has_limits_too(tmp_path: Path) -> None:
    async with staged(tmp_path, "fleet") as stage:
        await stage.point_at("report-2024-q4")
        await stage.press("u")
        await stage.at(LimitsScreen)
        await stage.press(*"1", "enter")
        await stage.at(ConfirmScreen)


async def test_the_form_leaves_when_its_container_is_removed(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await stage.point_at("idle")
        await stage.press("u")
        await stage.at(LimitsScreen)
        await stage.session.client.send(f"containers/{stage.entry('idle').container.id}", {"force": "1"}, "DELETE")
        await stage.at(OverviewScreen)
        await stage.until(lambda: "the container is gone" in stage.words())


async def test_the_command_is_copied(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await stage.point_at("spin")
        await stage.press("u")
        await stage.at(LimitsScreen)
        await stage.press("2", "ctrl+y")
        assert stage.app.clipboard == "docker update --cpus 2 spin"
        await stage.press("enter")
        await stage.at(ConfirmScreen)
        stage.app.copy_to_clipboard("")
        await stage.press("c")
        assert stage.app.clipboard == "docker update --cpus 2 spin"


async def test_a_deed_that_kills_wants_its_word_typed(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await stage.point_at("idle")
        await stage.press("a")
        await stage.at(ChooseScreen)
        labels = offered(stage)
        await stage.press(*("j",) * labels.index("remove_force"), "enter")
        await stage.at(ConfirmScreen)
        await stage.press("enter", "y", "enter")
        assert isinstance(stage.app.screen, ConfirmScreen)
        await stage.press("backspace", *"idle", "enter")
        await stage.until(lambda: len(stage.session.snapshot().entries) == 1)


async def test_a_name_that_cannot_be_typed_is_not_asked_for(tmp_path: Path) -> None:
    async with staged(tmp_path, "fleet") as stage:
        entry = stage.entry("[red]x[/] \x1b[31m日本🐳")
        plan = plan_update(entry.container, stage.session.snapshot().engine, Request(cpus="1"), entry.sample)
        assert question(plan).word == WORD


@pytest.mark.parametrize(("key", "state"), [("pause", "paused"), ("stop", "exited")])
async def test_actions_are_chosen_confirmed_and_seen(tmp_path: Path, key: str, state: str) -> None:
    async with staged(tmp_path) as stage:
        await stage.point_at("idle")
        await stage.press("a")
        await stage.at(ChooseScreen)
        labels = offered(stage)
        assert "start" not in labels and "unpause" not in labels
        await stage.press(*("j",) * labels.index(key), "enter")
        if isinstance(stage.app.screen, ConfirmScreen):
            await stage.press("enter")
        await stage.until(lambda: stage.entry("idle").container.state == state)


async def test_a_refusal_is_said(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        stage.engine.refuse("^POST ", 403, "<html><body>403 Forbidden</body></html>")
        await stage.point_at("idle")
        await stage.press("r")
        await stage.at(ConfirmScreen)
        await stage.press("enter")
        await stage.until(lambda: "lets only reads through" in stage.words())


async def test_read_only_refuses_every_key_that_changes_something(tmp_path: Path) -> None:
    async with staged(tmp_path, read_only=True) as stage:
        await stage.point_at("spin")
        for key in ("u", "U", "n", "e", "a", "r"):
            stage.app.clear_notifications()
            await stage.press(key)
            assert "read-only" in stage.words(), key
            assert isinstance(stage.app.screen, OverviewScreen)
        assert all(method in ("GET", "HEAD") for method, _ in stage.engine.requests)


async def test_what_still_stands_in_the_corner_is_not_said_again(tmp_path: Path) -> None:
    async with staged(tmp_path, read_only=True) as stage:
        await stage.point_at("spin")
        await stage.press("u", "r", "u")
        assert stage.words().count("nothing is changed") == 1
        stage.app.clear_notifications()
        await stage.press("u")
        assert stage.words().count("nothing is changed") == 1


async def test_read_only_is_said_before_there_is_a_container_to_act_on(tmp_path: Path) -> None:
    async with staged(tmp_path, read_only=True, state=ViewState(UTC, filter="name:nothing-like-it")) as stage:
        await stage.until(lambda: not stage.table.view.rows)
        for key in ("u", "n", "e", "a", "r"):
            stage.app.clear_notifications()
            await stage.press(key)
            assert "nothing is changed" in stage.words(), key
