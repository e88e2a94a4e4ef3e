"""The words for what dockpit costs."""

from __future__ import annotations

from dockpit.process.overhead import Overhead
from dockpit.views.overhead_words import overhead_words


def test_every_known_figure_is_written() -> None:
    full, short = overhead_words(Overhead(2.07, 78 * 2**20, 900.0, 1.3))
    assert full == "dockpit 2.1 % CPU · 78 MiB · 900 B/s to the terminal · engine 1.3 % CPU"
    assert short == "dockpit 2.1 % · 78 MiB · 900 B/s · engine 1.3 %"


def test_unknown_figures_are_left_out() -> None:
    assert overhead_words(Overhead(memory_bytes=2**20)) == ("dockpit 1 MiB", "dockpit 1 MiB")
