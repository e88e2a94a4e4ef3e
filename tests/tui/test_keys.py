"""The table of keys: the widgets agree with it, and the key bar, the help and the palette are made from it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from textual.binding import Binding, BindingType
from textual.command import CommandPalette
from textual.widgets import Input

from tests.tui.running_cockpit import RunningCockpit, running_cockpit
from tui.command_palette import key_scopes
from tui.container.container_screen import ContainerScreen
from tui.dialogs.choose_screen import ChooseScreen
from tui.help.help_screen import HelpScreen
from tui.keys import KEYS, bindings, footer_pairs, key_cap, key_caps, key_for_cap, key_ids, keys_of
from tui.limits.limits_screen import LimitsScreen
from tui.overview.overview_screen import OverviewScreen
from widgets.lists.json_tree import JsonTree
from widgets.logs.log_view import LogView
from widgets.tables.live_table import LiveTable
from widgets.text.key_bar import KeyBar

SCOPES = ("overview", "container", "alerts", "help", "charts", "processes", "logs", "limits", "inspect")


def test_every_key_has_an_id_of_its_own_and_texts() -> None:
    assert len(set(key_ids())) == len(KEYS)
    assert all(key.help and key.label and key.keys and key.scopes <= {*SCOPES, "events"} for key in KEYS)


@pytest.mark.parametrize("scope", SCOPES)
def test_no_key_has_two_meanings_on_a_screen(scope: str) -> None:
    names = [name for key in keys_of(scope) for name in key.keys.split(",")]
    doubled = {name for name in names if names.count(name) > 1}
    assert doubled <= {"enter"}, "the table opens what is under the cursor for the screen"


@pytest.mark.parametrize(
    ("prefix", "bound"),
    [("table.", LiveTable.BINDINGS), ("tail.", LogView.BINDINGS), ("json_tree.", JsonTree.BINDINGS)],
)
def test_the_widgets_bind_the_keys_of_the_table(prefix: str, bound: Sequence[BindingType]) -> None:
    real = {b.id: (b.key, b.action) for b in bound if isinstance(b, Binding) and b.id}
    listed = {key.id: (key.keys, key.action) for key in KEYS if key.id.startswith(prefix)}
    real.pop("table.open", None)
    assert listed == real and all(key.in_widget for key in KEYS if key.id in listed)


def test_screens_do_not_bind_the_keys_of_widgets() -> None:
    bound = {binding.id for binding in bindings("inspect") if isinstance(binding, Binding)}
    assert bound == {"refresh"}


def test_key_caps_as_on_a_keyboard() -> None:
    by_id = {key.id: key for key in KEYS}
    assert key_caps(by_id["filter"], {}) == ("/",)
    assert key_caps(by_id["palette"], {}) == (":", "ctrl+p")
    assert key_caps(by_id["next_tab"], {}) == ("tab", "]")
    assert key_caps(by_id["span_more"], {}) == ("+", "=")
    assert key_cap(by_id["limits"], {"limits": "ctrl+u,f2"}) == "ctrl+u"


def test_the_key_bar_shows_remapped_keys_and_finds_their_key() -> None:
    remapped = {"limits": "x"}
    pairs = dict(footer_pairs(remapped, "overview"))
    assert pairs["x"] == "limits" and "u" not in pairs and pairs["?"] == "help"
    key = key_for_cap("x", remapped, "overview")
    assert key is not None and key.id == "limits"
    assert key_for_cap("u", remapped, "overview") is None


def test_a_key_of_the_tab_replaces_the_same_key_of_the_screen() -> None:
    pairs = dict(footer_pairs({}, "container", "logs"))
    assert pairs["n"] == "next" and dict(footer_pairs({}, "container", "charts"))["n"] == "netshoot"


async def test_a_remapped_key_works_and_the_old_one_does_not(tmp_path: Path) -> None:
    async with running_cockpit(tmp_path, keys={"limits": "x"}) as cockpit:
        await cockpit.move_cursor_to("spin")
        await cockpit.press("u")
        assert isinstance(cockpit.app.screen, OverviewScreen)
        await cockpit.press("x")
        assert isinstance(cockpit.app.screen, LimitsScreen)
        await cockpit.press("escape")
        await cockpit.wait_for_text("x limits")
        await cockpit.press("question_mark")
        assert "x " in next(line for line in cockpit.screen_text().splitlines() if "Change the limits" in line)


async def test_a_click_on_the_key_bar_runs_the_key(tmp_path: Path) -> None:
    async with running_cockpit(tmp_path) as cockpit:
        await cockpit.move_cursor_to("spin")
        line = cockpit.screen_text().splitlines()[-1]
        await cockpit.pilot.click(KeyBar, offset=(line.index("u limits"), 0))
        await cockpit.wait_for_screen(LimitsScreen)
        await cockpit.press("escape")
        await cockpit.pilot.click(KeyBar, offset=(line.index("enter open"), 0))
        await cockpit.wait_for_screen(ContainerScreen)


async def go_to(cockpit: RunningCockpit, scope: str) -> None:
    """Go to a screen or tab."""
    await cockpit.move_cursor_to("spin")
    if scope == "alerts":
        await cockpit.press("w")
    elif scope != "overview":
        await cockpit.press("enter")
        await cockpit.wait_for_screen(ContainerScreen)
        screen = cockpit.app.screen
        assert isinstance(screen, ContainerScreen)
        screen.show_tab(scope)
        await cockpit.pilot.pause()


@pytest.mark.parametrize("scope", ["overview", "alerts", "charts", "processes", "logs", "limits", "inspect"])
async def test_every_key_of_a_screen_is_in_its_help_and_its_palette(tmp_path: Path, scope: str) -> None:
    async with running_cockpit(tmp_path, size=(120, 200)) as cockpit:
        await go_to(cockpit, scope)
        wanted = {key.help for key in keys_of(*key_scopes(cockpit.app.screen)) if key.id != "palette"}
        await cockpit.press("colon")
        await cockpit.wait_for_screen(CommandPalette)
        await cockpit.wait_for_text(*(text[:60] for text in wanted))
        await cockpit.press("escape")
        await cockpit.press("question_mark")
        await cockpit.wait_for_screen(HelpScreen)
        await cockpit.wait_for_text(*(text[:60] for text in wanted), "What the figures mean", "CPU used, in cores")
        await cockpit.press("escape")
        assert not isinstance(cockpit.app.screen, HelpScreen)


async def test_the_palette_runs_the_action_of_the_key(tmp_path: Path) -> None:
    async with running_cockpit(tmp_path) as cockpit:
        await cockpit.press("colon", *"choose the columns", "enter")
        await cockpit.wait_for_screen(ChooseScreen)
        await cockpit.press("escape", "l")
        await cockpit.wait_for_screen(ContainerScreen)
        tail = cockpit.app.screen.query_one(LogView)
        await cockpit.press("colon", *"time of each", "enter")
        await cockpit.wait_until(lambda: tail.timestamps)
        await cockpit.press("colon", *"search the lines", "enter")
        await cockpit.wait_until(lambda: isinstance(cockpit.app.focused, Input))


async def test_the_name_is_copied_without_a_selection(tmp_path: Path) -> None:
    async with running_cockpit(tmp_path) as cockpit:
        await cockpit.move_cursor_to("idle")
        await cockpit.press("y")
        assert cockpit.app.clipboard == "idle" and "copied idle" in cockpit.toasts()
