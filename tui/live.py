"""What a screen is to the app: something that shows a snapshot, has keys, and may have a container under its cursor."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from dockpit.metrics.snapshot import Snapshot


@runtime_checkable
class Live(Protocol):
    """A screen that is shown anew at every frame."""

    def present(self, snapshot: Snapshot, now: float) -> None:
        """Show `snapshot` as of `now`, seconds since the epoch."""
        ...


@runtime_checkable
class Aimed(Protocol):
    """A screen whose keys act on a container."""

    def target(self) -> str | None:
        """The full id of the container under the cursor."""
        ...

    def in_sight(self) -> frozenset[str]:
        """The full ids of the containers whose figures can be seen."""
        ...


@runtime_checkable
class Keyed(Protocol):
    """A screen whose keys are in the table of keys."""

    def places(self) -> tuple[str, ...]:
        """The screen and the tab in front, as the table of keys names them."""
        ...
