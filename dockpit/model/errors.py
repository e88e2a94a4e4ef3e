"""Everything dockpit raises on purpose.

DockpitError                 base; its text is one sentence a user can act on
├── UsageError               bad input on the command line or in a form (exit code 2)
│   ├── EndpointError        the address of an engine cannot be worked out (exit code 2)
│   └── LimitError           a limit that the engine or the kernel would refuse
├── EngineError              the engine refused or failed a request; carries `status` and `message`
│   ├── EngineUnreachable    no engine answers at the address; carries `address` and `reason` (exit code 2)
│   ├── NotFound             404
│   ├── Conflict             409
│   └── Forbidden            403: a proxy that lets only reads through
├── ReadOnlyError            an action was asked for under --read-only
└── WrongTarget              the engine or the container is no longer the one the plan was made for
"""

from __future__ import annotations


class DockpitError(Exception):
    """Base of every expected error; `str(error)` is a sentence for the user."""

    exit_code = 1


class UsageError(DockpitError):
    """Input that cannot be used."""

    exit_code = 2


class EndpointError(UsageError):
    """No engine address can be worked out from the flags, environment and contexts."""


class LimitError(UsageError):
    """A limit that would be refused; `field` names the form field."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class EngineError(DockpitError):
    """The engine answered with an error: HTTP `status` and its own `message`."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message or f"the engine answered {status}")
        self.status = status
        self.message = message


class EngineUnreachable(EngineError):
    """Nothing answers at `address`, because of `reason`; `origin` is who named the address, "" where not known."""

    exit_code = 2

    def __init__(self, address: str, reason: str, origin: str = "") -> None:
        named = f", the {origin}" if origin.endswith(" socket") else f", named by {origin}" if origin else ""
        super().__init__(0, f"no Docker engine answers at {address}{named}: {reason}")
        self.address = address
        self.reason = reason
        self.origin = origin


class NotFound(EngineError):
    """404: the container, image or exec does not exist."""


class Conflict(EngineError):
    """409: the request conflicts with the state of the container."""


class Forbidden(EngineError):
    """403: something before the engine (a socket proxy, an authorization plugin) refused the request."""


class ReadOnlyError(DockpitError):
    """An action was asked for while dockpit is read-only."""


class WrongTarget(DockpitError):
    """The engine or container is not the one a plan was made for."""
