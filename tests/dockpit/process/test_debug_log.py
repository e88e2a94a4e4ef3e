"""The debug log: it follows its file, escapes control characters, and reports a file that cannot be written."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from dockpit.model.errors import UsageError
from dockpit.process.debug_log import start_logging


@pytest.fixture(autouse=True)
def _restore_logging() -> Iterator[None]:
    root, own = logging.getLogger(), logging.getLogger("dockpit")
    handlers, levels = list(root.handlers), (root.level, own.level)
    yield
    for handler in set(root.handlers) - set(handlers):
        root.removeHandler(handler)
        handler.close()
    root.setLevel(levels[0])
    own.setLevel(levels[1])


def test_everything_of_dockpit_is_logged_in_plain_text(tmp_path: Path) -> None:
    path = tmp_path / "d.log"
    start_logging(str(path), ["--host", "tcp://a:secret@b"])
    logging.getLogger("dockpit.monitor.session").debug("container %s", "\x1b[31mred")
    logging.getLogger("other").debug("noise")
    text = path.read_text()
    assert "DEBUG dockpit.monitor.session container \\x1b[31mred\n" in text
    assert "INFO dockpit dockpit 0.2.0 on Python" in text
    assert "secret" not in text
    assert "noise" not in text


def test_a_rotated_log_is_opened_again(tmp_path: Path) -> None:
    path = tmp_path / "d.log"
    start_logging(str(path), [])
    path.rename(tmp_path / "d.log.1")
    logging.getLogger("dockpit").info("after")
    assert "after" in path.read_text()


def test_a_log_that_cannot_be_written_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"^the log .*/d.log cannot be written: No such file or directory$"):
        start_logging(str(tmp_path / "none" / "d.log"), [])


def test_without_a_log_the_terminal_stays_clean(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    start_logging("", [])
    logging.getLogger("asyncio").error("Task exception was never retrieved")
    assert capsys.readouterr() == ("", "")
