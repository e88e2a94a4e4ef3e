"""Every figure has its format and is never "nan" or "-0"."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockpit.metrics import formatting

MIB = 1 << 20


@pytest.mark.parametrize(
    ("write", "value", "text"),
    [
        (formatting.bytes_short, 0, "0B"),
        (formatting.bytes_short, 1023, "1023B"),
        (formatting.bytes_short, 512 << 10, "512K"),
        (formatting.bytes_short, 41 * MIB, "41M"),
        (formatting.bytes_short, 1.44 * 1024 * MIB, "1.4G"),
        (formatting.bytes_short, 1024 * MIB, "1G"),
        (formatting.bytes_short, 1041 * MIB, "1.0G"),
        (formatting.bytes_short, 1023.7 * MIB, "1.0G"),
        (formatting.bytes_short, 9.97 * MIB, "10M"),
        (formatting.bytes_short, -3 * MIB, "-3M"),
        (formatting.bytes_short, -0.2, "0B"),
        (formatting.bytes_short, None, "–"),
        (formatting.bytes_short, math.nan, "–"),
        (formatting.bytes_short, math.inf, "–"),
        (formatting.bytes_long, 31.2 * 1024 * MIB, "31.2 GiB"),
        (formatting.bytes_long, 0, "0 B"),
        (formatting.bytes_long, None, "–"),
        (formatting.rate, 0, "0"),
        (formatting.rate, 0.4, "0"),
        (formatting.rate, 870, "870"),
        (formatting.rate, 340_000, "340k"),
        (formatting.rate, 999_600, "1.0M"),
        (formatting.rate, 1_200_000, "1.2M"),
        (formatting.rate, None, "–"),
        (formatting.rate_long, 1_200_000, "1.2 MB/s"),
        (formatting.rate_long, 12, "12 B/s"),
        (formatting.rate_long, math.nan, "–"),
        (formatting.cores, 0.2, "0.20"),
        (formatting.cores, 9.996, "10.0"),
        (formatting.cores, 12.41, "12.4"),
        (formatting.cores, 128, "128"),
        (formatting.cores, -0.001, "0.00"),
        (formatting.cores, None, "–"),
        (formatting.percent, 0, "0 %"),
        (formatting.percent, 0.3, "<1 %"),
        (formatting.percent, 99.7, "99 %"),
        (formatting.percent, 100, "100 %"),
        (formatting.percent, -0.1, "0 %"),
        (formatting.percent, None, "–"),
        (formatting.duration, 17.9, "17 s"),
        (formatting.duration, 240, "4 min"),
        (formatting.duration, 3 * 3600, "3 h"),
        (formatting.duration, 47 * 3600, "47 h"),
        (formatting.duration, 2 * 86400, "2 d"),
        (formatting.duration, -5, "0 s"),
        (formatting.duration, None, "–"),
        (formatting.ago, 0.2, "just now"),
        (formatting.ago, 3 * 3600, "3 h ago"),
        (formatting.ago, None, "–"),
        (formatting.eta, 250, "~4 min"),
        (formatting.eta, 57, "~50 s"),
        (formatting.eta, 17, "~15 s"),
        (formatting.eta, 3, "~3 s"),
        (formatting.eta, 0, "now"),
        (formatting.eta, math.inf, "–"),
        (formatting.ms_per_s, 812.3, "812 CPU-ms/s"),
        (formatting.ms_per_s, 0.2, "<1 CPU-ms/s"),
        (formatting.ms_per_s, 0, "0 CPU-ms/s"),
        (formatting.ms_per_s, None, "–"),
        (formatting.count, 1024, "1024"),
        (formatting.count, 12_345, "12k"),
        (formatting.count, None, "–"),
    ],
)
def test_each_figure_is_written_in_its_format(
    write: Callable[[float | None], str], value: float | None, text: str
) -> None:
    assert write(value) == text


@pytest.mark.parametrize(
    ("first", "second", "text"),
    [(1.2e6, 340e3, "1.2M/340k"), (0, 0, "0/0"), (None, 0, "–/0"), (None, None, "–"), (math.nan, None, "–")],
)
def test_a_pair_of_rates_is_one_dash_only_when_both_are_unknown(
    first: float | None, second: float | None, text: str
) -> None:
    assert formatting.rate_pair(first, second) == text


def test_a_part_is_written_in_the_unit_of_its_whole() -> None:
    assert formatting.bytes_share(512 * MIB, 62.7 * 1024 * MIB) == "0.5 of 62.7 GiB"
    assert formatting.bytes_share(None, 1024) == formatting.NA
    assert formatting.bytes_share(3, 7) == "3.0 of 7.0 B"


def test_a_count_is_written_with_its_noun() -> None:
    assert [formatting.plural(number, "alert") for number in (0, 1, 2)] == ["0 alerts", "1 alert", "2 alerts"]


def test_the_time_zone_is_an_argument() -> None:
    tokyo = timezone(timedelta(hours=9))
    assert formatting.time_of_day(1_700_000_000, UTC) == "22:13:20"
    assert formatting.time_of_day(1_700_000_000, tokyo) == "07:13:20"


def test_a_time_of_another_day_has_its_date() -> None:
    now = 1_700_000_000.0
    assert formatting.time_and_date(now - 60, now, UTC) == "22:12:20"
    assert formatting.time_and_date(now - 86_400, now, UTC) == "11-13 22:13"


@pytest.mark.parametrize("at", [math.nan, math.inf, 1e300, -1e300])
def test_a_time_no_calendar_has_is_a_dash(at: float) -> None:
    assert formatting.time_of_day(at, UTC) == formatting.NA
    assert formatting.time_and_date(at, 0.0, UTC) == formatting.NA


def test_ascii_text_replaces_the_signs_dockpit_writes() -> None:
    assert formatting.to_ascii("– · ● ↻ ▾") == "- | * ~ v"
    assert formatting.to_ascii("héllo") == "héllo"


ANY = st.none() | st.floats() | st.integers(min_value=-(10**30), max_value=10**30)
WRITERS = (
    formatting.bytes_short, formatting.bytes_long, formatting.rate, formatting.rate_long, formatting.cores,
    formatting.percent,
    formatting.duration, formatting.ago, formatting.eta, formatting.ms_per_s, formatting.count,
)  # fmt: skip


@given(ANY)
def test_no_number_is_written_as_nan_or_minus_zero(value: float | None) -> None:
    for write in WRITERS:
        text = write(value)
        assert "nan" not in text
        assert "inf" not in text
        assert not (text.startswith("-") and not any(digit in text for digit in "123456789"))


@given(st.floats(min_value=0, max_value=1e27))
def test_short_figures_keep_to_their_width(value: float) -> None:
    assert len(formatting.bytes_short(value)) <= 5
    assert len(formatting.rate(value)) <= 4
    assert len(formatting.count(value)) <= 5
    assert len(formatting.cores(min(value, 99_999.0))) <= 5


@given(st.floats(min_value=0, max_value=99.999))
def test_less_than_a_hundred_percent_is_never_written_as_a_hundred(value: float) -> None:
    assert formatting.percent(value) != "100 %"


def test_events_per_second_have_one_decimal_below_ten() -> None:
    values = (None, 0.0, 0.02, 0.24, 9.94, 9.96, 12.3, 12_345.0)
    assert [formatting.per_second(value) for value in values] == ["–", "0", "0.1", "0.2", "9.9", "10", "12", "12k"]
