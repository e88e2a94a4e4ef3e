"""Events parsed from the messages of GET /events."""

from __future__ import annotations

from dockpit.engine.json_values import YEAR_3000_SECONDS, JsonObject, as_count, as_object, as_string_map, as_text
from dockpit.model.events import Event


def parse_event(message: JsonObject) -> Event | None:
    """One message of GET /events; None if it is not an event with a time.

    Podman's "died" is docker's "die"; it gives the verdict of a health check beside the action.
    """
    actor = as_object(message.get("Actor"))
    action_and_detail = as_text(message.get("Action")) or as_text(message.get("status"))
    at_ns = as_count(message.get("timeNano")) or (as_count(message.get("time")) or 0) * 1_000_000_000
    if not action_and_detail or not 0 < at_ns < YEAR_3000_SECONDS * 1e9:
        return None
    action, _, detail = action_and_detail.partition(":")
    attributes = as_string_map(actor.get("Attributes"))
    if action.strip() == "health_status" and not detail.strip():
        detail = as_text(message.get("HealthStatus")) or attributes.get("health_status", "")
        if not detail:
            return None
    return Event(
        at_ns=at_ns,
        type=as_text(message.get("Type")) or "container",
        action="die" if action.strip() == "died" else action.strip(),
        actor_id=as_text(actor.get("ID")) or as_text(message.get("id")),
        detail=detail.strip(),
        name=attributes.get("name", ""),
        attributes=attributes,
    )
