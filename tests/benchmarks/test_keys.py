"""How long after a key the screen shows what it did, with 500 containers that tick."""

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

from tests.benchmarks.recorded_terminal import COLUMNS, ROWS, Picture, Terminal, running
from tests.benchmarks.report import Report, Section, median, percentile
from tests.benchmarks.simulated import simulated
from tui.screens.container import TABS

COUNT = int(os.environ.get("DOCKPIT_BENCH_CROWD", "500"))
KEYS = int(os.environ.get("DOCKPIT_BENCH_KEYS", "100"))
"""How many of each kind are pressed."""
SETTLE = 20.0
GAP = (0.15, 0.4)
"""Seconds between two keys: a person's, at any moment of a tick."""
PATIENCE = 2.0
WORDS = ("d-1", "d-23", "d-40", "d-077", "d-3")
FIRST, DOWN, ENTER, TAB, ESCAPE = b"g", b"\x1b[B", b"\r", b"\t", b"\x1b"
CURSOR = "▌"
PROJECT = "team-"
FOLLOWING = "charts below follow the cursor"

Looks = Callable[[Picture], object]
Wanted = Callable[[object, object], bool]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


@dataclass(frozen=True, slots=True)
class Press:
    """A key that was pressed, and how one tells from the picture before and after that it worked."""

    kind: str
    at: float
    looks: Looks
    """What of the picture the key changes."""
    wanted: Wanted
    """Whether it did: (before, now)."""


# what is looked at


def under_cursor(picture: Picture) -> str:
    """The container or project on whose row the cursor stands."""
    row = next((line for line in picture.lines() if line.startswith(CURSOR)), "")
    name = re.search(r"[a-z]+-\d+", row)
    return name[0] if name else ""


def charted(picture: Picture) -> tuple[str, str]:
    """What is under the cursor, and the container whose charts are shown."""
    titles = (re.match(r" (\S+) {20,}\d+ min ", f"{line} ") for line in picture.lines())
    return under_cursor(picture), next((title[1] for title in titles if title), "")


def tab_in_front(picture: Picture) -> str:
    """The tab whose title is shown in reverse."""
    return next((word for row in range(5) if (word := picture.reversed(row).strip()) in TABS), "")


def filtered(picture: Picture) -> tuple[str, tuple[str, ...]]:
    """What the line of the filter holds, and the containers that are listed."""
    lines = picture.lines()
    names = tuple(found[1] for line in lines[3:-2] if (found := re.match(r".[●◐○ ]+(crowd-\d+) ", line)))
    return lines[-2].strip(), names


# what is pressed


def pauses() -> Iterator[float]:
    """Waits between keys, the same in every run."""
    chance = random.Random(1)
    while True:
        yield chance.uniform(*GAP)


def downs(terminal: Terminal, waits: Iterator[float]) -> Iterator[Press]:
    """The cursor goes down."""
    for _ in range(KEYS):
        time.sleep(next(waits))
        at = terminal.press(DOWN)
        yield Press("cursor down", at, under_cursor, lambda before, now: now not in (before, ""))
        yield Press(FOLLOWING, at, charted, follows)


def tabs(terminal: Terminal, waits: Iterator[float]) -> Iterator[Press]:
    """The first container below the first project is opened, then one tab after the other."""
    for key in (FIRST, DOWN, ENTER):
        terminal.press(key)
        time.sleep(PATIENCE)
    for tab in islice(cycle((*TABS[1:], TABS[0])), KEYS):
        time.sleep(next(waits))
        yield Press("tab change", terminal.press(TAB), tab_in_front, turned_to(tab))
    terminal.press(ESCAPE)
    time.sleep(PATIENCE)


def letters(terminal: Terminal, waits: Iterator[float]) -> Iterator[Press]:
    """Filters are typed, letter by letter, and cleared again."""
    for word in islice(cycle(WORDS), -(-KEYS // 4)):
        terminal.press(b"/")
        time.sleep(0.5)
        for end in range(1, len(word) + 1):
            time.sleep(next(waits))
            yield Press("filter typed", terminal.press(word[end - 1].encode()), filtered, shows(word[:end]))
        time.sleep(0.5)
        terminal.press(ESCAPE)
        time.sleep(1.0)


def follows(before: object, now: object) -> bool:
    """Whether another container is under the cursor, and the charts are its own; a project has none."""
    name, title = now if isinstance(now, tuple) else ("", "")
    return now != before and name != "" and (title == name or name.startswith(PROJECT))


def turned_to(tab: str) -> Wanted:
    """Whether this tab is in front, or one of the next two: the screen may have skipped it for a later key."""
    order = TABS.index(tab)
    passed = {TABS[(order + step) % len(TABS)] for step in range(len(TABS) // 2)}
    return lambda _, now: now in passed


def shows(text: str) -> Wanted:
    """Whether the filter reads `text`, or more by now, and only what it lets through is listed."""

    def answer(_: object, now: object) -> bool:
        typed, names = now if isinstance(now, tuple) else ("", ())
        return typed.startswith(text) and bool(names) and all(typed in name for name in names)

    return answer


MERGING = (tab_in_front, filtered)
"""Where one picture can be the answer to two keys, and says so by itself."""

# what came of it


def answers(terminal: Terminal, presses: Sequence[Press]) -> dict[str, list[float]]:
    """Milliseconds from each key to the chunk of output that showed its consequence, by kind; inf for none."""
    found: dict[str, list[float]] = {}
    for looks in dict.fromkeys(press.looks for press in presses):
        chosen = [press for press in presses if press.looks is looks]
        seen = sights(terminal, looks)
        shown = 0
        for press in chosen:
            first = max(shown, bisect_left(seen, press.at, key=itemgetter(0)))
            before = seen[first - 1][1]
            last = bisect_left(seen, press.at + PATIENCE, key=itemgetter(0))
            at = next((n for n in range(first, last) if press.wanted(before, seen[n][1])), None)
            shown = shown if at is None else at + (press.looks not in MERGING)
            taken = float("inf") if at is None else 1000 * (seen[at][0] - press.at)
            found.setdefault(press.kind, []).append(taken)
    return found


def sights(terminal: Terminal, looks: Looks) -> list[tuple[float, object]]:
    """What was to be seen after each chunk of output, with when it came."""
    picture = Picture()
    found: list[tuple[float, object]] = []
    for chunk in terminal.chunks:
        picture.feed(chunk)
        found.append((chunk.at, looks(picture)))
    return found


def test_keys(report: Report) -> None:
    """The engine and the kernel's files are simulated by another process; what is drawn is looked at afterwards."""
    presses: list[Press] = []
    waits = pauses()
    with simulated(COUNT) as environment, running((sys.executable, "-m", "dockpit"), environment) as terminal:
        time.sleep(SETTLE)
        for kind in (downs, tabs, letters):
            presses += kind(terminal, waits)
        time.sleep(PATIENCE)
    found = answers(terminal, presses)
    report.add(section(found))
    assert all(min(taken) < float("inf") for taken in found.values()), "a kind of key never showed a consequence"


def section(found: dict[str, list[float]]) -> Section:
    """Percentiles by kind and of all."""
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
