"""The line in which the overview's filter is typed."""

from __future__ import annotations

from textual.widgets import Input

from dockpit.metrics.filtering import FilterError, parse


class FilterField(Input):
    """A field that is there while it has the class `open`."""

    def __init__(self, *, id: str) -> None:
        super().__init__(placeholder="web state:running cpu>50   (esc clears)", id=id, compact=True)

    @property
    def is_open(self) -> bool:
        """Whether it is on the screen."""
        return self.has_class("open")

    @property
    def wrong(self) -> str:
        """What is wrong with what is being typed, a sentence; "" for nothing."""
        if not self.is_open:
            return ""
        try:
            parse(self.value)
        except FilterError as error:
            return f"filter: {error}"
        return ""

    def open(self, text: str) -> None:
        """Show it with the filter in force, ready to be typed in."""
        self.add_class("open")
        self.value = text
        self.focus()

    def close(self) -> None:
        """Hide it."""
        self.remove_class("open")
