"""Every figure of a container, with its table column, JSON key and filter word, declared once.

A column's title, width, position and whether it is shown by default are changed here; the order of figures is that of
`stats --json`. All else follows from this table when it is imported: the fields of Sample and Rates (samples.py), how
rates are worked out (derive.py), what the history keeps (metric_ring.py), the columns and their order
(compiled_columns.py), the words of the filter (filtering.py) and the JSON record (metric_record.py). A source that can
read a new figure sets the field of Sample that is named here; where none does, the figure is n/a.
"""

from __future__ import annotations

from dockpit.metrics import formatting
from dockpit.metrics.figure_declaration import (
    Derived,
    EntryValue,
    Figure,
    FilterWord,
    Gauge,
    Greatest,
    Rate,
    StalledPercent,
    TableColumn,
    Total,
    Uptime,
)
from dockpit.metrics.rounding import FIVE_PERCENT, HALF_AGAIN, exact, linear
from dockpit.model.container import HEALTHS, STATES
from dockpit.model.verdicts import RISKS

NAME_WIDTH = 18
"""Minimum width of the name before columns are dropped."""

IDENTITY = (
    Figure(name="id", source=EntryValue("container.id"), json="id"),
    Figure(name="short_id", source=EntryValue("container.short_id"), help="The first 12 digits of its id",
           columns=(TableColumn("id", "ID", 12, position=22, align="left", descending=False),)),
    Figure(name="name", source=EntryValue("container.name"), json="name", help="The container's name",
           columns=(TableColumn("name", "CONTAINER", NAME_WIDTH, priority=0, position=2,
                                default=True, align="left", descending=False),)),
    Figure(name="project", source=EntryValue("container.project", blank_is_null=True), json="project",
           help="Compose project",
           columns=(TableColumn("project", "PROJECT", 14, position=23,
                                align="left", descending=False),)),
    Figure(name="service", source=EntryValue("container.service", blank_is_null=True), json="service",
           help="Compose service",
           columns=(TableColumn("service", "SERVICE", 14, position=24,
                                align="left", descending=False),)),
    Figure(name="image", source=EntryValue("container.image"), json="image", help="Image",
           columns=(TableColumn("image", "IMAGE", 24, position=21, align="left", descending=False),)),
    Figure(name="ports", source=EntryValue("ports_text"), help="Published ports",
           columns=(TableColumn("ports", "PORTS", 20, position=25, align="left", descending=False),)),
    Figure(name="state", source=EntryValue("container.state"), json="state",
           help="State: running, paused, restarting, exited, dead; ! is unhealthy",
           columns=(TableColumn("state", "", 1, priority=0, position=1,
                                default=True, align="left", descending=False, ranks=STATES),)),
    Figure(name="health", source=EntryValue("container.health"), json="health", help="Result of its health check",
           columns=(TableColumn("health", "HEALTH", 9, priority=6, position=15,
                                default=True, align="left", ranks=HEALTHS[1:]),)),
)  # fmt: skip

