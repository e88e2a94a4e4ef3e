"""`dockpit config`: what is in force, where the file is, and a file to begin with."""

from __future__ import annotations

from dockpit import config_file, config_text
from dockpit.cli_options import Options
from dockpit.commands.output import visible, write


def run(options: Options, what: str) -> int:
    """Show, name or begin the file; the exit code."""
    path = options.loaded.path
    assert path is not None
    if what == "path":
        write(f"{path}\n")
    elif what == "init":
        config_file.begin(path, config_text.template())
        write(f"{visible(str(path), 1000)} is written: every setting is in it as a comment\n")
    else:
        write(config_text.show(options.loaded))
    return 0
