"""What `docker stats --no-stream` says, put on the engine's clock and cleared of the host's lost ticks."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from tests.engine.container_factory import bed_address

UNITS = {"B": 1, "kB": 10**3, "MB": 10**6, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}


@dataclass(frozen=True, slots=True)
class Reading:
    """One container in one call, and when on the engine's clock that was printed."""

    at: float
    name: str
    cores: float
    memory_bytes: float


def read(names: Sequence[str], offset: float) -> list[Reading]:
    """Call docker for these containers; `offset` is the engine's clock less ours, in seconds."""
    command = ["docker", "stats", "--no-stream", "--format", "{{json .}}", *names]
    environment = {**os.environ, "DOCKER_HOST": bed_address()}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    at = time.time() + offset
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    return [Reading(at, row["Name"], percent(row["CPUPerc"]) / 100, size(row["MemUsage"])) for row in rows]


def percent(text: str) -> float:
    """ "19.97%" as a number."""
    return float(text.removesuffix("%"))


def size(text: str) -> float:
    """The first half of "41.2MiB / 64MiB", in bytes."""
    used = text.split("/")[0].strip()
    number = used.rstrip("BKMGikm")
    return float(number) * UNITS[used[len(number) :]]


def tick_share(stats: dict[str, Any]) -> float:
    """How much of the time between the two samples of a stats answer the host's own ticks account for.

    docker divides by those ticks. They leave out steal, and an emulated CPU loses many of them under load, so that a
    container held to 0.20 cores reads 0.28; 1.0 where every tick was counted.
    """
    now, before = stats["cpu_stats"], stats["precpu_stats"]
    seconds = (datetime.fromisoformat(stats["read"]) - datetime.fromisoformat(stats["preread"])).total_seconds()
    ticks = (now["system_cpu_usage"] - before["system_cpu_usage"]) / 1e9 / now["online_cpus"]
    return float(ticks / seconds)


def corrected(readings: Sequence[Reading], share: float) -> list[Reading]:
    """The readings with the CPU they would show had the host lost no tick."""
    return [replace(reading, cores=reading.cores * share) for reading in readings]
