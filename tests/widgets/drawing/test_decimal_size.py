"""Sizes are written in decimal units."""

from __future__ import annotations

import pytest

from widgets.drawing.decimal_size import decimal_size


@pytest.mark.parametrize(("count", "text"), [(812, "812 B"), (1_500, "1.5 kB"), (2_000_000, "2.0 MB")])
def test_sizes(count: int, text: str) -> None:
    assert decimal_size(count) == text
