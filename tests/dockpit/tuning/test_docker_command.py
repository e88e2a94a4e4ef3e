"""The docker command of each update."""

from __future__ import annotations

import json
import shlex
from dataclasses import replace

import pytest

from dockpit.model.container import Container
from dockpit.model.container_limits import UNLIMITED_BYTES
from dockpit.model.engine_info import EngineInfo
from dockpit.tuning.docker_command import update_command

WEB = Container("ab" * 32, "web")
ENGINE = EngineInfo()


def test_every_limit_has_its_flag() -> None:
    body = {
        "RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 3},
        "NanoCpus": 1_500_000_000,
        "CpuShares": 512,
        "CpusetCpus": "0-1",
        "CpusetMems": "0",
        "Memory": 512 << 20,
        "MemorySwap": 1 << 30,
        "MemoryReservation": 256 << 20,
        "PidsLimit": -1,
        "BlkioWeight": 300,
    }
    assert update_command(body, WEB, ENGINE) == (
        "docker update --cpus 1.5 --cpu-shares 512 --cpuset-cpus 0-1 --cpuset-mems 0 --memory 512m --memory-swap 1g "
        "--memory-reservation 256m --pids-limit -1 --blkio-weight 300 --restart on-failure:3 web"
    )


@pytest.mark.parametrize(
    ("body", "flags"),
    [
        ({"CpuQuota": 50_000}, "--cpu-quota 50000"),
        ({"RestartPolicy": {"Name": "always", "MaximumRetryCount": 0}}, "--restart always"),
        (
            {"Memory": UNLIMITED_BYTES, "MemorySwap": UNLIMITED_BYTES},
            "--memory 9223372036854771712 --memory-swap 9223372036854771712",
        ),
    ],
)
def test_values_are_written_in_dockers_format(body: dict[str, object], flags: str) -> None:
    assert update_command(body, WEB, ENGINE) == f"docker update {flags} web"


@pytest.mark.parametrize("name", ["a b; rm -rf /", "\x1b[31mred", "[red]x", "-rf", ""])
def test_a_hostile_name_is_replaced_by_the_id(name: str) -> None:
    assert (
        update_command({"PidsLimit": 5}, replace(WEB, name=name), ENGINE) == "docker update --pids-limit 5 abababababab"
    )


def test_the_context_is_an_option() -> None:
    line = update_command({"PidsLimit": 5}, WEB, EngineInfo(docker_flags=("--context", "my prod")))
    assert line == "docker --context 'my prod' update --pids-limit 5 web"
    assert update_command({"PidsLimit": 5}, WEB, EngineInfo()).startswith("docker update")


@pytest.mark.parametrize(
    ("address", "where"),
    [
        ("unix:///run/x.sock", ["--unix-socket", "/run/x.sock", "http://localhost/containers/web/update"]),
        ("ssh://a@b", ["--unix-socket", "/var/run/docker.sock", "http://localhost/containers/web/update"]),
        ("tcp://10.0.0.1:2375", ["http://10.0.0.1:2375/containers/web/update"]),
        ("http://10.0.0.1:2375", ["http://10.0.0.1:2375/containers/web/update"]),
        ("https://10.0.0.1:2376", ["https://10.0.0.1:2376/containers/web/update"]),
    ],
)
def test_a_change_that_docker_update_cannot_make_is_a_curl_command(address: str, where: list[str]) -> None:
    words = shlex.split(update_command({"MemoryReservation": -1}, WEB, EngineInfo(address=address)))
    assert words[0] == "curl"
    assert json.loads(words[words.index("-d") + 1]) == {"MemoryReservation": -1}
    assert words[-len(where) :] == where
