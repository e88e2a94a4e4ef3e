"""Time from a key to its effect on the screen, with 500 containers that change every second."""

from __future__ import annotations

import os
import random
import re
import sys
import time
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from operator import itemgetter

import pytest

from tests.benchmarks.recorded_terminal import COLUMNS, ROWS, ReplayedScreen, Terminal, running
from tests.benchmarks.report import Report, Section, median, percentile
from tests.benchmarks.simulated import simulated
from tui.container.container_screen import TABS

COUNT = int(os.environ.get("DOCKPIT_BENCH_CROWD", "500"))
KEYS = int(os.environ.get("DOCKPIT_BENCH_KEYS", "100"))
"""Number of keys pressed of each kind."""
SETTLE_SECONDS = 20.0
KEY_GAP_SECONDS = (0.15, 0.4)
"""Seconds between two keys: like a person's, at any point of a tick."""
MAX_LATENCY_SECONDS = 2.0
WORDS = ("d-1", "d-23", "d-40", "d-077", "d-3")
HOME, DOWN, ENTER, TAB, ESCAPE = b"g", b"\x1b[B", b"\r", b"\t", b"\x1b"
CURSOR = "▌"
PROJECT = "team-"
FOLLOWING = "charts below follow the cursor"

ScreenReader = Callable[[ReplayedScreen], object]
Condition = Callable[[object, object], bool]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


@dataclass(frozen=True, slots=True)
class KeyPress:
    """A pressed key, and how its effect is recognised from the screen before and after."""

    kind: str
    at: float
    read_screen: ScreenReader
    """Reads the part of the screen that the key changes."""
    wanted: Condition
    """Whether the key had its effect, from that part (before, now)."""


# parts of the screen


def name_under_cursor(screen: ReplayedScreen) -> str:
    """The container or project in the cursor's row."""
    row = next((line for line in screen.lines() if line.startswith(CURSOR)), "")
    name = re.search(r"[a-z]+-\d+", row)
    return name[0] if name else ""


def cursor_and_chart(screen: ReplayedScreen) -> tuple[str, str]:
    """The name under the cursor, and the container whose charts are shown."""
    titles = (re.match(r" (\S+) {20,}\d+ min ", f"{line} ") for line in screen.lines())
    return name_under_cursor(screen), next((title[1] for title in titles if title), "")


def active_tab(screen: ReplayedScreen) -> str:
    """The tab whose title is in reverse video."""
    return next((word for row in range(5) if (word := screen.reversed_text(row).strip()) in TABS), "")


def filter_and_names(screen: ReplayedScreen) -> tuple[str, tuple[str, ...]]:
    """The text of the filter line, and the names of the listed containers."""
    lines = screen.lines()
    names = tuple(found[1] for line in lines[3:-2] if (found := re.match(r".[●◐○ ]+(crowd-\d+) ", line)))
    return lines[-2].strip(), names


# keys


def key_gaps() -> Iterator[float]:
    """Waits between keys, the same in every run."""
    chance = random.Random(1)
    while True:
        yield chance.uniform(*KEY_GAP_SECONDS)


def press_down(terminal: Terminal, waits: Iterator[float]) -> Iterator[KeyPress]:
    """Move the cursor down."""
    for _ in range(KEYS):
        time.sleep(next(waits))
        at = terminal.press(DOWN)
        yield KeyPress("cursor down", at, name_under_cursor, lambda before, now: now not in (before, ""))
        yield KeyPress(FOLLOWING, at, cursor_and_chart, chart_follows_cursor)


def press_tab(terminal: Terminal, waits: Iterator[float]) -> Iterator[KeyPress]:
    """Open the first container of the first project, then one tab after the other."""
    for key in (HOME, DOWN, ENTER):
        terminal.press(key)
        time.sleep(MAX_LATENCY_SECONDS)
    for tab in islice(cycle((*TABS[1:], TABS[0])), KEYS):
        time.sleep(next(waits))
        yield KeyPress("tab change", terminal.press(TAB), active_tab, tab_reached(tab))
    terminal.press(ESCAPE)
    time.sleep(MAX_LATENCY_SECONDS)


