"""Collections are steady, never pile up, are true to the clock, and are safe beside a thread that reads."""

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
)
from dockpit.monitor.sample_intervals import Attention, SampleIntervals
from dockpit.process.clock import ManualClock
from tests.dockpit.monitor.poller_fixture import (
    STEP_SECONDS,
    FakeKernel,
    WorkClock,
    container,
    create_poller,
    let_tasks_run,
    polling,
)

FIRST_READS = 2
"""Reads of a container that was just taken, before its first collection."""


async def test_a_new_run_is_read_at_once_and_a_fifth_of_a_second_later() -> None:
    async with polling(None, "a", "b") as fixture:
        assert fixture.kernel.times("a") == fixture.kernel.times("b") == [0.0]
        await fixture.advance(0.5)
        assert fixture.kernel.times("a")[1:] == [pytest.approx(SECOND_READ_SECONDS, abs=STEP_SECONDS)]
        assert len(fixture.samples) == 2 * FIRST_READS and not any(sample.first for sample in fixture.samples)


async def test_collections_are_steady_whatever_they_cost() -> None:
    async with polling(None, "a") as fixture:
        fixture.kernel.cost = STEP_SECONDS / 2
        await fixture.advance(5.5)
        times = fixture.kernel.times("a")[FIRST_READS:]
        assert times == [pytest.approx(n, abs=STEP_SECONDS) for n in range(1, 6)]
        assert times[-1] - times[0] == pytest.approx(4.0, abs=STEP_SECONDS / 2), "no drift"
        assert fixture.poller.late == 0 and fixture.poller.read_seconds == STEP_SECONDS / 2


async def test_a_collection_longer_than_a_tick_makes_others_late_and_none_piles_up() -> None:
    async with polling(None, "a") as fixture:
        await fixture.advance(0.5)
        fixture.kernel.cost = 2.25
        await fixture.advance(0.5 + STEP_SECONDS)
        fixture.kernel.cost = 0.0
        await fixture.advance(2.0)
        assert fixture.poller.late == 2
        assert fixture.kernel.times("a")[FIRST_READS:] == [pytest.approx(n, abs=STEP_SECONDS) for n in (1, 4, 5)]


@pytest.mark.parametrize("seconds", [3600.0, -3600.0])
async def test_a_set_wall_clock_is_followed_and_marked_in_the_sample(seconds: float) -> None:
    async with polling(None, "a") as fixture:
        await fixture.advance(1.5)
        before = fixture.samples[-1]
        fixture.clock.set_wall(seconds)
        await fixture.advance(2.0)
        after, last = fixture.samples[-2:]
        assert after.at - before.at == pytest.approx(seconds + 1.0, abs=STEP_SECONDS)
        assert (before.first, after.first, last.first) == (False, True, False)
        assert last.at - after.at == pytest.approx(1.0, abs=STEP_SECONDS)


async def test_each_container_is_marked_at_its_first_sample_after_the_clock_was_set() -> None:
    async with polling(SampleIntervals(1.0, 0.25, 5.0), "focus", "seen", "hidden") as fixture:
        fixture.attention = Attention(frozenset({"focus"}), frozenset({"seen"}))
        await fixture.advance(5.1)
        count = len(fixture.samples)
        fixture.clock.set_wall(60.0)
        await fixture.advance(6.0)
        for name in ("focus", "seen", "hidden"):
            firsts = [sample.first for sample in fixture.samples[count:] if sample.container_id == name]
            assert firsts[0] and not any(firsts[1:]), name


async def test_the_focus_is_read_at_its_short_interval_and_the_rest_at_theirs() -> None:
    async with polling(SampleIntervals(1.0, 0.25, 1.0), "a", "b") as fixture:
        fixture.attention = Attention(frozenset({"a"}))
        await fixture.advance(1.0)
        fixture.kernel.clear()
        await fixture.advance(4.0)
        assert len(fixture.kernel.times("a")) == 16
        assert len(fixture.kernel.times("b")) == 4
        fixture.attention = Attention(frozenset({"somebody else"}))
        await fixture.advance(1.0)
        fixture.kernel.clear()
        await fixture.advance(4.0)
        assert len(fixture.kernel.times("a")) == len(fixture.kernel.times("b")) == 4


