"""Workloads of containers: each function returns a pure function (seconds since the start, seed) -> ResourceDemand."""

from __future__ import annotations

from dockpit.simulate.scenario_spec import MIB, ResourceDemand, Workload
from dockpit.simulate.seeded_noise import burst, jitter, wave


def idle(anon_bytes: float = 6 * MIB, pids: int = 1) -> Workload:
    """A nearly idle process: a timer tick, a keep-alive."""

    def demand(seconds: float, seed: int) -> ResourceDemand:
        return ResourceDemand(
            cpu_cores=0.002 + 0.004 * jitter(seed, int(seconds)),
            runnable_share=0.4,
            anon_bytes=anon_bytes,
            rx_bytes_per_s=60 * wave(seed, seconds, 60),
            tx_bytes_per_s=40 * wave(seed, seconds, 60),
            pids=pids,
        )

    return demand


def service(
    cpu_cores: float,
    anon_bytes: float,
    *,
    threads: int = 4,
    runnable_share: float = 0.98,
    rx_bytes_per_s: float = 200_000.0,
    page_cache_bytes: float = 24 * MIB,
    period_seconds: float = 180.0,
    pids: int = 9,
) -> Workload:
    """A server under load: CPU use around `cpu_cores` with waves and bursts, and traffic in step with it."""

    def demand(seconds: float, seed: int) -> ResourceDemand:
        load = 0.75 + 0.35 * wave(seed, seconds, period_seconds) + 0.15 * jitter(seed, int(seconds * 2))
        if burst(seed, seconds, 47.0, 0.12):
            load *= 1.35
        return ResourceDemand(
            cpu_cores=cpu_cores * load,
            runnable_share=runnable_share,
            threads=threads,
            anon_bytes=anon_bytes * (0.97 + 0.06 * wave(seed + 5, seconds, period_seconds * 1.7)),
            page_cache_bytes=page_cache_bytes,
            rx_bytes_per_s=rx_bytes_per_s * load,
            tx_bytes_per_s=rx_bytes_per_s * load * (2.2 + 0.6 * jitter(seed + 1, int(seconds))),
            read_bytes_per_s=20_000.0 * jitter(seed + 2, int(seconds)) if burst(seed, seconds, 29.0, 0.2) else 0.0,
            written_bytes_per_s=12_000.0 + 9_000.0 * jitter(seed + 3, int(seconds)),
            pids=pids,
        )

    return demand


def leak(base_bytes: float, bytes_per_s: float, cpu_cores: float = 0.35, *, pids: int = 5) -> Workload:
    """A memory leak from `base_bytes` on, with the saw teeth of a garbage collector that frees a little each time."""

    def demand(seconds: float, seed: int) -> ResourceDemand:
        teeth = 0.6 * bytes_per_s * ((seconds / 7.0) % 1.0)
        return ResourceDemand(
            cpu_cores=cpu_cores * (0.7 + 0.6 * wave(seed, seconds, 90)),
            runnable_share=0.8,
            threads=2,
            anon_bytes=base_bytes + bytes_per_s * seconds + teeth,
            page_cache_bytes=18 * MIB,
            rx_bytes_per_s=12_000.0 * (0.5 + jitter(seed, int(seconds))),
            tx_bytes_per_s=3_000.0 * (0.5 + jitter(seed + 1, int(seconds))),
            written_bytes_per_s=4_000.0,
            pids=pids,
        )

    return demand


def database(
    anon_bytes: float,
    page_cache_bytes: float,
    *,
    active_file_share: float = 0.96,
    cpu_cores: float = 0.14,
    pids: int = 14,
) -> Workload:
    """A database: a small heap, as much page cache as its limit allows, reads and writes."""

    def demand(seconds: float, seed: int) -> ResourceDemand:
        load = 0.6 + 0.8 * wave(seed, seconds, 120)
        return ResourceDemand(
            cpu_cores=cpu_cores * load,
            runnable_share=0.7,
            threads=4,
            anon_bytes=anon_bytes,
            page_cache_bytes=page_cache_bytes,
            active_file_share=active_file_share,
            read_bytes_per_s=2.1 * MIB * load * (0.6 + 0.8 * jitter(seed, int(seconds))),
            written_bytes_per_s=8.0 * MIB * load * (0.4 + 1.2 * jitter(seed + 1, int(seconds / 5))),
            rx_bytes_per_s=90_000.0 * load,
            tx_bytes_per_s=88_000.0 * load,
            pids=pids,
        )

    return demand


def backup(read_bytes_per_s: float, written_bytes_per_s: float, cpu_cores: float = 0.45) -> Workload:
    """A copy job: long sequential reads, writes in batches, page cache that is never read again."""

    def demand(seconds: float, seed: int) -> ResourceDemand:
        busy = 0.0 if burst(seed, seconds, 95.0, 0.15) else 1.0
        flush = 2.2 if (seconds % 12.0) > 8.0 else 0.4
        return ResourceDemand(
            cpu_cores=0.02 + cpu_cores * busy * (0.8 + 0.4 * jitter(seed, int(seconds))),
            runnable_share=0.85,
            threads=2,
            anon_bytes=38 * MIB,
            page_cache_bytes=4096 * MIB,
            active_file_share=0.03,
            read_bytes_per_s=read_bytes_per_s * busy * (0.8 + 0.4 * jitter(seed + 1, int(seconds))),
            written_bytes_per_s=written_bytes_per_s * busy * flush,
            rx_bytes_per_s=900.0,
            tx_bytes_per_s=written_bytes_per_s * 0.1 * busy,
            pids=3,
        )

    return demand


def spinner(cpu_cores: float = 1.0, threads: int = 1, anon_bytes: float = 5 * MIB) -> Workload:
    """A busy loop."""

    def demand(seconds: float, seed: int) -> ResourceDemand:
        return ResourceDemand(cpu_cores=cpu_cores, threads=threads, anon_bytes=anon_bytes, pids=threads)

    return demand


def forker(min_pids: int, max_pids: int, period_seconds: float = 240.0) -> Workload:
    """A pool of processes that grows to nearly `max_pids` and shrinks again."""

    def demand(seconds: float, seed: int) -> ResourceDemand:
        share = wave(seed, seconds, period_seconds)
        pids = min_pids + int((max_pids - min_pids) * (0.85 + 0.15 * share))
        return ResourceDemand(
            cpu_cores=0.05 + 0.1 * share,
            runnable_share=0.5,
            threads=4,
            anon_bytes=pids * 0.9 * MIB,
            rx_bytes_per_s=4_000,
            tx_bytes_per_s=9_000,
            pids=pids,
        )

    return demand


def cache_reader(file_bytes: float, anon_bytes: float = 3 * MIB) -> Workload:
    """A reader of one file of `file_bytes` over and over: its memory is full of page cache, and harmless."""

    def demand(seconds: float, seed: int) -> ResourceDemand:
        return ResourceDemand(
            cpu_cores=0.3,
            threads=1,
            anon_bytes=anon_bytes,
            page_cache_bytes=file_bytes,
            active_file_share=0.9,
            read_bytes_per_s=6 * MIB,
            pids=1,
        )

    return demand
