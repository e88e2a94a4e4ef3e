"""The words of the limits form: a placeholder and a hint for each field."""

from __future__ import annotations

PLACEHOLDERS = {
    "cpus": "1.5 or none",
    "cpu_shares": "1024",
    "cpuset_cpus": "0-2,5",
    "cpuset_mems": "0",
    "memory": "512m or none",
    "memory_swap": "1g or none",
    "memory_reservation": "256m or none",
    "pids_limit": "200 or none",
    "blkio_weight": "10 to 1000",
    "restart": "on-failure:3",
}
"""Shown in an empty field, as an example."""
HINTS = {
    "cpus": "cores it may use, as in --cpus 1.5; none lifts the limit",
    "cpu_shares": "its weight while CPUs are short, 2 to 262144; 1024 is usual",
    "cpuset_cpus": "the CPUs it may run on, as in 0-2,5",
    "cpuset_mems": "the NUMA nodes it may take memory from, as in 0",
    "memory": "what it may use before an OOM kill, as in 512m or 1.5g; none lifts the limit",
    "memory_swap": "memory and swap together; the same as memory: no swap; none: as much swap as there is",
    "memory_reservation": "reclaimed down to this while memory is short; below the limit; none lifts it",
    "pids_limit": "processes and threads together; none lifts the limit",
    "blkio_weight": "its weight while disks are busy, 10 to 1000",
    "restart": "no, always, unless-stopped or on-failure:3",
}
"""Shown for the field with the focus."""
