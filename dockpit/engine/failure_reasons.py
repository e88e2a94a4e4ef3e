"""Exceptions of sockets, TLS, HTTP and ssh as the reason why an engine cannot be reached, for the user to act on."""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Iterator

import aiohttp

from dockpit.engine.endpoint_resolution import Endpoint
from dockpit.model.control_characters import escaped

SHOWN_CHARACTERS = 300
"""Maximum characters shown of a message that came from outside dockpit."""

NOT_AN_ENGINE = "the server there is not a Docker engine"
WANTS_TLS = "it expects TLS: set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH, or use a context that has its certificates"
WANTS_PLAIN = "it speaks plain HTTP, not TLS: unset DOCKER_TLS_VERIFY and DOCKER_TLS, or use its TLS port"
WANTS_CERTIFICATE = "it accepts only client certificates that it trusts: check cert.pem and key.pem in DOCKER_CERT_PATH"

_PLAIN_HTTP_REASONS = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG")


class TunnelClosed(ConnectionError):
    """The ssh tunnel to the engine ended; the text of the exception is the reason, in words."""


def printable_line(text: str) -> str:
    """A message from outside in one line of bounded length, its control characters escaped."""
    return escaped(" ".join(text[:SHOWN_CHARACTERS].split()))


def failure_reason(exc: BaseException, endpoint: Endpoint) -> str:
    """The reason for `exc`, raised while talking to `endpoint`: one clause without a full stop."""
    for cause in sorted(_causes(exc), key=_precedence):
        if reason := _reason(cause, endpoint):
            return reason
    return printable_line(str(exc)) or type(exc).__name__


def _causes(exc: BaseException | None) -> Iterator[BaseException]:
    """An exception and its causes, outermost first."""
    seen: set[int] = set()
    while exc is not None and id(exc) not in seen:
        seen.add(id(exc))
        yield exc
        exc = getattr(exc, "os_error", None) or exc.__cause__ or exc.__context__


def _precedence(exc: BaseException) -> int:
    """Rank of a cause, lowest first: aiohttp wraps a TLS alert in an OSError whose errno is OpenSSL's own number."""
    return 0 if isinstance(exc, TunnelClosed) else 1 if isinstance(exc, ssl.SSLError) else 2


def _reason(exc: BaseException, endpoint: Endpoint) -> str | None:
    if isinstance(exc, TunnelClosed):
        return str(exc)
    if isinstance(exc, ssl.SSLError):
        return _tls_reason(exc)
    if isinstance(exc, socket.gaierror):
        return f"the name of the host cannot be resolved ({printable_line(exc.strerror or str(exc))})"
    if isinstance(exc, TimeoutError):
        return _timeout_reason(exc)
    if isinstance(exc, aiohttp.ServerDisconnectedError):
        return _disconnect_reason(endpoint)
    if isinstance(exc, OSError):
        return _errno_reason(exc.errno, endpoint)
    return _answer_reason(exc)


def _tls_reason(exc: ssl.SSLError) -> str | None:
    """The reason of a failed handshake, None for aiohttp's own wrappers: their cause has it."""
    reason = getattr(exc, "reason", None) or ""
    if isinstance(exc, ssl.SSLCertVerificationError) and hasattr(exc, "verify_message"):
        return (
            f"its certificate is not trusted: {printable_line(exc.verify_message)} (is it signed by the ca.pem in use?)"
        )
    if reason in _PLAIN_HTTP_REASONS:
        return WANTS_PLAIN
    if "ALERT" in reason and ("CERTIFICATE" in reason or "UNKNOWN_CA" in reason or "HANDSHAKE" in reason):
        return WANTS_CERTIFICATE
    return f"TLS failed: {reason.replace('_', ' ').lower()}" if reason else None


def _disconnect_reason(endpoint: Endpoint) -> str:
    if endpoint.scheme == "ssh":
        return "ssh ended the connection, or no engine answers on the remote host"
    if endpoint.tls and not endpoint.tls.cert:
        return "it ended the connection without an answer: it may want a client certificate (cert.pem and key.pem)"
    return "it ended the connection without an answer"


def _timeout_reason(exc: TimeoutError) -> str:
    if isinstance(exc, aiohttp.ConnectionTimeoutError) or exc.errno == errno.ETIMEDOUT:
        return "connecting took too long: the host is down or a firewall drops the packets"
    return "no answer in time"


def _errno_reason(number: int | None, endpoint: Endpoint) -> str | None:
    if endpoint.simulated:
        return "simulated engine stopped"
    if endpoint.scheme == "unix" and (reason := _socket_reason(number, endpoint.url.removeprefix("unix://"))):
        return reason
    return {
        errno.ECONNREFUSED: "connection refused: nothing listens there",
        errno.EHOSTUNREACH: "no route to the host",
        errno.ENETUNREACH: "the network is unreachable",
        errno.ECONNRESET: "it reset the connection",
        errno.EPIPE: "it ended the connection",
        errno.EACCES: "permission denied",
        errno.EPERM: "permission denied",
    }.get(number or 0)


def _socket_reason(number: int | None, path: str) -> str | None:
    match number:
        case errno.ENOENT:
            return f"there is no socket {path}: is Docker installed and running?"
        case errno.ECONNREFUSED:
            return f"nothing listens on the socket {path}: the engine is not running"
        case errno.EACCES | errno.EPERM:
            return (
                f"permission denied on {path}: add your user to the docker group"
                " (sudo usermod -aG docker $USER, then log in again) or use sudo"
            )
        case _:
            return None


def _answer_reason(exc: BaseException) -> str | None:
    """The reason when an answer came that is not a Docker engine's."""
    text = f"{exc} {getattr(exc, 'message', '')}"
    if "HTTP request to an HTTPS server" in text or "\\x15\\x03" in text:
        return WANTS_TLS
    if isinstance(exc, aiohttp.ClientPayloadError):
        return "it ended the connection in the middle of an answer"
    if isinstance(exc, aiohttp.ClientResponseError | ValueError):
        return NOT_AN_ENGINE
    return None
