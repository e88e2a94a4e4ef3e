"""A fake machine: /proc and the cgroups of running containers as files in a folder, for KernelFiles and HOST_PROC.

Files are written in place because readers keep their descriptors open. No text gets shorter from one tick to the next:
a reader would find the end of the older text behind it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Shape = Literal["v2 systemd", "v2 cgroupfs", "v1", "v1 co-mounted"]

MIB = 1 << 20
UNLIMITED_V1 = 9_223_372_036_854_771_712
PERIOD_SECONDS = 0.1
ANON_BYTES = 41 * MIB
KERNEL_BYTES = 1_310_720
UNIFIED = ""
"""Controller name of the unified hierarchy, which has none."""

Files = dict[str, str]
"""File name -> text."""


@dataclass(slots=True)
class Load:
    """The load of one container, and the kernel's counters for it so far."""

    number: int
    pid: int
    cores: float = 0.05
    cpu_limit: float | None = None
    memory_limit: int | None = 512 * MIB
    rx_per_s: int = 2_000
    writes_per_s: int = 0
    throttled: float = 0.0
    """Share of its CFS periods in which it is throttled."""
    seconds: float = 3600.0
    cpu_us: int = 3_600_000
    anon: int = ANON_BYTES
    file: int = 12 * MIB
    rx: int = 1_000_000
    written: int = 4 * MIB
    periods: int = 0
    throttled_periods: int = 0
    throttled_us: int = 0
    stalled_us: int = 1_000_000
    oom_kills: int = 0

    @property
    def peak(self) -> int:
        """Peak memory use in bytes."""
        return ANON_BYTES + 300 * 4096 + self.file + KERNEL_BYTES

    @classmethod
    def of(cls, number: int, pid: int) -> Load:
        """The load of container `number`: one in eight is throttled, one in eight idle, and all differ."""
        if number % 8 == 7:
            return cls(number, pid, cores=0.0, rx_per_s=0)
        tight = number % 8 == 0
        cores = 0.2 if tight else 0.01 + 0.003 * (number % 7)
        return cls(
            number,
            pid,
            cores=cores,
            cpu_limit=0.2 if tight else (None, 0.5, 1.0)[number % 3],
            memory_limit=(None, 128 * MIB, 256 * MIB, 512 * MIB)[number % 4],
            rx_per_s=1_500 + 700 * (number % 9),
            writes_per_s=65_536 if number % 5 == 0 else 0,
            throttled=0.9 if tight else 0.0,
        )

    def limit(self, cores: float | None, memory: int | None) -> None:
        """Change the limits, in cores and bytes; a throttled container uses all the CPU it may."""
        self.cpu_limit, self.memory_limit = cores, memory
        if self.throttled and cores is not None:
            self.cores = cores

    def tick(self, seconds: float) -> None:
        """Advance the counters by `seconds`."""
        self.seconds += seconds
        swing = (int(self.seconds) * 7 + self.number) % 13 / 13
        self.cpu_us += round(self.cores * seconds * 1e6 * (1 if self.throttled else 0.6 + 0.8 * swing))
        if self.cores:
            self.anon = ANON_BYTES + int(swing * 300) * 4096
        self.rx += round(self.rx_per_s * seconds * (0.5 + swing))
        self.written += round(self.writes_per_s * seconds)
        if self.cpu_limit is not None and self.cores:
            periods = round(seconds / PERIOD_SECONDS)
            self.periods += periods
            self.throttled_periods += round(periods * self.throttled)
            self.throttled_us += round(seconds * 1e6 * self.throttled * 0.8)
        self.stalled_us += round(seconds * 1e6 * self.cores * (0.05 + self.throttled))


# files that change with every tick


