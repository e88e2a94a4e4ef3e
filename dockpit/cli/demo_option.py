"""`--demo` with or without a scenario, which click's options cannot express."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import click


class DemoCommand(click.Command):
    """A command whose --demo may go without a value.

    Its arguments are names of containers, so the word after --demo is a scenario only if one is called so.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, with_scenario(args, self._is_scenario))

    def _is_scenario(self, word: str) -> bool:
        from dockpit.simulate import SCENARIOS

        return word.partition(":")[0] in SCENARIOS


class DemoGroup(DemoCommand, click.Group):
    """A group whose --demo may go without a value: the word after it is a scenario unless it is a command."""

    command_class = DemoCommand

    def _is_scenario(self, word: str) -> bool:
        return word not in self.commands


def with_scenario(args: Sequence[str], is_scenario: Callable[[str], bool]) -> list[str]:
    """`args` with `--demo NAME` joined to `--demo=NAME`, and `--demo=fleet` if no scenario follows."""
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
