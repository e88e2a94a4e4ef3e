"""The surface that users see is the one written down in public_surface.json, one item a line.

Everything is asked of the installed command, none of it of a module, so that it holds wherever the modules are.
`python -m tests.test_public_surface` writes the file again, to be read as a diff.
"""

from __future__ import annotations

import difflib
import fcntl
import hashlib
import json
import os
import pty
import re
import select
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import pyte
import pytest

Given = TypeVar("Given")
Found = TypeVar("Found")

PINNED = Path(__file__).with_name("public_surface.json")
DOCKPIT = Path(sys.executable).parent / "dockpit"
NOWHERE = "unix:///nonexistent/engine.sock"
PATIENCE_SECONDS = 60
QUIET_SECONDS = 0.25
"""A screen that does not change for so long is drawn to its end."""
ROWS, COLUMNS = 150, 150
"""So high that the help of the cockpit is seen without scrolling."""

COMMANDS = ("", "completion", "config", "doctor", "stats", "tune")
USAGE = (
    (),
    ("nosuch",),
    ("stast",),
    ("--bogus",),
    ("--demo", "nosuch", "stats"),
    ("--demo", "--host", "tcp://a:1", "stats"),
    ("--demo", "stats", "--samples", "0"),
    ("--demo", "stats", "--interval", "abc"),
    ("--demo", "stats", "--source", "nosuch"),
    ("--demo", "stats", "nosuch"),
    ("--demo", "--sort", "nosuch", "stats"),
    ("--demo", "--sort", "cpu up", "stats"),
    ("--demo", "tune", "shop-web-1"),
    ("--demo", "--read-only", "tune", "shop-web-1", "--cpus", "2"),
    ("completion",),
    ("stats", "--host", NOWHERE),
)
ENVIRONMENT = {
    "DOCKPIT_INTERVAL": "2",
    "DOCKPIT_SOURCE": "kernel",
    "DOCKPIT_CALM": "1",
    "DOCKPIT_READ_ONLY": "1",
    "DOCKPIT_THEME": "light",
    "DOCKPIT_ASCII": "0",
    "DOCKPIT_BELL": "1",
    "DOCKPIT_LOG": "HOME/dockpit.log",
    "NO_COLOR": "1",
}
FLAGS = (
    *("--interval", "2", "--source", "kernel", "--calm", "--read-only", "--theme", "light", "--ascii", "--bell"),
    *("--sort", "cpu desc", "--log", "HOME/dockpit.log"),
)
MISTAKES = """
source = "nosuch"
theme = "nosuch"
sort = "nosuch"
columns = ["nosuch"]
nosuch = 1
[keys]
nosuch = "u"
quit = "nosuch+key"
[confirm]
nosuch = true
[netshoot.recipes.gateway]
description = "without a command"
"""
WORDS = (
    *("obs-api", "name:obs-api-1", "image:api", "project:obs", "service:api", "label:com.docker.compose.project=obs"),
    *("id:f64a28ed08ef", "state:running", "health:unhealthy", "oom:none", "-name:nosuch", "restarts=0"),
)
"""Filters that one container of the demo passes, each by itself; a field that is none would let none through."""
FIGURES = (
    *("cpu>50", "cpu%>=50", "mem<80", "mem>512M", "throttled<=5%", "psi>1", "swap>1k", "pids>100", "restarts>3"),
    *("net>1M", "disk>1GiB", "pressure>1", "memory>80", "mem%>80", "throttled%>5", "CPU>1", "-cpu>1"),
)
"""Comparisons that are taken: one with a figure that is none is refused."""
REFUSED = ("nosuch>1", "state:nosuch", "health:nosuch", "oom:nosuch", "states:running", "pids>1k", "cpu>x")
RARE = {"oom_eta_seconds": 1.0, "throttled_by": "", "limits_differ": ""}
"""Figures that a demo gives late or never, with a value of the type they have then."""
COMPLETED = (
    *("dockpit ", "dockpit --", "dockpit --demo ", "dockpit --source ", "dockpit --context ", "dockpit completion "),
    *("dockpit config --", "dockpit doctor --", "dockpit stats --", "dockpit tune --"),
)
TABS = ("charts", "processes", "logs", "events", "limits", "inspect")
"""The tabs of a container, in order."""


