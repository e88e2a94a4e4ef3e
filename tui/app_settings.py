"""What the configuration says about the app itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dockpit.config.defaults import NETSHOOT_IMAGE, ConfirmSettings

if TYPE_CHECKING:
    from dockpit.netshoot.recipes import Recipe


@dataclass(frozen=True, slots=True)
class AppSettings:
    """Fixed for the life of the app; what changes with the keys is in ViewState.

    `problems` are the mistakes found in the configuration. `save` stores one setting (key, value) and raises
    DockpitError where it cannot. `write_report` writes a crash report and returns its path, "" where it could not.
    """

    theme: str = ""
    keys: Mapping[str, str] = field(default_factory=dict)
    bell: bool = False
    problems: Sequence[str] = ()
    save: Callable[[str, object], None] | None = None
    write_report: Callable[[BaseException], str] | None = None
    confirm: ConfirmSettings = field(default_factory=ConfirmSettings)
    netshoot_image: str = NETSHOOT_IMAGE
    own_recipes: Mapping[str, Recipe] = field(default_factory=dict)
