"""The commands of the command line; each imports its heavy modules only when it runs.

main ─► cli (click) ─► load_options ─► run() of the command ─► exit code
                                          └─► error ─► report_error ─► exit code
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import click

from dockpit import __version__
from dockpit.cli.demo_option import DemoGroup, with_scenario
from dockpit.cli.exit_codes import EXIT_CODES_HELP, INTERRUPTED, report_error
from dockpit.cli.shared_options import (
    complete_container,
    connection_options,
    filter_option,
    interval_option,
    load_options,
    shared_option,
)
from dockpit.model.errors import UsageError
from dockpit.process import gc_control
from dockpit.process.user_folders import ensure_home

__all__ = ["cli", "main", "with_scenario"]


@click.group(
    cls=DemoGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=EXIT_CODES_HELP,
)
@connection_options
@interval_option
@shared_option("--calm", is_flag=True, help="Read containers that are not on screen less often, and draw fewer frames.")
@shared_option("--ascii", is_flag=True, help="Draw with ASCII only.")
@shared_option("--theme", metavar="NAME", help="dark, light, or a theme of Textual.")
@shared_option("--sort", metavar="COLUMN", help='Like "cpu desc", or trouble: the worst first.')
@filter_option
@shared_option("--bell", is_flag=True, help="Ring the bell for new alerts.")
@click.version_option(__version__, message="dockpit %(version)s")
@click.pass_context
def cli(ctx: click.Context) -> int:
    """Watch the containers of a Docker engine, see who is throttled or about to be killed, and change their limits.

    Without a command, the cockpit opens. Options that name the engine may go before or after a command.
    """
    if ctx.invoked_subcommand is not None:
        return 0
    options = load_options(ctx)
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("the cockpit needs a terminal; for scripts there is: dockpit stats --json")
    if os.environ.get("TERM") == "dumb":
        raise UsageError("the cockpit does not work in a terminal with TERM=dumb; see: dockpit stats")
    from tui.start import run

    return run(options)


@cli.command(epilog=EXIT_CODES_HELP)
@click.argument("names", nargs=-1, metavar="[NAME]...", shell_complete=complete_container)
@click.option("--json", "as_json", is_flag=True, help="One object per container and sample, one per line.")
@click.option("--samples", type=click.IntRange(1), metavar="N", help="Stop after N samples of each container.")
@interval_option
@filter_option
@connection_options
@click.pass_context
def stats(ctx: click.Context, names: tuple[str, ...], as_json: bool, samples: int | None) -> int:
    """Print the figures of containers, all running ones unless named, until interrupted.

    NAME is a container's name, the beginning of its id, or project/service. In JSON, null is a figure that the host
    cannot give, or that does not apply: no limit, no project, not running.
    """
    from dockpit.cli.stats import run

    return run(load_options(ctx), names, as_json=as_json, samples=samples)


@cli.command(epilog=EXIT_CODES_HELP)
@click.argument("name", shell_complete=complete_container)
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
@connection_options
@click.pass_context
def tune(ctx: click.Context, /, name: str, dry_run: bool, yes: bool, force: bool, **limits: str) -> int:
    """Change the limits of a running or stopped container, as `docker update` does, and print those in force after it.

    A change for which the kernel may kill processes asks for the container's name, and with --yes needs --force.
    """
    from dockpit.cli.tune import run

    return run(load_options(ctx), name, limits, dry_run=dry_run, yes=yes, force=force)


@cli.command(epilog=EXIT_CODES_HELP)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@connection_options
@click.pass_context
def doctor(ctx: click.Context, as_json: bool) -> int:
    """Say which engine answers, which figures it gives, and why others are missing."""
    from dockpit.cli.doctor import run

    return run(load_options(ctx, quiet=True), as_json=as_json)


@cli.command(epilog=EXIT_CODES_HELP)
@click.option("--show", "action", flag_value="show", help="What is in force, and where each value came from (default).")
@click.option("--path", "action", flag_value="path", help="Where the file is.")
@click.option("--init", "action", flag_value="init", help="Write a file with every setting, commented out.")
@connection_options
@click.pass_context
def config(ctx: click.Context, action: str | None) -> int:
    """Show the configuration, or create its file."""
    from dockpit.cli.config_command import run

    return run(load_options(ctx, quiet=True), action or "show")


@cli.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> int:
    """Print a script for the shell that completes commands, options and containers.

    \b
    bash:  source <(dockpit completion bash)
    zsh:   source <(dockpit completion zsh)
    fish:  dockpit completion fish | source
    """
    from dockpit.cli.shell_completion import completion_script

    click.echo(completion_script(cli, shell))
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line, by default that of the process; returns the exit code.

    Every error ends in a sentence on stderr, never in a traceback.
    """
    ensure_home(os.environ)
    if arguments is None:
        gc_control.disable_until_loaded()
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        return int(cli.main(given, prog_name="dockpit", standalone_mode=False) or 0)
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:
        return report_error(error, given)
