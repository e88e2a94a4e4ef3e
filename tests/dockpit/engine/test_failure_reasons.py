"""Reasons shown for exceptions of sockets, TLS and HTTP."""

from __future__ import annotations

import errno
import socket
import ssl

import aiohttp
import pytest

from dockpit.engine.endpoint_resolution import Endpoint
from dockpit.engine.failure_reasons import SHOWN_CHARACTERS, TunnelClosed, failure_reason, printable_line

UNIX = Endpoint("unix:///run/x.sock")
TCP = Endpoint("tcp://h:1")
SSH = Endpoint("ssh://h")


def tls_error(reason: str) -> ssl.SSLError:
    error = ssl.SSLError(1, f"[SSL: {reason}] in words")
    error.reason = reason
    return error


CASES = [
    (OSError(errno.ENOENT, "x"), UNIX, "there is no socket /run/x.sock"),
    (OSError(errno.ECONNREFUSED, "x"), UNIX, "nothing listens on the socket /run/x.sock"),
    (OSError(errno.EACCES, "x"), UNIX, "add your user to the docker group"),
    (OSError(errno.ECONNRESET, "x"), UNIX, "it reset the connection"),
    (OSError(errno.ECONNREFUSED, "x"), TCP, "connection refused: nothing listens there"),
    (OSError(errno.EHOSTUNREACH, "x"), TCP, "no route to the host"),
    (OSError(errno.ENETUNREACH, "x"), TCP, "the network is unreachable"),
    (OSError(errno.EPIPE, "x"), TCP, "it ended the connection"),
    (OSError(errno.ETIMEDOUT, "x"), TCP, "connecting took too long"),
    (OSError(errno.EXDEV, "odd \x1b[31m words"), TCP, "odd \\x1b[31m words"),
    (socket.gaierror(-2, "Name or service not known"), TCP, "cannot be resolved (Name or service not known)"),
    (TimeoutError(), TCP, "no answer in time"),
    (aiohttp.ConnectionTimeoutError("x"), TCP, "connecting took too long"),
    (aiohttp.SocketTimeoutError("x"), TCP, "no answer in time"),
    (aiohttp.ServerDisconnectedError(), TCP, "it ended the connection without an answer"),
    (aiohttp.ServerDisconnectedError(), SSH, "ssh ended the connection, or no engine answers on the remote host"),
    (aiohttp.ClientPayloadError("x"), TCP, "in the middle of an answer"),
    (ValueError("Expecting value"), TCP, "not a Docker engine"),
    (ValueError("Client sent an HTTP request to an HTTPS server."), TCP, "it expects TLS"),
    (TunnelClosed("ssh: no"), SSH, "ssh: no"),
    (RuntimeError(), TCP, "RuntimeError"),
    (tls_error("WRONG_VERSION_NUMBER"), TCP, "it speaks plain HTTP"),
    (tls_error("RECORD_LAYER_FAILURE"), TCP, "it speaks plain HTTP"),
    (tls_error("TLSV13_ALERT_CERTIFICATE_REQUIRED"), TCP, "only client certificates that it trusts"),
    (tls_error("SSLV3_ALERT_HANDSHAKE_FAILURE"), TCP, "only client certificates that it trusts"),
    (tls_error("UNSUPPORTED_PROTOCOL"), TCP, "TLS failed: unsupported protocol"),
]


@pytest.mark.parametrize(("exc", "endpoint", "words"), CASES, ids=lambda value: repr(value)[:60])
def test_an_exception_has_a_reason_for_the_user(exc: Exception, endpoint: Endpoint, words: str) -> None:
    assert words in failure_reason(exc, endpoint)


def test_the_reason_is_found_in_the_causes_of_an_exception() -> None:
    inner = OSError(errno.ENOENT, "x")
    outer, outermost = OSError("no number"), RuntimeError("wrapped")
    outer.__cause__, outermost.__context__ = inner, outer
    assert "there is no socket" in failure_reason(outermost, UNIX)


def test_the_end_of_a_tunnel_counts_before_the_errors_it_caused() -> None:
    outer = OSError(errno.ECONNREFUSED, "x")
    outer.__cause__ = TunnelClosed("ssh: the host does not answer any more")
    assert failure_reason(outer, SSH) == "ssh: the host does not answer any more"


def test_openssls_number_of_a_tls_alert_is_not_taken_for_an_errno() -> None:
    outer = aiohttp.ClientOSError(1, "[SSL: TLSV13_ALERT_CERTIFICATE_REQUIRED]")
    outer.__cause__ = tls_error("TLSV13_ALERT_CERTIFICATE_REQUIRED")
    assert "only client certificates that it trusts" in failure_reason(outer, TCP)


def test_a_cycle_of_causes_ends() -> None:
    one, two = RuntimeError("one"), RuntimeError("two")
    one.__cause__, two.__cause__ = two, one
    assert failure_reason(one, TCP) == "one"


def test_a_message_from_outside_becomes_one_line_of_bounded_length() -> None:
    shown = printable_line("a\nb\x1b]0;x\x07" + "y" * 10_000)
    assert shown.startswith("a b\\x1b]0;x\\x07")
    assert len(shown) < SHOWN_CHARACTERS * 2


def test_the_socket_of_the_demo_is_not_shown() -> None:
    demo = Endpoint("unix:///run/demo.sock", simulated=True)
    assert demo.display == "simulated engine"
    for number in (errno.ENOENT, errno.ECONNREFUSED, errno.ECONNRESET):
        assert "/run" not in failure_reason(OSError(number, "no"), demo)
