"""One-key recipes: a command that runs in the target's network, and a reading of what it printed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from dockpit.engine.terminals import Result
from dockpit.model.view_models import Cell, Column, Row, TableView, Tone

_NAME = re.compile(r"[A-Za-z0-9._:\-\[\]]{1,253}\Z")
_URL = re.compile(r"(https?://)?[^\s'\"\\]{1,2000}\Z")


@dataclass(frozen=True, slots=True)
class Recipe:
    """A question to ask in the target's network. `argument` is what it asks of the user, "" for nothing."""

    id: str
    title: str
    description: str
    command: Callable[[str], tuple[str, ...]]
    read: Callable[[Result], TableView]
    argument: str = ""
    default: str = ""


def check_argument(recipe: Recipe, value: str) -> str:
    """What is wrong with the user's argument, "" for nothing; it is never given to a shell unquoted."""
    if not recipe.argument:
        return ""
    pattern = _URL if recipe.argument == "URL" else _NAME
    if value.startswith("-") or not pattern.match(value):
        return f"not a {recipe.argument}: {value!r}"
    return ""


def table(rows: Sequence[tuple[str, str, Tone]], raw: str = "") -> TableView:
    """Label and value rows; the raw output line by line when there is nothing to read."""
    if not rows:
        rows = [("", line, "normal") for line in raw.splitlines() if line.strip()][:200]
    return TableView(
        (Column("what", "", 28), Column("value", "", 60, stretch=True)),
        tuple(Row(f"{i}", (Cell(a, "dim"), Cell(b, tone)), tone=tone) for i, (a, b, tone) in enumerate(rows)),
        empty="it printed nothing",
    )


def _failed(result: Result) -> TableView | None:
    if result.exit_code in (0, None) or result.stdout.strip():
        return None
    said = (result.stderr or "nothing was printed").strip()
    return table([("failed", f"exit code {result.exit_code}", "high"), ("said", said[:500], "normal")])


# --- DNS -----------------------------------------------------------------------------------------------------------


def _dns(name: str) -> tuple[str, ...]:
    ask = 'dig +noall +answer +comments +stats +tries=1 +time=2 "$1"'
    script = f'cat /etc/resolv.conf; echo "--"; {ask} || nslookup "$1"; {ask}; {ask}'
    return ("sh", "-c", script, "dns", name)


def read_dns(result: Result) -> TableView:
    """Servers, search list, answers and query times of dig."""
    if failed := _failed(result):
        return failed
    config, _, answers = result.stdout.partition("--\n")
    rows: list[tuple[str, str, Tone]] = []
    for line in config.splitlines():
        word, _, rest = line.strip().partition(" ")
        if word in ("nameserver", "search", "options"):
            rows.append((word, rest.strip(), "normal"))
    status = re.findall(r"status: (\w+)", answers)
    if status:
        rows.append(("status", status[-1], "good" if status[-1] == "NOERROR" else "high"))
    times = [int(ms) for ms in re.findall(r"Query time: (\d+) msec", answers)]
    if times:
        tone: Tone = "normal" if max(times) < 100 else "watch" if max(times) < 1000 else "high"
        rows.append(("query time", " · ".join(f"{ms} ms" for ms in times), tone))
    elif "timed out" in answers or "no servers" in answers:
        rows.append(("query", "timed out: no server answers", "high"))
    found = re.findall(r"^(\S+)\s+(\d+)\s+IN\s+(\w+)\s+(.+)$", answers, re.M)
    rows += [(f"{kind} (ttl {ttl} s)", value, "normal") for _, ttl, kind, value in dict.fromkeys(found)][:20]
    return table(rows, result.stdout)


# --- HTTP ----------------------------------------------------------------------------------------------------------

_CURL = (
    '{"code":%{http_code},"dns":%{time_namelookup},"connect":%{time_connect},"tls":%{time_appconnect},'
    '"pre":%{time_pretransfer},"ttfb":%{time_starttransfer},"total":%{time_total},"bytes":%{size_download},'
    '"ip":"%{remote_ip}"}\\n'
)


