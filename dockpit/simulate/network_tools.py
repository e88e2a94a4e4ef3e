"""Believable output of the network tools of a debug container: dig, curl, ss, nstat, ip, ping, mtr and others."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import pairwise

from dockpit.simulate.seeded_noise import jitter
from dockpit.simulate.simulated_container import SimulatedContainer
from dockpit.simulate.world_state import WorldState

REMOTE_ADDRESS = "93.184.215.14"


def run(world: WorldState, container: SimulatedContainer, argv: list[str]) -> str | None:
    """The output of the tool `argv[0]` in the network of `container`; None for an unknown tool."""
    tool = _TOOLS.get(argv[0].rpartition("/")[2])
    owner = world.network_owner(container) or container
    return None if tool is None else tool(owner, argv)


def resolv_conf(container: SimulatedContainer) -> str:
    """The text of /etc/resolv.conf: the embedded resolver on user networks, the host's on the default bridge."""
    server = "192.168.1.1" if container.network_mode in ("bridge", "default", "host") else "127.0.0.11"
    return f"nameserver {server}\nsearch example.internal\noptions ndots:0\n"


def _target_host(argv: list[str]) -> str:
    """The last argument that is neither an option nor an option's value."""
    takes_value = {"-c", "-i", "-W", "-s", "-M", "-w", "-o", "--max-time", "-t", "-p", "-m"}
    plain = [arg for before, arg in pairwise(argv) if arg[0:1] not in "-+@" and before not in takes_value]
    return (plain or ["example.org"])[-1]


def _dig(container: SimulatedContainer, argv: list[str]) -> str:
    name = _target_host(argv)
    server = resolv_conf(container).split()[1]
    query_ms = 1 + int(jitter(container.seed, int(container.counters.at)) * 24)
    query = f";; Query time: {query_ms} msec\n;; SERVER: {server}#53({server}) (UDP)\n"
    if name.endswith("invalid"):
        return f";; ->>HEADER<<- opcode: QUERY, status: NXDOMAIN, id: 4711\n{query}"
    if "+short" in argv:
        return REMOTE_ADDRESS + "\n"
    record = f"{name}.\t\t300\tIN\tA\t{REMOTE_ADDRESS}\n"
    header = "" if "+noall" in argv else ";; ->>HEADER<<- opcode: QUERY, status: NOERROR, id: 4711\n"
    tail = "Mon Jan 05 12:00:00 UTC 2026\n;; MSG SIZE  rcvd: 56\n"
    return f"{header}{record}{query};; WHEN: {tail}\n"


def _curl(container: SimulatedContainer, argv: list[str]) -> str:
    variation = 0.7 + 0.6 * jitter(container.seed, int(container.counters.at) + 3)
    times = {"dns": 0.004, "connect": 0.016, "tls": 0.041, "pre": 0.0412, "ttfb": 0.118, "total": 0.1215}
    if "-w" not in argv:
        return "<!doctype html><title>Example</title>\n"
    report: dict[str, object] = {"code": 200, **{key: round(value * variation, 6) for key, value in times.items()}}
    wanted = argv[argv.index("-w") + 1] if argv[-1] != "-w" else ""
    if "%{json}" in wanted:
        names = {"dns": "namelookup", "connect": "connect", "tls": "appconnect", "pre": "pretransfer"}
        names |= {"ttfb": "starttransfer", "total": "total"}
        report = {"http_code": 200, "remote_ip": REMOTE_ADDRESS, "size_download": 1256}
        report |= {f"time_{names[key]}": round(value * variation, 6) for key, value in times.items()}
        return json.dumps(report) + "\n"
    return json.dumps({**report, "bytes": 1256, "ip": REMOTE_ADDRESS}, separators=(",", ":")) + "\n"


def _listening_ports(container: SimulatedContainer) -> list[int]:
    return [port for _, port in container.spec.ports] or ([5432] if "postgres" in container.spec.image else [8080])


def _ss(container: SimulatedContainer, argv: list[str]) -> str:
    flags = "".join(arg[1:] for arg in argv[1:] if arg.startswith("-") and not arg.startswith("--"))
    if "s" in flags:
        return "Total: 42\nTCP:   31 (estab 17, closed 9, orphaned 0, timewait 9)\n"
    head = "" if "H" in flags else "State   Recv-Q  Send-Q   Local Address:Port    Peer Address:Port  Process\n"
    listening = [
        f"LISTEN  0       511            0.0.0.0:{port}         0.0.0.0:*" for port in _listening_ports(container)
    ]
    listening.append("LISTEN  0       128         127.0.0.11:39871         0.0.0.0:*")
    if "l" in flags:
        return head + "\n".join(listening) + "\n"
    return head + "\n".join(_established_socket(container, number, "i" in flags) for number in range(4)) + "\n"


def _established_socket(container: SimulatedContainer, number: int, detailed: bool) -> str:
    local, peer = (
        f"{container.ip_address or '172.18.0.2'}:{_listening_ports(container)[0]}",
        f"172.18.0.{20 + number}:{43_210 + number}",
    )
    row = f"ESTAB   0       0      {local}   {peer}"
    if not detailed:
        return row
    rtt = 0.2 + jitter(container.seed, number)
    info = f"cubic wscale:7,7 rto:204 rtt:{rtt:.3f}/{rtt / 3:.3f} ato:40 mss:1448 pmtu:1500 cwnd:10"
    return f"{row} {info} bytes_sent:{88_123 + number} bytes_acked:88123 retrans:0/{number} lastsnd:120"


