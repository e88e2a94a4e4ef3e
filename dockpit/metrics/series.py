"""Names of the history under the module they had before it was taken apart."""

from __future__ import annotations

from dockpit.metrics.metric_ring import KEPT_NAMES as KEPT_NAMES
from dockpit.metrics.metric_ring import MetricRing as MetricRing
from dockpit.metrics.metric_ring import Window as Window
from dockpit.metrics.resampling import resample as resample
from dockpit.metrics.row_ring import NAN as NAN
