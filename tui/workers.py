"""Workers of the app, started by code that is no widget."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, cast

from textual.app import App
from textual.worker import WorkType


def start_worker(
    app: App[int], work: Callable[[], Coroutine[Any, Any, None]], *, name: str, group: str, exclusive: bool = False
) -> None:
    """Run `work` in a worker of `app`; an error in it does not end the app but reaches its crash screen.

    An exclusive worker cancels the others of its group. `work` is a function and no coroutine, because a worker may be
    cancelled before it begins, and Python warns of a coroutine that was never awaited.
    """
    work_of_app = cast(WorkType[None], work)
    app.run_worker(work_of_app, name=name, group=group, exclusive=exclusive, exit_on_error=False)
