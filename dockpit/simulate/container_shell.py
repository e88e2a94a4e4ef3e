"""A tiny shell inside a simulated container: single commands, command lines and interactive sessions."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field, replace

from dockpit.simulate import network_tools
from dockpit.simulate.simulated_container import SimulatedContainer
from dockpit.simulate.world_state import WorldState

ENDLESS_COMMANDS = ("tail", "top", "watch", "tcpdump", "pause")
SHELLS = ("sh", "bash", "ash", "zsh")
_OPERATORS = re.compile(r"(;|&&|\|\|)")
_REDIRECTIONS = re.compile(r"\s\d?>(&\d|\s*/dev/null)")


@dataclass(slots=True)
class CommandResult:
    """A command's output, exit code and duration; `seconds` is None for one that never ends."""

    out: str = ""
    err: str = ""
    code: int = 0
    seconds: float | None = 0.3
    exits: bool = False
    """Whether the command ends the shell."""


def run(world: WorldState, container: SimulatedContainer, argv: list[str]) -> CommandResult:
    """The result of one command; nothing waits for its duration."""
    if not argv:
        return CommandResult()
    argv = _unwrap(argv)
    name = argv[0].rpartition("/")[2]
    if name in SHELLS:
        return (
            run_line(world, container, _script(argv[argv.index("-c") + 1 :])) if "-c" in argv[:-1] else CommandResult()
        )
    built_in = {"echo": _echo, "id": _id, "ls": _ls, "cat": _cat, "hostname": _hostname, "true": _true, "false": _false}
    if name in built_in:
        return built_in[name](container, argv)
    if name == "sleep" or name in ENDLESS_COMMANDS:
        return CommandResult(seconds=_sleep_seconds(argv) if name == "sleep" else None)
    if name == "which" or argv[:2] == ["command", "-v"]:
        return _which(argv[-1])
    output = network_tools.run(world, container, argv)
    if output is not None:
        return CommandResult(output)
    missing = f'exec: "{argv[0]}": executable file not found in $PATH'
    return CommandResult(
        f"OCI runtime exec failed: exec failed: unable to start container process: {missing}: unknown\r\n", code=127
    )


def run_line(world: WorldState, container: SimulatedContainer, line: str) -> CommandResult:
    """The result of a shell line: commands joined by ;, && and ||; redirections to /dev/null and &N are ignored."""
    total = CommandResult()
    operator = ";"
    for part in _OPERATORS.split(_REDIRECTIONS.sub("", line)):
        if part in (";", "&&", "||"):
            operator = part
            continue
        if (operator == "&&" and total.code) or (operator == "||" and not total.code):
            continue
        try:
            argv = shlex.split(part)
        except ValueError as error:
            return CommandResult(total.out, f"sh: syntax error: {error}\n", 2)
        if argv and argv[0] == "exit":
            return replace(total, code=_exit_code(argv) if argv[1:] else total.code, exits=True)
        total = _add_result(total, argv, run(world, container, argv))
    return total


def _add_result(total: CommandResult, argv: list[str], result: CommandResult) -> CommandResult:
    if result.code == 127:
        result = CommandResult(err=f"sh: {argv[0]}: not found\n", code=127)
    seconds = None if None in (total.seconds, result.seconds) else max(total.seconds or 0.0, result.seconds or 0.0)
    return CommandResult(total.out + result.out, total.err + result.err, result.code, seconds)


def _script(words: list[str]) -> str:
    """The script of `sh -c SCRIPT NAME ARGUMENT…` with its arguments in place of "$1" and so on."""
    script = words[0]
    for number, argument in enumerate(words[2:], 1):
        script = script.replace(f'"${number}"', shlex.quote(argument))
    return script


def _unwrap(argv: list[str]) -> list[str]:
    """The command inside timeout, env, exec and nice, without their options."""
    while len(argv) > 1 and argv[0] in ("timeout", "env", "exec", "nice"):
        rest = argv[1:]
        while rest and (rest[0].startswith("-") or rest[0].replace(".", "").rstrip("s").isdigit() or "=" in rest[0]):
            rest = rest[1:]
        argv = rest or ["true"]
    return argv


def _sleep_seconds(argv: list[str]) -> float | None:
    """The duration of `sleep 5m`; None for `sleep infinity`."""
    text = argv[-1].rstrip("smhd")
    unit = {"m": 60.0, "h": 3600.0, "d": 86_400.0}.get(argv[-1][-1:], 1.0)
    return float(text) * unit if text.replace(".", "", 1).isdigit() else None


def is_interactive(argv: list[str]) -> bool:
    """Whether a command is a shell that waits for input."""
    return argv[0].rpartition("/")[2] in SHELLS and "-c" not in argv


