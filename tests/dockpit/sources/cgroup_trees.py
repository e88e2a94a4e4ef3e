"""A machine's /proc and cgroup file systems with one container, made of folders and plain files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from dockpit.model.container import Container
from dockpit.sources.kernel_files import KernelFiles
from dockpit.sources.open_files import DescriptorBudget

ID = "0123456789abcdef" * 4
PID = 4242
MIB = 1 << 20
PSI = "some avg10=0.00 avg60=0.00 avg300=0.00 total={}\nfull avg10=0.00 avg60=0.00 avg300=0.00 total={}\n"
NET_DEV = """Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier
    lo:       5       1    0    0    0     0          0         0        5       1    0    0    0     0       0
  eth0:    1492      17    0    0    0     0          0         0      700       9    0    0    0     0       0
"""
NET_SNMP = """Ip: Forwarding DefaultTTL InReceives
Ip: 1 64 20
Tcp: RtoAlgorithm RtoMin RtoMax MaxConn ActiveOpens PassiveOpens AttemptFails EstabResets \
CurrEstab InSegs OutSegs RetransSegs InErrs
Tcp: 1 200 120000 -1 138 70 2 3 1 19371 12505 6 0
Udp: InDatagrams NoPorts
Udp: 4 0
"""


class Tree:
    """The container, its cgroup folders by controller ("" is the unified hierarchy), and their files."""

    def __init__(self, folder: Path, path: str, mounts: dict[str, Path], **about: Any) -> None:
        self.proc = folder / "proc"
        self.path = path
        self.mounts = mounts
        self.folders = {controller: mount / path for controller, mount in mounts.items()}
        about = {"state": "running", "pid": PID, "started_at": 100.0, "network_mode": "bridge", **about}
        self.container = Container(ID, "box", **about)
        for made in self.folders.values():
            made.mkdir(parents=True, exist_ok=True)
        self._write("self/mountinfo", "".join(self._mount(name) for name in mounts))
        self._write("1/net/dev", NET_DEV)
        self._link(1, "net:[1]")
        self.start(self.container.pid)

    def _mount(self, controller: str) -> str:
        kind, options = ("cgroup", f"rw,{controller}") if controller else ("cgroup2", "rw,nsdelegate")
        return f"32 31 0:29 / {self.mounts[controller]} rw shared:9 - {kind} {kind} {options}\n"

    def _write(self, name: str, text: str) -> None:
        path = self.proc / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def _link(self, pid: int, network: str) -> None:
        link = self.proc / str(pid) / "ns" / "net"
        link.parent.mkdir(parents=True, exist_ok=True)
        link.unlink(missing_ok=True)
        link.symlink_to(network)

    def start(self, pid: int, network: str = "net:[2]") -> Container:
        """Give the container a process, as starting it does."""
        lines = (f"{index}:{name}:/{self.path}\n" for index, name in enumerate(self.mounts))
        self._write(f"{pid}/cgroup", "".join(lines))
        self._write(f"{pid}/net/dev", NET_DEV)
        self._write(f"{pid}/net/snmp", NET_SNMP)
        self._link(pid, network)
        self.container = replace(self.container, pid=pid, started_at=self.container.started_at + pid)
        return self.container

    def put(self, controller: str = "", /, **files: object) -> None:
        """Write files: `cpu__stat="…"` is cpu.stat."""
        for name, text in files.items():
            (self.folders[controller] / name.replace("__", ".")).write_text(f"{text}\n")

    def remove(self, *names: str, controller: str = "") -> None:
        for name in names:
            (self.folders[controller] / name).unlink()

    def kernel(self, most: int = 99) -> tuple[KernelFiles, DescriptorBudget]:
        """A reader of it that was given the container, and its budget of `most` descriptors."""
        room = DescriptorBudget(most)
        kernel = KernelFiles(self.proc, room)
        assert kernel.take(self.container) == ""
        return kernel, room


def unified(folder: Path, path: str = f"system.slice/docker-{ID}.scope", **about: Any) -> Tree:
    """A container on cgroup v2; every file has a different value."""
    tree = Tree(folder, path, {"": folder / "cgroup"}, **about)
    tree.put(
        cpu__stat="usage_usec 300\nuser_usec 200\nsystem_usec 100\nnr_periods 12\nnr_throttled 3\nthrottled_usec 15\n"
        "nr_bursts 2\nburst_usec 7",
        cpu__max="20000 100000",
        cpu__pressure=PSI.format(11, 12),
        memory__stat="anon 1000\nfile 2000\nkernel 300\nkernel_stack 16\nsock 4\nshmem 80\ninactive_file 500\n"
        "slab_unreclaimable 60\nworkingset_refault_anon 5\nworkingset_refault_file 7\npgmajfault 9",
        memory__current=4000,
        memory__peak=5000,
        memory__max=64 * MIB,
        memory__events="low 0\nhigh 0\nmax 9\noom 6\noom_kill 2",
        memory__swap__current=70,
        memory__swap__max=32 * MIB,
        memory__pressure=PSI.format(21, 22),
        io__stat="8:0 rbytes=800 wbytes=900 rios=1 wios=1 dbytes=0 dios=0",
        io__pressure=PSI.format(31, 32),
        pids__current=8,
        pids__max=100,
    )
    return tree


def split(folder: Path, hybrid: bool = True, **about: Any) -> Tree:
    """A container on cgroup v1: each controller has its own hierarchy; with `hybrid`, pressure is in a unified one."""
    names = ["cpu", "cpuacct", "memory", "blkio", "pids", *([""] if hybrid else [])]
    tree = Tree(folder, f"docker/{ID}", {name: folder / "cgroup" / (name or "unified") for name in names}, **about)
    tree.put("cpu", cpu__stat="nr_periods 12\nnr_throttled 3\nthrottled_time 15000\nnr_bursts 2\nburst_time 7000")
    tree.put("cpu", cpu__cfs_quota_us=20000, cpu__cfs_period_us=100000)
    tree.put("cpuacct", cpuacct__usage=300000, cpuacct__stat="user 2\nsystem 1", cgroup__procs=PID)
    tree.put(
        "memory",
        memory__stat="total_rss 1000\ntotal_cache 2000\ntotal_shmem 80\ntotal_inactive_file 500\ntotal_active_anon 40\n"
        "total_inactive_anon 30\ntotal_unevictable 2\ntotal_pgmajfault 9\ntotal_swap 70\n"
        "total_workingset_refault_anon 5\ntotal_workingset_refault_file 7",
        memory__usage_in_bytes=4000,
        memory__max_usage_in_bytes=5000,
        memory__kmem__usage_in_bytes=300,
        memory__oom_control="oom_kill_disable 0\nunder_oom 0\noom_kill 2",
        memory__limit_in_bytes=64 * MIB,
        memory__memsw__limit_in_bytes=96 * MIB,
    )
    tree.put("blkio", blkio__throttle__io_service_bytes_recursive="8:0 Read 800\n8:0 Write 900\nTotal 1700")
    tree.put("pids", pids__current=8, pids__max=100)
    if hybrid:
        tree.put(cpu__stat="usage_usec 300\nuser_usec 200\nsystem_usec 100", cpu__pressure=PSI.format(11, 12))
        tree.put(memory__pressure=PSI.format(21, 22), io__pressure=PSI.format(31, 32))
    (tree.proc / str(PID) / "io").write_text("rchar: 1\nread_bytes: 5\nwrite_bytes: 6\n")
    return tree
