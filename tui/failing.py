"""What was not expected in a worker reaches the crash screen, whichever widget the worker belongs to."""

from __future__ import annotations

from textual.message import Message
from textual.message_pump import MessagePump
from textual.worker import Worker, WorkerState


class Unexpected(Message):
    """`error` was raised where nobody expected it."""

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self.error = error


class Failing(MessagePump):
    """A widget or screen with workers; it is inherited from first."""

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Pass on what a worker died of."""
        error = event.worker.error
        if event.state == WorkerState.ERROR and error is not None:
            self.app.post_message(Unexpected(error))