CPU = (
    Figure(name="cpu_cores", source=Rate("cpu_ns", 1e9), unit="cores", kept=True, json="cpu_cores", digits=4,
           help="CPU used, in cores", filter=FilterWord("cpu", percent=True, scale=100.0, position=1),
           columns=(
               TableColumn("cpu", "CPU", 5, priority=1, position=3, default=True, rounding=linear(0.05)),
               TableColumn("cpu_spark", "1 min", 8, priority=4, position=5, default=True, rounding=linear(0.05),
                      help="CPU of the last minute on the scale of its limit, or of one core and more without one"),
           )),
    Figure(name="cpu_limit_cores", source=EntryValue("cpu_limit_cores"), unit="cores", json="cpu_limit_cores", digits=4,
           help="CPU limit in cores",
           columns=(TableColumn("cpu_limit_cores", "CPU LIMIT", 9, position=27, rounding=exact,
                                text=formatting.cores),)),
    Figure(name="cpu_of_limit_percent", source=EntryValue("cpu_of_limit_percent"), unit="%",
           json="cpu_of_limit_percent", digits=2, help="CPU used in percent of its own limit",
           filter=FilterWord("cpu%", percent=True, position=2),
           columns=(TableColumn("cpu_limit", "of limit", 12, priority=3, position=4,
                                default=True, rounding=linear(5)),)),
    Figure(name="throttled_ratio", source=Derived(("periods", "throttled_periods")), kept=True,
           help="Throttled periods ÷ periods, 0..1; 0 when no period ran; or of a cgroup above that was stopped more"),
    Figure(name="throttled_percent", source=EntryValue("throttled_percent"), unit="%", json="throttled_percent",
           digits=2,
           help="Share of the last 10 s' CFS periods in which its CPU limit stopped it, or with ↑ that of a cgroup "
                "above",
           filter=FilterWord("throttled", percent=True, aliases=("throttled%",), position=4),
           columns=(TableColumn("throttled", "THROTTLED", 10, priority=1, position=6,
                                default=True, rounding=linear(5)),)),
    Figure(name="throttled_ms_per_s", source=Rate("throttled_ns", 1e6), kept=True,
           help="CPU time lost to its quota between two samples, in CPU-ms/s, for the charts"),
    Figure(name="window_throttled_ms_per_s", source=EntryValue("throttled_ms_per_s"), unit="CPU-ms/s",
           json="throttled_ms_per_s", digits=2,
           help="CPU time lost to its CPU limit in each second, summed over CPUs: above 1000 is possible",
           columns=(TableColumn("throttled_ms", "STALLED", 13, position=26, rounding=linear(10),
                           text=formatting.ms_per_s),)),
    Figure(name="cpu_bursts_per_s", source=Rate("bursts"), unit="per s", json="cpu_bursts_per_s", digits=2,
           help="CFS periods per second in which it ran beyond its quota, on CPU time that earlier periods left over"),
    Figure(name="cpu_burst_ms_per_s", source=Rate("burst_ns", 1e6), unit="CPU-ms/s", json="cpu_burst_ms_per_s",
           digits=2,
           help="CPU time beyond its quota in each second, left over by earlier periods (cpu.max.burst)",
           columns=(TableColumn("burst", "BURST", 13, rounding=linear(10), text=formatting.ms_per_s),)),
)  # fmt: skip

MEMORY = (
    Figure(name="memory_used_bytes", source=Gauge("memory_used_bytes"), unit="bytes", kept=True,
           json="memory_used_bytes", help="Memory used as docker counts it: without inactive file cache",
           columns=(
               TableColumn("memory", "MEMORY", 6, priority=1, position=7, default=True, rounding=FIVE_PERCENT),
               TableColumn("memory_spark", "1 min", 8, priority=4, position=9, default=True, rounding=FIVE_PERCENT,
                      help="Memory of the last minute on the scale of its limit, or of its peak without one"),
           )),
    Figure(name="memory_unreclaimable_bytes", source=Gauge("memory_unreclaimable_bytes"), unit="bytes", kept=True,
           json="memory_unreclaimable_bytes", help="Memory that reclaim cannot give back",
           columns=(TableColumn("unreclaimable", "UNRECL", 6, position=29, rounding=FIVE_PERCENT,
                           text=formatting.bytes_short),)),
    Figure(name="memory_limit_bytes", source=EntryValue("memory_limit_bytes", ("memory_limit_bytes",)), unit="bytes",
           json="memory_limit_bytes", help="Memory limit in bytes",
           columns=(TableColumn("memory_limit_bytes", "MEM LIMIT", 9, position=28, rounding=exact,
                           text=formatting.bytes_short),)),
    Figure(name="memory_of_limit_percent", source=EntryValue("memory_of_limit_percent"), unit="%",
           json="memory_of_limit_percent", digits=2, help="Memory used in percent of its own limit",
           filter=FilterWord("mem", 1024, percent=True, bytes_of="memory_used_bytes", position=3,
                             aliases=("memory", "mem%")),
           columns=(TableColumn("memory_limit", "of limit", 12, priority=3, position=8,
                                default=True, rounding=linear(2)),)),
    Figure(name="memory_peak_bytes", source=Gauge("memory_peak_bytes"), unit="bytes", json="memory_peak_bytes",
           help="The most memory used at one time, as the kernel or the engine keeps it"),
    Figure(name="memory_cache_bytes", source=Gauge("memory_cache_bytes"), unit="bytes", help="Page cache"),
    Figure(name="memory_failures", source=Gauge("memory_failures"),
           help="How often memory ran out: memory.events oom (v2), failcnt (engine)"),
    Figure(name="oom_kills", source=EntryValue("memory.kills", ("oom_kills",)), json="oom_kills",
           help="OOM kills, child processes included"),
    Figure(name="oom_risk", source=EntryValue("oom_risk"), json="oom_risk",
           help="Risk of an OOM kill with the rough time left; cache is full and harmless; kills so far",
           columns=(TableColumn("oom", "OOM", 8, priority=1, position=10, default=True, align="left", ranks=RISKS),)),
    Figure(name="oom_eta_seconds", source=EntryValue("oom_eta_seconds"), unit="s", json="oom_eta_seconds", digits=1,
           help="Rough time left until an OOM kill"),
)  # fmt: skip

