"""The JSON of images: list rows, inspect and history."""

from __future__ import annotations

from typing import Any

from dockpit.simulate.seeded_noise import jitter, seed_of, sha256_hex
from dockpit.simulate.timestamps import format_timestamp
from dockpit.simulate.world_state import WorldState

AGE_SECONDS = 30 * 86_400


def image_size_bytes(name: str) -> int:
    """A believable size, which depends on the name alone."""
    return 5_000_000 + int(jitter(seed_of("size", name), 1) * 400_000_000)


def image_row(world: WorldState, name: str) -> dict[str, Any]:
    """One row of GET /images/json."""
    return {
        "Id": world.images[name],
        "ParentId": "",
        "RepoTags": [name],
        "RepoDigests": [_digest(name)],
        "Created": _created_at(world),
        "Size": image_size_bytes(name),
        "SharedSize": -1,
        "Containers": -1,
        "Labels": None,
    }


def inspect_image(world: WorldState, name: str) -> dict[str, Any]:
    """GET /images/{name}/json."""
    return {
        "Id": world.images[name],
        "RepoTags": [name],
        "RepoDigests": [_digest(name)],
        "Parent": "",
        "Comment": "",
        "Created": format_timestamp(_created_at(world)),
        "Author": "",
        "Config": {"User": "", "Env": ["PATH=/usr/bin:/bin"], "Cmd": ["/bin/sh"], "Entrypoint": None, "Labels": None},
        "Architecture": "amd64",
        "Os": "linux",
        "Size": image_size_bytes(name),
        "GraphDriver": {"Data": {}, "Name": "overlay2"},
        "RootFS": {"Type": "layers", "Layers": ["sha256:" + sha256_hex("layer", name, n) for n in range(3)]},
        "Metadata": {"LastTagTime": "0001-01-01T00:00:00Z"},
    }


def image_history(world: WorldState, name: str) -> list[dict[str, Any]]:
    """GET /images/{name}/history, newest layer first."""
    steps = ('CMD ["/bin/sh"]', "COPY . /app # buildkit", "ADD rootfs.tar.xz / # buildkit")
    sizes = (0, image_size_bytes(name) // 3, image_size_bytes(name) - image_size_bytes(name) // 3)
    created_at = _created_at(world)
    return [
        {
            "Id": "<missing>" if number else world.images[name],
            "Created": created_at - number,
            "CreatedBy": step,
            "Tags": None if number else [name],
            "Size": size,
            "Comment": "buildkit.dockerfile.v0",
        }
        for number, (step, size) in enumerate(zip(steps, sizes, strict=True))
    ]


def _digest(name: str) -> str:
    repository = name.rpartition(":")[0] if ":" in name.rpartition("/")[2] else name
    return f"{repository}@sha256:" + sha256_hex("digest", name)


def _created_at(world: WorldState) -> int:
    return int(world.start) - AGE_SECONDS
