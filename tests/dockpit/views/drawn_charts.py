"""The charts of one container by title, as tests look at them."""

from __future__ import annotations

from datetime import UTC

from dockpit.metrics.snapshot import Entry
from dockpit.model.container_limits import Limits
from dockpit.model.engine_info import EngineInfo
from dockpit.model.events import Event
from dockpit.model.view_models import ChartView
from dockpit.views.charts import charts
from dockpit.views.view_context import ViewContext
from tests.builders import MIB, NOW, engine

LIMITED = Limits(nano_cpus=200_000_000, memory_bytes=512 * MIB)
CONTEXT = ViewContext(NOW, NOW, UTC)


def draw(
    found: Entry, about: EngineInfo | None = None, events: tuple[Event, ...] = (), span: float = 60.0, points: int = 60
) -> dict[str, ChartView]:
    drawn = charts(found, about or engine(), events, CONTEXT, span, points, 7)
    return {chart.title: chart for chart in drawn}
