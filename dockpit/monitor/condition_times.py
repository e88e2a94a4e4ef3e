"""Since when each condition and alert of one container has held."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dockpit.model.verdicts import Alert


class ConditionTimes:
    """Keeps the time at which a condition began until it no longer holds."""

    __slots__ = ("_alerts", "_conditions")

    def __init__(self) -> None:
        self._conditions: dict[str, float] = {}
        self._alerts: dict[str, float] = {}

    def clear(self) -> None:
        """Forget all times: they are of a clock that was set back."""
        self._conditions.clear()
        self._alerts.clear()

    def since(self, condition: str, holds: bool, at: float) -> float:
        """Epoch seconds since when `condition` has held, `at` if it is new; 0 when it does not hold."""
        if not holds:
            self._conditions.pop(condition, None)
            return 0.0
        return self._conditions.setdefault(condition, at)

    def date_alerts(self, alerts: Sequence[Alert], now: float) -> tuple[Alert, ...]:
        """The same alerts, each with the time it was first raised; `now` for one that does not say since when."""
        kinds = {alert.kind for alert in alerts}
        for kind in [kind for kind in self._alerts if kind not in kinds]:
            del self._alerts[kind]
        return tuple(replace(alert, since=self._alerts.setdefault(alert.kind, alert.since or now)) for alert in alerts)