async def test_containers_out_of_sight_are_read_at_the_calm_interval() -> None:
    async with polling(SampleIntervals.of(1.0, calm=True), "a", "b") as fixture:
        fixture.attention = Attention(visible=frozenset({"a"}))
        await fixture.advance(1.0)
        fixture.kernel.clear()
        await fixture.advance(10.0)
        assert len(fixture.kernel.times("a")) == 10
        assert len(fixture.kernel.times("b")) == 2


async def test_a_container_that_cannot_be_read_is_not_taken() -> None:
    async with polling(None, "a") as fixture:
        fixture.kernel.reasons["b"] = fixture.kernel.reasons["a"] = "no"
        assert fixture.poller.take(container("b")) == "no"
        assert "b" not in fixture.poller and "a" in fixture.poller and len(fixture.poller) == 1
        assert fixture.poller.take(container("a", pid=2)) == "no"
        assert len(fixture.poller) == 0
        fixture.kernel.clear()
        await fixture.advance(2.0)
        assert fixture.kernel.reads == [] and fixture.lost == []


async def test_a_new_run_gets_two_first_reads_and_a_known_one_none() -> None:
    async with polling(None, "a") as fixture:
        await fixture.advance(0.5)
        fixture.poller.take(container("a"))
        await fixture.advance(0.25)
        assert len(fixture.samples) == FIRST_READS
        fixture.poller.take(container("a", pid=2))
        await fixture.advance(0.21)
        assert [sample.pids for sample in fixture.samples[FIRST_READS:]] == [2, 2]


async def test_a_dropped_container_is_closed_before_the_next_collection() -> None:
    async with polling(None, "a", "b") as fixture:
        fixture.poller.drop("a")
        fixture.poller.drop("a")
        fixture.poller.drop("nobody")
        assert fixture.kernel.closed == 0
        await fixture.advance(1.0)
        assert fixture.kernel.closed == 1 and len(fixture.kernel.times("a")) == 1


async def test_a_container_taken_twice_in_one_turn_of_the_loop_is_read_once() -> None:
    async with polling() as fixture:
        fixture.poller.take(container("a"))
        fixture.poller.drop("a")
        fixture.poller.take(container("a"))
        await let_tasks_run()
        assert fixture.kernel.times("a") == [0.0]


async def test_a_container_whose_files_are_gone_is_dropped_and_reported_once() -> None:
    async with polling(None, "a", "b") as fixture:
        fixture.kernel.gone.add("a")
        await fixture.advance(3.0)
        assert fixture.lost == ["a"] and "a" not in fixture.poller and "b" in fixture.poller
        fixture.kernel.gone.clear()
        fixture.poller.take(container("a"))
        count = len(fixture.samples)
        await let_tasks_run()
        assert [sample.container_id for sample in fixture.samples[count:]] == ["a"]


async def test_a_slow_collection_is_read_in_a_thread() -> None:
    async with polling(None, "a", "b") as fixture:
        await fixture.advance(0.5)
        fixture.kernel.cost = INLINE_SECONDS
        await fixture.advance(0.5)
        assert not fixture.kernel.in_thread, "it was not known to be slow"
        await fixture.advance(1.0)
        assert fixture.kernel.in_thread == {"a", "b"} and len(fixture.samples) == 2 * (FIRST_READS + 2)
        fixture.kernel.cost = 0.0
        await fixture.advance(1.0)
        fixture.kernel.clear()
        await fixture.advance(1.0)
        assert not fixture.kernel.in_thread, "a quick one is read in the loop again"


