"""The line below the overview's table in which its filter is typed."""

from __future__ import annotations

from textual.widgets import Input

from dockpit.metrics.filtering import FilterError, parse_filter


class FilterField(Input):
    """An input that is on the screen while it has the class `open`."""

    def __init__(self, *, id: str) -> None:
        super().__init__(placeholder="web state:running cpu>50   (esc clears)", id=id, compact=True)

    @property
    def is_open(self) -> bool:
        """Whether it is on the screen."""
        return self.has_class("open")

    @property
    def error(self) -> str:
        """A sentence on what is wrong with the filter being typed, "" for nothing."""
        if not self.is_open:
            return ""
        try:
            parse_filter(self.value)
        except FilterError as error:
            return f"filter: {error}"
        return ""

    def open(self, text: str) -> None:
        """Show it, with `text` to be edited."""
        self.add_class("open")
        self.value = text
        self.focus()

    def close(self) -> None:
        """Hide it."""
        self.remove_class("open")
