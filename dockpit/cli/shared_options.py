"""Options that go before or after a command, and their shell completion.

Each is collected in the root context's object, a dict, where the last one on the line wins; load_options() reads it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from dockpit.cli.output import print_error

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from dockpit.config.options import Options

Function = TypeVar("Function", bound=Callable[..., Any])


def load_options(ctx: click.Context, *, quiet: bool = False) -> Options:
    """Load the configuration, start the debug log, and return the options of this run.

    Mistakes in the configuration are printed to stderr unless `quiet`. Raises UsageError.
    """
    from dockpit.config.options import build_options
    from dockpit.process.debug_log import start_logging

    options = build_options(_collected_options(ctx), os.environ)
    start_logging(options.config.log_file, sys.argv[1:])
    if not quiet:
        for problem in options.loaded.problems:
            print_error(problem)
    return options


def _collected_options(ctx: click.Context) -> dict[str, Any]:
    collected: dict[str, Any] = ctx.find_root().ensure_object(dict)
    return collected


def _collect(ctx: click.Context, param: click.Parameter, value: object) -> None:
    if value is not None:
        assert param.name is not None
        _collected_options(ctx)[param.name] = value


def shared_option(*declaration: str, **attributes: Any) -> Callable[[Function], Function]:
    """A click option that is collected for load_options() and not passed to the command."""
    return click.option(*declaration, expose_value=False, callback=_collect, **{"default": None, **attributes})


def _complete_context(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    from dockpit.cli.shell_completion import context_names

    return _completion_items(context_names(os.environ, Path.home()), incomplete)


def complete_container(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """Completion of the names of the engine's containers."""
    from dockpit.cli.shell_completion import container_names

    given = _collected_options(ctx)
    names = container_names(given.get("context"), given.get("host"), demo=given.get("demo"))
    return _completion_items(names, incomplete)


def _complete_scenario(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """Scenarios, and commands where one may follow, because the scenario may be left out."""
    from dockpit.simulate import SCENARIOS

    commands = ctx.command.commands if isinstance(ctx.command, click.Group) else ()
    return _completion_items((*SCENARIOS, *commands), incomplete)


def _completion_items(names: Iterable[str], incomplete: str) -> list[CompletionItem[str]]:
    from click.shell_completion import CompletionItem

    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


_CONNECTION_OPTIONS = (
    shared_option("--context", metavar="NAME", help="A docker context.", shell_complete=_complete_context),
    shared_option("-H", "--host", metavar="ADDRESS", help="An engine: unix://, tcp:// or ssh://."),
    shared_option(
        "--demo",
        metavar="[SCENARIO]",
        shell_complete=_complete_scenario,
        help="A simulated engine instead; fleet unless named.",
    ),
    shared_option("--seed", type=int, metavar="N", help="Seed of the scenario's random numbers; 1 by default."),
    shared_option(
        "--source",
        type=click.Choice(["auto", "kernel", "engine"]),
        help="Where figures come from: auto is the kernel where it shows the container, else the engine.",
    ),
    shared_option(
        "--config",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="The configuration file.",
    ),
    shared_option("--read-only", is_flag=True, help="Refuse every action."),
    shared_option("--log", metavar="FILE", help="Write a debug log."),
)


def connection_options(function: Function) -> Function:
    """Decorator that adds the options for the engine, the configuration and the debug log to a command."""
    for option in reversed(_CONNECTION_OPTIONS):
        function = option(function)
    return function


filter_option = shared_option("--filter", metavar="TEXT", help='Like "web state:running cpu>50".')
interval_option = shared_option(
    "--interval",
    type=float,
    metavar="SECONDS",
    help="Seconds between two reads; 1 by default, below 1 for the container under the cursor or those named.",
)
