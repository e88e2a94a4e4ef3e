"""Garbage is collected again once all is loaded."""

from __future__ import annotations

import gc

from dockpit.process import gc_control


def test_it_waits_until_all_is_loaded() -> None:
    assert gc.isenabled()
    usual = gc.get_threshold()
    try:
        gc_control.disable_until_loaded()
        assert not gc.isenabled()
        gc_control.enable_after_loading()
        assert gc.isenabled()
        assert gc.get_freeze_count() > 0 and gc.get_threshold() == (gc_control.YOUNG, *usual[1:])
    finally:
        gc.unfreeze()
        gc.set_threshold(*usual)
        gc.enable()


def test_what_never_waited_is_left_alone() -> None:
    before = gc.get_freeze_count()
    gc_control.enable_after_loading()
    assert gc.get_freeze_count() == before


def test_everything_is_gone_through_at_leisure_only() -> None:
    usual = gc.get_threshold()
    leisure = gc_control.IdleCollector()
    rounds: list[int] = []
    gc.callbacks.append(lambda phase, info: rounds.append(info["generation"]) if phase == "start" else None)
    try:
        leisure.begin(100.0)
        kept: list[list[int]] = [[] for _ in range(2 * gc_control.LEAST_OBJECTS)]
        assert kept and 2 not in rounds, "however much is made"
        assert not leisure.collect(100.0 + gc_control.LEAST_SECONDS / 2) and 2 not in rounds
        assert leisure.collect(100.0 + gc_control.LEAST_SECONDS) and rounds[-1] == 2
        assert not leisure.collect(100.0 + 3 * gc_control.LEAST_SECONDS), "nothing new since"
        kept += [[] for _ in range(2 * gc_control.BUSY_OBJECTS)]
        soon = 100.0 + gc_control.LEAST_SECONDS + gc_control.BUSY_SECONDS
        assert not leisure.collect(soon) and leisure.collect(soon, pressed_at=soon - 0.5), "after a key it is sooner"
    finally:
        gc.callbacks.pop()
        leisure.end()
    assert gc.get_threshold() == usual
