"""The first frames: soon for what is new, not for nothing, and never without end."""

from __future__ import annotations

import sys
from dataclasses import replace

from dockpit.metrics.snapshot import Entry
from dockpit.model.engine_info import Link
from tests.builders import entry, snapshot
from tui.opening import LATER, LOOKS, SPACED_LOOKS, Opening, load_the_rest


def _listed(entry: Entry) -> Entry:
    """The same before there are figures."""
    return replace(entry, sample=None, rates=None)


def test_what_did_not_change_is_worth_no_frame() -> None:
    opening = Opening()
    connecting = snapshot(link=Link("connecting"), ready=False)
    assert opening.worth_a_frame(connecting)
    assert not any(opening.worth_a_frame(connecting) for _ in range(SPACED_LOOKS + 1))
    assert not opening.over


def test_the_first_figures_are_shown_at_once_and_those_that_follow_now_and_then() -> None:
    known = [entry(f"c{number}") for number in range(20)]
    listed = [_listed(one) for one in known]
    opening = Opening()
    opening.worth_a_frame(snapshot(listed, ready=False))
    shown = [opening.worth_a_frame(snapshot([*known[:n], *listed[n:]], ready=False)) for n in range(1, 20)]
    assert shown[0]
    assert sum(shown) == 1 + (len(shown) - 1) // SPACED_LOOKS
    assert opening.worth_a_frame(snapshot(known))
    assert opening.over


def test_one_that_gives_no_figures_does_not_hold_it_open_for_ever() -> None:
    opening = Opening()
    for _ in range(LOOKS):
        assert not opening.over
        opening.worth_a_frame(snapshot([_listed(entry())]))
    assert opening.over


def test_what_does_not_run_has_no_figures_to_wait_for() -> None:
    opening = Opening()
    assert opening.worth_a_frame(snapshot([entry(about={"state": "exited"})]))
    assert opening.over


def test_the_rest_can_be_loaded() -> None:
    load_the_rest()
    assert sys.modules.keys() >= set(LATER)
