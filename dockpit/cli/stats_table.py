"""The table of `dockpit stats`."""

from __future__ import annotations

from dockpit.cli.output import align_columns, visible
from dockpit.metrics import formatting
from dockpit.metrics.metric_record import Value

HEADINGS = (
    *("CONTAINER", "STATE", "CPU", "OF LIMIT", "THROTTLED", "MEMORY", "OF LIMIT", "OOM"),
    *("NET in/out", "DISK r/w", "PIDS", "RESTARTS", "HEALTH", "UPTIME"),
)


def format_table(records: list[dict[str, Value]]) -> str:
    """Metric records as an aligned table with headings."""
    if not records:
        return "no container is running\n"
    return align_columns([HEADINGS, *(_row(one) for one in records)], left=frozenset({0, 1}))


def _row(record: dict[str, Value]) -> tuple[str, ...]:
    def number(key: str) -> float | None:
        value = record[key]
        return None if value is None or isinstance(value, str) else value

    return (
        visible(str(record["name"]), 40),
        str(record["state"]),
        formatting.cores(number("cpu_cores")),
        formatting.percent(number("cpu_of_limit_percent")),
        formatting.percent(number("throttled_percent")),
        formatting.bytes_short(number("memory_used_bytes")),
        formatting.percent(number("memory_of_limit_percent")),
        _oom_cell(str(record["oom_risk"]), number("oom_eta_seconds"), int(number("oom_kills") or 0)),
        formatting.rate_pair(number("net_rx_bytes_per_s"), number("net_tx_bytes_per_s")),
        formatting.rate_pair(number("block_read_bytes_per_s"), number("block_write_bytes_per_s")),
        formatting.count(number("pids")),
        formatting.count(number("restarts")),
        formatting.NA if record["health"] == "none" else str(record["health"]),
        formatting.duration(number("uptime_s")),
    )


def _oom_cell(risk: str, eta_seconds: float | None, kills: int) -> str:
    words = [] if risk == "none" else [risk]
    words += [formatting.eta(eta_seconds)] if eta_seconds is not None and words else []
    words += [formatting.plural(kills, "kill")] if kills else []
    return " ".join(words) or formatting.NA
