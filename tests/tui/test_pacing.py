"""The regular frame: after a key's answer, after a round of samples, but never put off for ever."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest

from dockpit.model.thresholds import Thresholds
from dockpit.monitor.history import History
from dockpit.monitor.local_machine import LocalMachine
from dockpit.monitor.poll_intervals import Attention, PollIntervals
from dockpit.process.clock import ManualClock
from tui import pacing
from tui.pacing import KEY_SECONDS, KEYS_SECONDS, ROUND_SECONDS, TIDY_SECONDS, Pacing


class Rounds(LocalMachine):
    """A machine whose round of samples is on its way when it is told so."""

    reading = False

    @property
    def in_round(self) -> bool:
        return self.reading


class Frames:
    """A pacing whose timers go off when they are told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        self.drawn: list[float] = []
        self.timers: list[tuple[float, Callable[[], None]]] = []
        self.here = Rounds(
            History(Thresholds(), 1.0),
            ManualClock(),
            kernel=None,
            host=None,
            pace=PollIntervals(),
            attention=Attention,
            ahead=lambda: 0.0,
            keys=True,
        )
        self.pacing = Pacing(self.here, self._later, seconds=lambda: 1.0, draw=lambda: self.drawn.append(self.now))
        monkeypatch.setattr(pacing, "time", SimpleNamespace(monotonic=lambda: self.now))

    def _later(self, seconds: float, callback: Callable[[], None]) -> None:
        self.timers.append((self.now + seconds, callback))

    def until(self, end: float) -> None:
        """Let everything planned up to `end` happen."""
        while due := sorted((timer for timer in self.timers if timer[0] <= end), key=lambda timer: timer[0]):
            self.timers.remove(due[0])
            self.now = max(self.now, due[0][0])
            due[0][1]()
        self.now = end


def test_frames_come_at_their_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    frames = Frames(monkeypatch)
    frames.pacing.begin()
    frames.until(103.5)
    assert frames.drawn == [101.0, 102.0, 103.0]


def test_a_key_is_answered_before_a_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    frames = Frames(monkeypatch)
    frames.pacing.begin()
    frames.until(100.99)
    frames.pacing.pressed()
    frames.until(101.5)
    assert frames.drawn == pytest.approx([101.0 + KEY_SECONDS])


def test_a_frame_waits_for_the_end_of_a_round(monkeypatch: pytest.MonkeyPatch) -> None:
    frames = Frames(monkeypatch)
    frames.here.reading = True
    frames.pacing.begin()
    frames.until(101.055)
    frames.here.reading = False
    frames.until(101.5)
    assert frames.drawn == pytest.approx([101.0 + 6 * ROUND_SECONDS])


def test_keys_that_never_end_put_a_frame_off_for_so_long_only(monkeypatch: pytest.MonkeyPatch) -> None:
    frames = Frames(monkeypatch)
    frames.pacing.begin()
    for step in range(60):
        frames.until(100.8 + step * 0.01)
        frames.pacing.pressed()
    assert frames.drawn == pytest.approx([101.0 + KEYS_SECONDS])


@pytest.mark.parametrize(("pressed", "times"), [(False, 1), (True, 0)])
def test_garbage_is_collected_after_a_frame_unless_a_key_came(
    monkeypatch: pytest.MonkeyPatch, pressed: bool, times: int
) -> None:
    frames = Frames(monkeypatch)
    collected: list[float] = []
    monkeypatch.setattr(frames.pacing._leisure, "collect", lambda now, _: collected.append(now))
    frames.pacing.begin()
    frames.until(101.0 + TIDY_SECONDS - 0.01)
    if pressed:
        frames.pacing.pressed()
    frames.until(101.5)
    assert len(collected) == times
