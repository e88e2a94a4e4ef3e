"""Draw the pictures: python -m tests.pictures FOLDER [NAME…]; without names all, and other SVGs are removed."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import tests.conftest  # noqa: F401  # the terminal, the time zone and the folders must be set before textual is imported
from tests.pictures.picture_list import PICTURES, SIZES, PictureSpec, draw, filename


def main(arguments: list[str]) -> int:
    """Draw into the folder; the exit code, 2 where arguments are missing or a name is unknown."""
    if not arguments:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    folder, names = Path(arguments[0]), set(arguments[1:])
    if unknown := names - {spec.name for spec in PICTURES}:
        sys.stderr.write(f"no picture is called {', '.join(sorted(unknown))}\n")
        return 2
    folder.mkdir(parents=True, exist_ok=True)
    for spec in (spec for spec in PICTURES if not names or spec.name in names):
        sys.stdout.write(f"{spec.name}\n")
        sys.stdout.flush()
        for look in spec.looks:
            asyncio.run(draw(spec, look, folder))
    if not names:
        _remove_others(folder)
    return 0


def _remove_others(folder: Path) -> None:
    wanted = {name for spec in PICTURES for name in filenames(spec)}
    for path in folder.glob("*.svg"):
        if path.name not in wanted:
            path.unlink()


def filenames(spec: PictureSpec) -> list[str]:
    """The files of a picture, one for each look and size."""
    return [filename(spec, look, size) for look in spec.looks for size in SIZES]


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
