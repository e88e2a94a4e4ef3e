"""The command line: positions of options, exit codes, and the modules it does not import."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from dockpit.cli.exit_codes import UNEXPECTED
from dockpit.cli.main import cli, main, with_scenario
from dockpit.config.options import Options, build_options
from dockpit.model.errors import EngineUnreachable, UsageError

NOWHERE = "unix:///nonexistent/engine.sock"


@pytest.fixture
def doctor_options(monkeypatch: pytest.MonkeyPatch) -> list[Options]:
    """The options passed to doctor, which is replaced by a function that does nothing."""
    seen: list[Options] = []

    def run(options: Options, *, as_json: bool) -> int:
        seen.append(options)
        return 0

    monkeypatch.setattr("dockpit.cli.doctor.run", run)
    return seen


def run_dockpit(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run dockpit in a process of its own."""
    return subprocess.run([sys.executable, "-m", "dockpit", *arguments], capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize(
    "line",
    [
        ["--host", "tcp://a:1", "--read-only", "doctor"],
        ["doctor", "--host", "tcp://a:1", "--read-only"],
        ["-H", "tcp://b:2", "doctor", "-H", "tcp://a:1", "--read-only"],
    ],
)
def test_options_go_before_or_after_the_command_and_the_later_wins(
    line: list[str], doctor_options: list[Options]
) -> None:
    assert main(line) == 0
    assert (doctor_options[0].host, doctor_options[0].read_only, doctor_options[0].demo) == ("tcp://a:1", True, None)


@pytest.mark.parametrize(
    ("line", "scenario"),
    [
        (["--demo", "doctor"], "fleet"),
        (["--demo", "incident", "doctor"], "incident"),
        (["--demo=calm", "doctor"], "calm"),
        (["doctor", "--demo"], "fleet"),
        (["doctor", "--demo", "crowd:5", "--seed", "9"], "crowd:5"),
        (["doctor", "--demo", "--seed", "9"], "fleet"),
    ],
)
def test_demo_goes_with_and_without_a_scenario(line: list[str], scenario: str, doctor_options: list[Options]) -> None:
    assert main(line) == 0
    assert doctor_options[0].demo == scenario
    assert doctor_options[0].seed == (9 if "9" in line else 1)


def test_a_container_name_after_demo_is_no_scenario() -> None:
    known = "calm".__eq__
    assert with_scenario(["--demo", "web-1"], known) == ["--demo=fleet", "web-1"]
    assert with_scenario(["--demo", "calm", "web-1"], known) == ["--demo=calm", "web-1"]
    assert with_scenario(["--", "--demo"], known) == ["--", "--demo"]


def test_demo_excludes_a_real_engine() -> None:
    with pytest.raises(UsageError, match="leave out --host"):
        build_options({"demo": "fleet", "host": "tcp://a"}, {})


def test_flags_override_the_configuration(tmp_path: Path) -> None:
    file = tmp_path / "c.toml"
    file.write_text('theme = "light"\nbell = true\n')
    found = build_options({"config": file, "interval": 2.0, "ascii": True, "filter": "web", "sort": "cpu desc"}, {})
    config = found.config
    assert (config.theme, config.bell, config.interval_seconds, config.ascii) == ("light", True, 2.0, True)
    assert (found.filter, config.sort_by, found.read_only) == ("web", "cpu", False)


@pytest.mark.parametrize(
    ("line", "code", "sentence"),
    [
        (["--bogus"], 2, "dockpit: no such option '--bogus'"),
        (["frob"], 2, "dockpit: no such command 'frob'. See: dockpit --help\n"),
        (["tune"], 2, "dockpit: missing argument 'NAME'. See: dockpit tune --help\n"),
        (["stats", "--samples", "0"], 2, "dockpit: invalid value for '--samples'"),
        (["stats", "--interval", "0"], 2, "dockpit: --interval must be a number from 0.1 to 3600, not 0\n"),
        (["stats", "--log", "/nonexistent/x"], 2, "dockpit: the log /nonexistent/x cannot be written"),
        (["stats", "-H", "a", "--context", "b"], 2, "dockpit: conflicting options"),
        (["stats", "--demo", "-H", "a"], 2, "dockpit: --demo uses a simulated engine"),
        (["--demo", "calmm", "stats"], 2, "dockpit: no scenario is called 'calmm'"),
        (["completion"], 2, "dockpit: missing argument '{bash|zsh|fish}'. Choose from: bash, zsh, fish. See: "),
        (["stast"], 2, "dockpit: no such command 'stast'. Did you mean 'stats'? See: dockpit --help\n"),
        (
            ["stats", "--interval", "abc"],
            2,
            "dockpit: invalid value for '--interval': 'abc' is not a number, like 1.5. ",
        ),
        (["stats", "--samples", "x"], 2, "dockpit: invalid value for '--samples': 'x' is not a whole number. "),
        (["stats", "--filter", "cpu>x"], 2, "dockpit: "),
        (["tune", "web"], 2, "dockpit: no limit is given: name one, as in --memory 512m or --cpus 1.5\n"),
        ([], 2, "dockpit: the cockpit needs a terminal; for scripts there is: dockpit stats --json\n"),
    ],
)
def test_bad_input_is_one_sentence(
    line: list[str], code: int, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(line) == code
    out, error = capsys.readouterr()
    assert out == ""
    assert error.startswith(sentence)
    assert error.count("\n") == 1


def test_an_unreachable_engine_is_an_error_with_a_hint(capsys: pytest.CaptureFixture[str]) -> None:
    for command in (["stats"], ["doctor"], ["tune", "web", "--cpus", "1"]):
        assert main(["-H", NOWHERE, *command]) == 2
        error = capsys.readouterr().err
        assert error.startswith(f"dockpit: no Docker engine answers at {NOWHERE}, named by --host: there is no socket")
        assert "dockpit --demo" in error
        assert error.count("\n") == 1


def test_control_characters_of_an_engine_are_escaped(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(options: Options, *, as_json: bool) -> int:
        raise EngineUnreachable("tcp://a", "\x1b]0;owned\x07")

    monkeypatch.setattr("dockpit.cli.doctor.run", run)
    assert main(["doctor"]) == 2
    assert "\\x1b]0;owned\\x07" in capsys.readouterr().err


def test_mistakes_in_the_configuration_are_printed_and_the_command_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "c.toml"
    file.write_text("asci = true\n")
    assert main(["stats", "--config", str(file), "--demo", "empty", "--samples", "1"]) == 0
    out, error = capsys.readouterr()
    assert error == f"dockpit: {file} line 1: there is no setting asci (did you mean ascii?)\n"
    assert out == "no container is running\n"


def test_an_unexpected_error_leaves_a_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(options: Options, *, as_json: bool) -> int:
        raise RuntimeError("what nobody thought of")

    monkeypatch.setattr("dockpit.cli.doctor.run", run)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert main(["-H", "tcp://ops:hunter2@a", "doctor"]) == 70
    (report,) = (tmp_path / "dockpit").iterdir()
    assert capsys.readouterr().err == f"dockpit: unexpected error (RuntimeError); a report is in {report}\n"
    text = report.read_text()
    assert "what nobody thought of" in text
    assert "arguments: -H tcp://ops:***@a doctor" in text


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, click.Abort])
def test_an_interruption_is_quiet(interruption: type[BaseException], monkeypatch: pytest.MonkeyPatch) -> None:
    def run(options: Options, *, as_json: bool) -> int:
        raise interruption

    monkeypatch.setattr("dockpit.cli.doctor.run", run)
    assert main(["doctor"]) == 130


def test_the_cockpit_opens_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Options] = []

    def run(options: Options) -> int:
        opened.append(options)
        return 7

    monkeypatch.setattr("tui.start.run", run)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert main(["--demo", "--sort", "cpu desc", "--filter", "web"]) == 7
    assert (opened[0].demo, opened[0].config.sort, opened[0].filter) == ("fleet", "cpu desc", "web")


