"""The command line: what is asked for, and how it ends; each command imports what is heavy by itself."""

from __future__ import annotations

import errno
import os
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from dockpit import __version__
from dockpit.cli.output import NobodyReads, visible
from dockpit.model.errors import DockpitError, EngineUnreachable, UsageError
from dockpit.process import gc_control

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from dockpit.config.options import Options

Function = TypeVar("Function", bound=Callable[..., Any])

UNEXPECTED = 70
INTERRUPTED = 130
NO_ENGINE = "Start it, name another one with --host or --context, or look around without any: dockpit --demo"
EXIT_CODES = """\b
Exit codes:
  0    done
  1    refused, failed, or there is no such container
  2    bad input, or no engine answers
  70   unexpected: a report file is left
  130  interrupted"""

# options that go before or after the command


def _keep(ctx: click.Context, param: click.Parameter, value: object) -> None:
    """Collect what is given anywhere on the line in one place; what comes later wins."""
    if value is not None:
        ctx.find_root().ensure_object(dict)[param.name] = value


def _contexts(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    from dockpit.cli import completion

    return _items(completion.contexts(os.environ, Path.home()), incomplete)


def _containers(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    from dockpit.cli import completion

    given = ctx.find_root().ensure_object(dict)
    return _items(completion.containers(given.get("context"), given.get("host"), demo=given.get("demo")), incomplete)


def _scenarios(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """Scenarios, and commands where one may follow: the scenario may be left out."""
    from dockpit.simulate import SCENARIOS

    return _items((*SCENARIOS, *(ctx.command.commands if isinstance(ctx.command, click.Group) else ())), incomplete)


def _items(names: Iterable[str], incomplete: str) -> list[CompletionItem[str]]:
    from click.shell_completion import CompletionItem

    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


def _shared(*declaration: str, **how: Any) -> Callable[[Function], Function]:
    return click.option(*declaration, expose_value=False, callback=_keep, **{"default": None, **how})


_FILE = click.Path(path_type=Path, dir_okay=False)

CONNECTION = (
    _shared("--context", metavar="NAME", help="A docker context.", shell_complete=_contexts),
    _shared("-H", "--host", metavar="ADDRESS", help="An engine: unix://, tcp:// or ssh://."),
    _shared(
        "--demo",
        metavar="[SCENARIO]",
        shell_complete=_scenarios,
        help="A simulated engine instead; fleet unless named.",
    ),
    _shared("--seed", type=int, metavar="N", help="Which of the worlds of a scenario; 1 by default."),
    _shared(
        "--source",
        type=click.Choice(["auto", "kernel", "engine"]),
        help="Where figures come from: auto is the kernel where it shows the container, else the engine.",
    ),
    _shared("--config", type=_FILE, metavar="FILE", help="The configuration file."),
    _shared("--read-only", is_flag=True, help="Refuse every action."),
    _shared("--log", metavar="FILE", help="Write a debug log."),
)
FILTER = _shared("--filter", metavar="TEXT", help='Like "web state:running cpu>50".')
INTERVAL = _shared(
    "--interval",
    type=float,
    metavar="SECONDS",
    help="Seconds between two reads; 1 by default, below 1 for the container under the cursor or those named.",
)
CALM = _shared("--calm", is_flag=True, help="Read less often what is out of sight, and draw fewer frames.")


def connected(function: Function) -> Function:
    """The options that say which engine, on the command they are put on."""
    for option in reversed(CONNECTION):
        function = option(function)
    return function


class _Demo(click.Command):
    """A command whose --demo may go without a value."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, with_scenario(args, self._is_scenario))

    def _is_scenario(self, word: str) -> bool:
        """Among the names of containers, only a scenario there is counts as one."""
        from dockpit.simulate import SCENARIOS

        return word.partition(":")[0] in SCENARIOS


class _Cockpit(_Demo, click.Group):
    """The program itself: a word after --demo is a scenario unless it is a command."""

    command_class = _Demo

    def _is_scenario(self, word: str) -> bool:
        return word not in self.commands


def with_scenario(args: Sequence[str], is_scenario: Callable[[str], bool]) -> list[str]:
    """The same words with `--demo NAME` as one word, and `--demo=fleet` where no scenario follows."""
    words = list(args)
    for index, word in enumerate(words):
        if word == "--":
            break
        if word != "--demo":
            continue
        following = words[index + 1 : index + 2]
        if following and not following[0].startswith("-") and is_scenario(following[0]):
            words[index : index + 2] = [f"--demo={following[0]}"]
        else:
            words[index] = "--demo=fleet"
    return words


def options(ctx: click.Context, *, quiet: bool = False) -> Options:
    """What is in force, with the debug log begun; mistakes in the configuration are said, unless `quiet`."""
    from dockpit.config.options import build_options
    from dockpit.process.debug_log import start_logging

    found = build_options(ctx.find_root().ensure_object(dict), os.environ)
    start_logging(found.config.log_file, sys.argv[1:])
    if not quiet:
        for problem in found.loaded.problems:
            complain(problem)
    return found


def complain(sentence: str) -> None:
    """One sentence for the user on stderr; what may come from an engine is made visible."""
    click.echo(f"dockpit: {visible(sentence, 2000)}", err=True)


# commands


@click.group(
    cls=_Cockpit,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=EXIT_CODES,
)
@connected
@INTERVAL
@CALM
@_shared("--ascii", is_flag=True, help="Draw with ASCII only.")
@_shared("--theme", metavar="NAME", help="dark, light, or a theme of Textual.")
@_shared("--sort", metavar="COLUMN", help='Like "cpu desc", or trouble: the worst first.')
@FILTER
@_shared("--bell", is_flag=True, help="Ring the bell for new alerts.")
@click.version_option(__version__, message="dockpit %(version)s")
@click.pass_context
def cli(ctx: click.Context) -> int:
    """Watch the containers of a Docker engine, see who is throttled or about to be killed, and change their limits.

    Without a command, the cockpit opens. Options that name the engine may go before or after a command.
    """
    if ctx.invoked_subcommand is not None:
        return 0
    found = options(ctx)
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("the cockpit needs a terminal; for scripts there is: dockpit stats --json")
    if os.environ.get("TERM") == "dumb":
        raise UsageError("the cockpit needs a real terminal, and TERM=dumb says that this is none; see: dockpit stats")
    from tui.start import run

    return run(found)


@cli.command(epilog=EXIT_CODES)
@click.argument("names", nargs=-1, metavar="[NAME]...", shell_complete=_containers)
@click.option("--json", "as_json", is_flag=True, help="One object per container and sample, one per line.")
@click.option("--samples", type=click.IntRange(1), metavar="N", help="End after so many per container.")
@INTERVAL
@FILTER
@connected
@click.pass_context
def stats(ctx: click.Context, names: tuple[str, ...], as_json: bool, samples: int | None) -> int:
    """Print the figures of containers, all running ones unless named, until interrupted.

    NAME is a container's name, the beginning of its id, or project/service. In JSON, null is a figure that the host
    cannot give or that there is none of: no limit, no project, not running.
    """
    from dockpit.cli.stats import run

    return run(options(ctx), names, as_json=as_json, samples=samples)


@cli.command(epilog=EXIT_CODES)
@click.argument("name", shell_complete=_containers)
@click.option("--cpus", metavar="N", default="", help="CPUs, like 1.5; none for no limit.")
@click.option("--cpu-shares", metavar="N", default="", help="Weight from 2 to 262144.")
@click.option("--cpuset-cpus", metavar="LIST", default="", help="CPUs it may run on, like 0-3,5.")
@click.option("--cpuset-mems", metavar="LIST", default="", help="Memory nodes it may use.")
@click.option("-m", "--memory", metavar="SIZE", default="", help="Like 512m or 1.5g; none for no limit.")
@click.option("--memory-swap", metavar="SIZE", default="", help="Memory and swap together.")
@click.option("--memory-reservation", metavar="SIZE", default="", help="Soft limit.")
@click.option("--pids-limit", metavar="N", default="", help="Processes and threads; none for no limit.")
@click.option("--blkio-weight", metavar="N", default="", help="From 10 to 1000.")
@click.option("--restart", metavar="POLICY", default="", help="no, always, unless-stopped, on-failure[:N].")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@click.option("--force", is_flag=True, help="With --yes: even if the kernel may kill processes for it.")
@connected
@click.pass_context
def tune(ctx: click.Context, /, name: str, dry_run: bool, yes: bool, force: bool, **limits: str) -> int:
    """Change the limits of a running or stopped container, as `docker update` does, and say what is in force then.

    A change for which the kernel may kill processes asks for the container's name, and with --yes needs --force.
    """
    from dockpit.cli.tune import run

    return run(options(ctx), name, limits, dry_run=dry_run, yes=yes, force=force)


@cli.command(epilog=EXIT_CODES)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@connected
@click.pass_context
def doctor(ctx: click.Context, as_json: bool) -> int:
    """Say which engine answers, which figures it gives, and why others are not to be had."""
    from dockpit.cli.doctor import run

    return run(options(ctx, quiet=True), as_json=as_json)


@cli.command(epilog=EXIT_CODES)
@click.option("--show", "what", flag_value="show", help="What is in force, and where each value came from (default).")
@click.option("--path", "what", flag_value="path", help="Where the file is.")
@click.option("--init", "what", flag_value="init", help="Write a file with every setting in comments.")
@connected
@click.pass_context
def config(ctx: click.Context, what: str | None) -> int:
    """Show the configuration, or begin one."""
    from dockpit.cli.config_command import run

    return run(options(ctx, quiet=True), what or "show")


@cli.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> int:
    """Print a script for the shell that completes commands, options and containers.

    \b
    bash:  source <(dockpit completion bash)
    zsh:   source <(dockpit completion zsh)
    fish:  dockpit completion fish | source
    """
    from dockpit.cli.completion import script

    click.echo(script(cli, shell))
    return 0


# how it ends


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit code. Whatever happens ends in a sentence, not in a traceback."""
    if arguments is None:
        gc_control.disable_until_loaded()
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        return int(cli.main(given, prog_name="dockpit", standalone_mode=False) or 0)
    except NobodyReads:
        return _nobody_reads()
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except click.ClickException as error:
        return _misused(error)
    except DockpitError as error:
        return _failed(error)
    except BrokenPipeError:
        return _nobody_reads()
    except Exception as error:
        return _unwritten(error) if _of_output(error) else _unexpected(error, given)


def _nobody_reads() -> int:
    """The reader of a pipe has had enough, as in `dockpit stats | head`: nothing is left to say, not even at exit."""
    _let_go()
    return 0


def _let_go() -> None:
    """Let what is still held for stdout go nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _of_output(error: Exception) -> bool:
    """Whether what ended it is that nothing can be written to stdout: click wrote, or what it wrote is still held."""
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EIO) and not error.filename


def _unwritten(error: Exception) -> int:
    _let_go()
    complain(f"the output cannot be written: {getattr(error, 'strerror', '')}")
    return DockpitError.exit_code


def _misused(error: click.ClickException) -> int:
    sentence = _plain(error.format_message())
    command = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else "dockpit"
    complain(f"{sentence[:1].lower()}{sentence[1:]}{'' if sentence.endswith('?') else '.'} See: {command} --help")
    return UsageError.exit_code


_TYPES = {"float": "number, like 1.5", "integer": "whole number"}


def _plain(message: str) -> str:
    """click's message in one line, and in words."""
    words = " ".join(message.split()).rstrip(".").replace("?.", "?")
    for kind, meant in _TYPES.items():
        words = re.sub(f"is not a valid {kind}(?: range)?$", f"is not a {meant}", words)
    return words


def _failed(error: DockpitError) -> int:
    sentence = str(error)
    if isinstance(error, EngineUnreachable):
        sentence = f"{sentence}{'' if sentence.endswith('?') else '.'} {NO_ENGINE}"
    complain(sentence)
    return error.exit_code


def _unexpected(error: Exception, arguments: Sequence[str]) -> int:
    import logging

    from dockpit.process.crash_report import write_crash_report

    logging.getLogger(__name__).error("unexpected", exc_info=error)
    path = write_crash_report(error, arguments)
    where = f"a report is in {path}" if path else "and no report could be written"
    complain(f"something unexpected happened ({type(error).__name__}); {where}")
    return UNEXPECTED
