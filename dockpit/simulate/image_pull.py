"""The progress of an image pull, line by line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dockpit.simulate.engine_json import image_size
from dockpit.simulate.seeded_noise import hexadecimal

SECONDS = 6.0
LAYERS = 5
STEPS = 24
BROKEN = "broken/"
"""Images whose name begins so cannot be pulled."""


def progress(image: str, known: bool) -> Iterator[tuple[float, dict[str, Any]]]:
    """(seconds to wait before it, message) in order; takes about SECONDS in all."""
    name, _, tag = image.rpartition(":")
    yield 0.0, {"status": f"Pulling from {name}", "id": tag}
    if BROKEN in image:
        message = f"manifest for {image} not found: manifest unknown: manifest unknown"
        yield 0.5, {"errorDetail": {"message": message}, "error": message}
        return
    if not known:
        yield from _layers(image)
    yield 0.05, {"status": f"Digest: sha256:{hexadecimal('digest', image)}"}
    newer = f"Image is up to date for {image}" if known else f"Downloaded newer image for {image}"
    yield 0.0, {"status": f"Status: {newer}"}


def _layers(image: str) -> Iterator[tuple[float, dict[str, Any]]]:
    ids = [hexadecimal("layer", image, number)[:12] for number in range(LAYERS)]
    sizes = [image_size(image) // 2 ** (number + 1) for number in range(LAYERS)]
    yield from ((0.0, {"status": "Pulling fs layer", "progressDetail": {}, "id": layer}) for layer in ids)
    yield from ((0.0, {"status": "Waiting", "progressDetail": {}, "id": layer}) for layer in ids[3:])
    pause = SECONDS * 0.7 / STEPS
    for step in range(1, STEPS + 1):
        yield pause, _bar("Downloading", ids[0], sizes[0], step / STEPS)
        for layer, size in zip(ids[1:], sizes[1:], strict=True):
            if step <= STEPS // 2:
                yield 0.0, _bar("Downloading", layer, size, step * 2 / STEPS)
    for layer in ids:
        yield 0.02, {"status": "Verifying Checksum", "progressDetail": {}, "id": layer}
        yield 0.0, {"status": "Download complete", "progressDetail": {}, "id": layer}
    for layer, size in zip(ids, sizes, strict=True):
        for part in (0.25, 0.5, 0.75, 1.0):
            yield SECONDS * 0.27 / (LAYERS * 4), _bar("Extracting", layer, size, part)
        yield 0.0, {"status": "Pull complete", "progressDetail": {}, "id": layer}


def _bar(status: str, layer: str, size: int, share: float) -> dict[str, Any]:
    current = min(size, int(size * share))
    bar = "=" * int(share * 50) + ">"
    return {
        "status": status,
        "progressDetail": {"current": current, "total": size},
        "progress": f"[{bar:<51}]  {current / 1e6:.4g}MB/{size / 1e6:.4g}MB",
        "id": layer,
    }
