"""The beat of reads: steady, never piling up, true to the clock, and safe beside a thread that reads."""

from __future__ import annotations

import asyncio
import threading
from itertools import groupby, pairwise
from operator import itemgetter

import pytest

from dockpit.metrics.samples import Sample
from dockpit.monitor.kernel_poller import (
    INLINE_SECONDS,
    MAX_PAUSING_SECONDS,
    PAUSE_SECONDS,
    SECOND_READ_SECONDS,
    KernelPoller,
)
from dockpit.monitor.poll_intervals import Attention, PollIntervals
from dockpit.process.clock import SLEW_SECONDS, ManualClock, SteadyWallClock, Ticker
from tests.dockpit.monitor.poller_fixture import STEP, FakeKernel, WorkClock, container, polling, turns

LOOKS = 2
"""Reads that come of taking a container, before the beat."""


def test_a_beat_is_counted_from_its_beginning() -> None:
    clock = WorkClock()
    beat = Ticker(clock)
    ticks = []
    for work in (0.25, 0.5, 0.0, 0.75):
        clock.work(beat.wait(1.0))
        ticks.append(clock.monotonic())
        clock.work(work)
    assert ticks == [1.0, 2.0, 3.0, 4.0] and beat.late == 0


def test_a_tick_that_is_missed_is_skipped_and_counted() -> None:
    clock = WorkClock()
    beat = Ticker(clock)
    clock.work(beat.wait(1.0))
    clock.work(2.5)
    assert beat.wait(1.0) == 0.5 and beat.late == 2
    clock.work(0.5 + 1.0)
    assert beat.wait(1.0) == 0.0 and beat.late == 2, "just in time"


@pytest.mark.parametrize(
    ("period", "gone", "seconds", "expected"),
    [
        (1.0, 0.0, 1.0, 1.0),
        (1.0, 0.125, 1.0, 0.875),
        (1.0, 0.625, 1.0, 1.375),
        (1.0, 0.0625, 2.0, 1.9375),
        (0.25, 0.125, 1.0, 1.125),
        (5.0, 0.5, 1.0, 1.0),
        (1.0, 1.25, 1.0, 0.75),
    ],
    ids=["at a tick", "after one", "before one", "every other", "of many", "of few", "late"],
)
def test_what_goes_along_with_a_beat_waits_for_the_tick_that_is_nearest(
    period: float, gone: float, seconds: float, expected: float
) -> None:
    clock = WorkClock()
    beat = Ticker(clock)
    assert beat.nearest(seconds) == seconds, "it has not begun"
    beat.wait(period)
    clock.work(gone)
    assert beat.nearest(seconds) == pytest.approx(expected)


def test_another_period_begins_at_once() -> None:
    clock = WorkClock()
    beat = Ticker(clock)
    clock.work(beat.wait(1.0) + 0.25)
    assert beat.wait(0.5) == 0.5


def test_the_moment_runs_on_when_the_wall_clock_is_set_and_follows_it_when_told() -> None:
    clock = WorkClock(1000.0)
    moment = SteadyWallClock(clock)
    clock.set_wall(3600.0)
    clock.advance(1.0)
    assert moment() == 1001.0
    assert moment.adjust() and moment() == clock.wall() == 4601.0
    clock.set_wall(-7200.0)
    assert moment.adjust() and moment() == clock.wall()
    assert not moment.adjust()


@pytest.mark.parametrize("drift", [0.4, -0.4])
def test_a_small_drift_is_made_good_slowly(drift: float) -> None:
    clock = WorkClock(1000.0)
    moment = SteadyWallClock(clock)
    clock.set_wall(drift)
    before = moment()
    assert not moment.adjust()
    assert abs(moment() - before) == pytest.approx(SLEW_SECONDS)
    for _ in range(400):
        moment.adjust()
    assert moment() == pytest.approx(clock.wall())


