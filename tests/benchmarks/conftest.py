"""Fixtures of the real engine, and the report to which all benchmarks write."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.benchmarks.report import Report
from tests.engine.conftest import engine as engine
from tests.engine.conftest import workload_image as workload_image


@pytest.fixture(scope="session")
def report() -> Iterator[Report]:
    """The report of the run, printed as a whole at its end."""
    report = Report()
    yield report
    print(f"\n\n{report.markdown()}")
