"""Which containers a user means by what they typed."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping

from dockpit.cli.output import visible
from dockpit.model.container import Container
from dockpit.model.errors import DockpitError


def named(name: str, containers: Iterable[Container]) -> list[Container]:
    """The containers that `name` means: a name, project/service, or the beginning of an id.

    Raises DockpitError where there is none, or where the beginning fits several ids.
    """
    known = list(containers)
    plain = name.removeprefix("/")
    found = [one for one in known if one.name == plain]
    found = found or [one for one in known if one.service and f"{one.project}/{one.service}" == plain]
    if not found and re.fullmatch("[0-9a-f]{1,64}", plain):
        found = [one for one in known if one.id.startswith(plain)]
        if len(found) > 1:
            names = ", ".join(visible(one.name, 60) for one in found[:5])
            raise DockpitError(f"several containers have an id that begins with {plain}: {names}")
    if not found:
        raise DockpitError(f"there is no container {visible(name)}{_near(plain, known)}")
    return found


def one_named(name: str, containers: Iterable[Container]) -> Container:
    """The one container that `name` means. Raises DockpitError where there is none, or several."""
    found = named(name, containers)
    if len(found) > 1:
        names = ", ".join(visible(one.name, 60) for one in found[:5])
        raise DockpitError(f"{visible(name)} means several containers: {names}; name one of them")
    return found[0]


def all_named(names: Iterable[str], containers: Mapping[str, Container]) -> list[str]:
    """Full ids of everything that is named, each once. Raises DockpitError for the first that there is not."""
    return list(dict.fromkeys(one.id for name in names for one in named(name, containers.values())))


def _near(name: str, known: Iterable[Container]) -> str:
    names = [one.name for one in known]
    found = [one for one in names if name and name in one] or difflib.get_close_matches(name, names, 1)
    return f"; did you mean {visible(found[0], 60)}?" if found else ""
