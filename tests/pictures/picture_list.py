"""The list of all pictures: what each shows, and the keys that lead there."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from textual.widgets import OptionList

from tests.pictures.simulated_cockpit import Look, SimulatedCockpit, simulated_cockpit
from tests.pictures.svg import app_svg
from tui.crash.crash_screen import CrashScreen

SIZES = ((80, 24), (120, 36), (200, 60))
"""Columns and rows of the terminals."""

LOOKS: Mapping[str, Look] = {
    "dark": Look(),
    "light": Look(theme="light"),
    "nocolor": Look(no_color=True),
    "ascii": Look(ascii=True),
}

THROTTLED, LEAKING = "shop-web-1", "shop-worker-1"
NETSHOOT = "nicolaka/netshoot"

Preparation = Callable[[SimulatedCockpit], Awaitable[None]]
"""Brings the cockpit into the state of a picture."""


@dataclass(frozen=True, slots=True)
class PictureSpec:
    """One screen in one state; a `main` one is drawn in every look, any other in the dark one only."""

    name: str
    caption: str
    prepare: Preparation
    scenario: str = "fleet"
    main: bool = False

    @property
    def looks(self) -> tuple[str, ...]:
        """The names of the looks that it is drawn in."""
        return tuple(LOOKS) if self.main else ("dark",)


def filename(spec: PictureSpec, look: str, size: tuple[int, int]) -> str:
    """The file name of a picture in one look and size (columns, rows)."""
    return f"{spec.name}-{size[0]}x{size[1]}-{look}.svg"


async def pictures(spec: PictureSpec, look: str) -> AsyncIterator[tuple[str, str]]:
    """(file name, SVG) of a picture in one look, at every size."""
    async with simulated_cockpit(spec.scenario, LOOKS[look], SIZES[1]) as cockpit:
        await spec.prepare(cockpit)
        assert spec.prepare is _crash or not isinstance(cockpit.app.screen, CrashScreen), spec.name
        for size in SIZES:
            await cockpit.resize(*size)
            yield filename(spec, look, size), app_svg(cockpit.app)


async def draw(spec: PictureSpec, look: str, folder: Path) -> None:
    """Write a picture in one look into a folder, at every size."""
    async for name, svg in pictures(spec, look):
        (folder / name).write_text(svg, encoding="utf-8")


def press_on(container: str, *keys: str) -> Preparation:
    """Put the overview's cursor on a container, then press keys."""

    async def prepare(cockpit: SimulatedCockpit) -> None:
        await cockpit.move_cursor_to(container)
        await cockpit.press(*keys)

    return prepare


def open_tab(number: int, container: str = LEAKING) -> Preparation:
    """Open a tab of a container; tabs are numbered from 0."""
    return press_on(container, "enter", *["right_square_bracket"] * number)


async def _filter(cockpit: SimulatedCockpit) -> None:
    await press_on(THROTTLED, "slash")(cockpit)
    await cockpit.type("shop cpu>5")


async def _paused(cockpit: SimulatedCockpit) -> None:
    await cockpit.move_cursor_to(THROTTLED)
    await cockpit.press("space")
    await cockpit.advance(5)
    await cockpit.wait_until_still()


async def _lost(cockpit: SimulatedCockpit) -> None:
    await cockpit.move_cursor_to(THROTTLED)
    await cockpit.engine.drop()
    await cockpit.wait_until_still()
    await cockpit.advance(3)
    await cockpit.wait_until_still()


async def _limits(cockpit: SimulatedCockpit) -> None:
    await press_on(THROTTLED, "u")(cockpit)
    await cockpit.type("1.5")


async def _preview(cockpit: SimulatedCockpit) -> None:
    await _limits(cockpit)
    await cockpit.press("enter")


async def _limit_that_kills(cockpit: SimulatedCockpit) -> None:
    await press_on(LEAKING, "u")(cockpit)
    await cockpit.type("64m")
    await cockpit.press("enter")


async def _changed(cockpit: SimulatedCockpit) -> None:
    await _preview(cockpit)
    await cockpit.press("y")
    await cockpit.advance(12)
    await cockpit.wait_until_still()


async def choose(cockpit: SimulatedCockpit, label: str) -> None:
    """Choose the option whose text begins with `label` from the list in front."""
    options = cockpit.app.screen.query_one(OptionList)
    for index in range(options.option_count):
        if str(options.get_option_at_index(index).prompt).startswith(label):
            while options.highlighted != index:
                await cockpit.press("down")
            await cockpit.press("enter")
            return
    raise AssertionError(f"no option begins with {label}")


