"""The list of alerts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC

from dockpit.views.alerts_table import alerts_view, container_of, row_key
from tests.builders import NOW, alert, entry, full_id, snapshot


def test_an_alert_says_since_when_who_and_what() -> None:
    view = alerts_view(snapshot([entry("web", alerts=(alert("web"),))]), NOW, UTC)
    (row,) = view.rows
    assert [cell.text for cell in row.cells] == ["22:12:20", "1 min", "high", "web", "throttled 99 %"]
    assert row.cells[2].tone == row.cells[4].tone == "high"


def test_a_row_leads_to_its_container() -> None:
    found = alert("web", "oom", "critical")
    assert container_of(row_key(found)) == full_id("web")
    assert row_key(found) != row_key(alert("web"))


def test_an_alert_nobody_saw_begin_has_no_time() -> None:
    old = replace(alert("web"), since=0.0)
    view = alerts_view(snapshot([entry("web", alerts=(old,))]), NOW, UTC, ascii=True)
    assert [cell.text for cell in view.rows[0].cells[:2]] == ["-", "-"]


def test_no_alert_is_said() -> None:
    assert alerts_view(snapshot(), NOW, UTC).empty == "nothing is wrong"
    assert alerts_view(snapshot(ready=False), NOW, UTC).empty == "listing containers"
