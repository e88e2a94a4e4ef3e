"""`dockpit stats` on a simulated engine."""

from __future__ import annotations

import json

import pytest

from dockpit.cli.main import main
from dockpit.simulate.fleet_containers import KILLED


def test_json_has_a_line_for_each_sample_of_each_container(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["stats", "--demo", "throttled", "--json", "--samples", "2"]) == 0
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert sorted(one["name"] for one in records) == ["idle", "idle", "spin", "spin"]
    spins = [one for one in records if one["name"] == "spin"]
    assert spins[0]["at"] < spins[1]["at"]
    for one in spins:
        assert one["throttled_percent"] > 80
        assert one["cpu_limit_cores"] == 0.2
        assert one["cpu_cores"] == pytest.approx(0.2, rel=0.2)
        assert one["memory_limit_bytes"] == 64 << 20


def test_only_named_containers_are_printed_stopped_or_not(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["stats", "--demo", "incident", "--json", "--samples", "1", "shop/web", KILLED.name]) == 0
    records = {one["name"]: one for one in map(json.loads, capsys.readouterr().out.splitlines())}
    assert sorted(records) == sorted(["shop-web-1", "shop-web-2", KILLED.name])
    assert (records[KILLED.name]["state"], records[KILLED.name]["cpu_cores"]) == ("exited", None)
    assert records["shop-web-1"]["service"] == "web"


def test_a_table_is_printed_as_often_as_asked(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--demo", "throttled", "stats", "--samples", "2", "--interval", "0.5", "spin"]) == 0
    blocks = capsys.readouterr().out.split("\n\n")
    assert len(blocks) == 2
    for block in blocks:
        head, row = block.strip().splitlines()
        assert head.split()[0] == "CONTAINER"
        assert row.split()[:2] == ["spin", "running"]


def test_an_unknown_name_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["stats", "--demo", "throttled", "spinn"]) == 1
    assert capsys.readouterr() == ("", "dockpit: there is no container spinn; did you mean spin?\n")


def test_a_filter_chooses_the_containers(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["stats", "--demo", "throttled", "--json", "--samples", "1", "--filter", "spin"]) == 0
    assert [json.loads(line)["name"] for line in capsys.readouterr().out.splitlines()] == ["spin"]
