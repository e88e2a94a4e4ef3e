"""Recipes: a command that runs in the target's network, and the table made of its output.

To add one, write its command and its reader, and list it in RECIPES.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from dockpit.engine.attached_streams import CommandResult
from dockpit.model.view_models import Cell, Column, Row, TableView, Tone

_HOST_NAME = re.compile(r"[A-Za-z0-9._:\-\[\]]{1,253}\Z")
_URL = re.compile(r"(https?://)?[^\s'\"\\]{1,2000}\Z")

MAX_RAW_LINES = 200
MAX_ANSWERS = 20

LabelledValue = tuple[str, str, Tone]


@dataclass(frozen=True, slots=True)
class Recipe:
    """A command for the target's network and the reader of its output; `argument` names its parameter, "" for none."""

    id: str
    title: str
    description: str
    command: Callable[[str], tuple[str, ...]]
    read: Callable[[CommandResult], TableView]
    argument: str = ""
    default: str = ""


def check_argument(recipe: Recipe, value: str) -> str:
    """The fault of the user's argument, "" for none; recipes never give it to a shell unquoted."""
    if not recipe.argument:
        return ""
    pattern = _URL if recipe.argument == "URL" else _HOST_NAME
    if value.startswith("-") or not pattern.match(value):
        return f"not a {recipe.argument}: {value!r}"
    return ""


def two_column_table(rows: Sequence[LabelledValue], raw: str = "") -> TableView:
    """Rows of (label, value, tone); without rows, the lines of the `raw` output, MAX_RAW_LINES at most."""
    if not rows:
        rows = [("", line, "normal") for line in raw.splitlines() if line.strip()][:MAX_RAW_LINES]
    return TableView(
        (Column("what", "", 28), Column("value", "", 60, stretch=True)),
        tuple(
            Row(f"{index}", (Cell(label, "dim"), Cell(value, tone)), tone=tone)
            for index, (label, value, tone) in enumerate(rows)
        ),
        empty="no output",
    )


def _failure_table(result: CommandResult) -> TableView | None:
    if result.exit_code in (0, None) or result.stdout.strip():
        return None
    message = (result.stderr or "no output").strip()
    return two_column_table([("failed", f"exit code {result.exit_code}", "high"), ("message", message[:500], "normal")])


# --- DNS -----------------------------------------------------------------------------------------------------------


def _dns_command(name: str) -> tuple[str, ...]:
    query = 'dig +noall +answer +comments +stats +tries=1 +time=2 "$1"'
    script = f'cat /etc/resolv.conf; echo "--"; {query} || nslookup "$1"; {query}; {query}'
    return ("sh", "-c", script, "dns", name)


def read_dns(result: CommandResult) -> TableView:
    """Servers and search list of resolv.conf, and the answers and query times of dig."""
    if failure := _failure_table(result):
        return failure
    config, _, answers = result.stdout.partition("--\n")
    rows: list[LabelledValue] = []
    for line in config.splitlines():
        keyword, _, value = line.strip().partition(" ")
        if keyword in ("nameserver", "search", "options"):
            rows.append((keyword, value.strip(), "normal"))
    status = re.findall(r"status: (\w+)", answers)
    if status:
        rows.append(("status", status[-1], "good" if status[-1] == "NOERROR" else "high"))
    times = [int(ms) for ms in re.findall(r"Query time: (\d+) msec", answers)]
    if times:
        tone: Tone = "normal" if max(times) < 100 else "watch" if max(times) < 1000 else "high"
        rows.append(("query time", " · ".join(f"{ms} ms" for ms in times), tone))
    elif "timed out" in answers or "no servers" in answers:
        rows.append(("query", "timed out: no server answers", "high"))
    records = re.findall(r"^(\S+)\s+(\d+)\s+IN\s+(\w+)\s+(.+)$", answers, re.M)
    rows += [(f"{kind} (ttl {ttl} s)", value, "normal") for _, ttl, kind, value in dict.fromkeys(records)][:MAX_ANSWERS]
    return two_column_table(rows, result.stdout)


# --- HTTP ----------------------------------------------------------------------------------------------------------

_CURL_FORMAT = (
    '{"code":%{http_code},"dns":%{time_namelookup},"connect":%{time_connect},"tls":%{time_appconnect},'
    '"pre":%{time_pretransfer},"ttfb":%{time_starttransfer},"total":%{time_total},"bytes":%{size_download},'
    '"ip":"%{remote_ip}"}\\n'
)


