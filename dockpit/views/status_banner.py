"""The banner: the one line across the screen for what must not be missed."""

from __future__ import annotations

import math

from dockpit.metrics import formatting
from dockpit.metrics.snapshot import Snapshot
from dockpit.model.view_models import Banner
from dockpit.views.view_context import TEXT_LENGTH, ViewContext

OUTCOME_SECONDS = 15.0
"""Time for which the outcome of an action is shown."""


def banner(snapshot: Snapshot, context: ViewContext, *, paused: bool, trouble: str = "") -> Banner | None:
    """What applies first: a lost engine, `trouble` (a wrong filter), an action's outcome, the link, a paused view."""
    link = snapshot.link
    if link.state == "lost":
        return Banner(context.text(_lost_text(snapshot, context)), "critical")
    if trouble:
        return Banner(context.text(trouble), "watch")
    last = snapshot.outcomes[-1] if snapshot.outcomes else None
    if last is not None and 0 <= context.now - last.at < OUTCOME_SECONDS:
        undo = " · U undoes it" if last.undo is not None and snapshot.can_undo else ""
        return Banner(last.text[:TEXT_LENGTH] + context.text(undo), "good" if last.ok else "high")
    if link.state == "connecting" and not snapshot.ready:
        return Banner(context.text(f"connecting to {(link.address or 'the engine')[:TEXT_LENGTH]} …"), "info")
    if link.state == "closed":
        return Banner("the connection is closed", "info")
    if paused:
        shown = formatting.time_of_day(snapshot.at or context.now, context.tz)
        return Banner(context.text(f"paused · figures from {shown} · space resumes"), "info")
    return None


def _lost_text(snapshot: Snapshot, context: ViewContext) -> str:
    """The words for a lost engine; the reason comes last because a long one may be cut."""
    link = snapshot.link
    words = ["engine unreachable"]
    if link.retry_at:
        left = math.ceil(link.retry_at - context.now)
        words.append(f"next attempt in {formatting.duration(left)}" if left > 0 else "trying again now")
    words.append(_figures_text(snapshot, context))
    if link.reason:
        words.append(link.reason[:TEXT_LENGTH])
    return " · ".join(word for word in words if word)


def _figures_text(snapshot: Snapshot, context: ViewContext) -> str:
    """The figures that still come from the kernel, and the time since when the others do not."""
    since = snapshot.link.since
    old = f"from {formatting.time_and_date(since, context.now, context.tz)}" if since else "outdated"
    fresh, live = snapshot.measured_and_live
    if not fresh:
        return f"figures are {old}" if since else ""
    if fresh == live:
        return "kernel figures continue, states are " + old
    return f"{fresh} of {live} containers are read from the kernel, the rest is {old}"
