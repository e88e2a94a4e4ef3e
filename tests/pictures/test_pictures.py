"""Every screen against its picture in screenshots/, which `make pictures` draws anew."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pictures.__main__ import files, main
from tests.pictures.scenes import SCENES, Scene, pictures

ROOT = Path(__file__).parents[2]
KEPT = ROOT / "screenshots"
CASES = [pytest.param(scene, look, id=f"{scene.name}-{look}") for scene in SCENES for look in scene.looks]


@pytest.mark.parametrize(("scene", "look"), CASES)
async def test_a_screen_looks_as_in_its_picture(scene: Scene, look: str, tmp_path: Path) -> None:
    changed = []
    async for name, svg in pictures(scene, look):
        kept = KEPT / name
        if not kept.exists() or kept.read_text(encoding="utf-8") != svg:
            (tmp_path / name).write_text(svg, encoding="utf-8")
            changed.append(name)
    assert not changed, f"{', '.join(changed)}: drawn anew in {tmp_path}; if that is how it is to look: make pictures"


def test_there_is_no_picture_that_nobody_draws() -> None:
    assert {path.name for path in KEPT.glob("*.svg")} == {name for scene in SCENES for name in files(scene)}


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


def test_a_picture_needs_nothing_from_elsewhere() -> None:
    for path in KEPT.glob("*.svg"):
        text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "", 1)
        assert "url(" not in text and "href" not in text and "@font-face" not in text, path.name
        assert not any(str(place) in text for place in (ROOT, Path.home(), "/tmp/", sys.prefix)), path.name


def test_a_name_that_is_no_picture_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path), "overvieuw"]) == 2
    assert "overvieuw" in capsys.readouterr().err
    assert main([]) == 2


async def test_the_loop_that_never_rests_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.pictures import stage

    async def restless() -> None:
        while True:
            await asyncio.sleep(0)

    monkeypatch.setattr(stage, "TURNS", 500)
    task = asyncio.create_task(restless())
    try:
        with pytest.raises(AssertionError, match="does not come to rest"):
            await stage.idle()
    finally:
        task.cancel()
