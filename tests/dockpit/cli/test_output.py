"""Text output to a terminal or a pipe."""

from __future__ import annotations

import io

import pytest

from dockpit.cli.output import OutputClosed, align_columns, visible, write
from dockpit.model.errors import DockpitError


def test_control_characters_are_escaped_and_length_is_bounded() -> None:
    assert visible("a\x1b[31m\nb\u202e") == "a\\x1b[31m\\nb\\u202e"
    assert visible("x" * 500, 10) == "x" * 9 + "…"
    assert len(visible("\x00" * 10_000_000, 50)) == 50


def test_columns_are_aligned_without_trailing_blanks() -> None:
    assert align_columns([("NAME", "CPU"), ("a", "0.25"), ("long", "")]) == "NAME   CPU\na     0.25\nlong\n"
    assert align_columns([]) == ""


def test_a_terminal_without_unicode_gets_escapes(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.TextIOWrapper(held := io.BytesIO(), encoding="ascii")
    monkeypatch.setattr("sys.stdout", out)
    write("–\n")
    assert held.getvalue() == b"\\u2013\n"


@pytest.mark.parametrize(
    ("failure", "expected"),
    [(BrokenPipeError(32, "Broken pipe"), OutputClosed), (OSError(28, "No space left on device"), DockpitError)],
)
def test_a_closed_pipe_differs_from_a_full_disk(
    failure: OSError, expected: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Failing(io.StringIO):
        def flush(self) -> None:
            raise failure

    monkeypatch.setattr("sys.stdout", Failing())
    with pytest.raises(expected):
        write("x")
    monkeypatch.undo()
