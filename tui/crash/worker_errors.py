"""Unexpected errors in workers of screens and widgets reach the crash screen."""

from __future__ import annotations

from textual.message import Message
from textual.message_pump import MessagePump
from textual.worker import Worker, WorkerState


class UnexpectedError(Message):
    """Posted to the app: a worker died of `error`."""

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self.error = error


class ReportsWorkerErrors(MessagePump):
    """A widget or screen that reports the errors of its workers to the app.

    It is a base class, to be named first, because Textual tells a worker's end to the owner of the worker only.
    """

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Post the error of a failed worker to the app."""
        error = event.worker.error
        if event.state == WorkerState.ERROR and error is not None:
            self.app.post_message(UnexpectedError(error))
