"""The report of an unexpected error: what is in it, what is not, where it goes."""

from __future__ import annotations

import stat
import tempfile
from pathlib import Path

import pytest

from dockpit.process.crash_report import crash_report_text, write_crash_report
from dockpit.process.redaction import redact


def error() -> Exception:
    """An error that was raised, with a cause and a hostile text."""
    try:
        try:
            raise KeyError("inner")
        except KeyError as cause:
            raise ValueError("tcp://ops:hunter2@host \x1b[31m") from cause
    except ValueError as raised:
        return raised


def test_a_report_has_traceback_versions_and_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    text = crash_report_text(error(), ["--host", "tcp://ops:hunter2@host", "stats"])
    for part in ("dockpit 0.2.0", "Python 3.", "aiodocker 0.27", "TERM=xterm", "KeyError: 'inner'", "in error\n"):
        assert part in text
    assert "arguments: --host tcp://ops:***@host stats\n" in text
    assert "hunter2" not in text
    assert "\x1b" not in text


def test_a_report_is_a_file_that_only_its_owner_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    path = Path(write_crash_report(error()))
    assert path.is_relative_to(tmp_path / "dockpit")
    assert "ValueError" in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_report_goes_to_the_temporary_folder_and_then_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    assert Path(write_crash_report(error())).parent == tmp_path / "tmp"
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "file"))
    assert write_crash_report(error()) == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ssh://ops@web-07", "ssh://ops@web-07"),
        ("tcp://ops:a:b@web-07:2375/x", "tcp://ops:***@web-07:2375/x"),
        ("DB_PASSWORD=hunter2 --cpus 1", "DB_PASSWORD=*** --cpus 1"),
        ("'X-Auth-Token': 'abc def', 'x': 1", "'X-Auth-Token': ***, 'x': 1"),
        ("Authorization: Bearer abc.def", "Authorization: ***"),
    ],
)
def test_passwords_and_tokens_are_redacted(text: str, expected: str) -> None:
    assert redact(text) == expected
