"""Limits in force: a container's own, the tighter ones above it, and how long those are cached."""

from __future__ import annotations

from pathlib import Path

import pytest

from dockpit.model.container_limits import EnforcedLimits, ThrottlingAbove
from dockpit.sources.cgroup_hierarchy import V2, CgroupDir
from dockpit.sources.limit_reader import PARENT_LIMIT_SECONDS, LimitReader

MIB = 1 << 20
NO_LIMIT_V1 = 9_223_372_036_854_771_712


def put_v2(folder: Path, **files: object) -> Path:
    """Write limits: `cpu_max="max"` is cpu.max, `memory_swap_max` memory.swap.max."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("_", ".")).write_text(f"{text}\n")
    return folder


def put_v1(folder: Path, **files: object) -> Path:
    """Write limits of v1: `memory__limit_in_bytes=…` is memory.limit_in_bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(f"{text}\n")
    return folder


def unified(mount: Path, path: str = "/shop.slice/web") -> dict[str, CgroupDir]:
    return {V2: CgroupDir(mount / path[1:], mount, path)}


def split(mount: Path, path: str = "/shop/web") -> dict[str, CgroupDir]:
    names = ("cpu", "cpuacct", "memory", "pids")
    return {name: CgroupDir(mount / name / path[1:], mount / name, path) for name in names}


def test_without_a_limit_there_is_none_on_v2(tmp_path: Path) -> None:
    put_v2(
        tmp_path / "shop.slice" / "web", cpu_max="max 100000", memory_max="max", memory_swap_max="max", pids_max="max"
    )
    put_v2(tmp_path / "shop.slice", cpu_max="max 100000", memory_max="max")
    assert LimitReader().read(unified(tmp_path), 100.0) == EnforcedLimits()


def test_without_controllers_there_is_no_limit(tmp_path: Path) -> None:
    put_v2(tmp_path / "shop.slice" / "web")
    assert LimitReader().read(unified(tmp_path), 100.0) == EnforcedLimits()
    only = {"cpuacct": split(tmp_path)["cpuacct"]}
    assert LimitReader().read(only, 100.0) == EnforcedLimits()


def test_its_own_limits_are_read_on_v2(tmp_path: Path) -> None:
    put_v2(
        tmp_path / "shop.slice" / "web", cpu_max="20000 100000", memory_max=64 * MIB, memory_swap_max=0, pids_max=100
    )
    assert LimitReader().read(unified(tmp_path), 100.0) == EnforcedLimits(0.2, 64 * MIB, 0, 100)


def test_a_tighter_cgroup_above_is_named_on_v2(tmp_path: Path) -> None:
    put_v2(tmp_path / "shop.slice" / "web", cpu_max="200000 100000", memory_max=64 * MIB)
    put_v2(tmp_path / "shop.slice", cpu_max="50000 100000", memory_max=128 * MIB)
    found = LimitReader().read(unified(tmp_path), 100.0)
    assert (found.cpu_cores, found.parent_cpu_cores, found.parent) == (2.0, 0.5, "/shop.slice")
    assert (found.memory_bytes, found.parent_memory_bytes) == (64 * MIB, None), "its own is the tighter one"


def test_the_tightest_of_several_above_holds(tmp_path: Path) -> None:
    put_v2(tmp_path / "a" / "b" / "c" / "web", memory_max="max")
    put_v2(tmp_path / "a" / "b" / "c", memory_max=32 * MIB)
    put_v2(tmp_path / "a" / "b", memory_max=16 * MIB)
    put_v2(tmp_path / "a", memory_max=64 * MIB)
    found = LimitReader().read(unified(tmp_path, "/a/b/c/web"), 100.0)
    assert (found.memory_bytes, found.parent_memory_bytes, found.parent) == (None, 16 * MIB, "/a/b")


