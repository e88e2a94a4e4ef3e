"""The app as the command line and the configuration ask for it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from dockpit.config.defaults import Config
from dockpit.config.loader import default_config_path
from dockpit.config.options import Options
from dockpit.config.toml_file import save_value
from dockpit.monitor.session import Session
from dockpit.process.crash_report import write_crash_report
from tui.app import DockpitApp
from tui.app_settings import AppSettings
from tui.view_state import ViewState

if TYPE_CHECKING:
    from dockpit.netshoot.recipes import Recipe


def create_app(options: Options, session: Session) -> DockpitApp:
    """The app for `session`; sets NO_COLOR in this process where colours are off."""
    config = options.config
    if not config.color:
        os.environ["NO_COLOR"] = "1"
    settings = AppSettings(
        theme=config.theme,
        keys=config.keys,
        bell=config.bell,
        problems=options.loaded.problems,
        save=partial(save_value, options.loaded.path or default_config_path()),
        write_report=write_crash_report,
        confirm=config.confirm,
        netshoot_image=config.netshoot.image,
        own_recipes=_own_recipes(config),
    )
    return DockpitApp(session, view_state(options), settings)


def _own_recipes(config: Config) -> Mapping[str, Recipe]:
    """The user's netshoot recipes by name; the recipes module is imported only where there are any."""
    if not config.netshoot.recipes:
        return {}
    from dockpit.netshoot.recipes import configured_recipe

    return {r.name: configured_recipe(r.name, r.command, r.description) for r in config.netshoot.recipes}


def view_state(options: Options) -> ViewState:
    """The view settings at the start."""
    config = options.config
    sort, _, direction = config.sort.partition(" ")
    return ViewState(
        tz=datetime.now().astimezone().tzinfo or UTC,
        sort=sort,
        descending=direction == "desc",
        filter=options.filter,
        grouped=config.group,
        columns=tuple(config.columns),
        ascii=config.ascii,
        interval_seconds=config.interval_seconds,
        calm=config.calm,
    )
