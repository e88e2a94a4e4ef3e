"""Samples of a container, which are raw counters as a source read them, and the rates between two samples.

The fields of both follow from the figures that are declared in figures_and_columns.py. Units are in the names. None
always means that the host cannot say; it is shown as n/a and never as 0.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from dockpit.metrics.figure_declaration import Derived, EntryValue, Figure, Gauge, Rate, StalledPercent
from dockpit.metrics.figures_and_columns import FIGURES

if TYPE_CHECKING:
    from dockpit.model.container_limits import EnforcedLimits, ThrottlingAbove


@dataclass(frozen=True, slots=True)
class Pressure:
    """PSI of one resource: microseconds stalled since boot, for `some` and for all (`full`) tasks."""

    some_us: int | None = None
    full_us: int | None = None


def raw_fields(figure: Figure) -> tuple[str, ...]:
    """The fields of a sample that a figure is made of."""
    match figure.source:
        case Gauge(raw) | Rate(raw) | StalledPercent(raw):
            return (raw,)
        case Derived(raws) | EntryValue(raws=raws):
            return raws
    return ()


def _of_two_samples(figure: Figure) -> bool:
    return isinstance(figure.source, Rate | StalledPercent | Derived)


RAW_FIELDS = tuple(dict.fromkeys(raw for figure in FIGURES for raw in raw_fields(figure)))
"""Every counter and gauge that a source may read."""
RATE_FIELDS = tuple(figure.name for figure in FIGURES if _of_two_samples(figure))
"""Every figure that is worked out from two samples."""

if TYPE_CHECKING:

    class Sample(tuple[Any, ...]):
        """Raw counters of one container, read at one instant.

        `at` is the time of the read on the clock of whoever read it (the engine's `read` field), in seconds since the
        epoch. Counters are totals since the container started; gauges are values at `at`. Every field of RAW_FIELDS is
        one of these, None where the source does not have it.
        """

        container_id: str
        at: float
        cpu_pressure: Pressure | None
        memory_pressure: Pressure | None
        io_pressure: Pressure | None
        in_force: EnforcedLimits | None
        """The limits that the kernel enforces; None from a source that does not have them."""
        throttling_above: ThrottlingAbove | None
        """None where no cgroup above has a quota, or the source does not know."""
        first: bool
        """The first of a run, where the source can tell: nothing before it belongs to it."""
        source: str
        _fields: ClassVar[tuple[str, ...]]

        def __new__(
            cls,
            container_id: str,
            at: float,
            *,
            cpu_pressure: Pressure | None = None,
            memory_pressure: Pressure | None = None,
            io_pressure: Pressure | None = None,
            in_force: EnforcedLimits | None = None,
            throttling_above: ThrottlingAbove | None = None,
            first: bool = False,
            source: str = "engine",
            **raw: int | None,
        ) -> Sample: ...
        def __getattr__(self, raw: str) -> int | None: ...
        def _replace(self, **changes: object) -> Sample: ...
        def _asdict(self) -> dict[str, Any]: ...

    class Rates(tuple[Any, ...]):
        """Rates between two samples; every field of RATE_FIELDS is None where either sample lacks it."""

        at: float
        seconds: float
        _fields: ClassVar[tuple[str, ...]]

        def __new__(cls, at: float, seconds: float, **figures: float | None) -> Rates: ...
        def __getattr__(self, figure: str) -> float | None: ...
        @classmethod
        def _make(cls, values: Iterable[Any]) -> Rates: ...
        def _replace(self, **changes: object) -> Rates: ...

else:
    _FIXED = {"in_force": None, "throttling_above": None, "first": False, "source": "engine"}
    Sample = namedtuple(
        "Sample",
        ("container_id", "at", *RAW_FIELDS, *_FIXED),
        defaults=(*(None for _ in RAW_FIELDS), *_FIXED.values()),
        module=__name__,
    )
    Rates = namedtuple(
        "Rates", ("at", "seconds", *RATE_FIELDS), defaults=tuple(None for _ in RATE_FIELDS), module=__name__
    )
