"""A tiny shell inside a simulated container, and the answers of the tools a debug container brings."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field, replace

from dockpit.simulate import network_tools
from dockpit.simulate.container import SimulatedContainer
from dockpit.simulate.world_state import WorldState

ENDLESS = ("tail", "top", "watch", "tcpdump", "pause")
SHELLS = ("sh", "bash", "ash", "zsh")
_JOINTS = re.compile(r"(;|&&|\|\|)")
_NOWHERE = re.compile(r"\s\d?>(&\d|\s*/dev/null)")


@dataclass(slots=True)
class Result:
    """What a command printed, its exit code, and how long it took: None for one that never ends."""

    out: str = ""
    err: str = ""
    code: int = 0
    seconds: float | None = 0.3
    exits: bool = False
    """Whether the shell itself is to end."""


def run(world: WorldState, container: SimulatedContainer, argv: list[str]) -> Result:
    """Run one command to its end."""
    if not argv:
        return Result()
    argv = _unwrap(argv)
    name = argv[0].rpartition("/")[2]
    if name in SHELLS:
        return run_line(world, container, _script(argv[argv.index("-c") + 1 :])) if "-c" in argv[:-1] else Result()
    built_in = {"echo": _echo, "id": _id, "ls": _ls, "cat": _cat, "hostname": _hostname, "true": _true, "false": _false}
    if name in built_in:
        return built_in[name](container, argv)
    if name == "sleep" or name in ENDLESS:
        return Result(seconds=_duration(argv) if name == "sleep" else None)
    if name == "which" or argv[:2] == ["command", "-v"]:
        return _which(argv[-1])
    answer = network_tools.answer(world, container, argv)
    if answer is not None:
        return Result(answer)
    missing = f'exec: "{argv[0]}": executable file not found in $PATH'
    return Result(
        f"OCI runtime exec failed: exec failed: unable to start container process: {missing}: unknown\r\n", code=127
    )


def run_line(world: WorldState, container: SimulatedContainer, line: str) -> Result:
    """Run a line of shell: commands joined by ;, && and ||, redirections to nowhere ignored."""
    total = Result()
    joint = ";"
    for part in _JOINTS.split(_NOWHERE.sub("", line)):
        if part in (";", "&&", "||"):
            joint = part
            continue
        if (joint == "&&" and total.code) or (joint == "||" and not total.code):
            continue
        try:
            argv = shlex.split(part)
        except ValueError as error:
            return Result(total.out, f"sh: syntax error: {error}\n", 2)
        if argv and argv[0] == "exit":
            return replace(total, code=_exit_code(argv) if argv[1:] else total.code, exits=True)
        total = _after(total, argv, run(world, container, argv))
    return total


def _after(total: Result, argv: list[str], result: Result) -> Result:
    if result.code == 127:
        result = Result(err=f"sh: {argv[0]}: not found\n", code=127)
    spent = None if None in (total.seconds, result.seconds) else max(total.seconds or 0.0, result.seconds or 0.0)
    return Result(total.out + result.out, total.err + result.err, result.code, spent)


def _script(words: list[str]) -> str:
    """The script of `sh -c SCRIPT NAME ARGUMENT…` with its arguments in place of "$1" and so on."""
    script = words[0]
    for number, argument in enumerate(words[2:], 1):
        script = script.replace(f'"${number}"', shlex.quote(argument))
    return script


def _unwrap(argv: list[str]) -> list[str]:
    while len(argv) > 1 and argv[0] in ("timeout", "env", "exec", "nice"):
        rest = argv[1:]
        while rest and (rest[0].startswith("-") or rest[0].replace(".", "").rstrip("s").isdigit() or "=" in rest[0]):
            rest = rest[1:]
        argv = rest or ["true"]
    return argv


def _duration(argv: list[str]) -> float | None:
    text = argv[-1].rstrip("smhd")
    unit = {"m": 60.0, "h": 3600.0, "d": 86_400.0}.get(argv[-1][-1:], 1.0)
    return float(text) * unit if text.replace(".", "", 1).isdigit() else None


def interactive(argv: list[str]) -> bool:
    """Whether a command is a shell that waits for input."""
    return argv[0].rpartition("/")[2] in SHELLS and "-c" not in argv


def raw(text: str, tty: bool) -> bytes:
    """Text as it leaves the container: a terminal ends its lines with CR LF."""
    return (text.replace("\n", "\r\n") if tty else text).encode()


def _exit_code(argv: list[str]) -> int:
    return int(argv[1]) % 256 if len(argv) > 1 and argv[1].isdigit() else 0


def _echo(container: SimulatedContainer, argv: list[str]) -> Result:
    return Result(" ".join(argv[1:]) + "\n")


def _id(container: SimulatedContainer, argv: list[str]) -> Result:
    if container.spec.user:
        return Result(
            f"uid=999({container.spec.user}) gid=999({container.spec.user}) groups=999({container.spec.user})\n"
        )
    return Result("uid=0(root) gid=0(root) groups=0(root)\n")


def _ls(container: SimulatedContainer, argv: list[str]) -> Result:
    return Result("bin\ndev\netc\nhome\nlib\nproc\nroot\nsys\ntmp\nusr\nvar\n")


def _cat(container: SimulatedContainer, argv: list[str]) -> Result:
    if argv[1:] == ["/etc/resolv.conf"]:
        return Result(network_tools.resolv_conf(container))
    if argv[1:] == ["/etc/hostname"]:
        return _hostname(container, argv)
    return Result(err=f"cat: can't open '{' '.join(argv[1:])}': No such file or directory\n", code=1)


def _hostname(container: SimulatedContainer, argv: list[str]) -> Result:
    return Result(container.id[:12] + "\n")


def _true(container: SimulatedContainer, argv: list[str]) -> Result:
    return Result()


def _false(container: SimulatedContainer, argv: list[str]) -> Result:
    return Result(code=1)


def _which(name: str) -> Result:
    known = name.rpartition("/")[2] in ("sh", "ash", "bash", "ls", "cat", "echo", "id", *network_tools.NAMES)
    return Result(f"/bin/{name.rpartition('/')[2]}\n") if known else Result(code=1)


@dataclass(slots=True)
class Session:
    """An interactive shell: bytes in, bytes out, until it exits."""

    world: WorldState
    container: SimulatedContainer
    tty: bool
    exit_code: int | None = None
    _line: bytearray = field(default_factory=bytearray)
    _code: int = 0

    def greet(self) -> list[tuple[int, bytes]]:
        """What it prints first: (stream, bytes)."""
        return [(1, self._prompt())] if self.tty else []

    def feed(self, data: bytes) -> list[tuple[int, bytes]]:
        """Type `data`; what it prints: (stream, bytes), ends of line as a terminal has them."""
        printed: list[tuple[int, bytes]] = []
        for byte in data:
            if self.exit_code is None:
                printed += self._key(bytes((byte,)))
        return printed

    def close(self) -> list[tuple[int, bytes]]:
        """The end of input."""
        printed = self._enter() if self._line else []
        self.exit_code = self._code if self.exit_code is None else self.exit_code
        return printed

    def _key(self, key: bytes) -> list[tuple[int, bytes]]:
        if key in b"\r\n":
            return self._echoed(b"\n") + self._enter()
        if key == b"\x04" and not self._line:
            self.exit_code = 0
            return self._echoed(b"exit\n")
        if key == b"\x03":
            self._line.clear()
            return [*self._echoed(b"^C\n"), *self.greet()]
        if key in b"\x7f\x08":
            erased = bool(self._line)
            del self._line[-1:]
            return self._echoed(b"\b \b") if erased else []
        self._line += key
        return self._echoed(key)

    def _enter(self) -> list[tuple[int, bytes]]:
        line = self._line.decode("utf-8", "replace").strip()
        self._line.clear()
        result = run_line(self.world, self.container, line) if line else Result(code=self._code)
        self._code = result.code
        printed = [(1, result.out), (1 if self.tty else 2, result.err)]
        if line.startswith("stty size"):
            printed = [(1, f"{self.container.rows} {self.container.columns}\n")]
        if result.exits:
            self.exit_code = result.code
        shown = [(stream, raw(text, self.tty)) for stream, text in printed if text]
        return shown if result.exits else shown + self.greet()

    def _echoed(self, data: bytes) -> list[tuple[int, bytes]]:
        return [(1, data.replace(b"\n", b"\r\n"))] if self.tty else []

    def _prompt(self) -> bytes:
        return f"{self.container.id[:12]}:~# ".encode()
