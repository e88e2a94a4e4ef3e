"""The rules of POST /containers/{id}/update: what the engine and the kernel accept, checked before it is sent.

The engine skips the kernel's checks for a stopped container and then cannot start it, so all rules hold always.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from dockpit.model.errors import LimitError
from dockpit.tuning.cpu_limit_rules import cpu_shares_body, cpus_body, cpuset_cpus_body, cpuset_mems_body
from dockpit.tuning.limit_request import LimitContext, LimitRequest, UpdateBody
from dockpit.tuning.memory_limit_rules import memory_body, reservation_body
from dockpit.tuning.units import means_unlimited, parse_count, quoted

MAX_PIDS = 4_194_304
RESTART_POLICIES = ("no", "always", "unless-stopped", "on-failure")

Rule = Callable[[LimitRequest, LimitContext], UpdateBody]
"""Turns one field, or two that go together, into its part of the body, {} if nothing is asked. Raises LimitError."""


def update_body(request: LimitRequest, context: LimitContext) -> tuple[UpdateBody, dict[str, str]]:
    """The body that carries out `request`, and a sentence for each field that cannot be, by its name."""
    body: UpdateBody = {}
    errors: dict[str, str] = {}
    for rule in _RULES:
        try:
            body.update(rule(request, context))
        except LimitError as error:
            errors.setdefault(error.field, str(error))
    return body, errors


def _refuse_unsupported(request: LimitRequest, context: LimitContext) -> UpdateBody:
    """Refuse containers that cannot be changed, and limits that the engine would discard."""
    engine, container = context.engine, context.container
    if engine.os == "windows":
        raise LimitError("the limits of an existing Windows container cannot be changed")
    if container.state in ("removing", "dead"):
        raise LimitError(f"{container.name} is being removed: its limits cannot be changed")
    for field, supported, resource in (
        ("cpus", engine.cpu_cfs, "CPU time"),
        ("cpu_shares", engine.cpu_shares, "CPU shares"),
        ("cpuset_cpus", engine.cpuset, "CPU sets"),
        ("cpuset_mems", engine.cpuset, "CPU sets"),
        ("memory", engine.memory_limit, "memory"),
        ("memory_swap", engine.memory_limit, "memory"),
        ("memory_reservation", engine.memory_limit, "memory"),
        ("pids_limit", engine.pids_limit, "pids"),
    ):
        if field in request.given and not supported:
            raise LimitError(f"this engine cannot limit {resource}: it would discard the value", field)
    return {}


def _pids_body(request: LimitRequest, context: LimitContext) -> UpdateBody:
    if not request.pids_limit.strip():
        return {}
    if means_unlimited(request.pids_limit):
        return {"PidsLimit": -1}
    pids = parse_count(request.pids_limit, "pids_limit")
    if not 1 <= pids <= MAX_PIDS:
        raise LimitError(f"pids go from 1 to {MAX_PIDS}; write none for no limit", "pids_limit")
    return {"PidsLimit": pids}


def _blkio_body(request: LimitRequest, context: LimitContext) -> UpdateBody:
    if not request.blkio_weight.strip():
        return {}
    weight = parse_count(request.blkio_weight, "blkio_weight")
    if not 10 <= weight <= 1000:
        raise LimitError("the weight goes from 10 to 1000", "blkio_weight")
    return {"BlkioWeight": weight}


def _restart_body(request: LimitRequest, context: LimitContext) -> UpdateBody:
    text = request.restart.strip().lower()
    if not text:
        return {}
    name, colon, retries = text.partition(":")
    name = "no" if name == "none" else name
    if name not in RESTART_POLICIES:
        raise LimitError(f"{quoted(request.restart)} is no restart policy: {', '.join(RESTART_POLICIES)}", "restart")
    if colon and name != "on-failure":
        raise LimitError(f"a number of retries goes with on-failure only, not with {name}", "restart")
    if context.container.auto_remove and name != "no":
        raise LimitError("a container started with --rm cannot have a restart policy", "restart")
    max_retries = parse_count(retries, "restart") if colon else 0
    if not 0 <= max_retries <= 1 << 31:
        raise LimitError(f"the number of retries goes from 0 to {1 << 31}", "restart")
    return {"RestartPolicy": {"Name": name, "MaximumRetryCount": max_retries}}


_RULES: Iterable[Rule] = (
    _refuse_unsupported,
    cpus_body,
    cpu_shares_body,
    cpuset_cpus_body,
    cpuset_mems_body,
    memory_body,
    reservation_body,
    _pids_body,
    _blkio_body,
    _restart_body,
)
