"""The progress of an image pull, message by message."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dockpit.simulate.image_json import image_size_bytes
from dockpit.simulate.seeded_noise import sha256_hex

PULL_SECONDS = 6.0
LAYERS = 5
DOWNLOAD_STEPS = 24
UNPULLABLE = "broken/"
"""Part of a name that makes an image impossible to pull."""


def pull_progress(image: str, present: bool) -> Iterator[tuple[float, dict[str, Any]]]:
    """(seconds to wait before it, message) in order; about PULL_SECONDS in all, and hardly any if `present`."""
    name, _, tag = image.rpartition(":")
    yield 0.0, {"status": f"Pulling from {name}", "id": tag}
    if UNPULLABLE in image:
        message = f"manifest for {image} not found: manifest unknown: manifest unknown"
        yield 0.5, {"errorDetail": {"message": message}, "error": message}
        return
    if not present:
        yield from _layer_progress(image)
    yield 0.05, {"status": "Digest: sha256:" + sha256_hex("digest", image)}
    result = f"Image is up to date for {image}" if present else f"Downloaded newer image for {image}"
    yield 0.0, {"status": f"Status: {result}"}


def _layer_progress(image: str) -> Iterator[tuple[float, dict[str, Any]]]:
    ids = [sha256_hex("layer", image, number)[:12] for number in range(LAYERS)]
    sizes = [image_size_bytes(image) // 2 ** (number + 1) for number in range(LAYERS)]
    yield from ((0.0, {"status": "Pulling fs layer", "progressDetail": {}, "id": layer}) for layer in ids)
    yield from ((0.0, {"status": "Waiting", "progressDetail": {}, "id": layer}) for layer in ids[3:])
    pause = PULL_SECONDS * 0.7 / DOWNLOAD_STEPS
    for step in range(1, DOWNLOAD_STEPS + 1):
        yield pause, _progress_bar("Downloading", ids[0], sizes[0], step / DOWNLOAD_STEPS)
        for layer, size_bytes in zip(ids[1:], sizes[1:], strict=True):
            if step <= DOWNLOAD_STEPS // 2:
                yield 0.0, _progress_bar("Downloading", layer, size_bytes, step * 2 / DOWNLOAD_STEPS)
    for layer in ids:
        yield 0.02, {"status": "Verifying Checksum", "progressDetail": {}, "id": layer}
        yield 0.0, {"status": "Download complete", "progressDetail": {}, "id": layer}
    for layer, size_bytes in zip(ids, sizes, strict=True):
        for share in (0.25, 0.5, 0.75, 1.0):
            yield PULL_SECONDS * 0.27 / (LAYERS * 4), _progress_bar("Extracting", layer, size_bytes, share)
        yield 0.0, {"status": "Pull complete", "progressDetail": {}, "id": layer}


def _progress_bar(status: str, layer: str, size_bytes: int, share: float) -> dict[str, Any]:
    current = min(size_bytes, int(size_bytes * share))
    bar = "=" * int(share * 50) + ">"
    return {
        "status": status,
        "progressDetail": {"current": current, "total": size_bytes},
        "progress": f"[{bar:<51}]  {current / 1e6:.4g}MB/{size_bytes / 1e6:.4g}MB",
        "id": layer,
    }
