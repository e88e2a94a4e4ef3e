"""The table of alerts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC

from dockpit.views.alerts_table import alerts_table, container_id_of, row_key
from tests.builders import NOW, alert, entry, full_id, snapshot


def test_an_alert_has_its_time_duration_level_container_and_text() -> None:
    view = alerts_table(snapshot([entry("web", alerts=(alert("web"),))]), NOW, UTC)
    (row,) = view.rows
    assert [cell.text for cell in row.cells] == ["22:12:20", "1 min", "high", "web", "throttled 99 %"]
    assert row.cells[2].tone == row.cells[4].tone == "high"


def test_the_container_is_found_by_the_key_of_a_row() -> None:
    found = alert("web", "oom", "critical")
    assert container_id_of(row_key(found)) == full_id("web")
    assert row_key(found) != row_key(alert("web"))


def test_an_alert_raised_at_an_unknown_time_has_no_time() -> None:
    old = replace(alert("web"), since=0.0)
    view = alerts_table(snapshot([entry("web", alerts=(old,))]), NOW, UTC, ascii=True)
    assert [cell.text for cell in view.rows[0].cells[:2]] == ["-", "-"]


def test_a_table_without_alerts_says_so() -> None:
    assert alerts_table(snapshot(), NOW, UTC).empty == "nothing is wrong"
    assert alerts_table(snapshot(ready=False), NOW, UTC).empty == "listing containers"
