"""The results as Markdown and as JSON: the machine first, then one section per question."""

from __future__ import annotations

import json
import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import docker

PATH_VARIABLE = "DOCKPIT_BENCH_REPORT"
ROUNDS = int(os.environ.get("DOCKPIT_BENCH_ROUNDS", "5"))

Cell = str | float


@dataclass(slots=True)
class Section:
    """One question: rows of figures under a head, ratios with their targets, and how it was measured."""

    title: str
    head: tuple[str, ...]
    how: str
    rows: list[tuple[Cell, ...]] = field(default_factory=list)
    ratios: list[tuple[str, float, str]] = field(default_factory=list)
    """(description, figure, target)"""

    def markdown(self) -> str:
        """The section as Markdown, its columns aligned."""
        rows = [tuple(_text(cell) for cell in row) for row in (self.head, *self.rows)]
        widths = [max(len(row[column]) for row in rows) for column in range(len(self.head))]
        lines = ["| " + " | ".join(_aligned(row, widths)) + " |" for row in rows]
        lines.insert(
            1, "|" + "|".join("-" * (width + 1) + ("-" if not n else ":") for n, width in enumerate(widths)) + "|"
        )
        ratios = [
            f"- {what}: **{_text(value)}**{f' (wanted: {wanted})' * bool(wanted)}"
            for what, value, wanted in self.ratios
        ]
        return "\n".join([f"### {self.title}", "", *lines, "", *ratios, *[""] * bool(ratios), self.how, ""])


def _aligned(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    return [
        cell.rjust(width) if n else cell.ljust(width) for n, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]


def _text(cell: Cell) -> str:
    return cell if isinstance(cell, str) else f"{cell:.3g}" if abs(cell) < 100 else f"{cell:,.0f}"


class Report:
    """All sections of a run."""

    def __init__(self) -> None:
        self.machine = [
            f"{cpu_model()}, {os.cpu_count()} cores, Linux {platform.release()}, Python {platform.python_version()}"
        ]
        self.sections: list[Section] = []

    def add_engine(self, engine: docker.DockerClient) -> None:
        """Add the measured engine to the machine's description."""
        info = engine.info()
        description = (
            f"Docker {info['ServerVersion']}, cgroup v{info.get('CgroupVersion', '1')}, {info['CgroupDriver']} driver"
        )
        if description not in self.machine:
            self.machine.append(description)

    def add(self, section: Section) -> None:
        """Keep a finished section, print it and write the report."""
        self.sections.append(section)
        print(f"\n{section.markdown()}")
        self.write()

    def markdown(self) -> str:
        """The whole report as Markdown."""
        return "\n".join([f"{'; '.join(self.machine)}; {ROUNDS} rounds\n", *(s.markdown() for s in self.sections)])

    def values(self) -> dict[str, Any]:
        """The whole report as plain values."""
        return {
            "machine": self.machine,
            "rounds": ROUNDS,
            "sections": [
                {
                    "title": section.title,
                    "rows": [dict(zip(section.head, row, strict=True)) for row in section.rows],
                    "ratios": [{"what": what, "value": value, "wanted": w} for what, value, w in section.ratios],
                    "how": section.how,
                }
                for section in self.sections
            ],
        }

    def write(self) -> None:
        """Write the report so far to the path in DOCKPIT_BENCH_REPORT, as .md and as .json."""
        if path := os.environ.get(PATH_VARIABLE):
            Path(path).with_suffix(".md").write_text(self.markdown())
            Path(path).with_suffix(".json").write_text(json.dumps(self.values(), indent=1) + "\n")


def cpu_model() -> str:
    """The CPU's model name in /proc/cpuinfo."""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def median(values: Sequence[float]) -> float:
    """The median, NaN of an empty sequence."""
    return statistics.median(values) if values else float("nan")


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that is not exceeded by `share` (0 to 1) of the values; NaN of an empty sequence."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -int(-share * len(ordered) // 1) - 1))] if ordered else float("nan")
