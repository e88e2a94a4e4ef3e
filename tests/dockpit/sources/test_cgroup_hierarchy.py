"""The folders of a container's cgroups, in every form in which kernels, engines and namespaces give their paths."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockpit.sources.cgroup_hierarchy import (
    V2,
    CgroupDir,
    Mount,
    cgroup_dirs,
    cgroup_paths,
    container_path,
    own_cgroup_dirs,
    parse_mountinfo,
    uses_host_network,
)

ID = "0123456789abcdef" * 4
OTHER = "f" * 64


def line(point: Path | str, options: str = "rw", root: str = "/", kind: str = "cgroup", optional: str = "") -> str:
    """A line of mountinfo, with optional fields before the dash."""
    fields = f"32 31 0:29 {root} {point} rw,nosuid,relatime {optional}".rstrip()
    return f"{fields} - {kind} {kind} {options}\n"


def unified(point: Path | str, root: str = "/") -> str:
    return line(point, "rw,nsdelegate,memory_recursiveprot", root, "cgroup2")


def made(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder


def test_mounts_are_found_by_controller_whatever_optional_fields_there_are() -> None:
    found = parse_mountinfo(
        "23 1 254:0 / / rw - ext4 /dev/vda rw\n"
        + line("/sys/fs/cgroup/cpu,cpuacct", "rw,cpu,cpuacct", optional="shared:9 master:4 propagate_from:2")
        + line("/sys/fs/cgroup/systemd", "rw,xattr,name=systemd")
        + unified("/sys/fs/cgroup/unified")
    )
    assert found["cpu"] == found["cpuacct"]
    assert found["cpu"][0].point == Path("/sys/fs/cgroup/cpu,cpuacct") and found["cpu"][0].root == "/"
    assert "name=systemd" in found and found[V2][0].point == Path("/sys/fs/cgroup/unified")


def test_octal_escapes_in_mounts_are_replaced_and_nothing_else() -> None:
    (mount,) = parse_mountinfo(unified(r"/mnt/café\040of\011a\134x41\012\9"))[V2]
    assert mount.point == Path("/mnt/café of\ta\\x41\n\\9")


def test_names_that_look_like_line_ends_split_no_line() -> None:
    hostile = "/x\x0b33 31 0:30 / /evil rw - cgroup2 cgroup2 rw\x85\u2028"
    found = parse_mountinfo(unified(hostile.replace(" ", "\\040")))
    assert [mount.point for mount in found[V2]] == [Path(hostile)]
    assert cgroup_paths("0::/a\x0b0::/b\u2028\n") == {V2: "/a\x0b0::/b\u2028"}


def test_malformed_lines_are_skipped() -> None:
    assert (
        parse_mountinfo("\n - \n1 2 - cgroup cgroup\n1 2 3 4 5 6 - cgroup cgroup\n1 2 3 4 5 6 - tmpfs tmpfs rw\n") == {}
    )
    assert cgroup_paths("\nnonsense\n1:\n") == {}


def test_paths_of_v1_are_by_controller_or_name_and_may_contain_colons() -> None:
    text = f"9:name=systemd:/docker/{ID}\n4:cpu,cpuacct:/docker/{ID}\n2:memory:/a:b/{ID}\n0::/docker/{ID}\n"
    assert cgroup_paths(text) == {
        "name=systemd": f"/docker/{ID}",
        "cpu": f"/docker/{ID}",
        "cpuacct": f"/docker/{ID}",
        "memory": f"/a:b/{ID}",
        V2: f"/docker/{ID}",
    }


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (f"/system.slice/docker-{ID}.scope", f"/system.slice/docker-{ID}.scope"),
        (f"/docker/{ID}", f"/docker/{ID}"),
        (f"/system.slice/docker-{ID}.scope/init.scope", f"/system.slice/docker-{ID}.scope"),
        (f"/docker/{ID}/docker/{OTHER}", f"/docker/{ID}"),
        (f"/machine.slice/libpod-{ID}.scope/container", f"/machine.slice/libpod-{ID}.scope"),
        (f"/../docker-{ID}.scope", f"/../docker-{ID}.scope"),
        (f"/docker/{OTHER}", None),
        ("/", None),
    ],
)
def test_a_path_is_cut_behind_the_part_with_the_containers_id(path: str, expected: str | None) -> None:
    assert container_path(path, ID) == expected


@pytest.mark.parametrize(
    "path",
    [
        f"system.slice/docker-{ID}.scope",
        f"docker/{ID}",
        f"user.slice/user-1000.slice/user@1000.service/user.slice/docker-{ID}.scope",
        f"machine.slice/libpod-{ID}.scope",
    ],
)
def test_a_container_of_v2_is_found_under_every_driver(tmp_path: Path, path: str) -> None:
    folder = made(tmp_path / path)
    found = cgroup_dirs(f"0::/{path}/init.scope\n", ID, parse_mountinfo(unified(tmp_path)))
    assert found == {V2: CgroupDir(folder, tmp_path, f"/{path}")}


def test_split_and_co_mounted_controllers_and_the_unified_tree_of_a_hybrid_are_found(tmp_path: Path) -> None:
    table = (
        line(tmp_path / "cpu,cpuacct", "rw,cpu,cpuacct")
        + line(tmp_path / "memory", "rw,memory")
        + line(tmp_path / "pids", "rw,pids")
        + unified(tmp_path / "unified")
    )
    for name in ("cpu,cpuacct", "memory", "unified"):
        made(tmp_path / name / "docker" / ID)
    text = f"5:pids:/docker/{ID}\n4:memory:/docker/{ID}\n2:cpu,cpuacct:/docker/{ID}\n1:freezer:/docker/{ID}\n"
    found = cgroup_dirs(text + f"0::/docker/{ID}\n", ID, parse_mountinfo(table))
    assert set(found) == {"cpu", "cpuacct", "memory", V2}, "pids has no folder, freezer is not mounted"
    assert found["cpu"].folder == found["cpuacct"].folder == tmp_path / "cpu,cpuacct" / "docker" / ID


def test_only_the_controllers_that_name_the_container_are_taken(tmp_path: Path) -> None:
    made(tmp_path / "cpuacct" / "docker" / ID)
    table = line(tmp_path / "cpuacct", "rw,cpuacct") + line(tmp_path / "memory", "rw,memory")
    made(tmp_path / "memory")
    assert set(cgroup_dirs(f"2:cpuacct:/docker/{ID}\n1:memory:/\n", ID, parse_mountinfo(table))) == {"cpuacct"}


def test_the_first_mount_that_shows_the_folder_is_taken(tmp_path: Path) -> None:
    bind, whole = tmp_path / "bind", tmp_path / "whole"
    made(bind / "elsewhere")
    folder = made(whole / "docker" / ID)
    table = unified(bind, f"/docker/{OTHER}") + unified(tmp_path / "gone") + unified(whole)
    assert cgroup_dirs(f"0::/docker/{ID}\n", ID, parse_mountinfo(table))[V2] == CgroupDir(
        folder, whole, f"/docker/{ID}"
    )


def test_a_mount_of_a_part_of_the_hierarchy_shows_that_part(tmp_path: Path) -> None:
    folder = made(tmp_path / f"docker-{ID}.scope")
    found = cgroup_dirs(
        f"0::/system.slice/docker-{ID}.scope\n", ID, parse_mountinfo(unified(tmp_path, "/system.slice"))
    )
    assert found[V2].folder == folder
    itself = cgroup_dirs(f"0::/docker/{ID}\n", ID, parse_mountinfo(unified(tmp_path, f"/docker/{ID}")))[V2]
    assert itself.folder == tmp_path and list(itself.ancestors) == []


def test_in_a_private_namespace_the_folder_is_searched_and_must_be_the_only_match(tmp_path: Path) -> None:
    name = f"docker-{ID}.scope"
    table = parse_mountinfo(unified(tmp_path, "/../.."))
    folder = made(tmp_path / "system.slice" / name)
    (tmp_path / "other.slice").mkdir()
    assert cgroup_dirs(f"0::/../{name}\n", ID, table)[V2].folder == folder
    made(tmp_path / "other.slice" / name)
    assert cgroup_dirs(f"0::/../{name}\n", ID, table) == {}, "two matches: neither is certain"


def test_the_root_of_a_private_namespace_has_no_name_and_is_found_by_the_id(tmp_path: Path) -> None:
    table = parse_mountinfo(unified(tmp_path, "/../.."))
    assert own_cgroup_dirs("0::/\n", ID, table) == {}
    made(tmp_path / "system.slice" / f"docker-{OTHER}.scope")
    assert own_cgroup_dirs("0::/\n", ID, table) == {}
    folder = made(tmp_path / "system.slice" / f"docker-{ID}.scope")
    assert own_cgroup_dirs("0::/\n", ID, table)[V2].folder == folder
    assert own_cgroup_dirs("0::/init.scope\n", ID, table)[V2].folder == folder
    assert own_cgroup_dirs(f"0::/../docker-{OTHER}.scope\n", ID, table) == {}, "that is not the namespace's root"
    assert own_cgroup_dirs("0::/\n", ID, parse_mountinfo(unified(tmp_path))) == {}, "nothing above it is shown"
    assert own_cgroup_dirs("0::/\n", ID, parse_mountinfo(unified(tmp_path, "/.."))) == {}, "the root is one level below"


def test_in_a_private_namespace_a_cgroup_above_the_mount_is_not_found(tmp_path: Path) -> None:
    made(tmp_path / f"docker-{ID}.scope")
    assert cgroup_dirs(f"0::/../docker-{ID}.scope\n", ID, parse_mountinfo(unified(tmp_path))) == {}
    assert cgroup_dirs(f"0::/../docker-{ID}.scope\n", ID, parse_mountinfo(unified(tmp_path, "/.."))) != {}
    assert cgroup_dirs(f"0::/docker-{ID}.scope\n", ID, parse_mountinfo(unified(tmp_path, "/../a"))) == {}
    assert cgroup_dirs(f"0::/docker-{ID}.scope\n", ID, parse_mountinfo(unified(tmp_path, "/.." * 5))) == {}, (
        "too many unknown levels"
    )


@pytest.mark.parametrize("name", ["a**b", "[abc]", "*", "?", "a\x00b"])
def test_names_with_glob_characters_match_only_themselves(tmp_path: Path, name: str) -> None:
    table = parse_mountinfo(unified(tmp_path, "/.."))
    made(tmp_path / "slice" / "plain" / ID)
    assert cgroup_dirs(f"0::/{name}/{ID}\n", ID, table) == {}
    if "\x00" not in name:
        folder = made(tmp_path / "slice" / name / ID)
        assert cgroup_dirs(f"0::/{name}/{ID}\n", ID, table)[V2].folder == folder


@pytest.mark.parametrize("root", ["/", "/.."])
def test_a_name_too_long_for_the_file_system_is_not_found(tmp_path: Path, root: str) -> None:
    made(tmp_path / "slice")
    assert cgroup_dirs(f"0::/{'x' * 300}{ID}\n", ID, parse_mountinfo(unified(tmp_path, root))) == {}


def test_a_folder_that_may_not_be_searched_is_not_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "glob", refuse)
    assert cgroup_dirs(f"0::/{ID}\n", ID, parse_mountinfo(unified(tmp_path, "/.."))) == {}


def test_the_cgroups_above_go_up_to_the_mount_point() -> None:
    cgroup = CgroupDir(Path("/c/a/b/x"), Path("/c"), "/a/b/x")
    assert list(cgroup.ancestors) == [Path("/c/a/b"), Path("/c/a"), Path("/c")]
    assert [cgroup.path_of(folder) for folder in cgroup.ancestors] == ["/a/b", "/a", "/"]


def network(proc: Path, pid: int, linked_to: str) -> Path:
    (made(proc / str(pid) / "ns") / "net").symlink_to(linked_to)
    (made(proc / str(pid) / "net") / "dev").write_text("")
    return proc / str(pid)


def test_the_machines_network_is_told_by_its_namespace(tmp_path: Path) -> None:
    network(tmp_path, 1, "net:[1]")
    network(tmp_path, 7, "net:[1]")
    network(tmp_path, 8, "net:[2]")
    assert uses_host_network(tmp_path, 7) is True
    assert uses_host_network(tmp_path, 8) is False
    assert uses_host_network(tmp_path, 9) is None


def test_networks_are_compared_by_their_files_where_namespaces_cannot_be_read(tmp_path: Path) -> None:
    machine = network(tmp_path, 1, "net:[1]")
    for pid in (7, 8):
        (network(tmp_path, pid, "net:[?]") / "ns" / "net").unlink()
    (tmp_path / "7" / "net" / "dev").unlink()
    os.link(machine / "net" / "dev", tmp_path / "7" / "net" / "dev")
    assert uses_host_network(tmp_path, 7) is True
    assert uses_host_network(tmp_path, 8) is False


WORDS = st.sampled_from(
    ["/", "..", "\\", "\\040", "\\9", ":", ",", "-", " - ", "cgroup", "cgroup2", "rw", "*", "**", ID]
)
HOSTILE = st.lists(WORDS | st.text(max_size=4), max_size=30).map("".join)


@given(HOSTILE, HOSTILE)
def test_no_content_raises(cgroup: str, table: str) -> None:
    mounted = parse_mountinfo(table)
    cgroup_paths(cgroup)
    cgroup_dirs(cgroup, ID, mounted)
    cgroup_dirs(cgroup, ID, {V2: [Mount(Path("/nowhere"), "/../..", frozenset({V2}))]})
