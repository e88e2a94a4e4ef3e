from __future__ import annotations

import asyncio
import json
import struct
from typing import Any

import pytest

from dockpit.simulate import scenario
from dockpit.simulate.scenario_spec import ContainerSpec, Scenario
from tests.dockpit.simulate.conftest import ServedWorld, ServeWorld

SHOP = Scenario(
    "shop",
    "",
    (
        ContainerSpec("web", image="web:1", age_seconds=60.0, network="shop", ports=((8080, 80),)),
        ContainerSpec("db", image="postgres:16", user="postgres", age_seconds=60.0),
        ContainerSpec("off", state="exited"),
    ),
    images=("nicolaka/netshoot",),
    warmup_seconds=0.0,
)


async def run_exec(served: ServedWorld, *argv: str, name: str = "web") -> tuple[str, int]:
    """Run a command in a container; its output and exit code."""
    container = await served.docker.containers.get(name)
    made = await container.exec(list(argv))
    printed = b""
    async with made.start(detach=False) as stream:
        while (message := await stream.read_out()) is not None:
            printed += message.data
    return printed.decode(), int((await made.inspect())["ExitCode"])


@pytest.mark.parametrize(
    ("line", "wanted", "code"),
    [
        (["echo", "a", "b"], "a b\n", 0),
        (["id"], "uid=0(root) gid=0(root) groups=0(root)\n", 0),
        (["/bin/cat", "/etc/resolv.conf"], "nameserver 127.0.0.11\n", 0),
        (["cat", "/etc/hostname"], "", 0),
        (["cat", "/nope"], "No such file or directory", 1),
        (["ls"], "bin\ndev\n", 0),
        (["false"], "", 1),
        (["nope"], 'exec: "nope": executable file not found in $PATH', 127),
        (["sh", "-c", "echo one; echo two && exit 3"], "one\ntwo\n", 3),
        (["sh", "-c", "nope"], "sh: nope: not found", 127),
        (["sh", "-c", "echo 'open"], "syntax error", 2),
        (["which", "bash"], "/bin/bash\n", 0),
        (["which", "nope"], "", 1),
        (["timeout", "5", "ss", "-ltn"], "0.0.0.0:80", 0),
        (["ss", "-ltnH"], "LISTEN  0       511", 0),
        (["ss", "-s"], "TCP:   31", 0),
        (["ss", "-tinHO"], "retrans:0/1", 0),
        (["ss", "-tan"], "ESTAB", 0),
        (["dig", "example.org"], "status: NOERROR", 0),
        (["dig", "+short", "example.org"], "93.184.215.14\n", 0),
        (["dig", "+noall", "+answer", "+stats", "no.invalid"], "NXDOMAIN", 0),
        (["curl", "http://example.org"], "<!doctype html>", 0),
        (["nstat", "-asz"], "TcpRetransSegs", 0),
        (["ip", "route"], "default via 172.18.0.1", 0),
        (["ip", "addr"], "mtu 1500", 0),
        (["ping", "-c", "2", "example.org"], "2 packets transmitted, 2 received, 0% packet loss", 0),
        (["ping", "-M", "do", "-s", "1473", "-c", "1", "example.org"], "message too long, mtu=1500", 0),
        (["nslookup", "example.org"], "Name:\texample.org", 0),
        (["tracepath", "-n", "example.org"], "pmtu 1500", 0),
    ],
)
async def test_commands_print_and_exit_as_expected(
    serve_world: ServeWorld, line: list[str], wanted: str, code: int
) -> None:
    async with serve_world(SHOP) as served:
        printed, got = await run_exec(served, *line)
        assert wanted in printed
        assert got == code


@pytest.mark.parametrize(
    ("line", "key"),
    [
        (["nstat", "-asz", "--json"], "kernel"),
        (["mtr", "-n", "-j", "-c", "10", "example.org"], "report"),
        (["curl", "-sS", "-o", "/dev/null", "-w", '{"code":%{http_code}}\n', "http://example.org"], "ttfb"),
        (["curl", "-w", "%{json}", "http://example.org"], "time_namelookup"),
    ],
)
async def test_json_of_tools_parses(serve_world: ServeWorld, line: list[str], key: str) -> None:
    async with serve_world(SHOP) as served:
        assert key in json.loads((await run_exec(served, *line))[0])