def _http_command(url: str) -> tuple[str, ...]:
    return ("curl", "-sS", "-o", "/dev/null", "--max-time", "10", "-w", _CURL_FORMAT, "--", url)


def read_http(result: CommandResult) -> TableView:
    """The phases of one request in milliseconds, from curl's timings."""
    try:
        timings = json.loads(result.stdout.strip().splitlines()[-1])
        times_ms = {key: float(timings[key]) * 1000 for key in ("dns", "connect", "tls", "pre", "ttfb", "total")}
        code = int(timings["code"])
    except (ValueError, KeyError, IndexError, TypeError):
        return two_column_table([("failed", (result.stderr or result.stdout).strip()[:500], "high")])
    rows: list[LabelledValue] = [
        ("answer", str(code) if code else "none", "good" if 0 < code < 400 else "high"),
        ("from", str(timings.get("ip", "")), "normal"),
        ("name lookup", f"{times_ms['dns']:.1f} ms", _slow_tone(times_ms["dns"], 100)),
        ("TCP connect", _phase(times_ms, "dns", "connect"), _slow_tone(times_ms["connect"], 300)),
    ]
    if times_ms["tls"] > 0:
        rows.append(("TLS handshake", _phase(times_ms, "connect", "tls"), "normal"))
    rows += [
        (
            "server time (to first byte)",
            _phase(times_ms, "pre", "ttfb"),
            _slow_tone(times_ms["ttfb"], 1000),
        ),
        ("transfer", _phase(times_ms, "ttfb", "total"), "normal"),
        ("total", f"{times_ms['total']:.1f} ms · {timings.get('bytes', 0)} bytes", "normal"),
    ]
    if result.stderr.strip():
        rows.append(("message", result.stderr.strip()[:300], "high"))
    return two_column_table(rows)


def _phase(times_ms: Mapping[str, float], begin: str, end: str) -> str:
    return f"{max(0.0, times_ms[end] - times_ms[begin]):.1f} ms"


def _slow_tone(milliseconds: float, bound_ms: float) -> Tone:
    return "watch" if milliseconds > bound_ms else "normal"


# --- TCP health ----------------------------------------------------------------------------------------------------


def _tcp_command(_: str) -> tuple[str, ...]:
    return ("sh", "-c", "nstat -asz --json; echo '--'; ss -s")


_TCP_COUNTERS: Mapping[str, str] = {
    "TcpExtTCPTimeouts": "retransmission timeouts",
    "TcpExtTCPSynRetrans": "SYN retransmitted",
    "TcpExtListenOverflows": "accept queue overflows",
    "TcpExtListenDrops": "connections dropped at listen",
    "TcpEstabResets": "connections reset",
    "TcpOutRsts": "resets sent",
}


def read_tcp(result: CommandResult) -> TableView:
    """Retransmissions, overflows and resets since the network namespace was created, and the summary of ss."""
    if failure := _failure_table(result):
        return failure
    text, _, summary = result.stdout.partition("--\n")
    try:
        counters = json.loads(text).get("kernel", {})
        segments, retransmitted = int(counters.get("TcpOutSegs", 0)), int(counters.get("TcpRetransSegs", 0))
        events = {label: int(counters.get(key, 0)) for key, label in _TCP_COUNTERS.items()}
    except (ValueError, AttributeError, TypeError):
        return two_column_table([], result.stdout)
    percent = retransmitted / segments * 100 if segments else 0.0
    rows: list[LabelledValue] = [
        ("segments sent", str(segments), "normal"),
        ("retransmitted", f"{retransmitted} ({percent:.2f} %)", _loss_tone(percent)),
    ]
    rows += [(label, str(value), "watch" if value else "normal") for label, value in events.items()]
    rows += [("sockets", line.strip(), "normal") for line in summary.splitlines()[:3] if line.strip()]
    return two_column_table(rows)


def _loss_tone(percent: float) -> Tone:
    if percent > 2:
        return "high"
    return "watch" if percent > 0.5 else "good"


# --- listening sockets ---------------------------------------------------------------------------------------------


def _listen_command(_: str) -> tuple[str, ...]:
    return ("sh", "-c", "ss -H -ltunp 2>/dev/null || netstat -ltun")


