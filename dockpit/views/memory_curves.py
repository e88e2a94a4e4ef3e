"""The curves of the memory chart: its parts stacked on each other, or the total where the parts are unknown."""

from __future__ import annotations

import math
from collections.abc import Sequence

from dockpit.metrics.row_ring import NAN
from dockpit.model.view_models import Curve, Tone
from dockpit.views.chart_context import ChartContext, is_blank

MEMORY_PARTS: tuple[tuple[str, Tone], ...] = (
    ("anon", "accent"),
    ("shmem", "good"),
    ("kernel", "info"),
    ("cache", "dim"),
)
"""Parts of a container's memory with their tones, from the bottom: what reclaim cannot free, then the file cache."""

ScaledCurves = tuple[tuple[Curve, ...], Sequence[float]]
"""Curves, and the values that the scale must include."""


def memory_curves(context: ChartContext) -> ScaledCurves:
    """MEMORY_PARTS as stacked curves; without a breakdown, used and unreclaimable memory. In bytes."""
    return _stacked_parts(context) or _used_and_unreclaimable(context)


def _used_and_unreclaimable(context: ChartContext) -> ScaledCurves:
    """Used memory as docker counts it, and the part of it that reclaim cannot free."""
    used, unreclaimable = context.curve("memory_used_bytes"), context.curve("memory_unreclaimable_bytes")
    lines = (Curve("used", used), Curve("unreclaimable", unreclaimable, "info"))
    return tuple(line for line in lines if not is_blank(line.points)), used


def _stacked_parts(context: ChartContext) -> ScaledCurves | None:
    """MEMORY_PARTS as stacked curves, and docker's figure for the time without a breakdown; None without any.

    The running totals are resampled rather than the parts, so that the stack is as high as the memory really was.
    """
    if not all(context.entry.window.has(name) for name in ("anon_bytes", "file_bytes", "shmem_bytes")):
        return None
    samples = [context.samples(f"{name}_bytes") for name in ("anon", "shmem", "kernel", "file")]
    totals = list(zip(*map(_running_totals, *samples), strict=True))
    curves = [context.resample(total) for total in totals]
    lower_curves = [(0.0,) * context.points, *curves]
    lines = [
        Curve(name, _difference(curve, lower), tone, stacked=True)
        for (name, tone), curve, lower in zip(MEMORY_PARTS, curves, lower_curves, strict=False)
    ]
    shown = tuple(line for line in lines if any(value > 0 for value in line.points))
    if not shown:
        return None
    pairs = zip(context.samples("memory_used_bytes"), totals[-1], strict=True)
    unexplained = [used if math.isnan(total) else NAN for used, total in pairs]
    if is_blank(unexplained):
        return shown, curves[-1]
    line = Curve("used", context.resample(unexplained), "normal")
    return (*shown, line), curves[-1] + line.points


def _running_totals(anon: float, shmem: float, kernel: float, file: float) -> tuple[float, float, float, float]:
    """The running totals of MEMORY_PARTS in one sample; all NaN if anything but `kernel` is missing.

    `file` includes `shmem`, as the kernel counts it.
    """
    user = anon + shmem
    unreclaimable = user if math.isnan(kernel) else user + kernel
    whole = unreclaimable if file < shmem else unreclaimable + file - shmem
    return (NAN, NAN, NAN, NAN) if math.isnan(whole) else (anon, user, unreclaimable, whole)


def _difference(curve: Sequence[float], lower: Sequence[float]) -> tuple[float, ...]:
    """`curve` minus `lower`. Each gap is the object NAN, which tuples compare by identity, so equal views are equal."""
    return tuple(NAN if math.isnan(total) else total - below for total, below in zip(curve, lower, strict=True))