class Command:
    """The installed command in an environment of its own; what names its folder is written HOME."""

    def __init__(self, home: Path) -> None:
        self._home = home
        folders = ("CONFIG", "STATE", "CACHE", "DATA", "RUNTIME")
        self.environ = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(home),
            **{f"XDG_{name}_{'DIR' if name == 'RUNTIME' else 'HOME'}": str(home / name.lower()) for name in folders},
            **{"COLUMNS": "100", "TERM": "dumb", "NO_COLOR": "1", "LC_ALL": "C.UTF-8", "TZ": "UTC"},
        }

    def run(self, *arguments: str, **environ: str) -> tuple[int, str]:
        """The exit code, and what was written to stdout and then to stderr."""
        done = subprocess.run(
            [DOCKPIT, *(self._there(one) for one in arguments)],
            env=self.environ | {name: self._there(value) for name, value in environ.items()},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=PATIENCE_SECONDS,
        )
        return done.returncode, (done.stdout + done.stderr).replace(str(self._home), "HOME")

    def said(self, *arguments: str, **environ: str) -> list[str]:
        """The lines of a command that succeeds, without blank ones."""
        code, text = self.run(*arguments, **environ)
        assert code == 0, text
        return [line.rstrip() for line in text.splitlines() if line.strip()]

    def outcomes(self, lines: Iterable[Sequence[str]]) -> list[str]:
        """How each line of arguments ends: its exit code and what it says."""
        given = list(lines)
        ends = _side_by_side(lambda line: self.run(*line), given)
        return [f"{' '.join(line)} -> {code}: {text.strip()}" for line, (code, text) in zip(given, ends, strict=True)]

    def file(self, name: str, text: str) -> str:
        """A file in its folder, as an argument."""
        (self._home / name).write_text(text, encoding="utf-8")
        return f"HOME/{name}"

    def read(self, name: str) -> list[str]:
        """The lines of a file in its folder, without blank ones."""
        return [line for line in (self._home / name).read_text(encoding="utf-8").splitlines() if line]

    def _there(self, text: str) -> str:
        return text.replace("HOME", str(self._home))


def _side_by_side(work: Callable[[Given], Found], given: Iterable[Given]) -> list[Found]:
    with ThreadPoolExecutor(3) as pool:
        return list(pool.map(work, given))


# what is pinned, section by section


def _commands(command: Command) -> list[str]:
    pages = _side_by_side(lambda name: command.said(*name.split(), "--help"), COMMANDS)
    versions = [command.said("--version")[0]]
    versions[0] = re.sub(r"\d+(\.\d+)+", "VERSION", versions[0])
    return versions + [item for name, page in zip(COMMANDS, pages, strict=True) for item in _page(name, page)]


def _page(name: str, page: Sequence[str]) -> Iterator[str]:
    """The usage of a command, and its options and commands with their help in one line."""
    yield page[0]
    begin = next(index for index, line in enumerate(page) if line == "Options:")
    items: list[str] = []
    for line in page[begin + 1 :]:
        if line.startswith("     "):
            items[-1] += f" {line.strip()}"
        elif line.startswith("  "):
            items.append(re.sub(r"(?<=\S)  +", "  ", line.strip()))
    yield from (f"{name or 'dockpit'}: {item}" for item in sorted(items))


def _exit_codes(command: Command) -> list[str]:
    return command.outcomes(USAGE)


def _stats_json(command: Command) -> list[str]:
    scenarios = ("fleet", "leak", "throttled")
    runs = _side_by_side(
        lambda name: command.said("--demo", name, "stats", "--json", "--samples", "1"),
        scenarios,
    )
    records = [json.loads(line) for run in runs for line in run]
    assert all(list(record) == list(records[0]) for record in records), "the records have different keys"
    rare = {key: [value] for key, value in RARE.items()}
    return [f"{key}: {_types([*rare.get(key, ()), *(one[key] for one in records)])}" for key in records[0]]


def _stats_table(command: Command) -> list[str]:
    return re.split(r"\s{2,}", command.said("--demo", "fleet", "stats", "--samples", "1")[0])


def _doctor(command: Command) -> list[str]:
    found = json.loads("\n".join(command.said("--demo", "fleet", "doctor", "--json")))
    code, text = command.run("--host", NOWHERE, "doctor", "--json")
    named = [f"{part}: {one['name']}" for part in ("figures", "limits") for one in found[part]]
    labels = [re.split(r"\s{2,}", line)[0] for line in command.said("--demo", "doctor") if not line.startswith(" ")]
    unreached = [f"unreached ({code}): {item}" for item in _leaves(json.JSONDecoder().raw_decode(text)[0])]
    return [*_leaves(found), *named, *unreached, *(f"text: {label}" for label in labels)]