def type_filters(terminal: Terminal, waits: Iterator[float]) -> Iterator[KeyPress]:
    """Type filters letter by letter, and clear them."""
    for word in islice(cycle(WORDS), -(-KEYS // 4)):
        terminal.press(b"/")
        time.sleep(0.5)
        for end in range(1, len(word) + 1):
            time.sleep(next(waits))
            yield KeyPress(
                "filter typed", terminal.press(word[end - 1].encode()), filter_and_names, filter_shows(word[:end])
            )
        time.sleep(0.5)
        terminal.press(ESCAPE)
        time.sleep(1.0)


def chart_follows_cursor(before: object, now: object) -> bool:
    """Whether another row is under the cursor, with its own charts or none if it is a project."""
    name, title = now if isinstance(now, tuple) else ("", "")
    return now != before and name != "" and (title == name or name.startswith(PROJECT))


def tab_reached(tab: str) -> Condition:
    """A condition for this tab being active, or one of the next two: a later key may have skipped it on the screen."""
    order = TABS.index(tab)
    passed = {TABS[(order + step) % len(TABS)] for step in range(len(TABS) // 2)}
    return lambda _, now: now in passed


def filter_shows(text: str) -> Condition:
    """A condition for the filter reading `text` or more, with only matching containers listed."""

    def is_shown(_: object, now: object) -> bool:
        typed, names = now if isinstance(now, tuple) else ("", ())
        return typed.startswith(text) and bool(names) and all(typed in name for name in names)

    return is_shown


SHARED_ANSWERS = (active_tab, filter_and_names)
"""Readers for which one screen may show the effect of two keys, as it holds the text of both."""

# latencies


def key_latencies(terminal: Terminal, presses: Sequence[KeyPress]) -> dict[str, list[float]]:
    """Milliseconds from each key to the chunk of output that showed its effect, by kind; inf for none."""
    found: dict[str, list[float]] = {}
    for read_screen in dict.fromkeys(press.read_screen for press in presses):
        chosen = [press for press in presses if press.read_screen is read_screen]
        seen = screen_readings(terminal, read_screen)
        shown = 0
        for press in chosen:
            first = max(shown, bisect_left(seen, press.at, key=itemgetter(0)))
            before = seen[first - 1][1]
            last = bisect_left(seen, press.at + MAX_LATENCY_SECONDS, key=itemgetter(0))
            at = next((n for n in range(first, last) if press.wanted(before, seen[n][1])), None)
            shown = shown if at is None else at + (press.read_screen not in SHARED_ANSWERS)
            taken = float("inf") if at is None else 1000 * (seen[at][0] - press.at)
            found.setdefault(press.kind, []).append(taken)
    return found


def screen_readings(terminal: Terminal, read_screen: ScreenReader) -> list[tuple[float, object]]:
    """(time, what `read_screen` reads) after each chunk of output."""
    screen = ReplayedScreen()
    found: list[tuple[float, object]] = []
    for chunk in terminal.chunks:
        screen.feed(chunk)
        found.append((chunk.at, read_screen(screen)))
    return found


def test_keys(report: Report) -> None:
    """The engine and the kernel files are simulated by another process; the screen is drawn and read afterwards."""
    presses: list[KeyPress] = []
    waits = key_gaps()
    with simulated(COUNT) as environment, running((sys.executable, "-m", "dockpit"), environment) as terminal:
        time.sleep(SETTLE_SECONDS)
        for kind in (press_down, press_tab, type_filters):
            presses += kind(terminal, waits)
        time.sleep(MAX_LATENCY_SECONDS)
    found = key_latencies(terminal, presses)
    report.add(section(found))
    assert all(min(taken) < float("inf") for taken in found.values()), "a kind of key never showed a consequence"


def section(found: dict[str, list[float]]) -> Section:
    """Percentiles by kind of key and of all."""
    made = Section(
        f"From key to screen with {COUNT} containers ticking, terminal of {COLUMNS}x{ROWS}, ms",
        ("", "keys", "median", "p99", "most", "unseen"),
        "Cursor down: the cursor stands on another row; the charts below the table are no key's own and not in the "
        "last row. Tab change: its title is the marked "
        "one. Filter typed: the letter stands there and only what it lets through is listed. Engine and kernel files "
        "are simulated in another process; output is timed as it arrives and drawn afterwards.",
    )
    everything = [taken for kind, each in found.items() if kind != FOLLOWING for taken in each]
    for kind, taken in (*found.items(), ("all", everything)):
        seen = [one for one in taken if one < float("inf")]
        row = (median(seen), percentile(taken, 0.99), max(taken))
        made.rows.append((kind, len(taken), *row, len(taken) - len(seen)))
    made.ratios.append(("p99 of all, ms", percentile(everything, 0.99), "under 50"))
    return made
