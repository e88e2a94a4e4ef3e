"""One table of keys: the widgets agree with it, and the key bar, the help and the palette are made from it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from textual.binding import Binding, BindingType
from textual.command import CommandPalette
from textual.widgets import Input

from tests.tui.stage import Stage, staged
from tui.commands import places
from tui.keys import KEYS, bindings, caps, footer, ids, of, pressed, shown
from tui.screens.alerts import AlertsScreen
from tui.screens.choose import ChooseScreen
from tui.screens.container import ContainerScreen
from tui.screens.help import HelpScreen
from tui.screens.limits import LimitsScreen
from tui.screens.overview import OverviewScreen
from widgets.json_tree import JsonTree
from widgets.key_bar import KeyBar
from widgets.live_table import LiveTable
from widgets.tail import Tail

PLACES = ("overview", "container", "alerts", "help", "charts", "processes", "logs", "limits", "inspect")


def test_every_key_has_a_name_of_its_own_and_words() -> None:
    assert len(set(ids())) == len(KEYS)
    assert all(key.help and key.label and key.keys and key.where <= {*PLACES, "events"} for key in KEYS)


@pytest.mark.parametrize("place", PLACES)
def test_no_key_means_two_things_in_one_place(place: str) -> None:
    names = [name for key in of(place) for name in key.keys.split(",")]
    doubled = {name for name in names if names.count(name) > 1}
    assert doubled <= {"enter"}, "the table opens what is under the cursor for the screen"


@pytest.mark.parametrize(
    ("prefix", "bound"), [("table.", LiveTable.BINDINGS), ("tail.", Tail.BINDINGS), ("json_tree.", JsonTree.BINDINGS)]
)
def test_the_widgets_bind_what_the_table_says(prefix: str, bound: Sequence[BindingType]) -> None:
    real = {b.id: (b.key, b.action) for b in bound if isinstance(b, Binding) and b.id}
    listed = {key.id: (key.keys, key.action) for key in KEYS if key.id.startswith(prefix)}
    real.pop("table.open", None)
    assert listed == real and all(key.widgets for key in KEYS if key.id in listed)


def test_screens_bind_only_their_own() -> None:
    bound = {binding.id for binding in bindings("inspect") if isinstance(binding, Binding)}
    assert bound == {"refresh"}


def test_key_caps_are_what_is_on_the_keyboard() -> None:
    by_id = {key.id: key for key in KEYS}
    assert caps(by_id["filter"], {}) == ("/",)
    assert caps(by_id["palette"], {}) == (":", "ctrl+p")
    assert caps(by_id["next_tab"], {}) == ("tab", "]")
    assert caps(by_id["span_more"], {}) == ("+", "=")
    assert shown(by_id["limits"], {"limits": "ctrl+u,f2"}) == "ctrl+u"


def test_the_key_bar_shows_remapped_keys_and_finds_them_again() -> None:
    remapped = {"limits": "x"}
    pairs = dict(footer(remapped, "overview"))
    assert pairs["x"] == "limits" and "u" not in pairs and pairs["?"] == "help"
    key = pressed("x", remapped, "overview")
    assert key is not None and key.id == "limits"
    assert pressed("u", remapped, "overview") is None


def test_a_key_of_the_tab_hides_the_same_of_the_screen() -> None:
    pairs = dict(footer({}, "container", "logs"))
    assert pairs["n"] == "next" and dict(footer({}, "container", "charts"))["n"] == "netshoot"


async def test_a_remapped_key_works_and_the_old_one_does_not(tmp_path: Path) -> None:
    async with staged(tmp_path, keys={"limits": "x"}) as stage:
        await stage.point_at("spin")
        await stage.press("u")
        assert isinstance(stage.app.screen, OverviewScreen)
        await stage.press("x")
        assert isinstance(stage.app.screen, LimitsScreen)
        await stage.press("escape")
        await stage.says("x limits")
        await stage.press("question_mark")
        assert "x " in next(line for line in stage.text().splitlines() if "Change the limits" in line)


async def test_a_click_on_the_key_bar_is_the_key(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await stage.point_at("spin")
        line = stage.text().splitlines()[-1]
        await stage.pilot.click(KeyBar, offset=(line.index("u limits"), 0))
        await stage.at(LimitsScreen)
        await stage.press("escape")
        await stage.pilot.click(KeyBar, offset=(line.index("enter open"), 0))
        await stage.at(ContainerScreen)


async def in_place(stage: Stage, place: str) -> None:
    """Go to a screen or tab."""
    await stage.point_at("spin")
    if place == "alerts":
        await stage.press("w")
    elif place != "overview":
        await stage.press("enter")
        await stage.at(ContainerScreen)
        screen = stage.app.screen
        assert isinstance(screen, ContainerScreen)
        screen.show_tab(place)
        await stage.pilot.pause()


@pytest.mark.parametrize("place", ["overview", "alerts", "charts", "processes", "logs", "limits", "inspect"])
async def test_every_key_of_a_place_is_in_its_help_and_its_palette(tmp_path: Path, place: str) -> None:
    async with staged(tmp_path, size=(120, 200)) as stage:
        await in_place(stage, place)
        wanted = {key.help for key in of(*places(stage.app.screen)) if key.id != "palette"}
        await stage.press("colon")
        await stage.at(CommandPalette)
        await stage.says(*(text[:60] for text in wanted))
        await stage.press("escape")
        await stage.press("question_mark")
        await stage.at(HelpScreen)
        await stage.says(*(text[:60] for text in wanted), "What the figures mean", "CPU used, in cores")
        await stage.press("escape")
        assert not isinstance(stage.app.screen, HelpScreen)


async def test_the_palette_does_what_the_key_does(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await stage.press("colon", *"choose the columns", "enter")
        await stage.at(ChooseScreen)
        await stage.press("escape", "l")
        await stage.at(ContainerScreen)
        tail = stage.app.screen.query_one(Tail)
        await stage.press("colon", *"time of each", "enter")
        await stage.until(lambda: tail.timestamps)
        await stage.press("colon", *"search the lines", "enter")
        await stage.until(lambda: isinstance(stage.app.focused, Input))


async def test_alerts_are_listed_and_jumped_to(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await stage.until(lambda: any(alert.kind == "throttled" for alert in stage.session.snapshot().alerts))
        await stage.press("w")
        await stage.at(AlertsScreen)
        await stage.says("throttled", "spin")
        await stage.press("enter")
        await stage.at(ContainerScreen)
        await stage.says("spin")
        await stage.press("escape", "w", "escape")
        assert isinstance(stage.app.screen, OverviewScreen)


async def test_the_keys_of_alerts_act_on_their_container(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await stage.until(lambda: any(alert.kind == "throttled" for alert in stage.session.snapshot().alerts))
        await stage.point_at("idle")
        await stage.press("w")
        await stage.says("throttled")
        await stage.press("u")
        await stage.says("limits of spin")


async def test_what_is_copied_is_the_name_or_the_selection(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await stage.point_at("idle")
        await stage.press("y")
        assert stage.app.clipboard == "idle" and "copied idle" in stage.words()
