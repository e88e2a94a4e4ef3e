"""`dockpit config`: the configuration, its path and its template."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from dockpit.cli.main import main
from dockpit.config.loader import default_config_path


def test_the_path_is_the_platforms_or_that_of_the_flag(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "--path"]) == 0
    assert main(["--config", str(tmp_path / "x"), "config", "--path"]) == 0
    assert capsys.readouterr().out == f"{default_config_path()}\n{tmp_path / 'x'}\n"


def test_the_template_is_written_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "c.toml"
    assert main(["config", "--init", "--config", str(path)]) == 0
    assert capsys.readouterr().out == f"{path} was written; every setting in it is commented out\n"
    assert main(["config", "--init", "--config", str(path)]) == 1
    assert capsys.readouterr().err == f"dockpit: {path} exists already and was not changed\n"


def test_the_configuration_in_force_includes_flags(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "c.toml"
    path.write_text("bell = true")
    assert main(["--read-only", "config", "--config", str(path)]) == 0
    out = capsys.readouterr().out
    assert f"bell = true  # {path} line 1\n" in out
    assert "read_only = true  # --read-only\n" in out
    assert tomllib.loads(out)["read_only"] is True
