"""Events in words."""

from __future__ import annotations

from datetime import UTC

import pytest

from dockpit.model.events import Event
from dockpit.views.event_lines import event_lines
from dockpit.views.view_context import ViewContext
from tests.builders import NOW, event, full_id

CONTEXT = ViewContext(NOW, NOW, UTC)


def texts(*events: Event, limit: int = 50) -> list[str]:
    return [line.text for line in event_lines(events, [full_id("a")], CONTEXT, limit)]


@pytest.mark.parametrize(
    ("happened", "text", "tone"),
    [
        (event("a", "start", 9), "started", "normal"),
        (event("a", "create", 9), "created", "dim"),
        (event("a", "update", 9), "limits changed", "info"),
        (event("a", "die", 9, exitCode="0"), "died, exit 0", "normal"),
        (event("a", "die", 9, exitCode="137"), "died, exit 137", "watch"),
        (event("a", "die", 9, exitCode="137", oomKilled="true"), "died, exit 137 (OOM)", "critical"),
        (event("a", "die", 9), "died, exit ?", "watch"),
        (event("a", "kill", 9, signal="15"), "signal 15 sent", "normal"),
        (event("a", "health_status", 9, "unhealthy"), "became unhealthy", "high"),
        (event("a", "health_status", 9, "healthy"), "became healthy", "good"),
        (event("a", "rename", 9, oldName="/b"), "renamed from b", "info"),
        (event("a", "checkpoint", 9, "x"), "checkpoint x", "dim"),
        (event("a", "oom", 9), "OOM-killed (a child; pid 1 survived)", "critical"),
        (event("a", "oom", 1), "OOM kill", "critical"),
    ],
)
def test_an_event_is_described_in_words(happened: Event, text: str, tone: str) -> None:
    (line,) = event_lines((happened,), [full_id("a")], CONTEXT)
    assert (line.text, line.tone) == (text, tone)
    assert line.container_id == full_id("a")


@pytest.mark.parametrize(("first", "second"), [(9.1, 9.0), (9.0, 9.1)])
def test_an_oom_kill_of_pid_1_is_one_line_in_either_order_of_events(first: float, second: float) -> None:
    happened = sorted((event("a", "oom", first), event("a", "die", second, exitCode="137")), key=lambda e: e.at_ns)
    assert texts(*happened) == ["died, exit 137 (OOM)"]


def test_an_oom_kill_reported_twice_is_one_line_and_a_later_one_another() -> None:
    happened = (event("a", "oom", 30), event("a", "oom", 29.9), event("a", "oom", 9))
    assert texts(*happened) == ["OOM-killed (a child; pid 1 survived)"] * 2


def test_the_newest_comes_first_and_others_are_left_out() -> None:
    happened = (event("a", "create", 30), event("b", "start", 25), event("a", "start", 20), event("a", "exec_die", 5))
    assert texts(*happened) == ["started", "created"]
    assert texts(*happened, limit=1) == ["started"]


def test_an_event_of_another_container_does_not_explain_this_one() -> None:
    assert texts(event("b", "oom", 9), event("a", "die", 9, exitCode="137")) == ["died, exit 137"]


def test_an_events_text_is_never_long() -> None:
    assert len(texts(event("a", "health_status", 9, "x" * 10**6))[0]) < 300
