"""Screens as the app sees them; a screen implements those of these protocols that apply to it."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from dockpit.metrics.snapshot import Snapshot


@runtime_checkable
class SnapshotScreen(Protocol):
    """A screen that is updated at every frame."""

    def present(self, snapshot: Snapshot, now: float) -> None:
        """Show `snapshot` as of `now`, seconds since the epoch."""
        ...


@runtime_checkable
class TargetScreen(Protocol):
    """A screen whose keys act on a container."""

    def target(self) -> str | None:
        """The full id of the container under the cursor, None for none."""
        ...

    def visible_containers(self) -> frozenset[str]:
        """The full ids of the containers whose figures are on the screen."""
        ...


@runtime_checkable
class KeyedScreen(Protocol):
    """A screen whose keys are in the table of keys (tui/keys.py)."""

    def key_scopes(self) -> tuple[str, ...]:
        """The names of the screen and of its tab in front in the table of keys."""
        ...
