"""The real engine's fixtures, for the benchmarks too, and the report that they all write to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.benchmarks.report import Report
from tests.engine.conftest import engine as engine
from tests.engine.conftest import workload_image as workload_image


@pytest.fixture(scope="session")
def report() -> Iterator[Report]:
    """Printed as a whole when everything was measured."""
    found = Report()
    yield found
    print(f"\n\n{found.markdown()}")
