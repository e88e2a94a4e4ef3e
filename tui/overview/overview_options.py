"""What the overview's view model is made for: the user's settings and the room on the screen."""

from __future__ import annotations

from dockpit.views.overview import OverviewOptions
from tui.overview.detail_pane import DetailPane
from tui.view_state import ViewState
from widgets.tables.live_table import LiveTable

MARGIN_ROWS = 2
"""Rows beyond both ends of the visible ones that have their figures made too."""


def overview_options(
    state: ViewState, table: LiveTable, pane: DetailPane, cursor: str, width: int, *, paused: bool
) -> OverviewOptions:
    """Options for a screen `width` columns wide with the cursor on the row `cursor`, "" for none."""
    top = int(table.scroll_offset.y)
    return OverviewOptions(
        sort=state.sort,
        descending=state.descending,
        filter=state.filter,
        grouped=state.grouped,
        folded=frozenset(state.folded),
        columns=state.columns,
        cursor=cursor,
        width=width,
        span_seconds=state.span_seconds,
        points=pane.points,
        detailed=bool(pane.display),
        paused=paused,
        ascii=state.ascii,
        interval=state.interval_seconds,
        visible=range(max(0, top - MARGIN_ROWS), top + max(table.size.height, 1) + MARGIN_ROWS),
    )