def test_paces_below_a_second_are_for_the_focus_and_calm_ones_for_the_hidden() -> None:
    assert PollIntervals.of(0.25, calm=False) == PollIntervals(1.0, 0.25, 1.0)
    assert PollIntervals.of(2.0, calm=True) == PollIntervals(2.0, 2.0, 10.0)
    pace = PollIntervals(1.0, 0.25, 5.0)
    looks = Attention(frozenset("a"), frozenset("b"))
    assert [pace.seconds(which, looks) for which in "abc"] == [0.25, 1.0, 5.0]
    assert pace.seconds("c", Attention()) == 1.0, "without a word about what is seen, everything is"


async def test_the_first_two_looks_come_at_once_and_a_fifth_of_a_second_later() -> None:
    async with polling(None, "a", "b") as bench:
        assert bench.kernel.times("a") == bench.kernel.times("b") == [0.0]
        await bench.go(0.5)
        assert bench.kernel.times("a")[1:] == [pytest.approx(SECOND_READ_SECONDS, abs=STEP)]
        assert len(bench.samples) == 2 * LOOKS and not any(sample.first for sample in bench.samples)


async def test_rounds_are_steady_whatever_they_cost() -> None:
    async with polling(None, "a") as bench:
        bench.kernel.cost = STEP / 2
        await bench.go(5.5)
        beats = bench.kernel.times("a")[LOOKS:]
        assert beats == [pytest.approx(n, abs=STEP) for n in range(1, 6)]
        assert beats[-1] - beats[0] == pytest.approx(4.0, abs=STEP / 2), "no drift"
        assert bench.poller.late == 0 and bench.poller.read_seconds == STEP / 2


async def test_a_round_that_takes_longer_than_a_tick_makes_others_late_and_nothing_piles_up() -> None:
    async with polling(None, "a") as bench:
        await bench.go(0.5)
        bench.kernel.cost = 2.25
        await bench.go(0.5 + STEP)
        bench.kernel.cost = 0.0
        await bench.go(2.0)
        assert bench.poller.late == 2
        assert bench.kernel.times("a")[LOOKS:] == [pytest.approx(n, abs=STEP) for n in (1, 4, 5)]


@pytest.mark.parametrize("seconds", [3600.0, -3600.0])
async def test_a_wall_clock_that_is_set_is_followed_and_said(seconds: float) -> None:
    async with polling(None, "a") as bench:
        await bench.go(1.5)
        before = bench.samples[-1]
        bench.clock.set_wall(seconds)
        await bench.go(2.0)
        after, last = bench.samples[-2:]
        assert after.at - before.at == pytest.approx(seconds + 1.0, abs=STEP)
        assert (before.first, after.first, last.first) == (False, True, False)
        assert last.at - after.at == pytest.approx(1.0, abs=STEP)


async def test_those_that_are_not_read_in_the_round_that_follows_the_clock_are_marked_when_they_are() -> None:
    async with polling(PollIntervals(1.0, 0.25, 5.0), "focus", "seen", "hidden") as bench:
        bench.attention = Attention(frozenset({"focus"}), frozenset({"seen"}))
        await bench.go(5.1)
        count = len(bench.samples)
        bench.clock.set_wall(60.0)
        await bench.go(6.0)
        for name in ("focus", "seen", "hidden"):
            firsts = [sample.first for sample in bench.samples[count:] if sample.container_id == name]
            assert firsts[0] and not any(firsts[1:]), name


async def test_what_is_in_focus_is_read_at_the_fast_pace_and_the_rest_at_its_own() -> None:
    async with polling(PollIntervals(1.0, 0.25, 1.0), "a", "b") as bench:
        bench.attention = Attention(frozenset({"a"}))
        await bench.go(1.0)
        bench.kernel.forget()
        await bench.go(4.0)
        assert len(bench.kernel.times("a")) == 16
        assert len(bench.kernel.times("b")) == 4
        bench.attention = Attention(frozenset({"somebody else"}))
        await bench.go(1.0)
        bench.kernel.forget()
        await bench.go(4.0)
        assert len(bench.kernel.times("a")) == len(bench.kernel.times("b")) == 4


async def test_what_is_out_of_sight_is_read_at_the_calm_pace() -> None:
    async with polling(PollIntervals.of(1.0, calm=True), "a", "b") as bench:
        bench.attention = Attention(seen=frozenset({"a"}))
        await bench.go(1.0)
        bench.kernel.forget()
        await bench.go(10.0)
        assert len(bench.kernel.times("a")) == 10
        assert len(bench.kernel.times("b")) == 2


