"""Every screen looks as in its picture in screenshots/, which `make pictures` draws again."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pictures.__main__ import filenames, main
from tests.pictures.picture_list import PICTURES, PictureSpec, pictures

ROOT = Path(__file__).parents[2]
SCREENSHOTS = ROOT / "screenshots"
CASES = [pytest.param(spec, look, id=f"{spec.name}-{look}") for spec in PICTURES for look in spec.looks]


@pytest.mark.parametrize(("spec", "look"), CASES)
async def test_a_screen_looks_as_in_its_picture(spec: PictureSpec, look: str, tmp_path: Path) -> None:
    changed = []
    async for name, svg in pictures(spec, look):
        expected = SCREENSHOTS / name
        if not expected.exists() or expected.read_text(encoding="utf-8") != svg:
            (tmp_path / name).write_text(svg, encoding="utf-8")
            changed.append(name)
    assert not changed, f"{', '.join(changed)}: drawn again in {tmp_path}; if that is how it is to look: make pictures"


def test_screenshots_has_no_other_pictures() -> None:
    assert {path.name for path in SCREENSHOTS.glob("*.svg")} == {name for spec in PICTURES for name in filenames(spec)}


def test_two_runs_give_the_same_bytes(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.pictures"]
    runs = [
        subprocess.Popen(
            [*command, str(tmp_path / run), "overview-incident"],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "COLUMNS": "40"},
        )
        for run, seed, zone in (("one", "1", "UTC"), ("two", "2", "America/Lima"))
    ]
    assert [run.wait(timeout=100) for run in runs] == [0, 0]
    one, two = ({path.name: path.read_bytes() for path in (tmp_path / run).iterdir()} for run in ("one", "two"))
    assert len(one) == 3
    assert one == two


def test_a_picture_refers_to_nothing_outside_it() -> None:
    for path in SCREENSHOTS.glob("*.svg"):
        text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "", 1)
        assert "url(" not in text and "href" not in text and "@font-face" not in text, path.name
        assert not any(str(place) in text for place in (ROOT, Path.home(), "/tmp/", sys.prefix)), path.name


def test_an_unknown_picture_name_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path), "overvieuw"]) == 2
    assert "overvieuw" in capsys.readouterr().err
    assert main([]) == 2


async def test_a_loop_that_never_is_idle_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.pictures import simulated_cockpit

    async def restless() -> None:
        while True:
            await asyncio.sleep(0)

    monkeypatch.setattr(simulated_cockpit, "MAX_LOOP_TURNS", 500)
    task = asyncio.create_task(restless())
    try:
        with pytest.raises(AssertionError, match="does not come to rest"):
            await simulated_cockpit.wait_for_idle_loop()
    finally:
        task.cancel()
