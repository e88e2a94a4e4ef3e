"""All keys of the screen one came from, and what the figures mean."""

from __future__ import annotations

from collections.abc import Mapping

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.screen import Screen
from textual.widgets import Static

from dockpit import metrics
from tui.keys import KEYS, bindings, shown

MEANINGS = (
    (
        "THROTTLED",
        "CFS periods in which its CPU limit stopped the container, of all its periods in the last 10 s.",
    ),
    ("", "It may look idle in docker stats: 20 % CPU at --cpus 0.2 is a container that waits most of the time."),
    ("OOM", "How near the OOM killer is, judged on memory that reclaim cannot give back (anon, shmem, kernel)."),
    ("", "“cache” is full and harmless: page cache fills the limit and goes away when memory is needed."),
    ("", "“~4 min” is what its growth leaves; “n kills” are kills seen, of child processes too."),
    ("CPU of limit", "CPU used, of the container's own --cpus."),
    ("n/a and –", "The host cannot give this figure. It is never shown as 0."),
    ("a gap", "Nothing was measured there: a restart, a lost link. It is never drawn as 0."),
    ("some 3 %", "PSI: the share of time in which some task waited for this resource."),
)


class HelpScreen(Screen[None]):
    """Keys and meanings."""

    WHERE = "help"
    BINDINGS = bindings(WHERE)
    CSS = """
    HelpScreen { padding: 1 2; }
    HelpScreen .head { color: $text-accent; text-style: bold; margin-top: 1; }
    """

    def __init__(self, where: str, remapped: Mapping[str, str]) -> None:
        super().__init__()
        self._where = where
        self._remapped = dict(remapped)

    def compose(self) -> ComposeResult:
        with VerticalScroll():
            yield Static(Text("Keys"), classes="head")
            yield Static(self._keys())
            yield Static(Text("What the figures mean"), classes="head")
            yield Static(_pairs(MEANINGS))
            yield Static(Text("Columns"), classes="head")
            yield Static(_pairs([(m.title or m.id, m.help) for m in metrics.METRICS.values()]))
            yield Static(Text("Filter"), classes="head")
            yield Static(Text('web state:running cpu>50 mem>80 throttled>5 label:tier=web -debug "two words"'))
            yield Static(Text("\nesc goes back"), classes="foot")

    def _keys(self) -> Table:
        rows = [(shown(key, self._remapped), key.help) for key in KEYS if self._where in key.where]
        rows.insert(0, ("↑ ↓ j k", "Move; g and G to the ends, pageup and pagedown by the page"))
        return _pairs(rows)

    def action_back(self) -> None:
        """Back to where one was."""
        self.dismiss()


def _pairs(rows: list[tuple[str, str]] | tuple[tuple[str, str], ...]) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(min_width=14, no_wrap=True, style="bold")
    table.add_column(ratio=1)
    for left, right in rows:
        table.add_row(Text(left), Text(right))
    return table