def test_a_dumb_terminal_is_not_enough(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "dumb")
    assert main(["--demo"]) == 2
    assert capsys.readouterr().err.startswith("dockpit: the cockpit does not work in a terminal with TERM=dumb")


def test_the_help_of_every_command_has_the_exit_codes() -> None:
    for command in ([], ["stats"], ["tune"], ["doctor"], ["config"]):
        result = CliRunner().invoke(cli, [*command, "-h"])
        assert result.exit_code == 0
        assert "130  interrupted" in result.output


# processes of their own


IMPORTED = """
import sys
from dockpit.cli.main import main
code = main(sys.argv[1:])
heavy = ("textual", "rich", "aiodocker", "aiohttp", "docker", "tui")
print(*(name for name in heavy if name in sys.modules), file=sys.stderr)
sys.exit(code)
"""


def imported(*arguments: str) -> tuple[str, str]:
    """The output of dockpit, and the heavy packages it imported."""
    result = subprocess.run(
        [sys.executable, "-c", IMPORTED, *arguments], capture_output=True, text=True, timeout=60, check=True
    )
    return result.stdout, result.stderr.strip()


def test_light_commands_import_no_heavy_package() -> None:
    assert imported("--version") == ("dockpit 0.2.0\n", "")
    assert imported("--help")[1] == ""
    assert imported("config", "--path")[1] == ""


