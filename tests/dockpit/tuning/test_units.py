"""Units of the docker command line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockpit.model.container_limits import UNLIMITED_BYTES
from dockpit.model.errors import LimitError
from dockpit.tuning.units import (
    MAX_CPU,
    NANO,
    format_cpus,
    format_cpuset,
    format_size,
    means_unlimited,
    parse_count,
    parse_cpus,
    parse_cpuset,
    parse_size,
    quoted,
    readable_size,
)

MIB = 1 << 20


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("512m", 512 * MIB),
        ("1.5g", 1536 * MIB),
        ("64MiB", 64 * MIB),
        ("64 MB", 64 * MIB),
        ("1024k", MIB),
        ("7b", 7),
        ("42", 42),
        (".5G", 512 * MIB),
        ("1.g", 1024 * MIB),
        (" 2t ", 2 << 40),
        ("1p", 1 << 50),
        ("1.0000001k", 1024),
        (str(UNLIMITED_BYTES), UNLIMITED_BYTES),
    ],
)
def test_sizes_are_parsed_as_docker_does(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize(
    "text", ["", "m", "-5m", "5 q", "5mm", "5ibm", "5bb", "1,5g", "1e9", "٣m", "5\x1b[31m", "0x10", "1" * 41, "99999p"]
)
def test_other_text_is_no_size(text: str) -> None:
    with pytest.raises(LimitError) as caught:
        parse_size(text, "memory")
    assert caught.value.field == "memory"
    assert str(caught.value).isprintable()


@given(st.integers(0, UNLIMITED_BYTES))
def test_a_formatted_size_parses_to_the_same_size(size: int) -> None:
    assert parse_size(format_size(size)) == size


@pytest.mark.parametrize(
    ("size", "text"),
    [(512 * MIB, "512m"), (1536 * MIB, "1536m"), (1 << 30, "1g"), (1000, "1000"), (0, "0"), (2048, "2k")],
)
def test_sizes_are_formatted_in_the_largest_exact_unit(size: int, text: str) -> None:
    assert format_size(size) == text


@pytest.mark.parametrize(
    ("size", "text"), [(12, "12 B"), (2048, "2.0 KiB"), (60.5 * MIB, "60.5 MiB"), (3 << 30, "3.0 GiB")]
)
def test_sizes_in_sentences_are_rounded(size: float, text: str) -> None:
    assert readable_size(size) == text


@given(st.integers(0, 10_000 * NANO))
def test_formatted_cpus_parse_to_the_same_number(nano: int) -> None:
    assert parse_cpus(format_cpus(nano)) == nano


@pytest.mark.parametrize(
    ("nano", "text"), [(NANO, "1"), (20 * NANO, "20"), (1_500_000_000, "1.5"), (10_000_000, "0.01")]
)
def test_cpus_are_formatted_without_exponent_or_trailing_zeros(nano: int, text: str) -> None:
    assert format_cpus(nano) == text


@pytest.mark.parametrize("text", ["", "x", "-1", "1/2", "1e1", "nan", "0.0000000001", "1" * 50])
def test_other_text_is_no_number_of_cpus(text: str) -> None:
    with pytest.raises(LimitError):
        parse_cpus(text)


@given(st.sets(st.integers(0, MAX_CPU), min_size=1, max_size=60))
def test_a_formatted_list_parses_to_the_same_numbers(numbers: set[int]) -> None:
    assert parse_cpuset(format_cpuset(numbers)) == tuple(sorted(numbers))


@pytest.mark.parametrize(
    ("text", "numbers"), [("0-3,5", (0, 1, 2, 3, 5)), ("5, 0-1", (0, 1, 5)), ("2-2,2", (2,)), (" 7 ", (7,))]
)
def test_lists_may_be_in_any_order(text: str, numbers: tuple[int, ...]) -> None:
    assert parse_cpuset(text) == numbers


def test_an_empty_list_is_formatted_as_empty_text() -> None:
    assert format_cpuset(()) == ""


@pytest.mark.parametrize("text", ["", "abc", "1,", "3-1", "-1", "0-", "8193", "0-99999", "999999999"])
def test_other_text_is_no_list(text: str) -> None:
    with pytest.raises(LimitError):
        parse_cpuset(text)


@pytest.mark.parametrize(
    ("text", "expected"), [(" None ", True), ("-1", True), ("MAX", True), ("unlimited", True), ("0", False)]
)
def test_several_words_mean_unlimited(text: str, expected: bool) -> None:
    assert means_unlimited(text) is expected


@pytest.mark.parametrize("text", ["", "1.5", "ten", "9" * 19, "1\n2"])
def test_other_text_is_no_whole_number(text: str) -> None:
    with pytest.raises(LimitError) as caught:
        parse_count(text, "pids_limit")
    assert caught.value.field == "pids_limit"


def test_whole_numbers_may_be_negative() -> None:
    assert parse_count(" -12 ", "x") == -12


def test_quoted_text_is_short_and_printable() -> None:
    assert quoted("\x1b[2J") == "'\\x1b[2J'"
    assert len(quoted("x" * 10_000)) < 60