def _http(url: str) -> tuple[str, ...]:
    return ("curl", "-sS", "-o", "/dev/null", "--max-time", "10", "-w", _CURL, "--", url)


def read_http(result: Result) -> TableView:
    """The phases of one request, in ms."""
    try:
        told = json.loads(result.stdout.strip().splitlines()[-1])
        times = {key: float(told[key]) * 1000 for key in ("dns", "connect", "tls", "pre", "ttfb", "total")}
        code = int(told["code"])
    except (ValueError, KeyError, IndexError, TypeError):
        return table([("failed", (result.stderr or result.stdout).strip()[:500], "high")])
    rows: list[tuple[str, str, Tone]] = [
        ("answer", str(code) if code else "none", "good" if 0 < code < 400 else "high"),
        ("from", str(told.get("ip", "")), "normal"),
        ("name lookup", f"{times['dns']:.1f} ms", _slow(times["dns"], 100)),
        ("TCP connect", f"{max(0.0, times['connect'] - times['dns']):.1f} ms", _slow(times["connect"], 300)),
    ]
    if times["tls"] > 0:
        rows.append(("TLS handshake", f"{max(0.0, times['tls'] - times['connect']):.1f} ms", "normal"))
    rows += [
        ("server time (to first byte)", f"{max(0.0, times['ttfb'] - times['pre']):.1f} ms", _slow(times["ttfb"], 1000)),
        ("transfer", f"{max(0.0, times['total'] - times['ttfb']):.1f} ms", "normal"),
        ("total", f"{times['total']:.1f} ms · {told.get('bytes', 0)} bytes", "normal"),
    ]
    if result.stderr.strip():
        rows.append(("said", result.stderr.strip()[:300], "high"))
    return table(rows)


def _slow(milliseconds: float, bound: float) -> Tone:
    return "watch" if milliseconds > bound else "normal"


# --- TCP health ----------------------------------------------------------------------------------------------------


def _tcp(_: str) -> tuple[str, ...]:
    return ("sh", "-c", "nstat -asz --json; echo '--'; ss -s")


_COUNTERS: Mapping[str, str] = {
    "TcpExtTCPTimeouts": "retransmission timeouts",
    "TcpExtTCPSynRetrans": "SYN retransmitted",
    "TcpExtListenOverflows": "accept queue overflows",
    "TcpExtListenDrops": "connections dropped at listen",
    "TcpEstabResets": "connections reset",
    "TcpOutRsts": "resets sent",
}


def read_tcp(result: Result) -> TableView:
    """Retransmissions, overflows and resets since the network namespace was made, and ss's summary."""
    if failed := _failed(result):
        return failed
    text, _, summary = result.stdout.partition("--\n")
    try:
        counters = json.loads(text).get("kernel", {})
        segments, again = int(counters.get("TcpOutSegs", 0)), int(counters.get("TcpRetransSegs", 0))
        named = {label: int(counters.get(key, 0)) for key, label in _COUNTERS.items()}
    except (ValueError, AttributeError, TypeError):
        return table([], result.stdout)
    percent = again / segments * 100 if segments else 0.0
    rows: list[tuple[str, str, Tone]] = [
        ("segments sent", str(segments), "normal"),
        (
            "retransmitted",
            f"{again} ({percent:.2f} %)",
            "high" if percent > 2 else "watch" if percent > 0.5 else "good",
        ),
    ]
    rows += [(label, str(value), "watch" if value else "normal") for label, value in named.items()]
    rows += [("sockets", line.strip(), "normal") for line in summary.splitlines()[:3] if line.strip()]
    return table(rows)


def _lossy(percent: float) -> Tone:
    if percent > 2:
        return "high"
    return "watch" if percent > 0.5 else "good"


# --- listening sockets ---------------------------------------------------------------------------------------------


