"""The inspect tab: docker inspect as a tree, with a search."""

from __future__ import annotations

from textual import events, on, work
from textual.app import ComposeResult
from textual.widgets import Input

from dockpit.model.errors import DockpitError
from tui.container.fetched_tab import MAX_ERROR_CHARACTERS, FetchedTab
from tui.keys import bindings
from tui.plain_text import displayable
from widgets.lists.json_tree import JsonTree


class InspectTab(FetchedTab):
    """Fetched when the tab is opened and when R is pressed."""

    BINDINGS = bindings("inspect")
    DEFAULT_CSS = """
    InspectTab #inspect-ask { height: 1; border: none; padding: 0 1; display: none; }
    InspectTab #inspect-ask.open { display: block; }
    """

    def compose(self) -> ComposeResult:
        yield JsonTree(id="tree")
        yield Input(placeholder="search", id="inspect-ask", compact=True)

    def begin(self) -> None:
        """Focus the tree and fetch the document."""
        self.query_one(JsonTree).focus()
        self._fetch()

    @work(name="inspect", group="fetch", exclusive=True, exit_on_error=False)
    async def _fetch(self) -> None:
        try:
            document = await self._session.client.inspect(self._container_id)
        except DockpitError as error:
            text = displayable(self.app, str(error), MAX_ERROR_CHARACTERS)
            self.app.notify(text, severity="warning", markup=False)
            return
        self.query_one(JsonTree).document = document

    @on(JsonTree.CopyRequested)
    def _on_copy_requested(self, event: JsonTree.CopyRequested) -> None:
        self.app.copy_to_clipboard(event.text)
        self.app.notify(f"copied {len(event.text)} characters", markup=False, timeout=2)

    @on(JsonTree.SearchRequested)
    def _open_search(self) -> None:
        field = self.query_one("#inspect-ask", Input)
        field.add_class("open")
        field.focus()

    @on(Input.Changed, "#inspect-ask")
    def _on_search_changed(self, event: Input.Changed) -> None:
        found = self.query_one(JsonTree).search(event.value)
        event.input.set_class(bool(event.value) and not found, "-nothing")

    @on(Input.Submitted, "#inspect-ask")
    def _on_search_submitted(self) -> None:
        self._close_search()

    def on_key(self, event: events.Key) -> None:
        """Close the search with esc."""
        if event.key == "escape" and self.query_one("#inspect-ask", Input).has_class("open"):
            event.stop()
            self._close_search()

    def _close_search(self) -> None:
        self.query_one("#inspect-ask", Input).remove_class("open")
        self.query_one(JsonTree).focus()
