"""Every picture there is: what it shows, and how to get there."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from textual.widgets import OptionList

from tests.pictures.stage import Look, Stage, staged
from tests.pictures.svg import picture
from tui.screens.crash import CrashScreen

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

Play = Callable[[Stage], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Scene:
    """One screen in one state; `main` ones are shown in every look, the others in the dark only."""

    name: str
    shows: str
    play: Play
    scenario: str = "fleet"
    main: bool = False

    @property
    def looks(self) -> tuple[str, ...]:
        """The names of the looks it is drawn in."""
        return tuple(LOOKS) if self.main else ("dark",)


def filename(scene: Scene, look: str, size: tuple[int, int]) -> str:
    """The file of one picture."""
    return f"{scene.name}-{size[0]}x{size[1]}-{look}.svg"


async def pictures(scene: Scene, look: str) -> AsyncIterator[tuple[str, str]]:
    """(file name, SVG) of a scene in one look at every size."""
    async with staged(scene.scenario, LOOKS[look], SIZES[1]) as stage:
        await scene.play(stage)
        assert scene.play is _crash or not isinstance(stage.app.screen, CrashScreen), scene.name
        for size in SIZES:
            await stage.resize(*size)
            yield filename(scene, look, size), picture(stage.app)


async def draw(scene: Scene, look: str, folder: Path) -> None:
    """Write the pictures of a scene in one look into a folder."""
    async for name, svg in pictures(scene, look):
        (folder / name).write_text(svg, encoding="utf-8")


def on(container: str, *keys: str) -> Play:
    """The cursor on a container of the overview, then keys."""

    async def play(stage: Stage) -> None:
        await stage.cursor(container)
        await stage.press(*keys)

    return play


def tab(number: int, container: str = LEAKING) -> Play:
    """A tab of a container, counted from 0."""
    return on(container, "enter", *["right_square_bracket"] * number)


async def _filter(stage: Stage) -> None:
    await on(THROTTLED, "slash")(stage)
    await stage.type("shop cpu>5")


async def _paused(stage: Stage) -> None:
    await stage.cursor(THROTTLED)
    await stage.press("space")
    await stage.elapse(5)
    await stage.settle()


async def _lost(stage: Stage) -> None:
    await stage.cursor(THROTTLED)
    await stage.engine.drop()
    await stage.settle()
    await stage.elapse(3)
    await stage.settle()


async def _limits(stage: Stage) -> None:
    await on(THROTTLED, "u")(stage)
    await stage.type("1.5")


async def _preview(stage: Stage) -> None:
    await _limits(stage)
    await stage.press("enter")


async def _deadly(stage: Stage) -> None:
    await on(LEAKING, "u")(stage)
    await stage.type("64m")
    await stage.press("enter")


async def _undone(stage: Stage) -> None:
    await _preview(stage)
    await stage.press("y")
    await stage.elapse(12)
    await stage.settle()


async def choose(stage: Stage, label: str) -> None:
    """Choose from the list in front."""
    options = stage.app.screen.query_one(OptionList)
    for index in range(options.option_count):
        if str(options.get_option_at_index(index).prompt).startswith(label):
            while options.highlighted != index:
                await stage.press("down")
            await stage.press("enter")
            return
    raise AssertionError(f"nothing to choose is called {label}")


async def _pull(stage: Stage) -> None:
    await on("obs-api-1", "n")(stage)
    await choose(stage, "shell")
    await stage.press("enter")
    await stage.elapse(2.5)
    await stage.settle()


async def _recipe(stage: Stage) -> None:
    stage.engine.world.add_image(NETSHOOT)
    await on("obs-api-1", "n")(stage)
    await choose(stage, "Listening")
    await stage.come(lambda: any(path.endswith("/start") for _, path in stage.engine.requests))
    await stage.elapse(2)
    await stage.come(lambda: not stage.busy("recipe"))
    await stage.settle()


async def _palette(stage: Stage) -> None:
    await on(THROTTLED, "colon")(stage)
    await stage.type("li")


async def _crash(stage: Stage) -> None:
    error = _unexpected()
    await stage.app.push_screen(CrashScreen(error, "~/.local/state/dockpit/report-2026-03-14-135808.txt"))
    await stage.settle()


def _unexpected() -> BaseException:
    """An error whose traceback names no file of this machine."""
    source = "def rates(last, now):\n    return (now - last) / 0\n\n\nrates(1, 2)\n"
    try:
        exec(compile(source, "…/dockpit/derive.py", "exec"), {"__name__": "dockpit.metrics.derive"})
    except ZeroDivisionError as error:
        return error.with_traceback(error.__traceback__.tb_next if error.__traceback__ else None)
    raise AssertionError("a division by nothing succeeded")


SCENES: tuple[Scene, ...] = (
    Scene("overview", "The fleet, with the cursor on a throttled web server.", on(THROTTLED), main=True),
    Scene("overview-incident", "Several things wrong at once, the worst first.", on(LEAKING), "incident"),
    Scene("overview-folded", "A Compose project folded to one row.", on(THROTTLED, "z")),
    Scene("overview-filter", "A filter being typed; the table follows.", _filter),
    Scene("overview-paused", "The screen held still while sampling goes on.", _paused),
    Scene("overview-lost", "The engine is gone: why, and when it is tried again.", _lost),
    Scene("overview-changed", "A limit was raised; what is in force, and the key that undoes it.", _undone),
    Scene("container-charts", "A leak that runs into its limit, its OOM kills marked.", tab(0), main=True),
    Scene("container-zoom", "One chart with axes: memory that runs into its limit.", on(LEAKING, "enter", "Z", "Z")),
    Scene("container-processes", "The engine's list of processes.", tab(1)),
    Scene("container-logs", "The logs, followed; stdout and stderr told apart.", tab(2)),
    Scene(
        "container-logs-hostile", "Logs full of markup and escape sequences, shown as what they are.", tab(2, "[red]")
    ),
    Scene("container-events", "What happened to it.", tab(3)),
    Scene("container-limits", "Limits: configured, in force, used now, peak.", tab(4)),
    Scene("container-inspect", "What the engine knows of it, as a tree.", tab(5)),
    Scene("alerts", "Everything that is wrong, with since when.", on(THROTTLED, "w"), "incident"),
    Scene("limits-form", "New limits judged as they are typed, with the docker command.", _limits, main=True),
    Scene("limits-preview", "What a change does, before it is done.", _preview),
    Scene("limits-kill", "A limit below what is in use: the kernel could kill, so it is asked twice.", _deadly),
    Scene("actions", "What can be done to a container.", on(LEAKING, "a")),
    Scene("netshoot", "A shell or a recipe in the network of a container.", on("obs-api-1", "n")),
    Scene("netshoot-pull", "The debug image being pulled, layer by layer.", _pull),
    Scene("netshoot-recipe", "What a recipe found: the listening sockets.", _recipe),
    Scene("columns", "The columns to choose from.", on(THROTTLED, "c")),
    Scene("help", "All keys of the overview, and what the figures mean.", on(THROTTLED, "question_mark")),
    Scene("palette", "Any command, found by its words.", _palette),
    Scene("crash", "Something unexpected: what, where it is written down, and how to go on.", _crash),
)
"""One table: the pictures of screenshots/ are made from it and the tests compare with them."""