async def test_a_container_that_cannot_be_read_is_not_taken() -> None:
    async with polling(None, "a") as bench:
        bench.kernel.whys["b"] = bench.kernel.whys["a"] = "no"
        assert bench.poller.take(container("b")) == "no"
        assert "b" not in bench.poller and "a" in bench.poller and len(bench.poller) == 1
        assert bench.poller.take(container("a", pid=2)) == "no"
        assert len(bench.poller) == 0
        bench.kernel.forget()
        await bench.go(2.0)
        assert bench.kernel.reads == [] and bench.lost == []


async def test_a_new_run_gets_two_looks_of_its_own_and_the_same_one_none() -> None:
    async with polling(None, "a") as bench:
        await bench.go(0.5)
        bench.poller.take(container("a"))
        await bench.go(0.25)
        assert len(bench.samples) == LOOKS
        bench.poller.take(container("a", pid=2))
        await bench.go(0.21)
        assert [sample.pids for sample in bench.samples[LOOKS:]] == [2, 2]


async def test_a_container_that_is_dropped_is_read_no_more_and_closed_before_the_next_round() -> None:
    async with polling(None, "a", "b") as bench:
        bench.poller.drop("a")
        bench.poller.drop("a")
        bench.poller.drop("nobody")
        assert bench.kernel.closed == 0
        await bench.go(1.0)
        assert bench.kernel.closed == 1 and len(bench.kernel.times("a")) == 1


async def test_a_container_taken_twice_in_a_turn_is_looked_at_once() -> None:
    async with polling() as bench:
        bench.poller.take(container("a"))
        bench.poller.drop("a")
        bench.poller.take(container("a"))
        await turns()
        assert bench.kernel.times("a") == [0.0]


async def test_a_container_whose_files_are_gone_is_dropped_and_told_of_once() -> None:
    async with polling(None, "a", "b") as bench:
        bench.kernel.gone.add("a")
        await bench.go(3.0)
        assert bench.lost == ["a"] and "a" not in bench.poller and "b" in bench.poller
        bench.kernel.gone.clear()
        bench.poller.take(container("a"))
        count = len(bench.samples)
        await turns()
        assert [sample.container_id for sample in bench.samples[count:]] == ["a"]


async def test_a_slow_round_is_read_in_a_thread() -> None:
    async with polling(None, "a", "b") as bench:
        await bench.go(0.5)
        bench.kernel.cost = INLINE_SECONDS
        await bench.go(0.5)
        assert not bench.kernel.in_thread, "nobody knew yet"
        await bench.go(1.0)
        assert bench.kernel.in_thread == {"a", "b"} and len(bench.samples) == 2 * (LOOKS + 2)
        bench.kernel.cost = 0.0
        await bench.go(1.0)
        bench.kernel.forget()
        await bench.go(1.0)
        assert not bench.kernel.in_thread, "and when it is quick again no more"


async def test_small_rounds_between_do_not_bring_a_big_one_back_into_the_loop() -> None:
    names = [f"n{index}" for index in range(20)]
    async with polling(PollIntervals(1.0, 0.25, 1.0), *names) as bench:
        bench.kernel.cost = INLINE_SECONDS / 10
        bench.attention = Attention(frozenset({"n0"}))
        await bench.go(1.0)
        bench.kernel.forget()
        await bench.go(1.0)
        assert bench.kernel.inline == {"n0"} and bench.kernel.in_thread == set(names)


async def test_a_thread_that_reads_is_not_disturbed_by_what_is_taken_and_dropped_meanwhile() -> None:
    async with polling(None, "a", "b") as bench:
        bench.kernel.cost = INLINE_SECONDS
        await bench.go(1.0)
        bench.kernel.held = threading.Event()
        await bench.go(1.0)
        await bench.until(lambda: bench.kernel.reading == 1)
        count = len(bench.samples)
        bench.poller.drop("a")
        bench.poller.take(container("c"))
        await bench.go(3.0)
        assert bench.kernel.closed == 0, "nothing is closed under it"
        assert bench.kernel.times("c") == [], "nor read beside it"
        bench.kernel.held.set()
        await bench.until(lambda: len(bench.samples) >= count + 2)
        assert {sample.container_id for sample in bench.samples[count:]} == {"b", "c"}
        assert bench.lost == []
        await bench.go(1.0)
        await bench.until(lambda: bench.kernel.closed == 1)