async def test_interface_counters_are_those_of_the_container(serve_world: ServeWorld) -> None:
    async with serve_world(SHOP) as served:
        links = json.loads((await run_exec(served, "ip", "-j", "-s", "link", "show"))[0])
        assert links[1]["stats64"]["rx"]["bytes"] == int(served.world.find("web").counters.rx_bytes)


async def test_user_and_resolver_are_those_of_the_container(serve_world: ServeWorld) -> None:
    async with serve_world(SHOP) as served:
        assert (await run_exec(served, "id", name="db"))[0].startswith("uid=999(postgres)")
        assert "192.168.1.1" in (await run_exec(served, "cat", "/etc/resolv.conf", name="db"))[0]


async def read_until(stream: Any, wanted: bytes) -> bytes:
    got = b""
    while wanted not in got:
        message = await asyncio.wait_for(stream.read_out(), 5)
        assert message is not None, got
        got += message.data
    return got


async def test_interactive_shell(serve_world: ServeWorld) -> None:
    async with serve_world(SHOP) as served:
        container = await served.docker.containers.get("web")
        made = await container.exec(["/bin/sh"], stdin=True, tty=True)
        async with made.start(detach=False) as stream:
            await read_until(stream, b":~# ")
            await made.resize(h=33, w=121)
            await stream.write_in(b"stty size\r")
            assert b"33 121\r\n" in await read_until(stream, b"121\r\n")
            await stream.write_in(b"ech\x7fho hi\x03echo ho\x08\x08ha\r")
            assert b"\r\nha\r\n" in await read_until(stream, b"\r\nha\r\n")
            assert (await made.inspect())["Running"] is True
            await stream.write_in(b"exit 3\r")
            while await stream.read_out() is not None:
                pass
        assert (await made.inspect())["ExitCode"] == 3
        kinds = [m["Action"] for m in served.world.event_log.all]
        assert kinds == ["exec_create: /bin/sh", "exec_start: /bin/sh", "exec_die"]


async def test_a_shell_ends_with_its_input_or_its_container(serve_world: ServeWorld) -> None:
    async with serve_world(SHOP) as served:
        container = await served.docker.containers.get("web")
        codes = []
        for ending in ("eof", "kill"):
            made = await container.exec(["sh"], stdin=True, tty=True)
            async with made.start(detach=False) as stream:
                await read_until(stream, b":~# ")
                if ending == "eof":
                    await stream.write_in(b"\x04")
                else:
                    await container.kill()
                while await stream.read_out() is not None:
                    pass
            codes.append((await made.inspect())["ExitCode"])
        assert codes == [0, 137]


async def test_output_arrives_after_the_end_of_input(serve_world: ServeWorld) -> None:
    async with serve_world(SHOP) as served:
        _, made = await served.json("POST", "/containers/web/exec", json={"Cmd": ["sh"], "AttachStdin": True})
        reader, writer = await asyncio.open_unix_connection(str(served.engine.path))
        head = f"POST /v1.45/exec/{made['Id']}/start HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n"
        writer.write(f"{head}Content-Length: 2\r\n\r\n{{}}".encode())
        assert b"101 UPGRADED" in await reader.readuntil(b"\r\n\r\n")
        writer.write(b"echo out\nnope\nexit 4\n")
        writer.write_eof()
        data = await reader.read()
        writer.close()
        await writer.wait_closed()
        assert data[:8] == struct.pack(">BxxxL", 1, 4) and data[8:12] == b"out\n"
        assert data[12] == 2
        assert (await served.json("GET", f"/exec/{made['Id']}/json"))[1]["ExitCode"] == 4


async def test_impossible_execs_are_refused(serve_world: ServeWorld) -> None:
    async with serve_world(SHOP) as served:
        _, made = await served.json("POST", "/containers/web/exec", json={"Cmd": ["true"]})
        assert (await served.json("POST", f"/exec/{made['Id']}/resize?h=1&w=1"))[0] == 409
        assert (await served.json("POST", f"/exec/{made['Id']}/start", json={"Detach": True}))[0] == 200
        assert (await served.json("POST", f"/exec/{made['Id']}/start", json={}))[0] == 409
        await served.json("POST", "/containers/web/pause")
        status, body = await served.json("POST", "/containers/web/exec", json={"Cmd": ["true"]})
        assert (status, "is paused" in body["message"]) == (409, True)


