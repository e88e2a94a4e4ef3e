"""`dockpit config`: what is in force, where the file is, and a file to begin with."""

from __future__ import annotations

from dockpit.cli.output import visible, write
from dockpit.config import config_text, toml_file
from dockpit.config.options import Options


def run(options: Options, what: str) -> int:
    """Show, name or begin the file; the exit code."""
    path = options.loaded.path
    assert path is not None
    if what == "path":
        write(f"{path}\n")
    elif what == "init":
        toml_file.create_file(path, config_text.render_template())
        write(f"{visible(str(path), 1000)} is written: every setting is in it as a comment\n")
    else:
        write(config_text.render_config(options.loaded))
    return 0
