"""Garbage is collected again once all is loaded."""

from __future__ import annotations

import gc

from dockpit import garbage


def test_it_waits_until_all_is_loaded() -> None:
    assert gc.isenabled()
    try:
        garbage.wait()
        assert not gc.isenabled()
        garbage.settled()
        assert gc.isenabled()
        assert gc.get_freeze_count() > 0
    finally:
        gc.unfreeze()
        gc.enable()


def test_what_never_waited_is_left_alone() -> None:
    before = gc.get_freeze_count()
    garbage.settled()
    assert gc.get_freeze_count() == before