def _leaves(value: object, path: str = "") -> Iterator[str]:
    """The keys of nested objects, of lists those of the first one, with their types."""
    if isinstance(value, dict):
        for key, below in value.items():
            yield from _leaves(below, f"{path}.{key}".lstrip("."))
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        yield from _leaves(value[0], f"{path}[]")
    else:
        yield f"{path}: {_types([value])}"


def _types(values: Iterable[object]) -> str:
    return " ".join(sorted({"null" if value is None else type(value).__name__ for value in values}))


def _tune(command: Command) -> list[str]:
    return command.said("--demo", "tune", "shop-web-1", "--memory", "600m", "--cpus", "2", "--dry-run")


def _config_file(command: Command) -> list[str]:
    written = command.said("config", "--init", "--config", "HOME/begun.toml")
    return [*command.said("config", "--path"), *written, *command.read("begun.toml")]


def _config_in_force(command: Command) -> list[str]:
    named = command.file("named.toml", 'group = false\n[keys]\nquit = "q,ctrl+q"\n')
    shown = {
        "default": command.said("config", "--show", TERM="xterm", NO_COLOR=""),
        "environment": command.said("config", DOCKPIT_CONFIG=named, **ENVIRONMENT),
        "flags": command.said(*FLAGS, "--config", named, "config"),
    }
    return [
        f"{layer}: {line}"
        for layer, lines in shown.items()
        for line in lines
        if layer == "default" or not line.endswith("# default")
    ]


def _config_mistakes(command: Command) -> list[str]:
    wrong = command.file("wrong.toml", MISTAKES)
    return [line for line in command.said("config", "--config", wrong) if line.startswith("# HOME/wrong.toml")]


def _engine_environment(command: Command) -> list[str]:
    given = ({"DOCKER_HOST": NOWHERE}, {"DOCKER_CONTEXT": "nosuch"}, {"DOCKER_HOST": "nosuch://"})
    runs = _side_by_side(lambda environ: command.run("stats", **environ), given)
    return [f"{environ} -> {code}: {text.strip()}" for environ, (code, text) in zip(given, runs, strict=True)]


def _filters(command: Command) -> list[str]:
    demo = ("--demo", "stats", "--samples", "1", "--filter")
    found = [line.split()[0] for line in command.said(*demo, " ".join(WORDS))]
    compared = command.said(*demo, " ".join(FIGURES))
    refused = command.outcomes(("--demo", "stats", "--filter", text) for text in REFUSED)
    return [*WORDS, f"all words -> {' '.join(found)}", *FIGURES, f"all figures -> {' '.join(compared)}", *refused]


def _completion(command: Command) -> list[str]:
    def offered(line: str) -> list[str]:
        words = {"COMP_WORDS": line, "COMP_CWORD": str(len(line.split()) - (not line.endswith(" ")))}
        return [
            f"{line}: {word.removeprefix('plain,')}"
            for word in command.said(_DOCKPIT_COMPLETE="bash_complete", **words)
        ]

    shells = ("bash", "zsh", "fish")
    scripts = _side_by_side(lambda shell: "\n".join(command.said("completion", shell)), shells)
    hashes = [hashlib.sha256(script.encode()).hexdigest()[:16] for script in scripts]
    words = [word for found in _side_by_side(offered, COMPLETED) for word in found]
    return [*(f"{shell} script: {digest}" for shell, digest in zip(shells, hashes, strict=True)), *words]


# the cockpit


class Cockpit:
    """The cockpit in a pty, and what its screen shows."""

    def __init__(self, master: int) -> None:
        self._master = master
        self._screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.ByteStream(self._screen)

    def lines(self) -> list[str]:
        """The rows as text, without blank ones."""
        return [str(line).rstrip() for line in self._screen.display if str(line).strip()]

    def press(self, keys: str, until: Callable[[str], bool]) -> None:
        """Press keys, and return once the screen is as wanted."""
        os.write(self._master, keys.encode())
        end = time.monotonic() + PATIENCE_SECONDS
        while not until("\n".join(self.lines())):
            assert time.monotonic() < end, f"after {keys!r} the screen shows:\n" + "\n".join(self.lines())
            self._read(0.1)

    def _read(self, patience: float) -> bool:
        """Whether something came and was drawn."""
        if not select.select([self._master], [], [], patience)[0]:
            return False
        self._stream.feed(os.read(self._master, 1 << 18))
        return True

    def help(self) -> list[str]:
        """The help of where one is, read and left again."""
        self.press("?", lambda text: text.count("Leave dockpit") == 2 and "Names under which" in text)
        while self._read(QUIET_SECONDS):
            pass
        found = self.lines()
        self.press("\x7f", lambda text: bool(text) and "Names under which" not in text)
        return [re.sub(r"\s{2,}", "  ", line.strip()) for line in found[:-1]]