def read_listen(result: CommandResult) -> TableView:
    """Listening sockets and their accept queues, from ss or netstat; a queue over its backlog is marked."""
    if failure := _failure_table(result):
        return failure
    sockets = (_read_socket(line.split()) for line in result.stdout.splitlines())
    return two_column_table([socket for socket in sockets if socket], result.stdout or "nothing listens")


def _read_socket(columns: list[str]) -> LabelledValue | None:
    """A line of ss, with or without its protocol column, or of netstat; None for any other line."""
    if columns and columns[0] in ("LISTEN", "UNCONN"):
        columns = ["tcp" if columns[0] == "LISTEN" else "udp", *columns]
    if len(columns) < 5 or columns[0] not in ("tcp", "udp", "tcp6", "udp6"):
        return None
    if columns[1].isdigit():
        protocol, queued, backlog, address = columns[0], columns[1], columns[2], columns[3]
    elif len(columns) >= 6 and columns[2].isdigit():
        protocol, queued, backlog, address = columns[0], columns[2], columns[3], columns[4]
    else:
        return None
    process = columns[6] if len(columns) > 6 else ""
    is_full = protocol.startswith("tcp") and backlog.isdigit() and 0 < int(backlog) < int(queued)
    text = f"backlog {int(queued)} of {backlog} {process}".strip()
    return f"{protocol} {address}", text, "high" if is_full else "normal"


# --- MTU -----------------------------------------------------------------------------------------------------------


_PROBE_BYTES = (1472, 1422, 1372, 1252)
"""Payload sizes of the probes, largest first."""

_HEADER_BYTES = 28
"""IP and ICMP headers on top of the payload."""

ETHERNET_MTU = 1500


def _mtu_command(host: str) -> tuple[str, ...]:
    probes = "; ".join(
        f'ping -n -q -M do -s {size} -c 1 -W 1 "$1" >/dev/null 2>&1 && echo ok {size}' for size in _PROBE_BYTES
    )
    return ("sh", "-c", f"ip -j link 2>/dev/null; echo '--'; {probes}; true", "mtu", host)


def read_mtu(result: CommandResult) -> TableView:
    """The MTU of each interface, and the largest packet that reaches the host unfragmented."""
    text, _, probes = result.stdout.partition("--\n")
    rows: list[LabelledValue] = []
    try:
        links = json.loads(text or "[]")
        rows += [(f"interface {link['ifname']}", f"MTU {int(link['mtu'])}", "normal") for link in links]
    except (ValueError, KeyError, TypeError):
        rows.append(("interfaces", "not reported", "dim"))
    passed = re.search(r"^ok (\d+)$", probes, re.M)
    if passed is None:
        rows.append(("path", "no reply: the host does not answer pings, or is unreachable", "watch"))
    elif (path_mtu := int(passed.group(1)) + _HEADER_BYTES) >= ETHERNET_MTU:
        rows.append(("path", f"MTU {path_mtu} or more", "good"))
    else:
        rows.append(("path", f"MTU {path_mtu}: larger packets do not pass", "high"))
    return two_column_table(rows, result.stdout)


RECIPES: Mapping[str, Recipe] = {
    recipe.id: recipe
    for recipe in (
        Recipe("dns", "DNS", "resolv.conf, answers and query times", _dns_command, read_dns, "name", "localhost"),
        Recipe(
            "http",
            "HTTP timings",
            "lookup, connect, TLS, server, transfer",
            _http_command,
            read_http,
            "URL",
            "localhost",
        ),
        Recipe("tcp", "TCP health", "retransmissions, overflows, resets", _tcp_command, read_tcp),
        Recipe("listen", "Listening sockets", "what listens, and full backlogs", _listen_command, read_listen),
        Recipe("mtu", "MTU", "interfaces and the path to a host", _mtu_command, read_mtu, "host", "127.0.0.1"),
    )
}


def configured_recipe(name: str, command: Sequence[str], description: str = "") -> Recipe:
    """A recipe from the configuration: a command whose output is shown unchanged."""
    argv = tuple(command)
    return Recipe(name, name, description or " ".join(argv)[:80], lambda _: argv, _read_raw)


def _read_raw(result: CommandResult) -> TableView:
    return _failure_table(result) or two_column_table([], result.stdout + result.stderr)
