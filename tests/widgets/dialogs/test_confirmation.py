"""A confirmation shows what will happen, and requires a typed word for a plan that can kill."""

from __future__ import annotations

import pytest
from textual.app import App
from textual.widgets import Input

from dockpit.model.plans import Change, Danger, Plan
from tests.widgets.host_app import drawn_lines
from widgets.dialogs.confirmation import ConfirmationForm, ConfirmationRequest, ConfirmationScreen, change_lines
from widgets.drawing.terminal_text import ASCII_CLASS
from widgets.drawing.themed_widget import ThemedWidget

COMMAND = "docker update --memory 48m --memory-swap 96m web-1"


def plan(danger: Danger) -> Plan:
    return Plan(
        "update",
        "c1",
        "web-1",
        "e1",
        "Lower the memory of web-1",
        COMMAND,
        danger,
        (Change("memory", "memory", "64 MiB", "48 MiB"), Change("swap", "memory + swap", "128 MiB", "96 MiB")),
        warnings=("The kernel may kill a process [red]\x1b at once.",),
        compose="services:\n  web:\n    mem_limit: 48m",
    )


class AskingApp(App[None]):
    """App that asks one question and records the answer."""

    def __init__(self, question: ConfirmationRequest) -> None:
        super().__init__()
        self.question = question
        self.answers: list[bool | None] = []

    def on_mount(self) -> None:
        self.push_screen(ConfirmationScreen(self.question), self.answers.append)


def drawn(app: App[None]) -> str:
    return "\n".join(line.rstrip() for part in app.screen.query(ThemedWidget) for line in drawn_lines(part))


def asking(danger: Danger) -> AskingApp:
    return AskingApp(ConfirmationRequest.of(plan(danger), "It is lost when the container is created anew."))


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 60)])
@pytest.mark.parametrize("danger", ["safe", "confirm", "kill"])
async def test_all_parts_are_shown(size: tuple[int, int], danger: Danger) -> None:
    app = asking(danger)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        text = drawn(app)
        for words in ("Lower the memory", "created anew.", "64 MiB", "→ 48 MiB", COMMAND, "mem_limit", "[red]␛"):
            assert words in text
        assert ("Type web-1" in text) == (danger == "kill")
        keys = app.screen.query_one(".confirm-keys")
        assert keys.region.height == 1 and app.screen.region.contains_region(keys.region)


@pytest.mark.parametrize(("key", "answer"), [("y", True), ("enter", True), ("n", False), ("escape", False)])
async def test_a_key_answers(key: str, answer: bool) -> None:
    app = asking("confirm")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press(key)
        await pilot.pause()
        assert app.answers == [answer]


async def test_a_plan_that_can_kill_requires_the_name() -> None:
    app = asking("kill")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("y", "enter")
        await pilot.pause()
        assert app.answers == [] and app.screen.query_one(Input).value == "y"
        await pilot.press("backspace", *"web-", "1", "enter")
        await pilot.pause()
        assert app.answers == [True]


async def test_escape_answers_no_to_a_plan_that_can_kill() -> None:
    app = asking("kill")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press(*"web-1", "down", "up", "escape")
        await pilot.pause()
        assert app.answers == [False]


async def test_c_copies_the_command() -> None:
    app = asking("confirm")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("c")
        await pilot.pause()
        assert app.clipboard == COMMAND and app.answers == []


async def test_a_question_with_a_title_only_in_ascii() -> None:
    app = AskingApp(ConfirmationRequest("Stop web-1?"))
    app.add_class(ASCII_CLASS)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert drawn(app).isascii() and "copy" not in drawn(app)
        await pilot.press("c")
        assert app.clipboard == ""
        assert app.screen.query_one(ConfirmationForm).question.word == "kill"


def test_changes_are_aligned_in_columns() -> None:
    texts = [text for text, _ in change_lines(plan("safe").changes)]
    assert texts == ["memory         64 MiB  → 48 MiB", "memory + swap  128 MiB → 96 MiB"]
