"""The regular frame: after the answer to a key and after a collection of samples, with a maximum delay."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest

from dockpit.model.thresholds import Thresholds
from dockpit.monitor.history import History
from dockpit.monitor.local_machine import LocalMachine
from dockpit.monitor.sample_intervals import Attention, SampleIntervals
from dockpit.process.clock import ManualClock
from tui.frames import frame_timer as frame_timer_module
from tui.frames.frame_timer import (
    COLLECTION_CHECK_SECONDS,
    GC_DELAY_SECONDS,
    KEY_PRIORITY_SECONDS,
    MAX_KEY_DELAY_SECONDS,
    FrameTimer,
)


class FakeLocalMachine(LocalMachine):
    """A machine whose collection of samples is under way while `collecting` is set."""

    collecting = False

    @property
    def is_collecting(self) -> bool:
        return self.collecting


class FakeTimers:
    """A frame timer on timers and a clock that are moved by the test."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        self.drawn: list[float] = []
        self.timers: list[tuple[float, Callable[[], None]]] = []
        self.local_machine = FakeLocalMachine(
            History(Thresholds(), 1.0),
            ManualClock(),
            kernel=None,
            host=None,
            intervals=SampleIntervals(),
            attention=Attention,
            clock_skew=lambda: 0.0,
            interactive=True,
        )
        self.frame_timer = FrameTimer(
            self.local_machine, self._call_later, interval_seconds=lambda: 1.0, draw=lambda: self.drawn.append(self.now)
        )
        monkeypatch.setattr(frame_timer_module, "time", SimpleNamespace(monotonic=lambda: self.now))

    def _call_later(self, seconds: float, callback: Callable[[], None]) -> None:
        self.timers.append((self.now + seconds, callback))

    def run_until(self, end: float) -> None:
        """Call every callback that is due by `end`."""
        while due := sorted((timer for timer in self.timers if timer[0] <= end), key=lambda timer: timer[0]):
            self.timers.remove(due[0])
            self.now = max(self.now, due[0][0])
            due[0][1]()
        self.now = end


def test_frames_are_drawn_at_the_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    frames = FakeTimers(monkeypatch)
    frames.frame_timer.start()
    frames.run_until(103.5)
    assert frames.drawn == [101.0, 102.0, 103.0]


def test_a_key_is_answered_before_a_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    frames = FakeTimers(monkeypatch)
    frames.frame_timer.start()
    frames.run_until(100.99)
    frames.frame_timer.key_pressed()
    frames.run_until(101.5)
    assert frames.drawn == pytest.approx([101.0 + KEY_PRIORITY_SECONDS])


def test_a_frame_waits_for_the_end_of_a_collection(monkeypatch: pytest.MonkeyPatch) -> None:
    frames = FakeTimers(monkeypatch)
    frames.local_machine.collecting = True
    frames.frame_timer.start()
    frames.run_until(101.055)
    frames.local_machine.collecting = False
    frames.run_until(101.5)
    assert frames.drawn == pytest.approx([101.0 + 6 * COLLECTION_CHECK_SECONDS])


def test_a_held_key_delays_a_frame_by_the_maximum_only(monkeypatch: pytest.MonkeyPatch) -> None:
    frames = FakeTimers(monkeypatch)
    frames.frame_timer.start()
    for step in range(60):
        frames.run_until(100.8 + step * 0.01)
        frames.frame_timer.key_pressed()
    assert frames.drawn == pytest.approx([101.0 + MAX_KEY_DELAY_SECONDS])


@pytest.mark.parametrize(("pressed", "times"), [(False, 1), (True, 0)])
def test_garbage_is_collected_after_a_frame_unless_a_key_came(
    monkeypatch: pytest.MonkeyPatch, pressed: bool, times: int
) -> None:
    frames = FakeTimers(monkeypatch)
    collected: list[float] = []
    monkeypatch.setattr(frames.frame_timer._idle_collector, "collect", lambda now, _: collected.append(now))
    frames.frame_timer.start()
    frames.run_until(101.0 + GC_DELAY_SECONDS - 0.01)
    if pressed:
        frames.frame_timer.key_pressed()
    frames.run_until(101.5)
    assert len(collected) == times