TRAFFIC = (
    Figure(name="net_rx_bytes_per_s", source=Rate("net_rx_bytes"), unit="bytes/s", kept=True,
           json="net_rx_bytes_per_s", digits=1, help="Network bytes received per second"),
    Figure(name="net_tx_bytes_per_s", source=Rate("net_tx_bytes"), unit="bytes/s", kept=True,
           json="net_tx_bytes_per_s", digits=1, help="Network bytes sent per second"),
    Figure(name="net_bytes_per_s", source=Total(("net_rx_bytes_per_s", "net_tx_bytes_per_s")), unit="bytes/s",
           help="Network bytes per second, received and sent", filter=FilterWord("net", 1000, position=9),
           columns=(TableColumn("net", "NET in/out", 10, priority=5, position=11, default=True, rounding=HALF_AGAIN),)),
    Figure(name="tcp_retransmits_per_s", source=Rate("tcp_retransmits"), unit="per s", json="tcp_retransmits_per_s",
           digits=2, help="TCP segments per second that its network namespace sent again",
           columns=(TableColumn("retransmits", "RETRANS", 7, rounding=HALF_AGAIN, text=formatting.per_second),)),
    Figure(name="block_read_bytes_per_s", source=Rate("block_read_bytes"), unit="bytes/s", kept=True,
           json="block_read_bytes_per_s", digits=1, help="Bytes read from block devices per second"),
    Figure(name="block_write_bytes_per_s", source=Rate("block_write_bytes"), unit="bytes/s", kept=True,
           json="block_write_bytes_per_s", digits=1, help="Bytes written to block devices per second"),
    Figure(name="block_bytes_per_s", source=Total(("block_read_bytes_per_s", "block_write_bytes_per_s")),
           unit="bytes/s", help="Block I/O bytes per second, read and written",
           filter=FilterWord("disk", 1000, position=10),
           columns=(TableColumn("disk", "DISK r/w", 9, priority=5, position=12, default=True, rounding=HALF_AGAIN),)),
)  # fmt: skip

RUN = (
    Figure(name="pids", source=Gauge("pids"), kept=True, json="pids", help="Processes and threads",
           filter=FilterWord("pids", position=7),
           columns=(TableColumn("pids", "PIDS", 5, priority=7, position=13, default=True, rounding=FIVE_PERCENT),)),
    Figure(name="pids_limit", source=EntryValue("pids_limit", ("pids_limit",)), json="pids_limit",
           help="The pids limit in force"),
    Figure(name="restarts", source=EntryValue("container.restarts"), json="restarts",
           filter=FilterWord("restarts", position=8),
           help="How often its restart policy started it again",
           columns=(TableColumn("restarts", "RESTARTS", 8, priority=7, position=14, default=True, rounding=exact),)),
    Figure(name="running_since", source=EntryValue("running_since"), unit="s", help="How long it has been running",
           columns=(TableColumn("uptime", "UPTIME", 6, priority=7, position=16, default=True, descending=False),)),
    Figure(name="uptime_s", source=Uptime(), unit="s", json="uptime_s", digits=1, help="How long it has been running"),
)  # fmt: skip

