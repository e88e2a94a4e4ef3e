"""The progress of a pull, why it fails, and the tag it asks for."""

from __future__ import annotations

import pytest

from dockpit.engine.engine_client import split_image_reference
from dockpit.netshoot.image_pull import PullProgress, explain_pull_failure, parse_pull_progress


@pytest.mark.parametrize(
    ("message", "word"),
    [
        ('Get "https://registry/v2/": dial tcp: lookup registry: no such host', "does not reach the registry"),
        ("pull access denied for x, repository does not exist", "wants a login"),
        ("manifest unknown", "no such image or tag"),
        ("write /var/lib: no space left on device", "disk is full"),
        ("strange", "no better reason"),
    ],
)
def test_a_failed_pull_is_explained(message: str, word: str) -> None:
    explanation = explain_pull_failure("nicolaka/netshoot", message)
    assert word in explanation and message in explanation


def test_pull_progress_is_read_by_layer() -> None:
    step = {"id": "abc", "status": "Downloading", "progressDetail": {"current": 5, "total": 10}}
    assert parse_pull_progress(step) == PullProgress("abc", "Downloading", 5, 10)
    seconds = {"id": "abc", "status": "Extracting", "progressDetail": {"current": 5, "units": "s"}}
    assert parse_pull_progress(seconds) == PullProgress("abc", "Extracting", 0, 0)
    assert parse_pull_progress({"id": "latest", "status": "Pulling from x"}).id == ""


@pytest.mark.parametrize(
    ("image", "split"),
    [
        ("nicolaka/netshoot", ("nicolaka/netshoot", "latest")),
        ("host:5000/x", ("host:5000/x", "latest")),
        ("host:5000/x:v1", ("host:5000/x", "v1")),
        ("x@sha256:abc", ("x@sha256:abc", "")),
    ],
)
def test_a_pull_never_asks_for_all_tags(image: str, split: tuple[str, str]) -> None:
    assert split_image_reference(image) == split
