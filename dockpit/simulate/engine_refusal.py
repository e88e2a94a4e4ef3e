"""The error that the simulated engine answers a request with."""

from __future__ import annotations


class EngineRefusal(Exception):
    """A refused request: the HTTP `status` and the engine's `message`."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
