"""Notices of a lost engine on stderr."""

from __future__ import annotations

import pytest

from dockpit.cli.connection_notices import ConnectionNotices
from dockpit.model.engine_info import Link
from tests.builders import snapshot


def test_a_lost_engine_is_printed_once(capsys: pytest.CaptureFixture[str]) -> None:
    notices = ConnectionNotices()
    lost = snapshot(link=Link("lost", "tcp://a", "it \x1b[1mreset the connection"))
    for now in (snapshot(), lost, lost, snapshot()):
        notices.update(now)
    assert capsys.readouterr().err == (
        "dockpit: the engine at tcp://a is lost: it \\x1b[1mreset the connection; trying again\n"
        "dockpit: ssh://ops@web-07 is back\n"
    )