def tcp_segments(sent_bytes: float) -> int:
    """TCP segments that a network namespace has sent, for the bytes it sent."""
    return 40_000 + int(sent_bytes / 900)


def tcp_retransmits(sent_bytes: float) -> int:
    """Those of them that were sent again."""
    return int(tcp_segments(sent_bytes) * 0.0021)


def _nstat(container: SimulatedContainer, argv: list[str]) -> str:
    out = tcp_segments(container.counters.tx_bytes)
    values = {
        "TcpInSegs": 38_000 + int(container.counters.rx_bytes / 800),
        "TcpOutSegs": out,
        "TcpRetransSegs": tcp_retransmits(container.counters.tx_bytes),
        "TcpExtTCPTimeouts": 12,
        "TcpExtTCPSynRetrans": 3,
        "TcpExtListenOverflows": 0,
        "TcpExtListenDrops": 0,
        "TcpExtTCPLostRetransmit": 1,
    }
    if "--json" in argv or "-j" in argv:
        return json.dumps({"kernel": values}) + "\n"
    return "#kernel\n" + "".join(f"{key:<32}{value:<16} 0.0\n" for key, value in values.items())


def _ip(container: SimulatedContainer, argv: list[str]) -> str:
    address = container.ip_address or "172.18.0.2"
    if "route" in argv:
        return f"default via 172.18.0.1 dev eth0 \n172.18.0.0/16 dev eth0 proto kernel scope link src {address} \n"
    if "-j" in argv:
        rx, tx = int(container.counters.rx_bytes), int(container.counters.tx_bytes)
        stats = {
            "rx": {"bytes": rx, "packets": rx // 820, "errors": 0, "dropped": 0},
            "tx": {"bytes": tx, "packets": tx // 910, "errors": 0, "dropped": 0},
        }
        links = (("lo", 65_536), ("eth0", 1500))
        return json.dumps([{"ifname": n, "mtu": m, "operstate": "UP", "stats64": stats} for n, m in links]) + "\n"
    up = "<BROADCAST,MULTICAST,UP,LOWER_UP>"
    lo = "1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN\n    inet 127.0.0.1/8 scope host lo\n"
    eth0 = f"2: eth0@if9: {up} mtu 1500 qdisc noqueue state UP\n"
    return f"{lo}{eth0}    inet {address}/16 brd 172.18.255.255 scope global eth0\n"


def _ping(container: SimulatedContainer, argv: list[str]) -> str:
    host = _target_host(argv)
    count = int(argv[argv.index("-c") + 1]) if "-c" in argv[:-1] and argv[argv.index("-c") + 1].isdigit() else 4
    size = int(argv[argv.index("-s") + 1]) if "-s" in argv[:-1] and argv[argv.index("-s") + 1].isdigit() else 56
    head = f"PING {host} ({REMOTE_ADDRESS}) {size}({size + 28}) bytes of data.\n"
    if size > 1472 and "do" in argv:
        return f"{head}ping: local error: message too long, mtu=1500\n\n{_ping_summary(host, 1, 0)}"
    times = [11 + 3 * jitter(container.seed, number) for number in range(count)]
    rows = (
        f"{size + 8} bytes from {REMOTE_ADDRESS}: icmp_seq={n} ttl=56 time={t:.2f} ms\n" for n, t in enumerate(times, 1)
    )
    body = "" if "-q" in argv else "".join(rows)
    low, high, mean = min(times), max(times), sum(times) / count
    rtt = f"rtt min/avg/max/mdev = {low:.3f}/{mean:.3f}/{high:.3f}/{(high - low) / 4:.3f} ms\n"
    return f"{head}{body}\n{_ping_summary(host, count, count)}{rtt}"


def _ping_summary(host: str, sent: int, received: int) -> str:
    lost = 100 * (sent - received) // max(1, sent)
    counts = f"{sent} packets transmitted, {received} received, {lost}% packet loss, time {sent * 200}ms"
    return f"--- {host} ping statistics ---\n{counts}\n"


def _mtr(container: SimulatedContainer, argv: list[str]) -> str:
    names = ("172.18.0.1", "192.168.1.1", "10.11.0.1", REMOTE_ADDRESS)
    hubs = [
        {"count": n, "host": name, "Loss%": 0.0, "Snt": 10, "Last": n * 3.1, "Avg": n * 3.0, "Best": n * 2.7}
        | {"Wrst": n * 4.0, "StDev": 0.3}
        for n, name in enumerate(names, 1)
    ]
    return json.dumps({"report": {"mtr": {"dst": _target_host(argv)}, "hubs": hubs}}) + "\n"


def _nslookup(container: SimulatedContainer, argv: list[str]) -> str:
    server = resolv_conf(container).split()[1]
    return f"Server:\t\t{server}\nAddress:\t{server}#53\n\nName:\t{_target_host(argv)}\nAddress: {REMOTE_ADDRESS}\n"


def _tracepath(container: SimulatedContainer, argv: list[str]) -> str:
    first = " 1?: [LOCALHOST]                      pmtu 1500\n 1:  172.18.0.1    0.1ms\n"
    return f"{first}     Resume: pmtu 1500 hops 4 back 4\n"


_TOOLS: dict[str, Callable[[SimulatedContainer, list[str]], str]] = {
    "dig": _dig,
    "curl": _curl,
    "ss": _ss,
    "nstat": _nstat,
    "ip": _ip,
    "ping": _ping,
    "mtr": _mtr,
    "nslookup": _nslookup,
    "host": _nslookup,
    "tracepath": _tracepath,
}

TOOL_NAMES = tuple(_TOOLS)
