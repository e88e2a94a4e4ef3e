"""The folders of a process's cgroups: /proc/<pid>/cgroup looked up in the mounts of this machine, without guessing.

    /proc/<pid>/cgroup   0::/system.slice/docker-<id>.scope/init.scope    path in the hierarchy
                            cut behind the part with the container's id
    mountinfo            / /sys/fs/cgroup - cgroup2                       root of the mount, where it is mounted
    folder               /sys/fs/cgroup/system.slice/docker-<id>.scope

Systemd or an inner engine may have moved pid 1 further down, hence the cut. In a private cgroup namespace the kernel
writes ".." for what is above the namespace's root; the folder is then searched below the mount, and only one that
carries the container's full id counts. The namespace's own cgroup has no name at all: it is dockpit's own container.
"""

from __future__ import annotations

import glob
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

V2 = ""
"""The key of the unified hierarchy among controllers: /proc/<pid>/cgroup lists none for it."""
MAX_UNKNOWN_LEVELS = 4
"""Levels of folders with unknown names that are searched at most."""

_OCTAL = re.compile(r"\\([0-7]{3})")


@dataclass(frozen=True, slots=True)
class Mount:
    """A mounted hierarchy: the mount point, and which part of it is mounted (".." is above a namespace's root)."""

    point: Path
    root: str
    controllers: frozenset[str]


@dataclass(frozen=True)
class CgroupDir:
    """One cgroup: its folder, the mount point of its hierarchy, and its path as the kernel writes it."""

    folder: Path
    mount: Path
    path: str

    @cached_property
    def ancestors(self) -> Sequence[Path]:
        """The folders of the cgroups above it, nearest first, up to the mount point.

        The mount point is included: in a container or a guest it may have limits; the machine's root has none.
        """
        return tuple(self.folder.parents[: len(self.folder.parts) - len(self.mount.parts)])

    def path_of(self, folder: Path) -> str:
        """The path of a cgroup above it, from the mount point on."""
        return f"/{'/'.join(folder.relative_to(self.mount).parts)}"


def parse_mountinfo(mountinfo: str) -> dict[str, list[Mount]]:
    """The mounted cgroup hierarchies by controller, V2 for the unified one, in the order of mountinfo(5)."""
    found: dict[str, list[Mount]] = {}
    for line in mountinfo.split("\n"):
        left, _, right = line.partition(" - ")
        fields, kind = left.split(" "), right.split(" ")
        if len(fields) < 5 or len(kind) < 3 or kind[0] not in ("cgroup", "cgroup2"):
            continue
        controllers = frozenset({V2}) if kind[0] == "cgroup2" else frozenset(kind[2].split(","))
        mount = Mount(Path(_unescape_octal(fields[4])), _unescape_octal(fields[3]), controllers)
        for controller in controllers:
            found.setdefault(controller, []).append(mount)
    return found


def _unescape_octal(text: str) -> str:
    """`text` with the octal escapes of mountinfo (blanks, tabs, line ends, backslashes) replaced."""
    return _OCTAL.sub(lambda found: chr(int(found[1], 8)), text)


def cgroup_paths(cgroup: str) -> dict[str, str]:
    """The content of /proc/<pid>/cgroup -> path by controller, V2 for the unified hierarchy."""
    found: dict[str, str] = {}
    for line in cgroup.split("\n"):
        _, _, rest = line.partition(":")
        controllers, colon, path = rest.partition(":")
        if colon:
            found |= dict.fromkeys(controllers.split(","), path)
    return found


def container_path(path: str, container_id: str) -> str | None:
    """`path` up to the part that contains the container's id, None where none does."""
    parts = path.split("/")
    for index, part in enumerate(parts):
        if container_id in part:
            return "/".join(parts[: index + 1])
    return None