def encode_output(text: str, tty: bool) -> bytes:
    """The bytes of `text` as they leave the container; with a TTY, lines end in CR LF."""
    return (text.replace("\n", "\r\n") if tty else text).encode()


def _exit_code(argv: list[str]) -> int:
    return int(argv[1]) % 256 if len(argv) > 1 and argv[1].isdigit() else 0


def _echo(container: SimulatedContainer, argv: list[str]) -> CommandResult:
    return CommandResult(" ".join(argv[1:]) + "\n")


def _id(container: SimulatedContainer, argv: list[str]) -> CommandResult:
    if container.spec.user:
        return CommandResult(
            f"uid=999({container.spec.user}) gid=999({container.spec.user}) groups=999({container.spec.user})\n"
        )
    return CommandResult("uid=0(root) gid=0(root) groups=0(root)\n")


def _ls(container: SimulatedContainer, argv: list[str]) -> CommandResult:
    return CommandResult("bin\ndev\netc\nhome\nlib\nproc\nroot\nsys\ntmp\nusr\nvar\n")


def _cat(container: SimulatedContainer, argv: list[str]) -> CommandResult:
    if argv[1:] == ["/etc/resolv.conf"]:
        return CommandResult(network_tools.resolv_conf(container))
    if argv[1:] == ["/etc/hostname"]:
        return _hostname(container, argv)
    return CommandResult(err=f"cat: can't open '{' '.join(argv[1:])}': No such file or directory\n", code=1)


def _hostname(container: SimulatedContainer, argv: list[str]) -> CommandResult:
    return CommandResult(container.id[:12] + "\n")


def _true(container: SimulatedContainer, argv: list[str]) -> CommandResult:
    return CommandResult()


def _false(container: SimulatedContainer, argv: list[str]) -> CommandResult:
    return CommandResult(code=1)


def _which(name: str) -> CommandResult:
    known = name.rpartition("/")[2] in ("sh", "ash", "bash", "ls", "cat", "echo", "id", *network_tools.TOOL_NAMES)
    return CommandResult(f"/bin/{name.rpartition('/')[2]}\n") if known else CommandResult(code=1)


@dataclass(slots=True)
class ShellSession:
    """An interactive shell on a terminal or a pipe: typed bytes in, printed bytes out, until it exits."""

    world: WorldState
    container: SimulatedContainer
    tty: bool
    exit_code: int | None = None
    _line: bytearray = field(default_factory=bytearray)
    _last_code: int = 0

    def prompt(self) -> list[tuple[int, bytes]]:
        """The prompt as (stream, bytes) pairs; none without a terminal."""
        return [(1, f"{self.container.id[:12]}:~# ".encode())] if self.tty else []

    def feed(self, data: bytes) -> list[tuple[int, bytes]]:
        """Type `data`; what the shell prints then, as (stream, bytes) pairs."""
        printed: list[tuple[int, bytes]] = []
        for byte in data:
            if self.exit_code is None:
                printed += self._press_key(bytes((byte,)))
        return printed

    def close(self) -> list[tuple[int, bytes]]:
        """End the input; what the shell prints then."""
        printed = self._run_typed_line() if self._line else []
        self.exit_code = self._last_code if self.exit_code is None else self.exit_code
        return printed

    def _press_key(self, key: bytes) -> list[tuple[int, bytes]]:
        if key in b"\r\n":
            return self._echo(b"\n") + self._run_typed_line()
        if key == b"\x04" and not self._line:
            self.exit_code = 0
            return self._echo(b"exit\n")
        if key == b"\x03":
            self._line.clear()
            return [*self._echo(b"^C\n"), *self.prompt()]
        if key in b"\x7f\x08":
            erased = bool(self._line)
            del self._line[-1:]
            return self._echo(b"\b \b") if erased else []
        self._line += key
        return self._echo(key)

    def _run_typed_line(self) -> list[tuple[int, bytes]]:
        line = self._line.decode("utf-8", "replace").strip()
        self._line.clear()
        result = run_line(self.world, self.container, line) if line else CommandResult(code=self._last_code)
        self._last_code = result.code
        outputs = [(1, result.out), (1 if self.tty else 2, result.err)]
        if line.startswith("stty size"):
            outputs = [(1, f"{self.container.rows} {self.container.columns}\n")]
        if result.exits:
            self.exit_code = result.code
        printed = [(stream, encode_output(text, self.tty)) for stream, text in outputs if text]
        return printed if result.exits else printed + self.prompt()

    def _echo(self, data: bytes) -> list[tuple[int, bytes]]:
        return [(1, data.replace(b"\n", b"\r\n"))] if self.tty else []
