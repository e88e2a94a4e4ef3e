"""The help screen: the keys of the screen it was opened on, and what the figures mean."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.screen import Screen
from textual.widgets import Static

from dockpit.metrics import compiled_columns
from tui.keys import Key, bindings, footer_pairs, key_caps, keys_of
from tui.plain_text import PlainText, displayable
from widgets.text.key_bar import KeyBar

HelpRow = tuple[str, str]
"""A term and its explanation; "" for the term goes on with the one before."""
TERM_CELLS = 20

MEANINGS: tuple[HelpRow, ...] = (
    ("THROTTLED", "Of all its scheduling periods in the last 10 s, the share in which its CPU limit stopped it."),
    ("", "It may look idle: a container at --cpus 0.2 that uses 20 % CPU waits most of the time."),
    ("OOM", "How near the OOM killer is, judged on memory that reclaim cannot give back (anon, shmem, kernel)."),
    ("", '"cache" is full and harmless: page cache fills the limit and goes when memory is needed.'),
    ("", '"~4 min" is the time left at its present growth; "2 kills" are kills seen, child processes included.'),
    ("of limit", "Used, of the container's own limit; without one, there is no share to show."),
    ("n/a and –", "The host cannot give this figure, or it was not measured yet. It is never shown as 0."),
    ("a gap", "Nothing was measured there: a restart, a lost link. It is never drawn as 0."),
    ("some 3 %", "PSI: the share of time in which some task waited for this resource."),
)
FILTERS: tuple[HelpRow, ...] = (
    ("web", "Name, id, image, project, service or a label contains it"),
    ('"two words"', "The same, with a space or a sign in it"),
    ("-debug", "Not"),
    ("state:running", "Also health:  oom:  name:  image:  project:  service:  id:"),
    ("label:tier=web", "Has the label; its value contains"),
    ("cpu>50  cpu%>50", "Percent of one core; of its own limit"),
    ("mem>80  mem>512M", "Percent of its own limit; bytes"),
    ("throttled>5  psi>20", "Percent of its periods; of the time"),
    ("swap>1M", "Bytes; also pids>100  restarts>3  net>1M  disk>1M"),
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
    """Keys and meanings; `scopes` are the screen that it was opened on and the tab in front there."""

    BINDINGS = bindings("help")
    CSS = """
    HelpScreen VerticalScroll { padding: 0 2; scrollbar-size-vertical: 1; }
    HelpScreen .head { color: $text-accent; text-style: bold; margin-top: 1; }
    """

    def __init__(self, scopes: Sequence[str], remapped: Mapping[str, str]) -> None:
        super().__init__()
        self._explained_scopes = tuple(scopes) or ("overview",)
        self._remapped = dict(remapped)

    def key_scopes(self) -> tuple[str, ...]:
        """This screen."""
        return ("help",)

    def compose(self) -> ComposeResult:
        with VerticalScroll():
            for scope in reversed(self._explained_scopes):
                if rows := [self._key_row(key) for key in keys_of(scope)]:
                    yield PlainText(f"Keys of {TITLES.get(scope, scope)}", classes="head")
                    yield Static(self._table(rows))
            for title, section in self._sections():
                yield PlainText(title, classes="head")
                yield Static(self._table(section))
        yield KeyBar(footer_pairs(self._remapped, "help"))

    def on_mount(self) -> None:
        """Focus the text, so that the usual keys scroll it."""
        self.query_one(VerticalScroll).focus()

    def _sections(self) -> Iterable[tuple[str, Sequence[HelpRow]]]:
        """The sections below the keys as (title, rows); only the last one depends on the screen."""
        yield "What the figures mean", MEANINGS
        yield "Filter: every condition must match", FILTERS
        yield (
            "Columns",
            [(figure.title or figure.id, figure.help) for figure in compiled_columns.COLUMN_FIGURES.values()],
        )
        names = [(key.id, key.help) for key in keys_of(*self._explained_scopes)]
        yield "Names under which keys are remapped, in [keys] of the configuration", names

    def _key_row(self, key: Key) -> HelpRow:
        return "  ".join(key_caps(key, self._remapped)), key.help

    def _table(self, rows: Iterable[HelpRow]) -> Table:
        table = Table.grid(padding=(0, 2))
        table.add_column(min_width=TERM_CELLS, max_width=TERM_CELLS, style="bold")
        table.add_column(ratio=1)
        for left, right in rows:
            table.add_row(Text(displayable(self.app, left)), Text(displayable(self.app, right)))
        return table

    def action_back(self) -> None:
        """Close the help."""
        self.dismiss()
