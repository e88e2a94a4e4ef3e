"""Text from outside cannot act on a terminal or a log."""

from __future__ import annotations

from dockpit.model.control_characters import escaped


def test_control_characters_are_written_out() -> None:
    assert escaped("\x1b[31mred\x07") == "\\x1b[31mred\\x07"
    assert escaped("right\u202eleft") == "right\\u202eleft"


def test_printable_text_stays_as_it_is() -> None:
    assert escaped("café – 日本") == "café – 日本"


def test_lines_can_be_kept() -> None:
    assert escaped("one\ntwo\r", keep="\n") == "one\ntwo\\r"
