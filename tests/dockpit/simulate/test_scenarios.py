from __future__ import annotations

import pytest

from dockpit.model.errors import UsageError
from dockpit.simulate import SCENARIOS, scenario


def test_a_number_after_a_colon_sets_the_size() -> None:
    assert len(scenario("crowd:500").containers) == 500
    assert len(SCENARIOS["crowd"].containers) == 150
    assert scenario("flood:1000").containers[0].logs.lines_per_second == 1000
    loud = {spec.name: spec.logs.lines_per_second for spec in scenario("fleet:9000").containers}
    assert loud["obs-gateway-1"] == 9000


def test_unknown_scenarios_name_the_known_ones() -> None:
    with pytest.raises(UsageError, match="no scenario is called 'nope'; there are fleet, incident, calm, crowd"):
        scenario("nope")


@pytest.mark.parametrize("name", ["crowd:many", "crowd:-1", "crowd:9999999", "crowd:"])
def test_a_size_must_be_a_number(name: str) -> None:
    with pytest.raises(UsageError, match="whole number"):
        scenario(name)


def test_the_fleet_has_hostile_text_and_every_state() -> None:
    containers = SCENARIOS["fleet"].containers
    assert 12 <= len(containers) <= 20
    assert {spec.state for spec in containers} == {"running", "paused", "exited"}
    text = repr([(spec.name, spec.labels, spec.command, spec.logs.lines) for spec in containers])
    assert all(piece in text for piece in ("[/]", "[red]x", "\\x1b", "🐳", "日本"))
