"""Numbers of the CPUs and memory nodes of the engine's machine, from its kernel where that is this machine."""

from __future__ import annotations

from pathlib import Path

from dockpit.model.engine_info import EngineInfo
from dockpit.model.errors import LimitError
from dockpit.tuning.units import parse_cpuset

CPUS_FILE = "sys/devices/system/cpu/online"
MEMORY_NODES_FILE = "sys/devices/system/node/has_memory"


def host_cpus_and_memory_nodes(engine: EngineInfo, root: Path = Path("/")) -> tuple[frozenset[int], frozenset[int]]:
    """The host's CPUs and memory nodes; empty if not known, as for a remote engine.

    A kernel with fewer CPUs than the engine has is that of another machine. More are possible: CPU affinity of dockerd.
    """
    if not engine.local:
        return frozenset(), frozenset()
    cpus = _read_number_list(root / CPUS_FILE)
    if len(cpus) < engine.cpus:
        return frozenset(), frozenset()
    return cpus, _read_number_list(root / MEMORY_NODES_FILE)


def _read_number_list(path: Path) -> frozenset[int]:
    try:
        return frozenset(parse_cpuset(path.read_text()))
    except (OSError, LimitError):
        return frozenset()
