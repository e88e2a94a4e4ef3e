"""The progress of an image pull layer by layer, and why a pull fails."""

from __future__ import annotations

from dataclasses import dataclass

from dockpit.engine.json_values import JsonObject, as_count, as_object, as_text

MESSAGE_CHARACTERS = 300
"""Maximum length shown of the engine's message about a failed pull."""


@dataclass(frozen=True, slots=True)
class PullProgress:
    """Progress of one layer in bytes (0 if unknown) with the engine's status; an `id` of "" means the whole pull."""

    id: str
    status: str
    current: int = 0
    total: int = 0


def parse_pull_progress(progress: JsonObject) -> PullProgress:
    """One progress object of POST /images/create; progress in other units than bytes counts as unknown."""
    detail = as_object(progress.get("progressDetail"))
    has_units = bool(as_text(detail.get("units")))
    current, total = (0 if has_units else as_count(detail.get(name)) or 0 for name in ("current", "total"))
    status = as_text(progress.get("status"))
    is_whole_pull = status.startswith(("Digest", "Status", "Pulling from"))
    return PullProgress("" if is_whole_pull else as_text(progress.get("id")), status, current, total)


def explain_pull_failure(image: str, message: str) -> str:
    """Why `image` cannot be pulled and what to do, from the engine's error message."""
    lower = message.lower()
    if any(word in lower for word in ("no such host", "dial tcp", "timeout", "connection refused", "network is")):
        cure = "the engine does not reach the registry; load the image there (docker save | docker load) or set another"
    elif any(word in lower for word in ("denied", "unauthorized", "authentication")):
        cure = "the registry wants a login (docker login) or the image does not exist"
    elif any(word in lower for word in ("not found", "manifest unknown", "no such image")):
        cure = "the registry has no such image or tag"
    elif "no space" in lower:
        cure = "the engine's disk is full"
    else:
        cure = "the engine gave no better reason"
    shown = message[:MESSAGE_CHARACTERS]
    return f"{image} cannot be pulled: {cure} ([netshoot] image in the configuration). The engine says: {shown}"
