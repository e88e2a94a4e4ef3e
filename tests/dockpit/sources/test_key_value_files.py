"""Files of "key value" lines: a known layout gives the same numbers as reading the file as a table."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dockpit.sources.key_value_files import KeyedNumbers, key_values

MANY = b"9" * 5000
"""More digits than Python takes for a number."""

LINE = st.tuples(
    st.sampled_from([b"a", b"b", b"c", b"a.b", b"d"]), st.sampled_from([b"0", b"12", b"007", b"-1", b"max", MANY])
)
KEYED = st.tuples(st.lists(LINE.map(b" ".join), max_size=6).map(b"\n".join), st.sampled_from([b"\n", b"", b"\n\n"]))


@given(st.lists(KEYED.map(b"".join), max_size=8))
def test_a_known_layout_reads_the_same_numbers_as_a_table(texts: list[bytes]) -> None:
    numbers = KeyedNumbers(b"a", b"c", b"b")
    for data in (*texts, *texts):
        found = key_values(data)
        wanted = [
            found[key] if key in found and found[key] not in (b"-1", b"max", MANY) else None
            for key in (b"a", b"c", b"b")
        ]
        assert numbers(data) == tuple(None if text is None else int(text) for text in wanted)


def test_a_file_whose_layout_changes_is_read_right_each_time() -> None:
    numbers = KeyedNumbers(b"a", b"b")
    for _ in range(2):
        assert numbers(b"a 1\nx 5\nb 2\n") == (1, 2)
        assert numbers(b"b 2\na 1\n") == (1, 2)
        assert numbers(b"a 1\nx 5\nc 2\n") == (1, None)
        assert numbers(b"a 1\nx max\nb 2\n") == (1, 2)
        assert numbers(b"a 1\nx 5\nb 2") == (1, 2)
