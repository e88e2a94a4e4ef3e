"""What is written to a terminal that went away holds nobody up."""

from __future__ import annotations

import os
import pty

from tui.driver import Output


def test_a_terminal_that_is_there_gets_what_is_written() -> None:
    master, slave = pty.openpty()
    lost: list[int] = []
    with os.fdopen(slave, "w") as file:
        output = Output(file, lambda: lost.append(1))
        output.write("figures")
        output.flush()
        assert output.isatty() and output.fileno() == slave
        assert os.read(master, 100) == b"figures"
        assert output.written_bytes == 7
        output.write("n°")
        assert output.written_bytes == 10
    os.close(master)
    assert not lost


def test_one_that_went_away_is_told_of_once_and_takes_the_rest() -> None:
    master, slave = pty.openpty()
    lost: list[int] = []
    with os.fdopen(slave, "w") as file:
        output = Output(file, lambda: lost.append(1))
        os.close(master)
        for _ in range(100):
            output.write("figures")
            output.flush()
        assert lost == [1]
        assert output.isatty()
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, slave)
        os.close(nowhere)
