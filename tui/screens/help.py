"""All keys of the screen one came from, and what the figures mean."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.screen import Screen
from textual.widgets import Static

from dockpit.metrics import table_figures
from tui.keys import Key, bindings, caps, footer, of
from tui.words import Words, seen
from widgets.key_bar import KeyBar

Pair = tuple[str, str]

MEANINGS: tuple[Pair, ...] = (
    ("THROTTLED", "Of all its scheduling periods in the last 10 s, the share in which its CPU limit stopped it."),
    ("", "It may look idle: a container at --cpus 0.2 that uses 20 % CPU waits most of the time."),
    ("OOM", "How near the OOM killer is, judged on memory that reclaim cannot give back (anon, shmem, kernel)."),
    ("", '"cache" is full and harmless: page cache fills the limit and goes when memory is needed.'),
    ("", '"~4 min" is what its growth leaves; "2 kills" are kills seen, those of child processes too.'),
    ("of limit", "Used, of the container's own limit; without one, there is no share to show."),
    ("n/a and –", "The host cannot give this figure, or it was not measured yet. It is never shown as 0."),
    ("a gap", "Nothing was measured there: a restart, a lost link. It is never drawn as 0."),
    ("some 3 %", "PSI: the share of time in which some task waited for this resource."),
)
FILTERS: tuple[Pair, ...] = (
    ("web", "Name, id, image, project, service or a label contains it"),
    ('"two words"', "The same, with a space or a sign in it"),
    ("-debug", "Not"),
    ("state:running", "Also health:  oom:  name:  image:  project:  service:  id:"),
    ("label:tier=web", "Has the label; its value contains"),
    ("cpu>50  cpu%>50", "Percent of one core; of its own limit"),
    ("mem>80  mem>512M", "Percent of its own limit; bytes"),
    ("throttled>5", "Percent of its periods; also pids>100  restarts>3  net>1M  disk>1M"),
)
TITLES: Mapping[str, str] = {
    "overview": "the overview",
    "container": "one container",
    "alerts": "the alerts",
    "charts": "charts",
    "processes": "processes",
    "logs": "logs",
    "events": "events",
    "limits": "limits",
    "inspect": "inspect",
}


class HelpScreen(Screen[None]):
    """Keys and meanings; `places` are the screen and the tab that it was asked for on."""

    BINDINGS = bindings("help")
    CSS = """
    HelpScreen VerticalScroll { padding: 0 2; scrollbar-size-vertical: 1; }
    HelpScreen .head { color: $text-accent; text-style: bold; margin-top: 1; }
    """

    def __init__(self, places: Sequence[str], remapped: Mapping[str, str]) -> None:
        super().__init__()
        self._asked = tuple(places) or ("overview",)
        self._remapped = dict(remapped)

    def places(self) -> tuple[str, ...]:
        """This screen."""
        return ("help",)

    def compose(self) -> ComposeResult:
        with VerticalScroll():
            for place in reversed(self._asked):
                if rows := [self._row(key) for key in of(place)]:
                    yield Words(f"Keys of {TITLES.get(place, place)}", classes="head")
                    yield Static(self._pairs(rows, 20))
            for title, pairs in self._texts():
                yield Words(title, classes="head")
                yield Static(self._pairs(pairs, 20))
        yield KeyBar(footer(self._remapped, "help"))

    def on_mount(self) -> None:
        """Scroll with the usual keys."""
        self.query_one(VerticalScroll).focus()

    def _texts(self) -> Iterable[tuple[str, Sequence[Pair]]]:
        yield "What the figures mean", MEANINGS
        yield "Filter: all of these must hold", FILTERS
        yield "Columns", [(metric.title or metric.id, metric.help) for metric in table_figures.TABLE_FIGURES.values()]
        names = [(key.id, key.help) for key in of(*self._asked)]
        yield "Names under which keys are remapped, in [keys] of the configuration", names

    def _row(self, key: Key) -> Pair:
        return "  ".join(caps(key, self._remapped)), key.help

    def _pairs(self, rows: Iterable[Pair], width: int) -> Table:
        table = Table.grid(padding=(0, 2))
        table.add_column(min_width=width, max_width=width, style="bold")
        table.add_column(ratio=1)
        for left, right in rows:
            table.add_row(Text(seen(self.app, left)), Text(seen(self.app, right)))
        return table

    def action_back(self) -> None:
        """Back to where one was."""
        self.dismiss()
