"""CPUs and memory nodes of the engine's machine are known where its kernel is at hand."""

from __future__ import annotations

from pathlib import Path

from dockpit.model.engine_info import EngineInfo
from dockpit.tuning.host_cpus_and_memory_nodes import host_cpus_and_memory_nodes

UNKNOWN = (frozenset[int](), frozenset[int]())


def test_cpus_and_memory_nodes_are_known_for_a_local_engine_only(tmp_path: Path) -> None:
    (tmp_path / "sys/devices/system/cpu").mkdir(parents=True)
    (tmp_path / "sys/devices/system/cpu/online").write_text("0-2,5\n")
    local = EngineInfo(local=True, cpus=4)
    assert host_cpus_and_memory_nodes(local, tmp_path) == (frozenset({0, 1, 2, 5}), frozenset())
    assert host_cpus_and_memory_nodes(EngineInfo(local=False, cpus=4), tmp_path) == UNKNOWN
    assert host_cpus_and_memory_nodes(EngineInfo(local=True, cpus=8), tmp_path) == UNKNOWN, "another machine's kernel"
    assert host_cpus_and_memory_nodes(local, tmp_path / "nothing") == UNKNOWN
