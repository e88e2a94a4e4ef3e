"""A form of limits judged as it is typed: the rules of rules.py and the cautions of cautions.py together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dockpit.tuning.cautions import cautions
from dockpit.tuning.limit_rules import LABELS, Context, Request, body

__all__ = ["LABELS", "Context", "Request", "Verdict", "validate"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is wrong with a request, by field ("" for the whole), and what to know before sending the rest."""

    errors: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the engine and the kernel would take it."""
        return not self.errors


def validate(request: Request, context: Context) -> Verdict:
    """Judge every field of `request`; never raises."""
    found, errors = body(request, context)
    return Verdict(errors, cautions(found, context))
