"""Draws the pictures: python -m tests.pictures FOLDER [NAME…]; without names all of them, and no others are left."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import tests.conftest  # noqa: F401  # the terminal, the time zone and the folders must be set before textual is imported
from tests.pictures.scenes import SCENES, SIZES, Scene, draw, filename


def main(arguments: list[str]) -> int:
    """Draw into the folder named first; 2 where a name is unknown."""
    if not arguments:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    folder, names = Path(arguments[0]), set(arguments[1:])
    if unknown := names - {scene.name for scene in SCENES}:
        sys.stderr.write(f"no picture is called {', '.join(sorted(unknown))}\n")
        return 2
    folder.mkdir(parents=True, exist_ok=True)
    for scene in (scene for scene in SCENES if not names or scene.name in names):
        sys.stdout.write(f"{scene.name}\n")
        sys.stdout.flush()
        for look in scene.looks:
            asyncio.run(draw(scene, look, folder))
    if not names:
        _tidy(folder)
    return 0


def _tidy(folder: Path) -> None:
    kept = {name for scene in SCENES for name in files(scene)}
    for path in folder.glob("*.svg"):
        if path.name not in kept:
            path.unlink()


def files(scene: Scene) -> list[str]:
    """The names of all pictures of a scene."""
    return [filename(scene, look, size) for look in scene.looks for size in SIZES]


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