def test_the_cgroup_at_the_mount_point_may_have_the_limit(tmp_path: Path) -> None:
    """As in a container or a guest that runs an engine of its own."""
    put_v2(tmp_path / "shop.slice" / "web", cpu_max="max 100000")
    put_v2(tmp_path, cpu_max="150000 100000")
    found = LimitReader().read(unified(tmp_path), 100.0)
    assert (found.parent_cpu_cores, found.parent) == (1.5, "/")


def test_limits_of_v1_come_from_their_controllers(tmp_path: Path) -> None:
    put_v1(tmp_path / "cpu/shop/web", cpu__cfs_quota_us=20000, cpu__cfs_period_us=100000)
    put_v1(tmp_path / "memory/shop/web", memory__limit_in_bytes=64 * MIB, memory__memsw__limit_in_bytes=96 * MIB)
    put_v1(tmp_path / "pids/shop/web", pids__max=100)
    assert LimitReader().read(split(tmp_path), 100.0) == EnforcedLimits(0.2, 64 * MIB, 32 * MIB, 100)


def test_without_a_limit_there_is_none_on_v1(tmp_path: Path) -> None:
    put_v1(tmp_path / "cpu/shop/web", cpu__cfs_quota_us=-1, cpu__cfs_period_us=100000)
    put_v1(tmp_path / "memory/shop/web", memory__limit_in_bytes=NO_LIMIT_V1, memory__memsw__limit_in_bytes=NO_LIMIT_V1)
    put_v1(tmp_path / "pids/shop/web", pids__max="max")
    assert LimitReader().read(split(tmp_path), 100.0) == EnforcedLimits()


def test_swap_of_v1_needs_accounting_and_is_never_negative(tmp_path: Path) -> None:
    folder = put_v1(tmp_path / "memory/shop/web", memory__limit_in_bytes=64 * MIB)
    assert LimitReader().read(split(tmp_path), 100.0).swap_bytes is None
    put_v1(folder, memory__memsw__limit_in_bytes=32 * MIB)
    assert LimitReader().read(split(tmp_path), 100.0).swap_bytes == 0


def test_the_tighter_cgroup_above_is_named_on_v1(tmp_path: Path) -> None:
    put_v1(tmp_path / "cpu/shop/web", cpu__cfs_quota_us=200000, cpu__cfs_period_us=100000)
    put_v1(tmp_path / "cpu/shop", cpu__cfs_quota_us=100000, cpu__cfs_period_us=100000)
    put_v1(tmp_path / "memory/shop/web", memory__limit_in_bytes=NO_LIMIT_V1)
    put_v1(tmp_path / "memory/shop", memory__limit_in_bytes=512 * MIB)
    found = LimitReader().read(split(tmp_path), 100.0)
    assert (found.parent_cpu_cores, found.parent_memory_bytes, found.parent) == (1.0, 512 * MIB, "/shop")
    assert (found.tightest_cpu_cores, found.tightest_memory_bytes) == (1.0, 512 * MIB)


@pytest.fixture
def above(tmp_path: Path) -> Path:
    put_v2(tmp_path / "shop.slice" / "web")
    return put_v2(tmp_path / "shop.slice", cpu_max="50000 100000")


def test_limits_above_are_cached_for_a_while(tmp_path: Path, above: Path) -> None:
    reader = LimitReader()
    assert reader.read(unified(tmp_path), 100.0).parent_cpu_cores == 0.5
    put_v2(above, cpu_max="70000 100000")
    assert reader.read(unified(tmp_path), 100.0 + PARENT_LIMIT_SECONDS - 0.1).parent_cpu_cores == 0.5
    assert reader.read(unified(tmp_path), 100.0 + PARENT_LIMIT_SECONDS).parent_cpu_cores == 0.7


def test_limits_above_are_read_again_after_the_clock_was_set_back(tmp_path: Path, above: Path) -> None:
    reader = LimitReader()
    reader.read(unified(tmp_path), 100.0)
    put_v2(above, cpu_max="70000 100000")
    assert reader.read(unified(tmp_path), 50.0).parent_cpu_cores == 0.7