async def _pull(cockpit: SimulatedCockpit) -> None:
    await press_on("obs-api-1", "n")(cockpit)
    await choose(cockpit, "shell")
    await cockpit.press("enter")
    await cockpit.advance(2.5)
    await cockpit.wait_until_still()


async def _recipe(cockpit: SimulatedCockpit) -> None:
    cockpit.engine.world.add_image(NETSHOOT)
    await press_on("obs-api-1", "n")(cockpit)
    await choose(cockpit, "Listening")
    await cockpit.wait_until(lambda: any(path.endswith("/start") for _, path in cockpit.engine.requests))
    await cockpit.advance(2)
    await cockpit.wait_until(lambda: not cockpit.is_running("recipe"))
    await cockpit.wait_until_still()


async def _palette(cockpit: SimulatedCockpit) -> None:
    await press_on(THROTTLED, "colon")(cockpit)
    await cockpit.type("li")


async def _crash(cockpit: SimulatedCockpit) -> None:
    error = _sample_error()
    await cockpit.app.push_screen(CrashScreen(error, "~/.local/state/dockpit/report-2026-03-14-135808.txt"))
    await cockpit.wait_until_still()


def _sample_error() -> BaseException:
    """An error whose traceback names no file of this machine."""
    source = "def rates(last, now):\n    return (now - last) / 0\n\n\nrates(1, 2)\n"
    try:
        exec(compile(source, "…/dockpit/derive.py", "exec"), {"__name__": "dockpit.metrics.derive"})
    except ZeroDivisionError as error:
        return error.with_traceback(error.__traceback__.tb_next if error.__traceback__ else None)
    raise AssertionError("a division by zero succeeded")


PICTURES: tuple[PictureSpec, ...] = (
    PictureSpec("overview", "The fleet, with the cursor on a throttled web server.", press_on(THROTTLED), main=True),
    PictureSpec("overview-incident", "Several things wrong at once, the worst first.", press_on(LEAKING), "incident"),
    PictureSpec("overview-folded", "A Compose project folded to one row.", press_on(THROTTLED, "z")),
    PictureSpec("overview-filter", "A filter being typed; the table follows.", _filter),
    PictureSpec("overview-paused", "The screen held still while sampling goes on.", _paused),
    PictureSpec("overview-lost", "The engine is gone: why, and when it is tried again.", _lost),
    PictureSpec("overview-changed", "A limit was raised; what is in force, and the key that undoes it.", _changed),
    PictureSpec("container-charts", "A leak that runs into its limit, its OOM kills marked.", open_tab(0), main=True),
    PictureSpec(
        "container-zoom", "One chart with axes: memory that runs into its limit.", press_on(LEAKING, "enter", "Z", "Z")
    ),
    PictureSpec("container-processes", "The engine's list of processes.", open_tab(1)),
    PictureSpec("container-logs", "The logs, followed; stdout and stderr told apart.", open_tab(2)),
    PictureSpec(
        "container-logs-hostile",
        "Logs full of markup and escape sequences, shown as what they are.",
        open_tab(2, "[red]"),
    ),
    PictureSpec("container-events", "What happened to it.", open_tab(3)),
    PictureSpec("container-limits", "Limits: configured, in force, used now, peak.", open_tab(4)),
    PictureSpec("container-inspect", "What the engine knows of it, as a tree.", open_tab(5)),
    PictureSpec("alerts", "Everything that is wrong, with since when.", press_on(THROTTLED, "w"), "incident"),
    PictureSpec("limits-form", "New limits judged as they are typed, with the docker command.", _limits, main=True),
    PictureSpec("limits-preview", "What a change does, before it is done.", _preview),
    PictureSpec(
        "limits-kill", "A limit below what is in use: the kernel could kill, so it is asked twice.", _limit_that_kills
    ),
    PictureSpec("actions", "What can be done to a container.", press_on(LEAKING, "a")),
    PictureSpec("netshoot", "A shell or a recipe in the network of a container.", press_on("obs-api-1", "n")),
    PictureSpec("netshoot-pull", "The debug image being pulled, layer by layer.", _pull),
    PictureSpec("netshoot-recipe", "What a recipe found: the listening sockets.", _recipe),
    PictureSpec("columns", "The columns to choose from.", press_on(THROTTLED, "c")),
    PictureSpec("help", "All keys of the overview, and what the figures mean.", press_on(THROTTLED, "question_mark")),
    PictureSpec("palette", "Any command, found by its words.", _palette),
    PictureSpec("crash", "Something unexpected: what, where it is written down, and how to continue.", _crash),
)
"""`make pictures` draws them into screenshots/, and the tests compare with those."""
