"""Lookup of containers by the names typed on the command line."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping

from dockpit.cli.output import visible
from dockpit.model.container import Container
from dockpit.model.errors import DockpitError


def find_containers(name: str, containers: Iterable[Container]) -> list[Container]:
    """The containers called `name`: a container's name, project/service, or the beginning of an id.

    Raises DockpitError if there is none, or if the beginning fits several ids.
    """
    known = list(containers)
    bare_name = name.removeprefix("/")
    found = [one for one in known if one.name == bare_name]
    found = found or [one for one in known if one.service and f"{one.project}/{one.service}" == bare_name]
    if not found and re.fullmatch("[0-9a-f]{1,64}", bare_name):
        found = [one for one in known if one.id.startswith(bare_name)]
        if len(found) > 1:
            raise DockpitError(f"several containers have an id that begins with {bare_name}: {_first_names(found)}")
    if not found:
        raise DockpitError(f"there is no container {visible(name)}{_did_you_mean(bare_name, known)}")
    return found


def find_container(name: str, containers: Iterable[Container]) -> Container:
    """The one container called `name`. Raises DockpitError if there is none, or if there are several."""
    found = find_containers(name, containers)
    if len(found) > 1:
        raise DockpitError(f"{visible(name)} means several containers: {_first_names(found)}; name one of them")
    return found[0]


def find_container_ids(names: Iterable[str], containers: Mapping[str, Container]) -> list[str]:
    """Full ids of all containers called by `names`, without duplicates. Raises DockpitError for an unknown name."""
    return list(dict.fromkeys(one.id for name in names for one in find_containers(name, containers.values())))


def _first_names(containers: list[Container]) -> str:
    return ", ".join(visible(one.name, 60) for one in containers[:5])


def _did_you_mean(name: str, known: Iterable[Container]) -> str:
    names = [one.name for one in known]
    similar = [one for one in names if name and name in one] or difflib.get_close_matches(name, names, 1)
    return f"; did you mean {visible(similar[0], 60)}?" if similar else ""
