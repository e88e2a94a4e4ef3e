"""The commands of recipes, and the tables made of good, bad and hostile output."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockpit.engine.attached_streams import CommandResult
from dockpit.model.view_models import TableView
from dockpit.netshoot.recipes import RECIPES, check_argument, configured_recipe
from dockpit.simulate import World, container_shell, scenario


def read(recipe: str, stdout: str, stderr: str = "", code: int = 0) -> TableView:
    return RECIPES[recipe].read(CommandResult(stdout, stderr, code))


def cells(view: TableView) -> dict[str, str]:
    return {row.cells[0].text: row.cells[1].text for row in view.rows}


DIG = """nameserver 127.0.0.11
search example.com
options ndots:0
--
;; ->>HEADER<<- opcode: QUERY, status: NOERROR, id: 1
db.	600	IN	A	172.18.0.3
;; Query time: 3 msec
;; Query time: 140 msec
"""


def test_dns() -> None:
    view = read("dns", DIG)
    assert cells(view)["nameserver"] == "127.0.0.11"
    assert cells(view)["A (ttl 600 s)"] == "172.18.0.3"
    times = next(row for row in view.rows if row.cells[0].text == "query time")
    assert times.cells[1].text == "3 ms · 140 ms" and times.tone == "watch"
    assert cells(read("dns", "--\n;; status: NXDOMAIN"))["status"] == "NXDOMAIN"
    assert "no server answers" in cells(read("dns", "--\n;; connection timed out"))["query"]


CURL = (
    '{"code":200,"dns":0.002,"connect":0.003,"tls":0.010,"pre":0.011,"ttfb":0.111,"total":0.121,'
    '"bytes":512,"ip":"10.0.0.1"}\n'
)


def test_http_phases_add_up() -> None:
    found = cells(read("http", CURL))
    assert found["answer"] == "200"
    assert (found["name lookup"], found["TCP connect"], found["TLS handshake"]) == ("2.0 ms", "1.0 ms", "7.0 ms")
    assert found["server time (to first byte)"] == "100.0 ms"
    assert "refused" in cells(read("http", "", "curl: (7) connection refused", 7))["failed"]


def test_tcp() -> None:
    text = '{"kernel":{"TcpOutSegs":1000,"TcpRetransSegs":30,"TcpExtListenOverflows":2}}\n--\nTotal: 12\n'
    view = read("tcp", text)
    assert cells(view)["retransmitted"] == "30 (3.00 %)"
    assert next(row for row in view.rows if row.cells[0].text == "retransmitted").tone == "high"
    assert cells(view)["accept queue overflows"] == "2"
    assert len(read("tcp", "not json at all").rows) == 1


def test_listening_sockets_of_ss_and_of_netstat() -> None:
    ss = 'tcp LISTEN 129 128 0.0.0.0:80 0.0.0.0:* users:(("nginx",pid=1,fd=6))\nudp UNCONN 0 0 127.0.0.11:53 *:*\n'
    view = read("listen", ss)
    assert view.rows[0].tone == "high" and "backlog 129 of 128" in view.rows[0].cells[1].text
    assert view.rows[1].cells[0].text == "udp 127.0.0.11:53"
    short = read("listen", "LISTEN 0 511 0.0.0.0:8080 0.0.0.0:*\n")
    assert [cell.text for cell in short.rows[0].cells] == ["tcp 0.0.0.0:8080", "backlog 0 of 511"]
    netstat = "Proto Recv-Q Send-Q Local Address Foreign Address State\ntcp 0 0 0.0.0.0:8080 0.0.0.0:* LISTEN\n"
    assert read("listen", netstat).rows[0].cells[0].text == "tcp 0.0.0.0:8080"


def test_mtu() -> None:
    links = '[{"ifname":"lo","mtu":65536},{"ifname":"eth0","mtu":1450}]\n--\n'
    found = cells(read("mtu", links + "no 1472\nok 1422\n"))
    assert found["interface eth0"] == "MTU 1450"
    assert found["path"] == "MTU 1450: larger packets do not pass"
    assert "or more" in cells(read("mtu", links + "ok 1472\n"))["path"]
    assert "no reply" in cells(read("mtu", "\n--\nno 1472\n"))["path"]


def test_a_failed_command_shows_its_exit_code_and_stderr() -> None:
    found = cells(read("tcp", "", "nstat: not found", 127))
    assert found == {"failed": "exit code 127", "message": "nstat: not found"}


def test_arguments_cannot_become_options_or_commands() -> None:
    dns, http, mtu = RECIPES["dns"], RECIPES["http"], RECIPES["mtu"]
    for bad in ("-oProxyCommand=x", "a b", "$(reboot)", "`x`", "a;b", ""):
        assert check_argument(dns, bad)
        assert check_argument(mtu, bad)
    for bad in ("-K/etc/passwd", "http://x y", "http://x'"):
        assert check_argument(http, bad)
    assert not check_argument(http, "https://example.com:8443/a?b=c")
    assert not check_argument(dns, "db.internal") and not check_argument(RECIPES["tcp"], "")
    assert dns.command("db")[-1] == "db" and http.command("x")[-2:] == ("--", "x")


@pytest.mark.parametrize("recipe", sorted(RECIPES))
def test_a_recipe_runs_in_the_simulated_engine_and_is_read(recipe: str) -> None:
    world = World(scenario("throttled"), 1, 1_700_000_000.0)
    box = next(iter(world.containers.values()))
    output = container_shell.run(world, box, list(RECIPES[recipe].command(RECIPES[recipe].default)))
    view = RECIPES[recipe].read(CommandResult(output.out, output.err, output.code))
    assert output.code == 0 and len(view.rows) >= 2
    assert all(row.cells[0].text for row in view.rows), "the output was read, not shown raw"


def test_a_configured_recipe_shows_its_raw_output() -> None:
    recipe = configured_recipe("routes", ["ip", "route"])
    assert recipe.command("") == ("ip", "route")
    assert [row.cells[1].text for row in recipe.read(CommandResult("default via x\n", "", 0)).rows] == ["default via x"]


@given(st.sampled_from(sorted(RECIPES)), st.text(max_size=200), st.text(max_size=50), st.none() | st.integers(0, 255))
def test_no_output_makes_reading_raise(recipe: str, stdout: str, stderr: str, code: int | None) -> None:
    RECIPES[recipe].read(CommandResult(stdout, stderr, code))


@given(st.sampled_from(["tcp", "http", "mtu"]), st.recursive(st.none() | st.integers() | st.text(), st.lists))
def test_no_json_makes_reading_raise(recipe: str, value: object) -> None:
    RECIPES[recipe].read(CommandResult(json.dumps(value) + "\n--\n", "", 0))
