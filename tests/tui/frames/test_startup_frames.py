"""Startup frames: soon after new figures, not without any, and for a limited time."""

from __future__ import annotations

import sys
from dataclasses import replace

from dockpit.metrics.snapshot import Entry
from dockpit.model.engine_info import Link
from tests.builders import entry, snapshot
from tui.deferred_imports import DEFERRED_MODULES, import_deferred_modules
from tui.frames.startup_frames import CHECKS_BETWEEN_FRAMES, MAX_CHECKS, StartupFrames


def _without_figures(entry: Entry) -> Entry:
    """The same container before it has figures."""
    return replace(entry, sample=None, rates=None)


def test_no_frame_is_due_without_a_change() -> None:
    startup = StartupFrames()
    connecting = snapshot(link=Link("connecting"), ready=False)
    assert startup.is_frame_due(connecting)
    assert not any(startup.is_frame_due(connecting) for _ in range(CHECKS_BETWEEN_FRAMES + 1))
    assert not startup.finished


def test_the_first_figures_are_drawn_at_once_and_the_next_ones_at_intervals() -> None:
    known = [entry(f"c{number}") for number in range(20)]
    listed = [_without_figures(one) for one in known]
    startup = StartupFrames()
    startup.is_frame_due(snapshot(listed, ready=False))
    shown = [startup.is_frame_due(snapshot([*known[:n], *listed[n:]], ready=False)) for n in range(1, 20)]
    assert shown[0]
    assert sum(shown) == 1 + (len(shown) - 1) // CHECKS_BETWEEN_FRAMES
    assert startup.is_frame_due(snapshot(known))
    assert startup.finished


def test_a_container_without_figures_does_not_prolong_the_start_for_ever() -> None:
    startup = StartupFrames()
    for _ in range(MAX_CHECKS):
        assert not startup.finished
        startup.is_frame_due(snapshot([_without_figures(entry())]))
    assert startup.finished


def test_the_start_does_not_wait_for_figures_of_a_stopped_container() -> None:
    startup = StartupFrames()
    assert startup.is_frame_due(snapshot([entry(about={"state": "exited"})]))
    assert startup.finished


def test_every_deferred_module_can_be_imported() -> None:
    import_deferred_modules()
    assert sys.modules.keys() >= set(DEFERRED_MODULES)
