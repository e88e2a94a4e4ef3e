"""Where the kernel keeps a process's cgroups: /proc/<pid>/cgroup laid over the mounts of this machine, nothing guessed.

A path is what the kernel says of the process, cut behind the part that names the container (systemd or an inner engine
may have moved pid 1 further down). Within a private cgroup namespace the kernel writes `..` for what lies above; there
the folder is looked for under the mount, and only one that carries the container's full id counts. Of the namespace's
own cgroup it writes no name at all: that is dockpit's own container.
"""

from __future__ import annotations

import glob
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

V2 = ""
"""The name under which the unified hierarchy is listed: it has no controllers in /proc/<pid>/cgroup."""
MOST_ABOVE = 4
"""So many folders with unknown names are looked through at most."""

_OCTAL = re.compile(r"\\([0-7]{3})")


@dataclass(frozen=True, slots=True)
class Mount:
    """A mounted hierarchy: the folder, and which part of the hierarchy it shows (".." above a namespace's root)."""

    point: Path
    root: str
    controllers: frozenset[str]


@dataclass(frozen=True)
class CgroupDir:
    """One cgroup: its folder, the folder of the hierarchy's mount, and its path as the kernel writes it."""

    folder: Path
    mount: Path
    path: str

    @cached_property
    def above(self) -> Sequence[Path]:
        """The folders of the cgroups above it, the nearest first, as far as the mount shows them.

        The mount's own is one of them: a container's or a machine's within a machine; the machine's root sets no limit.
        """
        return tuple(self.folder.parents[: len(self.folder.parts) - len(self.mount.parts)])

    def name_of(self, folder: Path) -> str:
        """The path of one of those above, as far as the mount shows it."""
        return f"/{'/'.join(folder.relative_to(self.mount).parts)}"


def mounts(mountinfo: str) -> dict[str, list[Mount]]:
    """The mounted cgroup hierarchies by controller, V2 for the unified one, in the order of mountinfo(5)."""
    found: dict[str, list[Mount]] = {}
    for line in mountinfo.split("\n"):
        left, _, right = line.partition(" - ")
        fields, kind = left.split(" "), right.split(" ")
        if len(fields) < 5 or len(kind) < 3 or kind[0] not in ("cgroup", "cgroup2"):
            continue
        names = frozenset({V2}) if kind[0] == "cgroup2" else frozenset(kind[2].split(","))
        mount = Mount(Path(_unescaped(fields[4])), _unescaped(fields[3]), names)
        for name in names:
            found.setdefault(name, []).append(mount)
    return found


def _unescaped(text: str) -> str:
    """mountinfo writes blanks and the like as octal."""
    return _OCTAL.sub(lambda found: chr(int(found[1], 8)), text)


def paths(cgroup: str) -> dict[str, str]:
    """/proc/<pid>/cgroup -> path by controller, V2 for the unified hierarchy."""
    found: dict[str, str] = {}
    for line in cgroup.split("\n"):
        _, _, rest = line.partition(":")
        controllers, colon, path = rest.partition(":")
        if colon:
            found |= dict.fromkeys(controllers.split(","), path)
    return found


def cut(path: str, container_id: str) -> str | None:
    """`path` up to the part that names the container, None where none does."""
    parts = path.split("/")
    for index, part in enumerate(parts):
        if container_id in part:
            return "/".join(parts[: index + 1])
    return None


def cgroup_dirs(cgroup: str, container_id: str, mounted: Mapping[str, list[Mount]]) -> dict[str, CgroupDir]:
    """The cgroups of a container by controller: those that name it and whose folder is here."""
    found: dict[str, CgroupDir] = {}
    for controller, whole in paths(cgroup).items():
        path = cut(whole, container_id)
        place = _place(path, mounted.get(controller, ())) if path is not None else None
        if place is not None:
            found[controller] = place
    return found


def own_cgroup_dirs(cgroup: str, container_id: str, mounted: Mapping[str, list[Mount]]) -> dict[str, CgroupDir]:
    """The cgroups of a container that is where our own cgroup namespace begins; its process must be shown in them."""
    found: dict[str, CgroupDir] = {}
    for controller, path in paths(cgroup).items():
        for mount in mounted.get(controller, ()) if not _steps(path)[0] else ():
            folder = _begin(mount, container_id)
            if folder is not None:
                found[controller] = CgroupDir(folder, mount.point, path)
                break
    return found


def _begin(mount: Mount, container_id: str) -> Path | None:
    """The folder where our namespace begins, below a mount that shows what is above it."""
    up, names = _steps(mount.root)
    return _search(mount.point, up - 1, [f"*{container_id}*"]) if up and not names else None


def _place(path: str, candidates: list[Mount] | tuple[()]) -> CgroupDir | None:
    for mount in candidates:
        folder = _folder(mount, path)
        if folder is not None:
            return CgroupDir(folder, mount.point, path)
    return None


def _folder(mount: Mount, path: str) -> Path | None:
    """The folder of a cgroup under a mount, None where the mount does not show it."""
    up, names = _steps(path)
    root_up, root_names = _steps(mount.root)
    if root_up < up:
        return None
    if root_up == up:
        if names[: len(root_names)] != root_names:
            return None
        folder = mount.point.joinpath(*names[len(root_names) :])
        return folder if _seen(folder) else None
    exactly = [glob.escape(name) for name in names]
    return _search(mount.point, root_up - up, exactly) if not root_names else None


def _steps(path: str) -> tuple[int, list[str]]:
    """How often a path goes up, and the names it then goes down."""
    parts = [part for part in path.split("/") if part]
    up = 0
    while up < len(parts) and parts[up] == "..":
        up += 1
    return up, parts[up:]


def _search(point: Path, unknown: int, patterns: list[str]) -> Path | None:
    """The one folder `unknown` levels below `point` that goes on as `patterns` do."""
    if unknown > MOST_ABOVE:
        return None
    try:
        found = [folder for folder in point.glob("/".join(["*"] * unknown + patterns)) if _seen(folder)]
    except OSError:
        return None
    return found[0] if len(found) == 1 else None


def _seen(folder: Path) -> bool:
    """Whether a folder is there and may be looked at."""
    try:
        return folder.is_dir()
    except OSError:
        return False


def same_network(proc: Path, pid: int) -> bool | None:
    """Whether a process has the machine's own network; None where that may not be looked at."""
    its, own = proc / str(pid), proc / "1"
    try:
        return (its / "ns" / "net").readlink() == (own / "ns" / "net").readlink()
    except OSError:
        return _same_file(its / "net" / "dev", own / "net" / "dev")


def _same_file(one: Path, other: Path) -> bool | None:
    """Each network has files of its own in /proc, which everybody may look at."""
    try:
        return one.samefile(other)
    except OSError:
        return None