def unified(load: Load) -> Files:
    """The files that a hybrid machine has in its unified tree too: cpu.stat and the pressures."""
    user = load.cpu_us * 4 // 5
    average = " ".join(f"avg{span}={load.throttled * share:.2f}" for span, share in ((10, 60), (60, 50), (300, 40)))
    stalled = {"cpu": load.stalled_us, "memory": load.stalled_us // 50, "io": load.stalled_us // 20}
    return {
        "cpu.stat": f"usage_usec {load.cpu_us}\nuser_usec {user}\nsystem_usec {load.cpu_us - user}\nnice_usec 0\n",
        **{
            f"{name}.pressure": f"some {average} total={us}\nfull {average} total={us // 2}\n"
            for name, us in stalled.items()
        },
    }


def moving_v2(load: Load) -> Files:
    """The files of cgroup v2 with all controllers."""
    values = _memory_v2(load)
    files = unified(load)
    files["cpu.stat"] += (
        f"core_sched.force_idle_usec 0\nnr_periods {load.periods}\nnr_throttled {load.throttled_periods}\n"
        f"throttled_usec {load.throttled_us}\nnr_bursts 0\nburst_usec 0\n"
    )
    return files | {
        "memory.stat": "".join(f"{key} {values.get(key, 0)}\n" for key in MEMORY_STAT_V2),
        "memory.current": f"{load.anon + load.file + KERNEL_BYTES}\n",
        "memory.peak": f"{load.peak}\n",
        "memory.swap.current": "0\n",
        "memory.events": f"low 0\nhigh 0\nmax 0\noom {load.oom_kills}\noom_kill {load.oom_kills}\noom_group_kill 0\n",
        "io.stat": f"254:0 rbytes=4096 wbytes={load.written} rios=1 wios={load.written >> 16} dbytes=0 dios=0\n",
        "pids.current": "1\n",
    }


def _memory_v2(load: Load) -> dict[str, int]:
    return {
        "anon": load.anon,
        "file": load.file,
        "kernel": KERNEL_BYTES,
        "kernel_stack": 65_536,
        "pagetables": 262_144,
        "percpu": 18_432,
        "sock": 4096,
        "slab": 901_120,
        "slab_reclaimable": 540_672,
        "slab_unreclaimable": 360_448,
        "file_mapped": 3 * MIB,
        "inactive_anon": load.anon,
        "inactive_file": load.file * 2 // 3,
        "active_file": load.file // 3,
        "pgfault": load.cpu_us // 1000,
        "pgmajfault": 12,
        "workingset_refault_file": load.written >> 16,
    }


def moving_v1(load: Load) -> dict[str, Files]:
    """The files of cgroup v1, by controller."""
    values = {
        "cache": load.file,
        "rss": load.anon,
        "mapped_file": 3 * MIB,
        "workingset_refault_file": load.written >> 16,
        "pgfault": load.cpu_us // 1000,
        "pgmajfault": 12,
        "inactive_anon": load.anon,
        "inactive_file": load.file * 2 // 3,
        "active_file": load.file // 3,
    }
    limit = load.memory_limit or UNLIMITED_V1
    hierarchy = f"hierarchical_memory_limit {limit}\nhierarchical_memsw_limit {limit}\n"
    own, total = ("".join(f"{front}{key} {values.get(key, 0)}\n" for key in MEMORY_STAT_V1) for front in ("", "total_"))
    user, system = load.cpu_us * 4 // 50_000, load.cpu_us // 50_000
    throttled = (
        f"nr_periods {load.periods}\nnr_throttled {load.throttled_periods}\nthrottled_time {load.throttled_us}000\n"
    )
    return {
        "cpu": {"cpu.stat": f"{throttled}nr_bursts 0\nburst_time 0\n"},
        "cpuacct": {"cpuacct.usage": f"{load.cpu_us}000\n", "cpuacct.stat": f"user {user}\nsystem {system}\n"},
        "memory": {
            "memory.stat": own + hierarchy + total,
            "memory.usage_in_bytes": f"{load.anon + load.file + KERNEL_BYTES}\n",
            "memory.max_usage_in_bytes": f"{load.peak}\n",
            "memory.kmem.usage_in_bytes": f"{KERNEL_BYTES}\n",
            "memory.oom_control": f"oom_kill_disable 0\nunder_oom 0\noom_kill {load.oom_kills}\n",
        },
        "pids": {"pids.current": "1\n"},
        UNIFIED: unified(load),
    }


def moving_process(load: Load) -> Files:
    """The files of the container's process, under /proc/<pid>."""
    sent = load.rx // 3
    return {
        "net/dev": NET_DEV.format(rx=load.rx, rx_packets=load.rx // 700, tx=sent, tx_packets=sent // 700),
        "io": f"rchar: {load.rx}\nwchar: {sent}\nsyscr: 68\nsyscw: 7\nread_bytes: 4096\n"
        f"write_bytes: {load.written}\ncancelled_write_bytes: 0\n",
    }


# files that stay


def limits_v2(load: Load) -> Files:
    """The limits of cgroup v2, and the list of processes."""
    quota = "max" if load.cpu_limit is None else round(load.cpu_limit * 100_000)
    return {
        "cpu.max": f"{quota} 100000\n",
        "memory.max": f"{load.memory_limit or 'max'}\n",
        "memory.swap.max": "0\n" if load.memory_limit else "max\n",
        "pids.max": "max\n",
        "cgroup.procs": f"{load.pid}\n",
    }


def limits_v1(load: Load) -> dict[str, Files]:
    """The limits of cgroup v1 by controller, and its block I/O counters, which a modern kernel leaves at 0."""
    quota = -1 if load.cpu_limit is None else round(load.cpu_limit * 100_000)
    limit = f"{load.memory_limit or UNLIMITED_V1}\n"
    return {
        "cpu": {"cpu.cfs_quota_us": f"{quota}\n", "cpu.cfs_period_us": "100000\n"},
        "cpuacct": {"cgroup.procs": f"{load.pid}\n"},
        "memory": {"memory.limit_in_bytes": limit, "memory.memsw.limit_in_bytes": limit, "memory.failcnt": "0\n"},
        "blkio": {"blkio.throttle.io_service_bytes_recursive": "Total 0\n"},
        "pids": {"pids.max": "max\n"},
    }


class KernelTree:
    """The machine: its /proc, the mount point of its cgroup hierarchies, and the loads by full container id."""

    def __init__(
        self,
        folder: Path,
        pids: Mapping[str, int],
        shape: Shape = "v2 systemd",
        limits: Mapping[str, tuple[float | None, int | None]] | None = None,
    ) -> None:
        """Write the files of containers (id -> pid); `limits` (id -> cores, bytes) replaces those of Load.of()."""
        self.proc = folder / "proc"
        self.cgroup = folder / "sys" / "fs" / "cgroup"
        self.loads = {container_id: Load.of(number, pid) for number, (container_id, pid) in enumerate(pids.items())}
        for container_id, (cores, memory) in (limits or {}).items():
            self.loads[container_id].limit(cores, memory)
        self._v2 = shape.startswith("v2")
        self._hierarchies = _hierarchies(shape)
        self._folders: dict[tuple[str, str], Path] = {}
        self._path = "/system.slice/docker-{}.scope" if shape == "v2 systemd" else "/docker/{}"
        self._build()

    def folder(self, container_id: str, controller: str = UNIFIED) -> Path:
        """The folder of a container's cgroup in the hierarchy of `controller`."""
        folder = self._folders.get((container_id, controller))
        if folder is None:
            mount = next(mount for mount, controllers in self._hierarchies.items() if controller in controllers)
            folder = self.cgroup / mount / self._path.format(container_id)[1:]
            self._folders[container_id, controller] = folder
        return folder

    def tick(self, seconds: float) -> None:
        """Advance all containers by `seconds`, and write their files."""
        for container_id, load in self.loads.items():
            load.tick(seconds)
            self.write(container_id)

    def write(self, container_id: str) -> None:
        """Write the changing files of one container."""
        load = self.loads[container_id]
        moving = {UNIFIED: moving_v2(load)} if self._v2 else moving_v1(load)
        for controller, files in moving.items():
            overwrite(self.folder(container_id, controller), files)
        overwrite(self.proc / str(load.pid), moving_process(load))

    def _build(self) -> None:
        mounts = "".join(self._mount(*each) for each in enumerate(self._hierarchies.items(), 32))
        overwrite(self.proc / "self", {"mountinfo": f"22 27 0:21 / /proc rw,relatime - proc proc rw\n{mounts}"})
        _link_network(self.proc / "1", 4_026_531_840)
        for container_id, load in self.loads.items():
            for controller, files in ({UNIFIED: limits_v2(load)} if self._v2 else limits_v1(load)).items():
                overwrite(self.folder(container_id, controller), files)
            overwrite(self.proc / str(load.pid), {"cgroup": self._cgroups(container_id)})
            _link_network(self.proc / str(load.pid), 4_026_532_000 + load.number)
            self.write(container_id)

    def _mount(self, number: int, hierarchy: tuple[str, tuple[str, ...]]) -> str:
        """A line of mountinfo(5)."""
        mount, controllers = hierarchy
        point = str(self.cgroup / mount).replace(" ", "\\040")
        kind = "cgroup2 cgroup2 rw" if UNIFIED in controllers else f"cgroup cgroup rw,{','.join(controllers)}"
        return f"{number} 31 0:{number} / {point} rw,nosuid,nodev,noexec,relatime - {kind}\n"

    def _cgroups(self, container_id: str) -> str:
        """/proc/<pid>/cgroup."""
        path = self._path.format(container_id)
        lines = [f"{n}:{','.join(names)}:{path}\n" for n, names in enumerate(reversed(self._hierarchies.values()))]
        return "".join(reversed(lines))


def _hierarchies(shape: Shape) -> dict[str, tuple[str, ...]]:
    """Mount folder -> controllers of each hierarchy; the unified one comes last."""
    if shape.startswith("v2"):
        return {"": (UNIFIED,)}
    cpu = [("cpu", "cpuacct")] if shape == "v1 co-mounted" else [("cpu",), ("cpuacct",)]
    alone = [(name,) for name in ("cpuset", "memory", "devices", "freezer", "blkio", "pids")]
    return {",".join(names): names for names in (*cpu, *alone)} | {"unified": (UNIFIED,)}


def overwrite(folder: Path, files: Files) -> None:
    """Write files in place; missing folders are created."""
    for name, text in files.items():
        path = f"{folder}/{name}"
        try:
            fd = os.open(path, os.O_WRONLY)
        except FileNotFoundError:
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            fd = os.open(path, os.O_WRONLY | os.O_CREAT, 0o644)
        try:
            os.ftruncate(fd, os.pwrite(fd, text.encode(), 0))
        finally:
            os.close(fd)


def _link_network(process: Path, number: int) -> None:
    (process / "ns").mkdir(parents=True, exist_ok=True)
    (process / "ns" / "net").symlink_to(f"net:[{number}]")


NET_DEV = """\
Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:       0       0    0    0    0     0          0         0        0       0    0    0    0     0       0          0
  eth0: {rx:>7} {rx_packets:>7}    0    0    0     0          0         0 {tx:>8} {tx_packets:>7}    0    0    0     0       0          0
"""  # noqa: E501 - as the kernel writes it

MEMORY_STAT_V2 = (
    *("anon", "file", "kernel", "kernel_stack", "pagetables", "sec_pagetables", "percpu", "sock", "vmalloc", "shmem"),
    *("zswap", "zswapped", "file_mapped", "file_dirty", "file_writeback", "swapcached", "anon_thp", "file_thp"),
    *("shmem_thp", "inactive_anon", "active_anon", "inactive_file", "active_file", "unevictable", "slab_reclaimable"),
    *("slab_unreclaimable", "slab", "workingset_refault_anon", "workingset_refault_file", "workingset_activate_anon"),
    *("workingset_activate_file", "workingset_restore_anon", "workingset_restore_file", "workingset_nodereclaim"),
    *("pgdemote_kswapd", "pgdemote_direct", "pgdemote_khugepaged", "pgpromote_success", "pgscan", "pgsteal"),
    *("pgscan_kswapd", "pgscan_direct", "pgscan_khugepaged", "pgsteal_kswapd", "pgsteal_direct", "pgsteal_khugepaged"),
    *("pgfault", "pgmajfault", "pgrefill", "pgactivate", "pgdeactivate", "pglazyfree", "pglazyfreed", "swpin_zero"),
    *("swpout_zero", "zswpin", "zswpout", "zswpwb", "thp_fault_alloc", "thp_collapse_alloc", "thp_swpout"),
    "thp_swpout_fallback",
)

MEMORY_STAT_V1 = (
    *("cache", "rss", "rss_huge", "shmem", "mapped_file", "dirty", "writeback", "workingset_refault_anon"),
    *("workingset_refault_file", "swap", "swapcached", "pgpgin", "pgpgout", "pgfault", "pgmajfault"),
    *("inactive_anon", "active_anon", "inactive_file", "active_file", "unevictable"),
)
