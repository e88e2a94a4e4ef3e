"""Garbage collection is off while modules load, and full collections run only when idle."""

from __future__ import annotations

import gc

from dockpit.process import gc_control


def test_collection_is_off_until_loaded() -> None:
    assert gc.isenabled()
    default = gc.get_threshold()
    try:
        gc_control.disable_until_loaded()
        assert not gc.isenabled()
        gc_control.enable_after_loading()
        assert gc.isenabled()
        assert gc.get_freeze_count() > 0 and gc.get_threshold() == (gc_control.YOUNG_THRESHOLD, *default[1:])
    finally:
        gc.unfreeze()
        gc.set_threshold(*default)
        gc.enable()


def test_enabling_does_nothing_if_never_disabled() -> None:
    before = gc.get_freeze_count()
    gc_control.enable_after_loading()
    assert gc.get_freeze_count() == before


def test_full_collections_run_only_when_idle_and_worthwhile() -> None:
    default = gc.get_threshold()
    collector = gc_control.IdleCollector()
    generations: list[int] = []
    gc.callbacks.append(lambda phase, info: generations.append(info["generation"]) if phase == "start" else None)
    try:
        collector.begin(100.0)
        kept: list[list[int]] = [[] for _ in range(2 * gc_control.IDLE_MIN_NEW_OBJECTS)]
        assert kept and 2 not in generations, "however many objects are created"
        assert not collector.collect(100.0 + gc_control.IDLE_MIN_SECONDS / 2) and 2 not in generations
        assert collector.collect(100.0 + gc_control.IDLE_MIN_SECONDS) and generations[-1] == 2
        assert not collector.collect(100.0 + 3 * gc_control.IDLE_MIN_SECONDS), "nothing new since"
        kept += [[] for _ in range(2 * gc_control.BUSY_MIN_NEW_OBJECTS)]
        soon = 100.0 + gc_control.IDLE_MIN_SECONDS + gc_control.BUSY_MIN_SECONDS
        assert not collector.collect(soon) and collector.collect(soon, pressed_at=soon - 0.5), (
            "after a key it is sooner"
        )
    finally:
        gc.callbacks.pop()
        collector.end()
    assert gc.get_threshold() == default
