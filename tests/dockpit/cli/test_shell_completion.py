"""Shell completion: scripts, options, scenarios, contexts and containers."""

from __future__ import annotations

import asyncio
import hashlib
import json
import shutil
import subprocess
from pathlib import Path

import click
import pytest
from click.shell_completion import ShellComplete

from dockpit.cli.main import cli, main
from dockpit.cli.shell_completion import container_names, context_names
from tests.dockpit.simulated_session import running_session


def complete(*words: str) -> list[str]:
    """The completions of the last word."""
    found = ShellComplete(cli, {}, "dockpit", "_DOCKPIT_COMPLETE").get_completions(list(words[:-1]), words[-1])
    return [str(item.value) for item in found]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_is_valid_for_its_shell(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == 0
    out = capsys.readouterr().out
    assert f"_DOCKPIT_COMPLETE={shell}_complete" in out
    if shutil.which(shell):
        assert subprocess.run([shell, "-n"], input=out, text=True, timeout=30).returncode == 0


def test_commands_options_and_scenarios_are_completed() -> None:
    assert complete("st") == ["stats"]
    assert complete("stats", "--js") == ["--json"]
    assert complete("stats", "--demo", "calm", "--sam") == ["--samples"]
    assert complete("--demo", "in") == ["incident"]
    assert complete("--demo", "st") == ["stats"]
    assert complete("stats", "--demo", "st") == []


def test_contexts_are_read_from_dockers_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("prod", "staging"):
        folder = tmp_path / "contexts" / "meta" / hashlib.sha256(name.encode()).hexdigest()
        folder.mkdir(parents=True)
        (folder / "meta.json").write_text(json.dumps({"Name": name}))
    (folder.parent / "broken").mkdir()
    (folder.parent / "broken" / "meta.json").write_text("{")
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    assert context_names({"DOCKER_CONFIG": str(tmp_path)}, tmp_path) == ["default", "prod", "staging"]
    assert complete("stats", "--context", "p") == ["prod"]


async def test_containers_are_listed_by_the_engine(tmp_path: Path) -> None:
    async with running_session(tmp_path) as bench:
        found = await asyncio.to_thread(complete, "-H", bench.engine.url, "stats", "")
        assert found == ["idle", "spin"]
        assert await asyncio.to_thread(complete, "-H", bench.engine.url, "tune", "s") == ["spin"]


def test_a_remote_or_unreachable_engine_has_no_completions() -> None:
    assert container_names(None, "unix:///nonexistent/x") == []
    assert container_names(None, "tcp://192.0.2.1:2375") == []
    assert container_names(None, "nonsense://") == []
    assert container_names(None, None, demo="fleet") == []
    assert isinstance(cli, click.Group)