@contextmanager
def _cockpit(command: Command) -> Iterator[Cockpit]:
    """The cockpit on the demo until the block is left."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    environ = {name: value for name, value in command.environ.items() if name != "COLUMNS"} | {"TERM": "xterm-256color"}
    with subprocess.Popen([DOCKPIT, "--demo", "calm"], stdin=slave, stdout=slave, stderr=slave, env=environ) as process:
        os.close(slave)
        try:
            yield Cockpit(master)
        finally:
            process.terminate()
            with suppress(OSError):
                while os.read(master, 1 << 18):
                    pass
            os.close(master)


def _keys(command: Command) -> list[str]:
    with _cockpit(command) as cockpit:
        cockpit.press("", lambda text: "CONTAINER" in text and "quit" in text)
        found = {"overview": cockpit.help()}
        cockpit.press("w", lambda text: "esc back" in text)
        found["alerts"] = _only_keys(cockpit.help())
        cockpit.press("\x7f", lambda text: "esc back" not in text)
        cockpit.press("\r", lambda text: "next tab" in text)
        for place in TABS:
            seen = found.get(TABS[0], ())
            found[place] = [line for line in _only_keys(cockpit.help()) if line not in seen]
            cockpit.press("\t", lambda text: bool(text))
    return [f"{place}: {line}" for place, lines in found.items() for line in lines]


def _only_keys(lines: Sequence[str]) -> list[str]:
    """The help without what it says at every place."""
    begin = next(index for index, line in enumerate(lines) if line.startswith("What the figures mean"))
    end = next(index for index, line in enumerate(lines) if line.startswith("Names under which"))
    return [*lines[:begin], *lines[end:]]


# the comparison

SECTIONS: Mapping[str, Callable[[Command], list[str]]] = {
    "commands": _commands,
    "exit codes": _exit_codes,
    "stats --json": _stats_json,
    "stats": _stats_table,
    "doctor": _doctor,
    "tune --dry-run": _tune,
    "config --init": _config_file,
    "config --show": _config_in_force,
    "mistakes in the configuration": _config_mistakes,
    "engine named by the environment": _engine_environment,
    "filters": _filters,
    "completion": _completion,
    "keys": _keys,
}


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> Command:
    """The installed command with an empty home."""
    return Command(tmp_path_factory.mktemp("surface"))


@pytest.fixture(scope="module")
def pinned() -> dict[str, list[str]]:
    """What is written down."""
    return _pinned()


def _pinned() -> dict[str, list[str]]:
    found: dict[str, Any] = json.loads(PINNED.read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("section", SECTIONS)
def test_the_surface_is_what_is_written_down(section: str, command: Command, pinned: dict[str, list[str]]) -> None:
    found, wanted = SECTIONS[section](command), pinned[section]
    if section == "stats --json":
        found = _with_nulls(found, wanted)
    changes = difflib.unified_diff(wanted, found, PINNED.name, "dockpit", lineterm="", n=1)
    assert found == wanted, f"{section} is not as written down:\n" + "\n".join(changes)


def _with_nulls(found: Sequence[str], wanted: Iterable[str]) -> list[str]:
    """The same with null where it is expected: whether a figure is missing once is a matter of the moment."""
    nullable = {line.partition(":")[0] for line in wanted if "null" in line}

    def line(text: str) -> str:
        key, _, types = text.partition(": ")
        return f"{key}: {' '.join(sorted({*types.split(), *(['null'] if key in nullable else [])}))}"

    return [line(text) for text in found]


def test_nothing_else_is_written_down(pinned: dict[str, list[str]]) -> None:
    assert list(pinned) == list(SECTIONS)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        observed = {name: section(Command(Path(folder))) for name, section in SECTIONS.items()}
    PINNED.write_text(json.dumps(observed, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
