"""`dockpit config`: show the configuration in force, the path of its file, or write a template of it."""

from __future__ import annotations

from dockpit.cli.output import visible, write
from dockpit.config import config_text, toml_file
from dockpit.config.options import Options


def run(options: Options, action: str) -> int:
    """Carry out the action "show", "path" or "init"; returns the exit code."""
    path = options.loaded.path
    assert path is not None
    if action == "path":
        write(f"{path}\n")
    elif action == "init":
        toml_file.create_file(path, config_text.render_template())
        write(f"{visible(str(path), 1000)} was written; every setting in it is commented out\n")
    else:
        write(config_text.render_config(options.loaded))
    return 0