def debug_body(target: str, *command: str, tty: bool = False) -> dict[str, Any]:
    host = {"NetworkMode": f"container:{target}", "AutoRemove": True, "Memory": 268435456, "MemorySwap": 268435456}
    labels = {"dockpit.debug": "1"}
    return {"Image": "nicolaka/netshoot", "Cmd": list(command), "Tty": tty, "Labels": labels, "HostConfig": host}


async def test_debug_container_with_a_command(serve_world: ServeWorld) -> None:
    async with serve_world(SHOP) as served:
        target = served.world.find("web").id
        container = await served.docker.containers.create(debug_body(target, "ss", "-ltn"), name="debug")
        row = (await served.json("GET", "/containers/debug/json"))[1]
        assert row["HostConfig"]["NetworkMode"] == f"container:{target}"
        stream = container.attach(stdout=True, stderr=True)
        async with stream:
            removed = asyncio.ensure_future(served.json("POST", "/containers/debug/wait?condition=removed"))
            await container.start()
            printed = (await served.advancing(read_until(stream, b"0.0.0.0:*\n"))).decode()
            assert "0.0.0.0:80 " in printed
            assert (await served.advancing(removed)) == (200, {"StatusCode": 0})
        assert (await served.json("GET", "/containers/debug/json"))[0] == 404
        kinds = [m["Action"] for m in served.world.event_log.all if m["Actor"]["ID"] == container.id]
        assert kinds == ["create", "attach", "start", "die", "destroy"]


async def test_debug_container_with_a_shell(serve_world: ServeWorld) -> None:
    async with serve_world(SHOP) as served:
        body = debug_body(served.world.find("web").id, "zsh", tty=True)
        container = await served.docker.containers.create(body)
        async with container.attach(stdin=True, stdout=True, stderr=True) as stream:
            await container.start()
            await read_until(stream, b":~# ")
            await container.resize(h=40, w=90)
            await stream.write_in(b"cat /etc/resolv.conf\r")
            await read_until(stream, b"ndots:0\r\n")
            await stream.write_in(b"exit 2\r")
            while await served.advancing(stream.read_out()) is not None:
                pass
        assert (await served.json("GET", f"/containers/{container.id}/json"))[0] == 404


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"PortBindings": {"80/tcp": [{}]}}, "port publishing and the container type network mode"),
        ({"Dns": ["1.1.1.1"]}, "conflicting options: dns and the network mode"),
    ],
)
async def test_a_shared_network_excludes_ports_and_dns(
    serve_world: ServeWorld, change: dict[str, Any], message: str
) -> None:
    async with serve_world(SHOP) as served:
        body = debug_body(served.world.find("web").id, "zsh")
        body["HostConfig"].update(change)
        status, answer = await served.json("POST", "/containers/create", json=body)
        assert (status, message in answer["message"]) == (400, True)


async def test_a_shared_network_has_no_host_name_of_its_own(serve_world: ServeWorld) -> None:
    async with serve_world(SHOP) as served:
        body = debug_body(served.world.find("web").id, "zsh") | {"Hostname": "own"}
        status, answer = await served.json("POST", "/containers/create", json=body)
        assert (status, answer["message"]) == (400, "conflicting options: hostname and the network mode")


async def test_a_stopped_target_cannot_be_joined(serve_world: ServeWorld) -> None:
    async with serve_world(SHOP) as served:
        _, made = await served.json("POST", "/containers/create", json=debug_body(served.world.find("off").id, "zsh"))
        status, body = await served.json("POST", f"/containers/{made['Id']}/start")
        assert (status, "non running container" in body["message"]) == (409, True)
        status, body = await served.json("POST", "/containers/create", json=debug_body("nope", "zsh"))
        assert (status, body["message"]) == (404, "No such container: nope")


async def test_attach_follows_the_output(serve_world: ServeWorld) -> None:
    async with serve_world(scenario("fleet")) as served:
        container = await served.docker.containers.get("obs-gateway-1")
        async with container.attach(stdout=True, stderr=True) as stream:
            assert b"HTTP/2" in await served.advancing(read_until(stream, b"HTTP/2"))
