"""Strategies of JSON as an engine might send it: right, wrong and absurd."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

any_scalar = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=True, allow_infinity=True)
    | st.text(max_size=30)
)
any_json = st.recursive(
    any_scalar, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=5)
)
any_counter = st.integers(0, 2**63) | st.integers(-5, 5) | any_json
timestamps = st.sampled_from(
    ["2026-11-23T19:00:00.123456789Z", "2026-11-23T19:00:01Z", "0001-01-01T00:00:00Z", "2026-11-23T19:00:01.5+02:00"]
)


def json_object(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Objects with any of these fields."""
    return st.fixed_dictionaries({}, optional=fields)
