"""The banner: what must not be missed, the most important first."""

from __future__ import annotations

from datetime import UTC
from typing import Any

import pytest

from dockpit.model.engine_info import Link
from dockpit.model.plans import Outcome, Plan
from dockpit.views.status_banner import banner
from dockpit.views.view_context import ViewContext
from tests.builders import NOW, entry, snapshot

CONTEXT = ViewContext(NOW, NOW, UTC)
PLAN = Plan("update", "a", "a", "E", "raise", "docker update a")
LIVE = (entry("a"), entry("x", about={"state": "exited"}))
SILENT = (entry("b", stale=True),)
DONE = Outcome(True, "memory of web is 512M now", PLAN, PLAN, NOW - 3)


@pytest.mark.parametrize(
    ("fields", "text", "tone"),
    [
        ({"link": Link("lost", "x", "refused", NOW - 669, NOW + 3.2)},
         "engine unreachable · next attempt in 4 s · figures are from 22:02:11 · refused", "critical"),
        ({"link": Link("lost", "x", "refused", NOW - 669), "entries": LIVE},
         "engine unreachable · kernel figures continue, states are from 22:02:11 · refused", "critical"),
        ({"link": Link("lost"), "entries": LIVE},
         "engine unreachable · kernel figures continue, states are outdated", "critical"),
        ({"link": Link("lost", "x", "", NOW - 669), "entries": (*LIVE, *SILENT)},
         "engine unreachable · 1 of 2 containers are read from the kernel, the rest is from 22:02:11", "critical"),
        ({"link": Link("lost", "x", "", NOW - 669), "entries": SILENT},
         "engine unreachable · figures are from 22:02:11", "critical"),
        ({"link": Link("lost", "x", "", 0.0, NOW - 1)}, "engine unreachable · trying again now", "critical"),
        ({"link": Link("lost")}, "engine unreachable", "critical"),
        ({"link": Link("connecting", "x"), "ready": False}, "connecting to x …", "info"),
        ({"link": Link("connecting"), "ready": False}, "connecting to the engine …", "info"),
        ({"link": Link("closed")}, "the connection is closed", "info"),
        ({"outcomes": (DONE,), "can_undo": True}, "memory of web is 512M now · U undoes it", "good"),
        ({"outcomes": (DONE,)}, "memory of web is 512M now", "good"),
        ({"outcomes": (Outcome(False, "refused", at=NOW),)}, "refused", "high"),
    ],
)  # fmt: skip
def test_the_banner_describes_the_link_or_the_last_outcome(fields: dict[str, Any], text: str, tone: str) -> None:
    found = banner(snapshot(**fields), CONTEXT, paused=False)
    assert found is not None
    assert (found.text, found.tone) == (text, tone)


def test_there_is_no_banner_when_all_is_well_or_the_outcome_is_old() -> None:
    assert banner(snapshot(), CONTEXT, paused=False) is None
    assert banner(snapshot(outcomes=(Outcome(True, "done", at=NOW - 3600),)), CONTEXT, paused=False) is None


def test_a_lost_engine_comes_before_anything_else() -> None:
    found = banner(snapshot(link=Link("lost")), CONTEXT, paused=True, trouble="filter: wrong")
    assert found is not None
    assert found.tone == "critical"
    wrong = banner(snapshot(outcomes=(DONE,)), CONTEXT, paused=True, trouble="filter: wrong")
    assert wrong is not None
    assert wrong.text == "filter: wrong"
