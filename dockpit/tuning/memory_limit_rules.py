"""Rules for memory limits: memory, memory + swap, and the reservation."""

from __future__ import annotations

from dockpit.model.container_limits import UNLIMITED_BYTES, Limits
from dockpit.model.engine_info import EngineInfo
from dockpit.model.errors import LimitError
from dockpit.tuning.limit_request import LimitContext, LimitRequest, UpdateBody
from dockpit.tuning.units import format_size, means_unlimited, parse_size, readable_size

MIN_MEMORY_BYTES = 6 << 20


def memory_body(request: LimitRequest, context: LimitContext) -> UpdateBody:
    """Memory and MemorySwap, always together: each alone is refused or applied by half."""
    if not request.memory.strip() and not request.memory_swap.strip():
        return {}
    memory = _requested_memory_bytes(request, context)
    swap = _requested_swap_bytes(request, context, memory)
    limits = context.container.limits
    if memory == UNLIMITED_BYTES and swap == UNLIMITED_BYTES and limits.memory_limit_bytes is None:
        return {}
    _refuse_below_unreclaimable(memory, context)
    reserved = limits.memory_reserved_bytes
    if not request.memory_reservation.strip() and reserved is not None and reserved > memory:
        raise LimitError(f"the reservation of {format_size(reserved)} is above this: lower it too", "memory")
    return {"Memory": memory, "MemorySwap": swap}


def reservation_body(request: LimitRequest, context: LimitContext) -> UpdateBody:
    """MemoryReservation; lifted_reservation() for none."""
    if not request.memory_reservation.strip():
        return {}
    memory = _requested_memory_bytes(request, context)
    if means_unlimited(request.memory_reservation):
        return {"MemoryReservation": lifted_reservation(context.engine)}
    reservation = _parse_memory(request.memory_reservation, "memory_reservation")
    if reservation > memory:
        raise LimitError(f"it must not be above the memory limit, {format_size(memory)}", "memory_reservation")
    return {"MemoryReservation": reservation}


def lifted_reservation(engine: EngineInfo) -> int:
    """The value that lifts a reservation: -1 on cgroup v1; on v2 that would protect all memory, so the minimum."""
    return -1 if engine.cgroup_version == 1 else MIN_MEMORY_BYTES


def swap_for_memory(limits: Limits, memory_bytes: int) -> int:
    """The memory + swap that goes with a new memory limit: it keeps the swap allowance of `limits`.

    A container that never had one gets as much swap as memory, as with `docker run --memory`.
    """
    old, swap = limits.memory_limit_bytes, limits.memory_swap_bytes
    if memory_bytes >= UNLIMITED_BYTES or swap < 0 or (swap >= UNLIMITED_BYTES and old is not None):
        return UNLIMITED_BYTES
    if old is None or swap == 0:
        return min(2 * memory_bytes, UNLIMITED_BYTES)
    return min(memory_bytes + max(0, swap - old), UNLIMITED_BYTES)


def _requested_memory_bytes(request: LimitRequest, context: LimitContext) -> int:
    """The memory limit after the request, UNLIMITED_BYTES for none."""
    if not request.memory.strip():
        return context.container.limits.memory_limit_bytes or UNLIMITED_BYTES
    return UNLIMITED_BYTES if means_unlimited(request.memory) else _parse_memory(request.memory, "memory")


def _requested_swap_bytes(request: LimitRequest, context: LimitContext, memory: int) -> int:
    """Memory + swap after the request, UNLIMITED_BYTES for none."""
    if not request.memory_swap.strip():
        return swap_for_memory(context.container.limits, memory)
    if means_unlimited(request.memory_swap):
        return UNLIMITED_BYTES
    swap = _parse_memory(request.memory_swap, "memory_swap")
    if memory == UNLIMITED_BYTES:
        raise LimitError("memory + swap needs a memory limit: give one too", "memory_swap")
    if swap < memory:
        raise LimitError(
            f"this is memory and swap together: at least the memory limit, {format_size(memory)}", "memory_swap"
        )
    return swap


def _refuse_below_unreclaimable(memory: int, context: LimitContext) -> None:
    """Refuse what the kernel refuses on cgroup v1: a limit below the memory that it cannot reclaim."""
    in_use = context.unreclaimable_bytes
    if context.engine.cgroup_version == 1 and in_use is not None and memory < in_use:
        raise LimitError(
            f"{readable_size(in_use)} in use cannot be reclaimed: the kernel would refuse {format_size(memory)}",
            "memory",
        )


def _parse_memory(text: str, field: str) -> int:
    size = parse_size(text, field)
    if size < MIN_MEMORY_BYTES:
        raise LimitError("the engine's minimum is 6m; write none for no limit", field)
    return size
