"""`dockpit tune` on a simulated engine: plans shown, confirmed and applied, or refused in a sentence."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from dockpit.cli import tune
from dockpit.cli.main import main
from dockpit.cli.tune import confirm, format_plan
from dockpit.model.container_limits import Limits
from dockpit.model.errors import DockpitError
from dockpit.model.plans import Change, Outcome, Plan
from tests.builders import MIB, engine
from tests.dockpit.simulated_session import running_session

DEMO = ("--demo", "throttled")
PLAN = Plan(
    "update", "id", "web", "E", "web: memory 64m → 32m", "docker update --memory 32m web", "confirm",
    changes=(Change("memory", "memory", "64m", "32m"), Change("cpus", "CPUs", "1", "2")),
    warnings=("it \x1b[1mhurts",), compose="services:\n  web:\n    mem_limit: 32m",
)  # fmt: skip


def answering(monkeypatch: pytest.MonkeyPatch, *answers: str) -> None:
    """Answer the prompts with `answers`, then with end of input."""
    given = iter(answers)

    def answer(*_: object, **__: object) -> str:
        try:
            return next(given)
        except StopIteration:
            raise EOFError from None

    monkeypatch.setattr("click.termui.visible_prompt_func", answer)


def test_a_plan_is_shown_in_full() -> None:
    assert format_plan(PLAN) == (
        "web\n"
        "  memory  64m → 32m\n"
        "  CPUs    1 → 2\n"
        "  note: it \\x1b[1mhurts\n"
        "\n"
        "  docker update --memory 32m web\n"
        "\n"
        "  to make it last in a Compose file:\n"
        "    services:\n"
        "      web:\n"
        "        mem_limit: 32m\n"
        "\n"
    )


def test_a_plan_needs_a_yes(monkeypatch: pytest.MonkeyPatch) -> None:
    confirm(PLAN, yes=True, force=False)
    answering(monkeypatch, "y")
    confirm(PLAN, yes=False, force=False)
    for answers in (("n",), ("",), ()):
        answering(monkeypatch, *answers)
        with pytest.raises(DockpitError, match=r"^nothing was changed$"):
            confirm(PLAN, yes=False, force=False)


def test_a_plan_that_may_kill_needs_the_name_or_force(monkeypatch: pytest.MonkeyPatch) -> None:
    may_kill = replace(PLAN, danger="kill")
    with pytest.raises(DockpitError, match="add --force to allow that"):
        confirm(may_kill, yes=True, force=False)
    confirm(may_kill, yes=True, force=True)
    answering(monkeypatch, "web")
    confirm(may_kill, yes=False, force=False)
    for answers in (("y",), ("wbe",), ()):
        answering(monkeypatch, *answers)
        with pytest.raises(DockpitError, match=r"^nothing was changed$"):
            confirm(may_kill, yes=False, force=True)


def test_a_failure_reports_the_limits_in_force() -> None:
    refused = Outcome(False, "the engine refused: no", PLAN, in_force=Limits(memory_bytes=64 * MIB))
    with pytest.raises(DockpitError, match=r"^the engine refused: no; now memory 64m, CPUs none$"):
        tune._report_outcome(refused, engine())
    with pytest.raises(DockpitError, match=r"^gone$"):
        tune._report_outcome(Outcome(False, "gone", PLAN), engine())


# on a simulated engine


async def test_a_change_is_applied_and_read_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with running_session(tmp_path) as bench:
        await bench.until(lambda now: now.ready)
        line = ["-H", bench.engine.url, "tune", "spin", "--cpus", "1", "--yes"]
        assert await asyncio.to_thread(main, line) == 0
        out, error = capsys.readouterr()
        assert error == ""
        assert "  CPUs  0.2 → 1\n" in out
        docker = f"docker --host {bench.engine.url}"
        assert f"{docker} update --cpus 1 spin\n" in out
        assert "        cpus: 1\n" in out
        assert out.endswith(f"done: CPUs 1\nundo: {docker} update --cpus 0.2 spin\n")
        await bench.until(lambda _: bench.entry("spin").container.limits.nano_cpus == 1_000_000_000)

        assert await asyncio.to_thread(main, line) == 0
        assert capsys.readouterr().out == "spin has these limits already: nothing to do\n"


async def test_a_dry_run_and_a_no_change_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answering(monkeypatch, "n")
    async with running_session(tmp_path) as bench:
        await bench.until(lambda now: now.ready)
        line = ["-H", bench.engine.url, "tune", "spin", "-m", "128m"]
        assert await asyncio.to_thread(main, [*line, "--dry-run", "--read-only"]) == 0
        assert "  memory         64m → 128m\n" in capsys.readouterr().out
        assert await asyncio.to_thread(main, line) == 1
        assert capsys.readouterr().err.endswith("dockpit: nothing was changed\n")
        assert await asyncio.to_thread(main, [*line, "--yes", "--read-only"]) == 1
        assert "dockpit is read-only" in capsys.readouterr().err
        assert bench.entry("spin").container.limits.memory_bytes == 64 * MIB
        assert not [path for _, path in bench.engine.requests if path.endswith("/update")]


@pytest.mark.parametrize(
    ("line", "code", "sentence"),
    [
        (("spin", "--cpus", "90"), 2, "dockpit: CPUs: the engine has only 4 CPUs\n"),
        (("spin", "--memory", "lots"), 2, "dockpit: memory: 'lots' is not a size: write it like 512m or 1.5g\n"),
        (("spni", "--cpus", "1"), 1, "dockpit: there is no container spni; did you mean spin?\n"),
        (("spin", "--memory", "6m", "--yes"), 1, "dockpit: nothing was changed: this may kill processes"),
    ],
)
def test_an_impossible_change_is_an_error(
    line: tuple[str, ...], code: int, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["tune", *DEMO, *line]) == code
    assert capsys.readouterr().err.startswith(sentence)
