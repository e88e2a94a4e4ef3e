"""Figures of `docker stats --no-stream`, timed by the engine's clock and corrected for the host's lost ticks."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from tests.engine.container_factory import docker_py_address

UNITS = {"B": 1, "kB": 10**3, "MB": 10**6, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}


@dataclass(frozen=True, slots=True)
class DockerReading:
    """One container's figures in one call; `at` is the engine's time when they were printed, in seconds."""

    at: float
    name: str
    cores: float
    memory_bytes: float


def read_docker_stats(names: Sequence[str], offset: float) -> list[DockerReading]:
    """Run docker stats for these containers; `offset` is the engine's clock minus this machine's, in seconds."""
    command = ["docker", "stats", "--no-stream", "--format", "{{json .}}", *names]
    environment = {**os.environ, "DOCKER_HOST": docker_py_address()}
    completed = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    at = time.time() + offset
    rows = [json.loads(line) for line in completed.stdout.splitlines()]
    return [
        DockerReading(at, row["Name"], parse_percent(row["CPUPerc"]) / 100, parse_used_bytes(row["MemUsage"]))
        for row in rows
    ]


def parse_percent(text: str) -> float:
    """ "19.97%" as a number."""
    return float(text.removesuffix("%"))


def parse_used_bytes(text: str) -> float:
    """The used part of "41.2MiB / 64MiB", in bytes."""
    used = text.split("/")[0].strip()
    number = used.rstrip("BKMGikm")
    return float(number) * UNITS[used[len(number) :]]


def counted_tick_share(stats: dict[str, Any]) -> float:
    """The share of the time between the two samples of a stats answer that the host's ticks account for.

    docker divides by those ticks. They leave out steal, and an emulated CPU loses many of them under load, so that a
    container limited to 0.20 cores reads 0.28. It is 1.0 where every tick was counted.
    """
    now, before = stats["cpu_stats"], stats["precpu_stats"]
    seconds = (datetime.fromisoformat(stats["read"]) - datetime.fromisoformat(stats["preread"])).total_seconds()
    ticks = (now["system_cpu_usage"] - before["system_cpu_usage"]) / 1e9 / now["online_cpus"]
    return float(ticks / seconds)


def correct_lost_ticks(readings: Sequence[DockerReading], share: float) -> list[DockerReading]:
    """The readings with the CPU they would show if the host had lost no tick."""
    return [replace(reading, cores=reading.cores * share) for reading in readings]