@pytest.mark.parametrize("gone", [True, False])
async def test_what_a_thread_read_of_the_run_before_says_nothing_of_the_new_one(gone: bool) -> None:
    async with polling(None, "a") as bench:
        bench.kernel.cost = 2 * INLINE_SECONDS
        await bench.go(1.0)
        bench.kernel.held = threading.Event()
        bench.kernel.gone = {"a"} if gone else set()
        await bench.go(1.0)
        await bench.until(lambda: bench.kernel.reading == 1)
        count = len(bench.samples)
        bench.poller.take(container("a", pid=2))
        bench.kernel.gone.clear()
        bench.kernel.held.set()
        await bench.until(lambda: len(bench.samples) > count)
        assert bench.lost == [] and {sample.pids for sample in bench.samples[count:]} == {2}


@pytest.mark.parametrize("times", [1, 3])
async def test_a_sweep_that_is_cancelled_ends_when_its_thread_has_and_closes_everything(times: int) -> None:
    async with polling(None, "a", "b") as bench:
        bench.kernel.cost = INLINE_SECONDS
        await bench.go(1.0)
        bench.kernel.held = threading.Event()
        await bench.go(1.0)
        await bench.until(lambda: bench.kernel.reading == 1)
        for _ in range(times):
            bench.task.cancel()
            await turns()
        assert not bench.task.done() and bench.kernel.closed == 0
        bench.kernel.held.set()
        await asyncio.wait([bench.task])
        assert bench.task.cancelled() and bench.kernel.closed == 2 and len(bench.poller) == 0


async def test_a_sweep_that_is_cancelled_at_rest_closes_everything() -> None:
    async with polling(None, "a", "b") as bench:
        await bench.go(0.5)
        bench.task.cancel()
        await asyncio.wait([bench.task])
        assert bench.kernel.closed == 2 and bench.kernel.taken == {}


@pytest.mark.parametrize("cost", [0.0, INLINE_SECONDS])
async def test_what_nobody_foresaw_comes_out_of_run_and_leaves_nothing_open(cost: float) -> None:
    clock = WorkClock()
    kernel = FakeKernel(clock)
    failed = None
    try:
        async with asyncio.TaskGroup() as group:
            poller = KernelPoller(
                kernel,
                clock,
                on_sample=broken,
                on_lost=nothing,
                group=group,
                intervals=PollIntervals(),
                attention=lambda: Attention(),
            )
            group.create_task(poller.run(), name="poller")
            await turns()
            poller.take(container("a"))
    except* ZeroDivisionError as errors:
        failed = errors
    assert failed is not None and kernel.closed == 1


def nothing(_: object) -> None:
    """Take it, and leave it at that."""


def broken(_: Sample) -> None:
    raise ZeroDivisionError


async def test_others_have_their_turn_while_many_samples_are_taken_in() -> None:
    clock = WorkClock()
    kernel = FakeKernel(clock)
    seen: list[int] = []
    samples: list[Sample] = []

    def on_sample(sample: Sample) -> None:
        samples.append(sample)
        clock.work(INLINE_SECONDS)

    async def other() -> None:
        while len(samples) < 20:
            seen.append(len(samples))
            await turns()
            clock.advance(PAUSE_SECONDS)

    async with asyncio.TaskGroup() as group:
        poller = KernelPoller(
            kernel,
            clock,
            on_sample=on_sample,
            on_lost=nothing,
            group=group,
            intervals=PollIntervals(),
            attention=lambda: Attention(),
        )
        for index in range(20):
            poller.take(container(f"n{index}"))
        await asyncio.wait_for(other(), 10)
        for index in range(20):
            poller.drop(f"n{index}")
        while clock.sleeping:
            clock.advance(1.0)
            await turns()
    assert all(after - before <= 1 for before, after in pairwise(seen)), "a key has all its turns after each slice"


