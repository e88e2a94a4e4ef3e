"""What the simulated engine answers when it will not do a thing."""

from __future__ import annotations


class EngineRefusal(Exception):
    """An HTTP `status` and the engine's `message`."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
