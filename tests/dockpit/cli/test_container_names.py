"""What users type for containers."""

from __future__ import annotations

import pytest

from dockpit.cli.container_names import all_named, named, one_named
from dockpit.model.container import Container
from dockpit.model.errors import DockpitError

WEB = Container("ab12" + "0" * 60, "shop-web-1", project="shop", service="web")
TWIN = Container("ab34" + "0" * 60, "shop-web-2", project="shop", service="web")
CAFE = Container("ff00" + "0" * 60, "cafe")
HOSTILE = Container("cafe" + "0" * 60, "x\x1b[31m")
KNOWN = (WEB, TWIN, CAFE, HOSTILE)


@pytest.mark.parametrize(
    ("typed", "meant"),
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
def test_names_services_and_ids(typed: str, meant: list[Container]) -> None:
    assert named(typed, KNOWN) == meant


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
def test_what_there_is_not_is_a_sentence(typed: str, sentence: str) -> None:
    with pytest.raises(DockpitError) as caught:
        named(typed, KNOWN)
    assert str(caught.value) == sentence


def test_one_is_one() -> None:
    assert one_named("ab12", KNOWN) is WEB
    with pytest.raises(DockpitError, match="shop/web means several containers: shop-web-1, shop-web-2"):
        one_named("shop/web", KNOWN)


def test_what_is_named_twice_is_there_once() -> None:
    containers = {one.id: one for one in KNOWN}
    assert all_named(("cafe", "shop/web", "shop-web-2"), containers) == [CAFE.id, WEB.id, TWIN.id]