async def test_where_nobody_presses_keys_a_slow_round_is_read_and_taken_in_at_a_stretch() -> None:
    clock = WorkClock()
    kernel = FakeKernel(clock)
    kernel.cost = INLINE_SECONDS
    pauses: list[float] = []
    taken: list[tuple[int, str]] = []

    def on_sample(sample: Sample) -> None:
        clock.work(INLINE_SECONDS)
        taken.append((len(pauses), sample.container_id))

    async def other() -> None:
        while True:
            pauses.append(clock.monotonic())
            await asyncio.sleep(0)

    async with asyncio.TaskGroup() as group:
        poller = KernelPoller(
            kernel, clock, on_sample=on_sample, on_lost=nothing, group=group,
            intervals=PollIntervals(), attention=lambda: Attention(),
            keys_pending=None,
        )  # fmt: skip
        for name in "abc":
            poller.take(container(name))
        tasks = [group.create_task(poller.run()), group.create_task(other())]
        for _ in range(8):
            await turns()
            clock.advance(0.5)
        await turns()
        for task in tasks:
            task.cancel()
    assert not kernel.in_thread
    rounds = [list(found) for _, found in groupby(taken, key=itemgetter(0))]
    assert len(rounds) > LOOKS and all([name for _, name in found] == list("abc") for found in rounds)


async def test_samples_wait_while_somebody_is_in_a_hurry_but_not_for_ever() -> None:
    clock = WorkClock()
    samples: list[float] = []

    def on_sample(_: Sample) -> None:
        samples.append(clock.monotonic())
        clock.work(INLINE_SECONDS)

    async with asyncio.TaskGroup() as group:
        poller = KernelPoller(
            FakeKernel(clock), clock, on_sample=on_sample, on_lost=nothing, group=group,
            intervals=PollIntervals(), attention=lambda: Attention(),
            keys_pending=lambda: clock.monotonic() < 0.1 or len(samples) > 1,
        )  # fmt: skip
        for name in "abc":
            poller.take(container(name))
        for _ in range(200):
            await turns()
            if len(samples) == len("abc"):
                break
            clock.advance(PAUSE_SECONDS)
        for name in "abc":
            poller.drop(name)
        while clock.sleeping:
            clock.advance(1.0)
            await turns()
    first, second, third = samples[: len("abc")]
    assert second - first == pytest.approx(0.1, abs=2 * PAUSE_SECONDS), "it was over"
    assert third - first == pytest.approx(MAX_PAUSING_SECONDS, abs=2 * INLINE_SECONDS), "it had its time"


async def test_a_clock_that_is_ahead_is_what_samples_are_dated_by() -> None:
    clock = ManualClock(1000.0)
    samples: list[Sample] = []
    async with asyncio.TaskGroup() as group:
        poller = KernelPoller(
            FakeKernel(WorkClock(1000.0)), clock, on_sample=samples.append, on_lost=nothing, group=group,
            intervals=PollIntervals(), attention=lambda: Attention(), clock_skew=lambda: 7.0,
        )  # fmt: skip
        poller.take(container("a"))
        await turns()
        clock.advance(1.0)
    assert [sample.at for sample in samples] == [1007.0, 1008.0]


async def test_the_first_sample_by_another_clock_is_marked_for_it_makes_no_rate_with_the_one_before() -> None:
    async with polling(None, "a") as bench:
        await bench.go(2.0)
        before = len(bench.samples)
        bench.clock.ahead = 9.0
        await bench.go(2.0)
    assert [sample.first for sample in bench.samples[before:]] == [True, False]
    assert bench.samples[before].at == bench.samples[before - 1].at + 1.0 + 9.0


async def test_all_that_was_taken_can_be_given_up_at_once() -> None:
    async with polling(None, "a", "b") as bench:
        await bench.go(1.0)
        bench.poller.clear()
        seen = len(bench.samples)
        await bench.go(2.0)
        assert len(bench.samples) == seen and not len(bench.poller)
        assert not bench.kernel.taken
