"""`dockpit doctor` on a simulated engine."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dockpit.cli.doctor import doctor_report, format_report
from dockpit.cli.engine_report import remedies
from dockpit.cli.main import main
from dockpit.config.defaults import LoadedConfig
from dockpit.config.options import Options
from dockpit.engine.endpoint_resolution import Endpoint
from dockpit.model.errors import EngineUnreachable
from tests.builders import engine, entry, snapshot


def test_the_report_describes_the_engine_and_its_figures(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--demo", "calm"]) == 0
    out = capsys.readouterr().out
    for line in (
        "engine      Docker 26.1.5 at simulated engine\n",
        "named by    --demo, context demo calm\n",
        "where       nowhere: it is simulated\n",
        "cgroup      v2, systemd driver\n",
        "  yes  throttling\n",
        "from the kernel's files\n",
        "counted by the kernel, child processes included\n",
        "limits that can be changed\n",
    ):
        assert line in out


def test_json_has_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "c.toml"
    file.write_text("asci = 1")
    assert main(["doctor", "--demo", "empty", "--json", "--read-only", "--config", str(file)]) == 0
    out, error = capsys.readouterr()
    found = json.loads(out)
    assert error == ""
    assert found["engine"]["origin"] == "--demo"
    assert found["engine"]["cgroup_version"] == 2
    assert found["read_only"] is True
    assert found["config"]["path"] == str(file)
    assert len(found["config"]["problems"]) == 1
    assert found["figures"][0] == {
        "name": "CPU",
        "available": None,
        "why": "no container is running: not known yet",
    }


def test_an_unreachable_engine_is_reported_with_remedies(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nonexistent/x")
    assert main(["doctor"]) == 2
    out, error = capsys.readouterr()
    for line in (
        "engine    none answers\n",
        "address   unix:///nonexistent/x\n",
        "named by  DOCKER_HOST\n",
        "reason    there is no socket /nonexistent/x",
        "try       systemctl status docker",
        "          unset DOCKER_HOST",
    ):
        assert line in out
    assert error.startswith(
        "dockpit: no Docker engine answers at unix:///nonexistent/x, named by DOCKER_HOST: there is"
    )
    assert main(["doctor", "--json"]) == 2
    found = json.loads(capsys.readouterr().out)
    assert (found["engine"], found["origin"]) == (None, "DOCKER_HOST")


@pytest.mark.parametrize(
    ("address", "first"),
    [
        ("ssh://ops@web-07", "ssh ops@web-07 docker version: does the engine answer on that host?"),
        ("tcp://a:2375", "is the address right, the engine running, and no firewall between?"),
    ],
)
def test_the_first_remedy_depends_on_the_address(address: str, first: str) -> None:
    assert remedies(EngineUnreachable(address, "no answer", "--host"))[0] == first


def test_problems_of_the_configuration_are_printed_without_an_engine_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "c.toml"
    file.write_text("asci = 1")
    assert main(["doctor", "-H", "unix:///nonexistent/x", "--config", str(file)]) == 2
    out, error = capsys.readouterr()
    assert out.endswith(f"config problem: {file} line 1: there is no setting asci (did you mean ascii?)\n")
    assert error.startswith("dockpit: no Docker engine answers at unix:///nonexistent/x")


def test_text_of_an_engine_is_escaped() -> None:
    info = engine(warnings=("WARNING: \x1b[31mno swap",), kernel="6.1\x07", cgroup_version=None, rootless=True)
    options = Options(loaded=LoadedConfig(path=Path("/c.toml")))
    text = format_report(doctor_report(snapshot([entry()], engine=info), Endpoint("unix:///x"), options, True))
    assert "warning     WARNING: \\x1b[31mno swap\n" in text
    assert "cgroup      of unknown version, unknown driver, rootless\n" in text
    assert "linux 6.1\\x07\n" in text
    assert "\x1b" not in text
