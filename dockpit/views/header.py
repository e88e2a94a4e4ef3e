"""The header: which engine is watched, where its figures come from, the filter, the alerts and the time."""

from __future__ import annotations

from collections.abc import Sequence

from dockpit.metrics import formatting
from dockpit.metrics.snapshot import Snapshot
from dockpit.metrics.sorting import worst_alert_level
from dockpit.model.engine_info import EngineInfo
from dockpit.model.view_models import LabelledText
from dockpit.views.view_context import LEVEL_TONES, TEXT_LENGTH, ViewContext

SPACING = 2
"""Blanks between two items of a line."""
MARGIN = 1
"""Blanks before the first and after the last item of a line."""


def header(
    snapshot: Snapshot, context: ViewContext, width: int, *, paused: bool, filtered: str, interval: float
) -> tuple[LabelledText, ...]:
    """The items of the header that fit `width` (0 for all); the least important go first, the clock is always last.

    `filtered` is the filter in force, `interval` the seconds between two samples.
    """
    engine = snapshot.engine
    ranked: list[tuple[int, LabelledText]] = [
        (0, LabelledText("", "dockpit", "accent")),
        (3, LabelledText("", context.text(_address(snapshot)))),
        (4, LabelledText("", context.text(_product(engine)), "dim")),
        (6, LabelledText("", context.text(_machine(engine)), "dim")),
        (5, LabelledText("", context.text(_sources(snapshot, interval)), "dim")),
        (1, LabelledText("", "read-only" if snapshot.read_only else "", "info")),
        (2, LabelledText("filter", filtered[:TEXT_LENGTH], "accent") if filtered else LabelledText("", "")),
        (0, LabelledText("", "paused" if paused else "", "info")),
        (0, _alerts(snapshot)),
        (0, LabelledText("", formatting.time_of_day(context.now, context.tz))),
    ]
    kept = [pair for pair in ranked if pair[1].text]
    while width and len(kept) > 1 and line_width([item for _, item in kept]) > width and max(kept, key=_rank)[0] > 0:
        kept.remove(max(kept, key=_rank))
    return tuple(item for _, item in kept)


def line_width(items: Sequence[LabelledText]) -> int:
    """The width of a line of items in characters, with its margins and a blank between the parts of an item."""
    parts = (len(item.label) + len(item.text) + len(item.spark) for item in items)
    blanks = (bool(item.label) + bool(item.spark) for item in items)
    return 2 * MARGIN + sum(parts) + sum(blanks) + SPACING * max(0, len(items) - 1)


def _rank(pair: tuple[int, LabelledText]) -> int:
    return pair[0]


def _address(snapshot: Snapshot) -> str:
    engine = snapshot.engine
    address = (engine.address or snapshot.link.address)[:TEXT_LENGTH]
    docker_context = engine.context[:TEXT_LENGTH]
    return f"{docker_context} · {address}" if docker_context and address else docker_context or address


def _product(engine: EngineInfo) -> str:
    if not engine.version:
        return ""
    words = [f"{engine.product} {engine.version.partition('+')[0][:40]}"]
    if engine.cgroup_version:
        words.append(f"cgroup v{engine.cgroup_version}")
    if engine.rootless:
        words.append("rootless")
    return " · ".join(words)


def _machine(engine: EngineInfo) -> str:
    words = [formatting.plural(engine.cpus, "CPU")] if engine.cpus else []
    if engine.memory_bytes:
        words.append(formatting.bytes_long(engine.memory_bytes))
    return " · ".join(words)


def _sources(snapshot: Snapshot, interval: float) -> str:
    """The sources of the figures and their interval: "kernel 1 s", "kernel 97 · engine 3 · 1 s · 4 late"."""
    sources = snapshot.sources
    if not sources.kernel and not sources.engine:
        return f"{interval:g} s"
    if sources.kernel and sources.engine:
        words = [f"kernel {sources.kernel}", f"engine {sources.engine}", f"{interval:g} s"]
    else:
        words = [f"{'kernel' if sources.kernel else 'engine'} {interval:g} s"]
    words += [f"{sources.late} late"] if sources.late else []
    return " · ".join(words)


def _alerts(snapshot: Snapshot) -> LabelledText:
    if not snapshot.alerts:
        return LabelledText("", "no alerts" if snapshot.ready else "", "dim")
    return LabelledText(
        "", formatting.plural(len(snapshot.alerts), "alert"), LEVEL_TONES[worst_alert_level(snapshot.alerts)]
    )