def test_stats_never_imports_textual() -> None:
    out, heavy = imported("stats", "--demo", "throttled", "--json", "--samples", "1")
    assert out.count("\n") == 2
    assert heavy == "aiodocker aiohttp"


def test_a_closed_pipe_is_no_error() -> None:
    script = f"{sys.executable} -m dockpit stats --demo throttled --json | head -n 1; echo ${{PIPESTATUS[0]}}"
    result = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert result.stdout.splitlines()[1] == "0"
    assert result.stderr == ""


@pytest.mark.parametrize("line", [["config", "--path"], ["--help"], ["--version"], ["completion", "bash"]])
def test_output_that_cannot_be_written_is_an_error(line: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        result = subprocess.run(
            [sys.executable, "-m", "dockpit", *line],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
        )
    assert (result.returncode, result.stderr) == (
        1, "dockpit: the output cannot be written: No space left on device\n"
    )  # fmt: skip


@contextmanager
def streaming(folder: Path, number: signal.Signals, action: signal.Handlers) -> Iterator[subprocess.Popen[str]]:
    """`dockpit stats --json` after its first line, started with `action` set for the signal `number`."""
    with subprocess.Popen(
        [sys.executable, "-m", "dockpit", "stats", "--demo", "throttled", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(folder)},
        preexec_fn=lambda: signal.signal(number, action),
    ) as running:
        try:
            assert running.stdout is not None
            assert running.stdout.readline().startswith('{"at"')
            yield running
        finally:
            running.kill()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_ends_it_quietly_and_leaves_nothing_behind(number: signal.Signals, code: int, tmp_path: Path) -> None:
    with streaming(tmp_path, number, signal.SIG_DFL) as running:
        running.send_signal(number)
        _, error = running.communicate(timeout=30)
        assert (running.returncode, error.strip()) == (code, "")
        assert list(tmp_path.iterdir()) == []


def test_an_ignored_hang_up_stays_ignored(tmp_path: Path) -> None:
    with streaming(tmp_path, signal.SIGHUP, signal.SIG_IGN) as running:
        assert running.stdout is not None
        running.send_signal(signal.SIGHUP)
        for _ in range(6):
            assert running.stdout.readline().startswith('{"at"')
        running.terminate()
        running.communicate(timeout=30)
        assert running.returncode == 143


def test_the_package_runs_as_a_module() -> None:
    assert run_dockpit("--version").stdout == "dockpit 0.2.0\n"
    assert UNEXPECTED == 70
