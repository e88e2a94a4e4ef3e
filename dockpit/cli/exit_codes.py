"""Exit codes, and the sentence that each error ends with."""

from __future__ import annotations

import errno
import os
import re
import sys
from collections.abc import Sequence
from contextlib import suppress

import click

from dockpit.cli.output import OutputClosed, print_error
from dockpit.model.errors import DockpitError, EngineUnreachable, UsageError

UNEXPECTED = 70
INTERRUPTED = 130
EXIT_CODES_HELP = """\b
Exit codes:
  0    done
  1    refused, failed, or there is no such container
  2    bad input, or no engine answers
  70   unexpected error: a report file is written
  130  interrupted"""

_NO_ENGINE_HINT = "Start it, name another one with --host or --context, or look around without any: dockpit --demo"
_CLICK_TYPE_NAMES = {"float": "number, like 1.5", "integer": "whole number"}


def report_error(error: Exception, arguments: Sequence[str]) -> int:
    """Print the error as one sentence, or nothing if there is nothing to say; returns the exit code.

    An unexpected error leaves a crash report with `arguments`.
    """
    if isinstance(error, OutputClosed | BrokenPipeError):
        _discard_output()
        return 0
    if isinstance(error, click.Abort):
        return INTERRUPTED
    if isinstance(error, click.ClickException):
        return _report_bad_usage(error)
    if isinstance(error, DockpitError):
        return _report_expected(error)
    if _is_output_error(error):
        return _report_unwritten_output(error)
    return _report_unexpected(error, arguments)


def _discard_output() -> None:
    """Redirect stdout to /dev/null, so that flushing its buffer at exit cannot fail."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _is_output_error(error: Exception) -> bool:
    """Whether stdout could not be written, by click or when its buffer was flushed."""
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EIO) and not error.filename


def _report_unwritten_output(error: Exception) -> int:
    _discard_output()
    print_error(f"the output cannot be written: {getattr(error, 'strerror', '')}")
    return DockpitError.exit_code


def _report_bad_usage(error: click.ClickException) -> int:
    sentence = _reword_click_message(error.format_message())
    command = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else "dockpit"
    print_error(f"{sentence[:1].lower()}{sentence[1:]}{'' if sentence.endswith('?') else '.'} See: {command} --help")
    return UsageError.exit_code


def _reword_click_message(message: str) -> str:
    """click's message in one line, without names of Python types."""
    words = " ".join(message.split()).rstrip(".").replace("?.", "?")
    for type_name, meaning in _CLICK_TYPE_NAMES.items():
        words = re.sub(f"is not a valid {type_name}(?: range)?$", f"is not a {meaning}", words)
    return words


def _report_expected(error: DockpitError) -> int:
    sentence = str(error)
    if isinstance(error, EngineUnreachable):
        sentence = f"{sentence}{'' if sentence.endswith('?') else '.'} {_NO_ENGINE_HINT}"
    print_error(sentence)
    return error.exit_code


def _report_unexpected(error: Exception, arguments: Sequence[str]) -> int:
    import logging

    from dockpit.process.crash_report import write_crash_report

    path = ""
    with suppress(Exception):  # the last line of defence must not raise itself
        logging.getLogger(__name__).error("unexpected", exc_info=error)
        path = write_crash_report(error, arguments)
    where = f"a report is in {path}" if path else "and no report could be written"
    print_error(f"unexpected error ({type(error).__name__}); {where}")
    return UNEXPECTED