async def test_small_collections_between_do_not_bring_a_large_one_back_into_the_loop() -> None:
    names = [f"n{index}" for index in range(20)]
    async with polling(SampleIntervals(1.0, 0.25, 1.0), *names) as fixture:
        fixture.kernel.cost = INLINE_SECONDS / 10
        fixture.attention = Attention(frozenset({"n0"}))
        await fixture.advance(1.0)
        fixture.kernel.clear()
        await fixture.advance(1.0)
        assert fixture.kernel.inline == {"n0"} and fixture.kernel.in_thread == set(names)


async def test_take_and_drop_do_not_disturb_a_reading_thread() -> None:
    async with polling(None, "a", "b") as fixture:
        fixture.kernel.cost = INLINE_SECONDS
        await fixture.advance(1.0)
        fixture.kernel.held = threading.Event()
        await fixture.advance(1.0)
        await fixture.until(lambda: fixture.kernel.reads_under_way == 1)
        count = len(fixture.samples)
        fixture.poller.drop("a")
        fixture.poller.take(container("c"))
        await fixture.advance(3.0)
        assert fixture.kernel.closed == 0, "nothing is closed while it is read"
        assert fixture.kernel.times("c") == [], "nothing is read beside the thread"
        fixture.kernel.held.set()
        await fixture.until(lambda: len(fixture.samples) >= count + 2)
        assert {sample.container_id for sample in fixture.samples[count:]} == {"b", "c"}
        assert fixture.lost == []
        await fixture.advance(1.0)
        await fixture.until(lambda: fixture.kernel.closed == 1)


@pytest.mark.parametrize("gone", [True, False])
async def test_a_thread_s_reading_of_the_earlier_run_is_dropped(gone: bool) -> None:
    async with polling(None, "a") as fixture:
        fixture.kernel.cost = 2 * INLINE_SECONDS
        await fixture.advance(1.0)
        fixture.kernel.held = threading.Event()
        fixture.kernel.gone = {"a"} if gone else set()
        await fixture.advance(1.0)
        await fixture.until(lambda: fixture.kernel.reads_under_way == 1)
        count = len(fixture.samples)
        fixture.poller.take(container("a", pid=2))
        fixture.kernel.gone.clear()
        fixture.kernel.held.set()
        await fixture.until(lambda: len(fixture.samples) > count)
        assert fixture.lost == [] and {sample.pids for sample in fixture.samples[count:]} == {2}


@pytest.mark.parametrize("times", [1, 3])
async def test_a_cancelled_poller_ends_after_its_thread_and_closes_everything(times: int) -> None:
    async with polling(None, "a", "b") as fixture:
        fixture.kernel.cost = INLINE_SECONDS
        await fixture.advance(1.0)
        fixture.kernel.held = threading.Event()
        await fixture.advance(1.0)
        await fixture.until(lambda: fixture.kernel.reads_under_way == 1)
        for _ in range(times):
            fixture.task.cancel()
            await let_tasks_run()
        assert not fixture.task.done() and fixture.kernel.closed == 0
        fixture.kernel.held.set()
        await asyncio.wait([fixture.task])
        assert fixture.task.cancelled() and fixture.kernel.closed == 2 and len(fixture.poller) == 0


async def test_a_poller_cancelled_between_collections_closes_everything() -> None:
    async with polling(None, "a", "b") as fixture:
        await fixture.advance(0.5)
        fixture.task.cancel()
        await asyncio.wait([fixture.task])
        assert fixture.kernel.closed == 2 and fixture.kernel.taken == {}


@pytest.mark.parametrize("cost", [0.0, INLINE_SECONDS])
async def test_an_unexpected_error_comes_out_of_run_and_leaves_nothing_open(cost: float) -> None:
    clock = WorkClock()
    kernel = FakeKernel(clock)
    failed = None
    try:
        async with asyncio.TaskGroup() as group:
            poller = create_poller(kernel, clock, group, fail)
            group.create_task(poller.run(), name="poller")
            await let_tasks_run()
            poller.take(container("a"))
    except* ZeroDivisionError as errors:
        failed = errors
    assert failed is not None and kernel.closed == 1


