"""How containers behave: makers of pure functions (seconds since the start, seed) -> Demand."""

from __future__ import annotations

from dockpit.simulate.container_spec import MIB, Demand, Workload
from dockpit.simulate.seeded_noise import burst, jitter, wave


def idle(anon: float = 6 * MIB, pids: int = 1) -> Workload:
    """Hardly anything: a timer tick, a keep-alive."""

    def demand(seconds: float, seed: int) -> Demand:
        return Demand(
            cpu=0.002 + 0.004 * jitter(seed, int(seconds)),
            active=0.4,
            anon=anon,
            rx=60 * wave(seed, seconds, 60),
            tx=40 * wave(seed, seconds, 60),
            pids=pids,
        )

    return demand


def service(
    cpu: float,
    anon: float,
    *,
    threads: int = 4,
    active: float = 0.98,
    traffic: float = 200_000.0,
    cache: float = 24 * MIB,
    period: float = 180.0,
    pids: int = 9,
) -> Workload:
    """A server under load: CPU around `cpu` cores with swings and bursts, traffic in step."""

    def demand(seconds: float, seed: int) -> Demand:
        load = 0.75 + 0.35 * wave(seed, seconds, period) + 0.15 * jitter(seed, int(seconds * 2))
        if burst(seed, seconds, 47.0, 0.12):
            load *= 1.35
        return Demand(
            cpu=cpu * load,
            active=active,
            threads=threads,
            anon=anon * (0.97 + 0.06 * wave(seed + 5, seconds, period * 1.7)),
            cache=cache,
            rx=traffic * load,
            tx=traffic * load * (2.2 + 0.6 * jitter(seed + 1, int(seconds))),
            reads=20_000.0 * jitter(seed + 2, int(seconds)) if burst(seed, seconds, 29.0, 0.2) else 0.0,
            writes=12_000.0 + 9_000.0 * jitter(seed + 3, int(seconds)),
            pids=pids,
        )

    return demand


def leak(base: float, bytes_per_s: float, cpu: float = 0.35, *, pids: int = 5) -> Workload:
    """Memory that grows steadily from `base`, with the saw teeth of a collector that finds a little each time."""

    def demand(seconds: float, seed: int) -> Demand:
        teeth = 0.6 * bytes_per_s * ((seconds / 7.0) % 1.0)
        return Demand(
            cpu=cpu * (0.7 + 0.6 * wave(seed, seconds, 90)),
            active=0.8,
            threads=2,
            anon=base + bytes_per_s * seconds + teeth,
            cache=18 * MIB,
            rx=12_000.0 * (0.5 + jitter(seed, int(seconds))),
            tx=3_000.0 * (0.5 + jitter(seed + 1, int(seconds))),
            writes=4_000.0,
            pids=pids,
        )

    return demand


def database(anon: float, cache: float, *, hot: float = 0.96, cpu: float = 0.14, pids: int = 14) -> Workload:
    """A database: small heap, as much page cache as it is given, reads and writes."""

    def demand(seconds: float, seed: int) -> Demand:
        load = 0.6 + 0.8 * wave(seed, seconds, 120)
        return Demand(
            cpu=cpu * load,
            active=0.7,
            threads=4,
            anon=anon,
            cache=cache,
            hot=hot,
            reads=2.1 * MIB * load * (0.6 + 0.8 * jitter(seed, int(seconds))),
            writes=8.0 * MIB * load * (0.4 + 1.2 * jitter(seed + 1, int(seconds / 5))),
            rx=90_000.0 * load,
            tx=88_000.0 * load,
            pids=pids,
        )

    return demand


def backup(read_rate: float, write_rate: float, cpu: float = 0.45) -> Workload:
    """A copy job: long sequential reads, writes in batches, page cache it never looks at again."""

    def demand(seconds: float, seed: int) -> Demand:
        busy = 0.0 if burst(seed, seconds, 95.0, 0.15) else 1.0
        flush = 2.2 if (seconds % 12.0) > 8.0 else 0.4
        return Demand(
            cpu=0.02 + cpu * busy * (0.8 + 0.4 * jitter(seed, int(seconds))),
            active=0.85,
            threads=2,
            anon=38 * MIB,
            cache=4096 * MIB,
            hot=0.03,
            reads=read_rate * busy * (0.8 + 0.4 * jitter(seed + 1, int(seconds))),
            writes=write_rate * busy * flush,
            rx=900.0,
            tx=write_rate * 0.1 * busy,
            pids=3,
        )

    return demand


def spinner(cpu: float = 1.0, threads: int = 1, anon: float = 5 * MIB) -> Workload:
    """A busy loop."""

    def demand(seconds: float, seed: int) -> Demand:
        return Demand(cpu=cpu, threads=threads, anon=anon, pids=threads)

    return demand


def forker(base: int, top: int, period: float = 240.0) -> Workload:
    """A pool of processes that swells to nearly `top` and shrinks again."""

    def demand(seconds: float, seed: int) -> Demand:
        share = wave(seed, seconds, period)
        pids = base + int((top - base) * (0.85 + 0.15 * share))
        return Demand(
            cpu=0.05 + 0.1 * share, active=0.5, threads=4, anon=pids * 0.9 * MIB, rx=4_000, tx=9_000, pids=pids
        )

    return demand


def cache_reader(file_bytes: float, anon: float = 3 * MIB) -> Workload:
    """Reads one file of `file_bytes` again and again: full of page cache, in no danger."""

    def demand(seconds: float, seed: int) -> Demand:
        return Demand(cpu=0.3, threads=1, anon=anon, cache=file_bytes, hot=0.9, reads=6 * MIB, pids=1)

    return demand