def _listen(_: str) -> tuple[str, ...]:
    return ("sh", "-c", "ss -H -ltunp 2>/dev/null || netstat -ltun")


def read_listen(result: Result) -> TableView:
    """Listening sockets, with accept queues that are filling up."""
    if failed := _failed(result):
        return failed
    rows: list[tuple[str, str, Tone]] = []
    for line in result.stdout.splitlines():
        parts = line.split()
        if parts and parts[0] in ("LISTEN", "UNCONN"):
            parts.insert(0, "tcp" if parts[0] == "LISTEN" else "udp")
        if len(parts) < 5 or parts[0] not in ("tcp", "udp", "tcp6", "udp6"):
            continue
        if parts[1].isdigit():
            kind, local, queue, room = parts[0], parts[3], int(parts[1]), parts[2]
        elif len(parts) >= 6 and parts[2].isdigit():
            kind, local, queue, room = parts[0], parts[4], int(parts[2]), parts[3]
        else:
            continue
        owner = parts[6] if len(parts) > 6 else ""
        full = kind.startswith("tcp") and room.isdigit() and 0 < int(room) < queue
        rows.append((f"{kind} {local}", f"backlog {queue} of {room} {owner}".strip(), "high" if full else "normal"))
    return table(rows, result.stdout or "nothing listens")


# --- MTU -----------------------------------------------------------------------------------------------------------


_SIZES = (1472, 1422, 1372, 1252)
"""Payloads of the probes; 28 bytes of headers come on top."""


def _mtu(host: str) -> tuple[str, ...]:
    probes = "; ".join(
        f'ping -n -q -M do -s {size} -c 1 -W 1 "$1" >/dev/null 2>&1 && echo ok {size}' for size in _SIZES
    )
    return ("sh", "-c", f"ip -j link 2>/dev/null; echo '--'; {probes}; true", "mtu", host)


def read_mtu(result: Result) -> TableView:
    """The MTU of each interface, and the biggest packet that reaches the host unfragmented."""
    text, _, probes = result.stdout.partition("--\n")
    rows: list[tuple[str, str, Tone]] = []
    try:
        links = json.loads(text or "[]")
        rows += [(f"interface {link['ifname']}", f"MTU {int(link['mtu'])}", "normal") for link in links]
    except (ValueError, KeyError, TypeError):
        rows.append(("interfaces", "not told", "dim"))
    passed = re.search(r"^ok (\d+)$", probes, re.M)
    if passed:
        path = int(passed.group(1)) + 28
        full = path >= 1500
        rows.append(("path", f"MTU {path} or more" if full else f"MTU {path}: larger packets do not pass", _full(full)))
    else:
        rows.append(("path", "no probe came back: the host does not answer pings, or is not there", "watch"))
    return table(rows, result.stdout)


def _full(full: bool) -> Tone:
    return "good" if full else "high"


RECIPES: Mapping[str, Recipe] = {
    recipe.id: recipe
    for recipe in (
        Recipe("dns", "DNS", "resolv.conf, answers and query times", _dns, read_dns, "name", "localhost"),
        Recipe("http", "HTTP timings", "lookup, connect, TLS, server, transfer", _http, read_http, "URL", "localhost"),
        Recipe("tcp", "TCP health", "retransmissions, overflows, resets", _tcp, read_tcp),
        Recipe("listen", "Listening sockets", "what listens, and full backlogs", _listen, read_listen),
        Recipe("mtu", "MTU", "interfaces and the path to a host", _mtu, read_mtu, "host", "127.0.0.1"),
    )
}


def own_recipe(name: str, command: Sequence[str], description: str = "") -> Recipe:
    """A recipe from the configuration: a command whose output is shown as it is."""
    argv = tuple(command)
    return Recipe(name, name, description or " ".join(argv)[:80], lambda _: argv, _read_raw)


def _read_raw(result: Result) -> TableView:
    return _failed(result) or table([], result.stdout + result.stderr)
