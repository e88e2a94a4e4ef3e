"""The real engine's fixtures, for the benchmarks too."""

from __future__ import annotations

from tests.engine.conftest import engine as engine
from tests.engine.conftest import workload_image as workload_image