def test_limits_above_are_read_again_after_forget(tmp_path: Path, above: Path) -> None:
    reader = LimitReader()
    reader.read(unified(tmp_path), 100.0)
    put_v2(above, cpu_max="70000 100000")
    reader.forget()
    assert reader.read(unified(tmp_path), 100.1).parent_cpu_cores == 0.7


# throttling of a cgroup above


V2_STAT = "usage_usec 300\nuser_usec 200\nsystem_usec 100\nnr_periods {}\nnr_throttled {}\nthrottled_usec 9"
V1_STAT = "nr_periods {}\nnr_throttled {}\nthrottled_time 9000"


def test_the_tightest_quota_above_is_read_with_its_counters_on_v2(tmp_path: Path) -> None:
    put_v2(tmp_path / "a" / "b" / "web", cpu_max="20000 100000", cpu_stat=V2_STAT.format(1, 1))
    put_v2(tmp_path / "a" / "b", cpu_max="max 100000", cpu_stat=V2_STAT.format(2, 2))
    put_v2(tmp_path / "a", cpu_max="200000 100000", cpu_stat=V2_STAT.format(50, 40))
    put_v2(tmp_path, cpu_max="400000 100000", cpu_stat=V2_STAT.format(50, 1))
    reader, cgroups = LimitReader(), unified(tmp_path, "/a/b/web")
    folder = reader.find_quota_above(cgroups, 100.0)
    assert folder == tmp_path / "a", "looser than the container's own, but shared with others"
    assert reader.read_quota_above(folder, cgroups, 100.0) == ThrottlingAbove("/a", 50, 40)


def test_the_quota_above_is_read_in_its_controller_on_v1(tmp_path: Path) -> None:
    put_v1(tmp_path / "cpu/shop/web", cpu__cfs_quota_us=-1, cpu__cfs_period_us=100000)
    put_v1(tmp_path / "cpu/shop", cpu__cfs_quota_us=30000, cpu__cfs_period_us=100000, cpu__stat=V1_STAT.format(9, 8))
    reader, cgroups = LimitReader(), split(tmp_path)
    folder = reader.find_quota_above(cgroups, 100.0)
    assert folder == tmp_path / "cpu/shop"
    assert reader.read_quota_above(folder, cgroups, 100.0) == ThrottlingAbove("/shop", 9, 8)


def test_without_a_quota_above_nothing_is_read(tmp_path: Path) -> None:
    put_v2(tmp_path / "shop.slice" / "web", cpu_max="20000 100000")
    put_v2(tmp_path / "shop.slice", cpu_max="max 100000")
    assert LimitReader().find_quota_above(unified(tmp_path), 100.0) is None
    assert LimitReader().find_quota_above({"cpuacct": split(tmp_path)["cpuacct"]}, 100.0) is None


def test_counters_above_are_read_once_a_round_for_all_containers_below(tmp_path: Path) -> None:
    folder = put_v2(tmp_path / "shop.slice", cpu_max="20000 100000", cpu_stat=V2_STAT.format(1, 1))
    reader, cgroups = LimitReader(), unified(tmp_path)
    first = reader.read_quota_above(folder, cgroups, 100.0)
    put_v2(folder, cpu_stat=V2_STAT.format(2, 1))
    assert reader.read_quota_above(folder, cgroups, 100.01) == first
    assert reader.read_quota_above(folder, cgroups, 101.0) == ThrottlingAbove("/shop.slice", 2, 1)


def test_a_cgroup_above_without_counters_gives_none(tmp_path: Path) -> None:
    folder = put_v2(tmp_path / "shop.slice", cpu_max="20000 100000", cpu_stat="usage_usec 3")
    assert LimitReader().read_quota_above(folder, unified(tmp_path), 100.0) is None
    (folder / "cpu.stat").unlink()
    assert LimitReader().read_quota_above(folder, unified(tmp_path), 100.0) is None
