"""Whether a smaller memory limit could cost the container its life."""

from __future__ import annotations

from dockpit.model.container_limits import Limits
from dockpit.tuning.limit_rules import Context, held_bytes
from dockpit.tuning.units import format_size, readable_size

MARGIN = 1.1
"""A new limit must be this many times what is in use and cannot be reclaimed to count as safe."""


def kill_danger(expected: Limits, context: Context) -> str:
    """Why lowering the memory limit to that of `expected` may get processes killed; "" where it cannot.

    On cgroup v1 the kernel refuses such a limit, and nothing is killed; an engine that does not say counts as v2.
    """
    new, old = expected.memory_limit_bytes, context.container.limits.memory_limit_bytes
    lowered = new is not None and (old is None or new < old)
    if new is None or not lowered or not context.container.live or context.engine.cgroup_version == 1:
        return ""
    held = held_bytes(context)
    if held is None:
        return (
            f"how much of the memory in use cannot be reclaimed is not known: if it is more than {format_size(new)}, "
            "the kernel kills processes of this container at once"
        )
    if new >= held * MARGIN:
        return ""
    verb = "will" if new < held else "may"
    return (
        f"{readable_size(held)} in use cannot be reclaimed and the new limit is {format_size(new)}: "
        f"the kernel {verb} kill processes of this container at once"
    )