KERNEL_ONLY = (
    Figure(name="cpu_user_percent", source=Rate("cpu_user_ns", 1e7), unit="%", json="cpu_user_percent", digits=2,
           help="CPU used in user mode, in percent of one"),
    Figure(name="cpu_system_percent", source=Rate("cpu_system_ns", 1e7), unit="%", json="cpu_system_percent", digits=2,
           help="CPU used in the kernel, in percent of one"),
    Figure(name="cpu_some_percent", source=StalledPercent("cpu_pressure"), unit="%", kept=True,
           json="cpu_pressure_some_percent", digits=2,
           help="Pressure: share of the time in which some of its tasks waited for a CPU, throttling included",
           columns=(TableColumn("cpu_pressure", "PSI CPU", 7, position=30, rounding=linear(5)),)),
    Figure(name="memory_some_percent", source=StalledPercent("memory_pressure"), unit="%", kept=True,
           json="memory_pressure_some_percent", digits=2,
           help="Pressure: share of the time in which some of its tasks waited for memory",
           columns=(TableColumn("memory_pressure", "PSI MEM", 7, position=31, rounding=linear(5)),)),
    Figure(name="memory_full_percent", source=StalledPercent("memory_pressure", full=True), unit="%",
           json="memory_pressure_full_percent", digits=2,
           help="Pressure: share of the time in which all of its tasks waited for memory"),
    Figure(name="io_some_percent", source=StalledPercent("io_pressure"), unit="%", kept=True,
           json="io_pressure_some_percent", digits=2,
           help="Pressure: share of the time in which some of its tasks waited for a device",
           columns=(TableColumn("io_pressure", "PSI IO", 7, position=32, rounding=linear(5)),)),
    Figure(name="io_full_percent", source=StalledPercent("io_pressure", full=True), unit="%",
           json="io_pressure_full_percent", digits=2,
           help="Pressure: share of the time in which all of its tasks waited for a device"),
    Figure(name="pressure_percent", source=Greatest(("cpu_some_percent", "memory_some_percent", "io_some_percent")),
           unit="%", help="The greatest pressure of the three resources",
           filter=FilterWord("psi", percent=True, aliases=("pressure",), position=5)),
    Figure(name="anon_bytes", source=Gauge("anon_bytes"), unit="bytes", kept=True, json="memory_anon_bytes",
           help="Anonymous memory"),
    Figure(name="file_bytes", source=Gauge("file_bytes"), unit="bytes", kept=True, json="memory_file_bytes",
           help="The kernel's file (v2) or cache (v1): page cache, shmem and tmpfs included"),
    Figure(name="kernel_bytes", source=Gauge("kernel_bytes"), unit="bytes", kept=True, json="memory_kernel_bytes",
           help="Kernel memory charged to it: slab, stacks, page tables, sockets"),
    Figure(name="shmem_bytes", source=Gauge("shmem_bytes"), unit="bytes", kept=True, json="memory_shmem_bytes",
           help="Shared memory and tmpfs"),
    Figure(name="swap_bytes", source=Gauge("swap_bytes"), unit="bytes", json="memory_swap_bytes",
           help="Memory that is swapped out", filter=FilterWord("swap", 1024, position=6),
           columns=(TableColumn("swap", "SWAP", 6, position=33, rounding=FIVE_PERCENT, text=formatting.bytes_short),)),
    Figure(name="swap_in_bytes_per_s", source=Rate("swapped_in_bytes"), unit="bytes/s", json="swap_in_bytes_per_s",
           digits=1, help="Memory read back from swap, zswap included, in bytes per second",
           columns=(TableColumn("swap_in", "SWAP IN", 7, rounding=HALF_AGAIN, text=formatting.rate),)),
    Figure(name="major_faults_per_s", source=Rate("major_faults"), unit="per s", json="major_faults_per_s", digits=1,
           help="Page faults per second that took a read from a device"),
    Figure(name="refaults_per_s", source=Rate("refaults"), unit="per s", json="refaults_per_s", digits=1,
           help="Pages per second read again that had just been dropped: the cache is too small",
           columns=(TableColumn("refaults", "REFAULTS", 8, position=34, rounding=HALF_AGAIN, text=formatting.count),)),
    Figure(name="throttled_by", source=EntryValue("throttling.above", blank_is_null=True), json="throttled_by",
           help="The cgroup above that throttles it"),
    Figure(name="limits_differ", source=EntryValue("differences_text", blank_is_null=True), json="limits_differ",
           help="Limits in force that are not those configured"),
    Figure(name="figures_source", source=EntryValue("figures_source"), json="source",
           help="Where its figures come from: kernel or engine"),
)  # fmt: skip

FIGURES: tuple[Figure, ...] = (*IDENTITY, *CPU, *MEMORY, *TRAFFIC, *RUN, *KERNEL_ONLY)
KEPT: tuple[Figure, ...] = tuple(figure for figure in FIGURES if figure.kept)
"""What the history keeps, in the order of its rows."""
