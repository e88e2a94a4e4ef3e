"""Containers found by the names typed on the command line."""

from __future__ import annotations

import pytest

from dockpit.cli.container_lookup import find_container, find_container_ids, find_containers
from dockpit.model.container import Container
from dockpit.model.errors import DockpitError

WEB = Container("ab12" + "0" * 60, "shop-web-1", project="shop", service="web")
TWIN = Container("ab34" + "0" * 60, "shop-web-2", project="shop", service="web")
CAFE = Container("ff00" + "0" * 60, "cafe")
HOSTILE = Container("cafe" + "0" * 60, "x\x1b[31m")
KNOWN = (WEB, TWIN, CAFE, HOSTILE)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("shop-web-1", [WEB]),
        ("/shop-web-1", [WEB]),
        ("ab12", [WEB]),
        (TWIN.id, [TWIN]),
        ("shop/web", [WEB, TWIN]),
        ("cafe", [CAFE]),
        ("cafe0", [HOSTILE]),
    ],
)
def test_names_services_and_ids_are_found(typed: str, expected: list[Container]) -> None:
    assert find_containers(typed, KNOWN) == expected


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("nope", "there is no container nope"),
        ("", "there is no container "),
        ("web-1", "there is no container web-1; did you mean shop-web-1?"),
        ("shop-wbe-2", "there is no container shop-wbe-2; did you mean shop-web-2?"),
        ("ab", "several containers have an id that begins with ab: shop-web-1, shop-web-2"),
        ("\x1b[2J", "there is no container \\x1b[2J"),
        ("x", "there is no container x; did you mean x\\x1b[31m?"),
    ],
)
def test_an_unknown_name_is_an_error(typed: str, sentence: str) -> None:
    with pytest.raises(DockpitError) as caught:
        find_containers(typed, KNOWN)
    assert str(caught.value) == sentence


def test_one_container_must_be_meant() -> None:
    assert find_container("ab12", KNOWN) is WEB
    with pytest.raises(DockpitError, match="shop/web means several containers: shop-web-1, shop-web-2"):
        find_container("shop/web", KNOWN)


def test_a_container_named_twice_is_found_once() -> None:
    containers = {one.id: one for one in KNOWN}
    assert find_container_ids(("cafe", "shop/web", "shop-web-2"), containers) == [CAFE.id, WEB.id, TWIN.id]