def cgroup_dirs(cgroup: str, container_id: str, mounted: Mapping[str, list[Mount]]) -> dict[str, CgroupDir]:
    """A container's cgroups by controller: those whose path contains its id and whose folder is visible here.

    `cgroup` is the content of /proc/<pid>/cgroup of its process, `mounted` the result of mounts().
    """
    found: dict[str, CgroupDir] = {}
    for controller, process_path in cgroup_paths(cgroup).items():
        path = container_path(process_path, container_id)
        cgroup_dir = _find_dir(path, mounted.get(controller, ())) if path is not None else None
        if cgroup_dir is not None:
            found[controller] = cgroup_dir
    return found


def own_cgroup_dirs(cgroup: str, container_id: str, mounted: Mapping[str, list[Mount]]) -> dict[str, CgroupDir]:
    """The cgroups by controller that are the root of dockpit's own cgroup namespace, if a container has that id.

    The kernel does not name that root, so the caller must check that the container's process is listed in them.
    """
    found: dict[str, CgroupDir] = {}
    for controller, path in cgroup_paths(cgroup).items():
        levels_up, _ = _split_levels_up(path)
        for mount in mounted.get(controller, ()) if levels_up == 0 else ():
            folder = _namespace_root(mount, container_id)
            if folder is not None:
                found[controller] = CgroupDir(folder, mount.point, path)
                break
    return found


def _namespace_root(mount: Mount, container_id: str) -> Path | None:
    """The folder of our namespace's root below a mount that shows what is above it; it contains the container's id."""
    levels_up, names = _split_levels_up(mount.root)
    return _search(mount.point, levels_up - 1, [f"*{container_id}*"]) if levels_up and not names else None


def _find_dir(path: str, candidates: list[Mount] | tuple[()]) -> CgroupDir | None:
    """The cgroup of that path in the first mount that shows it."""
    for mount in candidates:
        folder = _folder(mount, path)
        if folder is not None:
            return CgroupDir(folder, mount.point, path)
    return None


def _folder(mount: Mount, path: str) -> Path | None:
    """The folder of a cgroup under a mount, None where the mount does not show it."""
    levels_up, names = _split_levels_up(path)
    root_levels_up, root_names = _split_levels_up(mount.root)
    if root_levels_up < levels_up:
        return None
    if root_levels_up == levels_up:
        if names[: len(root_names)] != root_names:
            return None
        folder = mount.point.joinpath(*names[len(root_names) :])
        return folder if _is_visible(folder) else None
    patterns = [glob.escape(name) for name in names]
    return _search(mount.point, root_levels_up - levels_up, patterns) if not root_names else None


def _split_levels_up(path: str) -> tuple[int, list[str]]:
    """The number of leading ".." of a path, and the names that follow them."""
    parts = [part for part in path.split("/") if part]
    levels_up = 0
    while levels_up < len(parts) and parts[levels_up] == "..":
        levels_up += 1
    return levels_up, parts[levels_up:]


def _search(point: Path, unknown_levels: int, patterns: list[str]) -> Path | None:
    """The only folder that matches `patterns`, one a level, below `unknown_levels` levels of any name; else None."""
    if unknown_levels > MAX_UNKNOWN_LEVELS:
        return None
    try:
        found = [folder for folder in point.glob("/".join(["*"] * unknown_levels + patterns)) if _is_visible(folder)]
    except OSError:
        return None
    return found[0] if len(found) == 1 else None


def _is_visible(folder: Path) -> bool:
    """Whether a folder exists and may be seen."""
    try:
        return folder.is_dir()
    except OSError:
        return False


def uses_host_network(proc: Path, pid: int) -> bool | None:
    """Whether a process is in the machine's network namespace; None where that cannot be seen."""
    its, machine = proc / str(pid), proc / "1"
    try:
        return (its / "ns" / "net").readlink() == (machine / "ns" / "net").readlink()
    except OSError:
        return _same_file(its / "net" / "dev", machine / "net" / "dev")


def _same_file(one: Path, other: Path) -> bool | None:
    """Whether two paths are one file: each network namespace has its own files in /proc, readable for everybody."""
    try:
        return one.samefile(other)
    except OSError:
        return None
