"""Whether lowering a memory limit could make the kernel kill processes of the container."""

from __future__ import annotations

from dockpit.model.container_limits import Limits
from dockpit.tuning.limit_request import LimitContext
from dockpit.tuning.units import format_size, readable_size

SAFE_FACTOR = 1.1
"""Multiple of the unreclaimable memory in use from which a new limit counts as safe."""


def kill_danger(expected: Limits, context: LimitContext) -> str:
    """A sentence on why lowering the memory limit to that of `expected` may kill processes, "" if it cannot.

    On cgroup v1 the kernel refuses such a limit and kills nothing; an unknown cgroup version counts as v2.
    """
    new, old = expected.memory_limit_bytes, context.container.limits.memory_limit_bytes
    lowered = new is not None and (old is None or new < old)
    if new is None or not lowered or not context.container.live or context.engine.cgroup_version == 1:
        return ""
    in_use = context.unreclaimable_bytes
    if in_use is None:
        return (
            f"how much of the memory in use cannot be reclaimed is not known: if it is more than {format_size(new)}, "
            "the kernel kills processes of this container at once"
        )
    if new >= in_use * SAFE_FACTOR:
        return ""
    verb = "will" if new < in_use else "may"
    return (
        f"{readable_size(in_use)} in use cannot be reclaimed and the new limit is {format_size(new)}: "
        f"the kernel {verb} kill processes of this container at once"
    )