def fail(_: Sample) -> None:
    raise ZeroDivisionError


async def test_other_tasks_run_between_slices_of_samples() -> None:
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
            await let_tasks_run()
            clock.advance(PAUSE_SECONDS)

    async with asyncio.TaskGroup() as group:
        poller = create_poller(kernel, clock, group, on_sample)
        for index in range(20):
            poller.take(container(f"n{index}"))
        await asyncio.wait_for(other(), 10)
        for index in range(20):
            poller.drop(f"n{index}")
        while clock.sleeping:
            clock.advance(1.0)
            await let_tasks_run()
    assert all(after - before <= 1 for before, after in pairwise(seen)), "other tasks run after each slice"


async def test_without_keys_a_slow_collection_is_read_and_delivered_without_pause() -> None:
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
        poller = create_poller(kernel, clock, group, on_sample, keys_pending=None)
        for name in "abc":
            poller.take(container(name))
        tasks = [group.create_task(poller.run()), group.create_task(other())]
        for _ in range(8):
            await let_tasks_run()
            clock.advance(0.5)
        await let_tasks_run()
        for task in tasks:
            task.cancel()
    assert not kernel.in_thread
    collections = [[name for _, name in found] for _, found in groupby(taken, key=itemgetter(0))]
    assert len(collections) > FIRST_READS and all(names == list("abc") for names in collections)


async def test_samples_wait_while_keys_are_pending_but_not_for_ever() -> None:
    clock = WorkClock()
    samples: list[float] = []

    def on_sample(_: Sample) -> None:
        samples.append(clock.monotonic())
        clock.work(INLINE_SECONDS)

    async with asyncio.TaskGroup() as group:
        poller = create_poller(
            FakeKernel(clock),
            clock,
            group,
            on_sample,
            keys_pending=lambda: clock.monotonic() < 0.1 or len(samples) > 1,
        )
        for name in "abc":
            poller.take(container(name))
        for _ in range(200):
            await let_tasks_run()
            if len(samples) == len("abc"):
                break
            clock.advance(PAUSE_SECONDS)
        for name in "abc":
            poller.drop(name)
        while clock.sleeping:
            clock.advance(1.0)
            await let_tasks_run()
    first, second, third = samples[: len("abc")]
    assert second - first == pytest.approx(0.1, abs=2 * PAUSE_SECONDS), "no key was pending any more"
    assert third - first == pytest.approx(MAX_PAUSING_SECONDS, abs=2 * INLINE_SECONDS), "the pause has a maximum"


async def test_samples_are_dated_by_the_engine_s_clock() -> None:
    clock = ManualClock(1000.0)
    samples: list[Sample] = []
    async with asyncio.TaskGroup() as group:
        kernel = FakeKernel(WorkClock(1000.0))
        poller = create_poller(kernel, clock, group, samples.append, clock_skew=lambda: 7.0)
        poller.take(container("a"))
        await let_tasks_run()
        clock.advance(1.0)
    assert [sample.at for sample in samples] == [1007.0, 1008.0]


async def test_the_first_sample_after_a_change_of_skew_is_marked_as_it_makes_no_rate() -> None:
    async with polling(None, "a") as fixture:
        await fixture.advance(2.0)
        before = len(fixture.samples)
        fixture.clock.ahead = 9.0
        await fixture.advance(2.0)
    assert [sample.first for sample in fixture.samples[before:]] == [True, False]
    assert fixture.samples[before].at == fixture.samples[before - 1].at + 1.0 + 9.0


async def test_clear_drops_all_containers() -> None:
    async with polling(None, "a", "b") as fixture:
        await fixture.advance(1.0)
        fixture.poller.clear()
        seen = len(fixture.samples)
        await fixture.advance(2.0)
        assert len(fixture.samples) == seen and not len(fixture.poller)
        assert not fixture.kernel.taken
