"""Times and texts in JSON from an engine: nonsense is zero or replaced, never raised."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from dockpit.engine.container_parsing import parse_container
from dockpit.engine.json_values import YEAR_3000_SECONDS, as_epoch_seconds, as_text
from tests.dockpit.engine.json_strategies import any_json, timestamps


def test_never_and_nonsense_are_zero() -> None:
    assert as_epoch_seconds("0001-01-01T00:00:00Z") == 0.0
    assert as_epoch_seconds("yesterday, at about noon o'clock") == 0.0
    assert as_epoch_seconds("2026-11-23T19:00:00.123456789Z") == as_epoch_seconds("2026-11-23T19:00:00Z") + 0.123456789
    assert as_epoch_seconds("2026-11-23T21:00:00.5+02:00") == as_epoch_seconds("2026-11-23T19:00:00Z") + 0.5


def test_times_beyond_every_calendar_are_zero() -> None:
    for absurd in ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59-14:00", "0002-01-01T00:00:00Z", "-001-01-01T00:00:00Z"):
        assert as_epoch_seconds(absurd) == 0.0


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(), max_size=30) | timestamps | any_json)
def test_any_value_is_a_time_before_the_year_3000(value: Any) -> None:
    assert 0.0 <= as_epoch_seconds(value) < YEAR_3000_SECONDS


def test_texts_can_always_be_encoded() -> None:
    container = parse_container(
        {"Name": "/a\ud800b", "Path": "x", "Args": ["\udfff", [["deep"]]], "Config": {"Labels": {"\ud800": "\ud801"}}}
    )
    for text in (container.name, container.command, *container.labels, *container.labels.values()):
        assert text.encode("utf-8")
    assert container.name == "a?b" and as_text("café") == "café"
