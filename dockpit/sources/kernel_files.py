"""The containers of this machine that are read from the kernel's files: cgroups and network counters.

The same figures as the engine's, at a hundredth of the cost, and those that no engine gives: pressure, OOM kills, swap,
refaults, and the limits in force.
"""

from __future__ import annotations

import os
from pathlib import Path

from dockpit.metrics.samples import Sample
from dockpit.model.container import Container
from dockpit.process.procfs import innermost_pid, proc_folder
from dockpit.sources.cgroup_hierarchy import CgroupDir, Mount, cgroup_dirs, own_cgroup_dirs, parse_mountinfo
from dockpit.sources.cgroup_reader import CgroupReader, Now
from dockpit.sources.cgroup_v1 import CgroupV1
from dockpit.sources.cgroup_v2 import CgroupV2
from dockpit.sources.limit_reader import LimitReader
from dockpit.sources.open_files import DescriptorBudget


class KernelFiles:
    """Reads the containers of this machine, each by a reader that keeps its files open.

    read() may run in a thread of its own while take() and drop() are called elsewhere.
    """

    threads = True

    def __init__(self, proc: Path | None = None, descriptors: DescriptorBudget | None = None) -> None:
        self._proc = proc or proc_folder()
        self._descriptors = descriptors or DescriptorBudget()
        self._mounts: dict[str, list[Mount]] | None = None
        self._limit_reader = LimitReader()
        self._readers: dict[str, CgroupReader] = {}
        self._dropped: list[CgroupReader] = []

    def take(self, container: Container) -> str:
        """Read a container from now on; returns "", or why it cannot be read."""
        known = self._readers.get(container.id)
        if known is not None and known.is_of(container):
            known.reread_all()
            self._limit_reader.forget()
            return ""
        self.drop(container.id)
        try:
            found = self._find(container)
        except OSError as error:
            return f"its process is not visible here ({error.strerror})"
        if found is None:
            return "no process here is in its cgroup: it runs on another machine"
        if not found:
            return "its cgroup hierarchy is not mounted here"
        try:
            self._readers[container.id] = self._open(container, found)
        except OSError as error:
            return f"its cgroup cannot be read ({error.strerror})"
        return ""

    def _find(self, container: Container) -> dict[str, CgroupDir] | None:
        """The container's cgroups by controller; None where its process is not on this machine."""
        if not container.pid:
            return None
        text = self._text(str(container.pid), "cgroup")
        if self._mounts is None:
            self._mounts = parse_mountinfo(self._text("self", "mountinfo"))
        if container.id in text:
            return cgroup_dirs(text, container.id, self._mounts)
        own = own_cgroup_dirs(text, container.id, self._mounts)
        return own if self._is_in(own, container.pid) else None

    def _is_in(self, found: dict[str, CgroupDir], pid: int) -> bool:
        """Whether the kernel lists a process in each of these cgroups, by its pid in our own pid namespace."""
        number = str(innermost_pid(self._proc, pid))
        return bool(found) and all(
            number in (one.folder / "cgroup.procs").read_text().split() for one in found.values()
        )

    def _text(self, process: str, name: str) -> str:
        """The text of a file in /proc/<pid>; folder names in it may be any bytes."""
        return os.fsdecode((self._proc / process / name).read_bytes())

    def _open(self, container: Container, found: dict[str, CgroupDir]) -> CgroupReader:
        kind = CgroupV1 if "cpuacct" in found else CgroupV2
        return kind(container, found, self._proc, self._descriptors, self._limit_reader)

    def drop(self, container_id: str) -> None:
        """Stop reading a container; settle() closes its files, as a thread may be reading them now."""
        reader = self._readers.pop(container_id, None)
        if reader is not None:
            self._dropped.append(reader)

    def settle(self) -> None:
        """Close the files of dropped containers."""
        while self._dropped:
            self._dropped.pop().close()

    def read(self, container_id: str, now: Now) -> Sample | None:
        """A sample of the container; None when its cgroup is gone or empty. `now()` is called as its CPU time is read.

        An empty cgroup belongs to a container that has ended and is about to be removed. The reader stays until drop():
        this may run in a thread, and take() may have started to read a new run of the container meanwhile.
        """
        reader = self._readers.get(container_id)
        if reader is None:
            return None
        try:
            sample = reader.sample(now)
        except OSError:
            return None
        return None if sample.pids == 0 else sample
