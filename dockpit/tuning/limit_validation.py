"""Validation of a form of limits while it is typed: errors by field, and warnings about the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dockpit.tuning.limit_request import LimitContext, LimitRequest
from dockpit.tuning.limit_rules import update_body
from dockpit.tuning.update_warnings import update_warnings


@dataclass(frozen=True, slots=True)
class ValidationResult:
    """Errors of a request by field ("" for the whole), and warnings about the fields that are valid."""

    errors: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the engine and the kernel would accept the request."""
        return not self.errors


def validate_limits(request: LimitRequest, context: LimitContext) -> ValidationResult:
    """Check every field of `request`; never raises."""
    body, errors = update_body(request, context)
    return ValidationResult(errors, update_warnings(body, context))
