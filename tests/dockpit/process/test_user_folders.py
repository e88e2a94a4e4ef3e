"""A user without a home folder is served too."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

import pytest

from dockpit.process.user_folders import NO_HOME, ensure_home, expand_home


@pytest.fixture
def homeless(monkeypatch: pytest.MonkeyPatch) -> None:
    """A numeric user id: no HOME, no XDG folders, no entry in passwd."""

    def unknown(_: object) -> pwd.struct_passwd:
        raise KeyError("no such user")

    for name in ("HOME", *(name for name in os.environ if name.startswith("XDG_"))):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(pwd, "getpwuid", unknown)
    monkeypatch.setattr(pwd, "getpwnam", unknown)


@pytest.mark.usefixtures("homeless")
def test_a_user_without_a_home_gets_one_that_does_not_exist() -> None:
    assert expand_home("~/log") == Path("~/log")
    ensure_home(os.environ)
    assert os.environ["HOME"] == NO_HOME
    assert expand_home("~/log") == Path(NO_HOME, "log")
    assert expand_home("~nobody-of-that-name/log") == Path("~nobody-of-that-name/log")


def test_a_home_stays_as_it_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    ensure_home(os.environ)
    assert os.environ["HOME"] == str(tmp_path) and expand_home("~/log") == tmp_path / "log"
