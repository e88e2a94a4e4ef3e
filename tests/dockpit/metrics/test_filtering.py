"""The filter line: which containers it matches, and which mistakes it reports where."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockpit.metrics.filtering import MAX_CHARACTERS, FilterError, parse_filter
from dockpit.model.container_limits import Limits
from dockpit.model.verdicts import MemoryRisk, Throttling
from tests.builders import MIB, entry

WEB = entry(
    "shop-web-1",
    about={
        "image": "nginx:1.27",
        "project": "shop",
        "service": "web",
        "health": "unhealthy",
        "restarts": 4,
        "labels": {"team": "Payments", "com.docker.compose.project.working_dir": "/srv/hidden"},
    },
    limits=Limits(nano_cpus=1_000_000_000, memory_bytes=512 * MIB),
    sampled={"memory_used_bytes": 450 * MIB, "pids": 120},
    rated={
        "cpu_cores": 0.8,
        "net_rx_bytes_per_s": 9e5,
        "net_tx_bytes_per_s": 2e5,
        "block_read_bytes_per_s": None,
        "block_write_bytes_per_s": 5e3,
    },
    throttling=Throttling("watch", 12.0, 40.0),
    memory=MemoryRisk("high", 240.0),
)
DONE = entry("migrate", about={"state": "exited", "image": "app"})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "web",
        "WEB shop",
        "nginx:1.27",
        '"shop-web"',
        "payments",
        "team=pay",
        "state:running",
        "state:run",
        "STATE:running",
        "name:web image:nginx project:shop service:web",
        'name:"web-1"',
        "id:73686f70",
        "73686f70",
        "label:team",
        "label:team=payments",
        "health:unhealthy",
        "oom:high",
        "oom:watch",
        "cpu>50",
        "cpu>=80 cpu<=80.5 cpu=80",
        "cpu%>79",
        "cpu>50%",
        "mem>80",
        "mem>80%",
        "mem>400M mem<1g mem>400MiB mem>400mb",
        "memory>0.4G",
        "throttled>5",
        "pids>100 restarts>3",
        "net>1M",
        "disk>1k disk<6kB",
        "-worker -state:exited -cpu>90",
        "web state:running cpu>50",
    ],
)
def test_a_filter_that_matches(text: str) -> None:
    assert parse_filter(text).matches(WEB)


@pytest.mark.parametrize(
    "text",
    [
        "worker",
        "web worker",
        '"web 1"',
        "hidden",
        "state:exited",
        "name:nginx",
        "id:web",
        "label:crew",
        "label:team=sales",
        "health:healthy",
        "oom:imminent",
        "oom:none",
        "cpu>90",
        "mem>90",
        "mem>500M",
        "net>1.2M",
        "-web",
        "-state:running",
        "-cpu>50",
    ],
)
def test_a_filter_that_does_not_match(text: str) -> None:
    assert not parse_filter(text).matches(WEB)


def test_a_container_without_the_figure_matches_no_comparison() -> None:
    for text in ("cpu>50", "cpu<50", "-cpu>50", "mem>1", "-mem>1", "net>=0", "throttled<5"):
        assert not parse_filter(text).matches(DONE)
    assert parse_filter("oom:none state:exited restarts=0").matches(DONE)


def test_cpu_percent_counts_one_core_as_100_like_docker() -> None:
    busy = entry("busy", rated={"cpu_cores": 2.5})
    assert parse_filter("cpu>240").matches(busy)
    assert not parse_filter("cpu%>0").matches(busy)


@pytest.mark.parametrize(
    ("text", "position", "message"),
    [
        ('web "open', 4, "quote"),
        ("-", 0, "word after"),
        ("web -", 4, "word after"),
        ('""', 0, "missing"),
        ("state:", 6, "missing"),
        ("web state:foo", 10, "running, paused"),
        ("health:ill", 7, "healthy"),
        ("oom:now", 4, "imminent"),
        ("sate:running", 0, 'did you mean "state:"'),
        ("speed>5", 0, "not a figure"),
        ("cpu>fast", 4, "number"),
        ("cpu>", 4, "number"),
        ("cpu>5M", 5, "unit"),
        ("net>5X", 5, "unit"),
        ("net>5%", 5, "unit"),
        ("mem>5Mx", 5, "unit"),
        ("x" * (MAX_CHARACTERS + 1), MAX_CHARACTERS, "at most"),
    ],
)
def test_a_wrong_filter_reports_the_mistake_and_its_position(text: str, position: int, message: str) -> None:
    with pytest.raises(FilterError, match=message) as caught:
        parse_filter(text)
    assert caught.value.position == position


def test_quotes_turn_an_expression_into_a_word() -> None:
    odd = entry("a>5", about={"image": "state:x"})
    assert parse_filter('"a>5"').matches(odd)
    assert parse_filter('"state:x"').matches(odd)


SNIPPETS = st.sampled_from(["cpu", "mem", "state:", ">", ">=", '"', "-", "5", "M", "%", " ", "label:a=b", "oom:", "é"])


@given(st.text() | st.lists(SNIPPETS).map("".join))
def test_any_text_is_a_filter_or_a_filter_error(text: str) -> None:
    try:
        found = parse_filter(text)
    except FilterError as error:
        assert 0 <= error.position <= max(len(text), MAX_CHARACTERS)
        assert str(error)
    else:
        assert found.matches(WEB) in (True, False)


@given(st.text(alphabet=st.characters(exclude_characters='"'), min_size=1, max_size=200))
def test_a_quoted_name_finds_its_container(name: str) -> None:
    odd = entry("x", about={"image": name})
    assert parse_filter(f'"{name}"').matches(odd)
