"""Waiting for a condition on a real engine."""

from __future__ import annotations

import asyncio
import inspect
import os
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, overload

T = TypeVar("T")

PATIENCE = float(os.environ.get("DOCKPIT_TEST_PATIENCE", "1"))
"""Multiplies every wait; an emulated host needs 6."""

POLL_SECONDS = 0.1


@overload
async def until(condition: Callable[[], Awaitable[T | None]], seconds: float = ..., what: str = ...) -> T: ...
@overload
async def until(condition: Callable[[], T | None], seconds: float = ..., what: str = ...) -> T: ...
async def until(condition: Callable[[], Any], seconds: float = 10.0, what: str = "") -> Any:
    """Call `condition` until its result is truthy and return it; `seconds` is multiplied by PATIENCE.

    A plain function is called in a thread, as it may block; an async one in the loop, to which its objects belong.
    Raises AssertionError with the last result after `seconds`.
    """
    start = time.monotonic()
    while True:
        answer = await _call(condition)
        waited = time.monotonic() - start
        if answer:
            return answer
        if waited > seconds * PATIENCE:
            name = what or getattr(condition, "__name__", "condition")
            raise AssertionError(f"{name}: not within {waited:.0f} s; the last answer was {answer!r}")
        await asyncio.sleep(POLL_SECONDS)


async def _call(condition: Callable[[], Any]) -> Any:
    answer = condition() if inspect.iscoroutinefunction(condition) else await asyncio.to_thread(condition)
    return await answer if inspect.isawaitable(answer) else answer
