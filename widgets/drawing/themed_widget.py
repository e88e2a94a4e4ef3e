"""Base class of all widgets here: Rich styles by tone that follow the theme, the colour system and NO_COLOR."""

from __future__ import annotations

from typing import ClassVar, Literal, get_args

from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from dockpit.model.view_models import Tone
from widgets.drawing.styled_strips import highlight_selection
from widgets.drawing.terminal_text import ASCII_CLASS, TerminalFeatures

StylePart = Literal["header", "sorted", "group", "cursor", "focused", "track", "key", "quiet"]
"""Part of a widget with a style but no tone: a heading, the cursor's line, the empty part of a bar."""


def _invert(style: Style) -> Style:
    """Return weight and underline of `style` with reverse video toggled."""
    return Style(bold=style.bold, underline=style.underline, reverse=not style.reverse)


class ThemedWidget(Widget):
    """Widget that takes the style of each tone from the theme.

    List it first among the bases (`class Table(ThemedWidget, ScrollView)`) and call `themed_style` when drawing.
    Override `notify_style_update` to drop cached strips. Without colour a tone is weight, underline or reverse.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"style--{name}" for name in (*get_args(Tone), *get_args(StylePart))}
    DEFAULT_CSS = """
    ThemedWidget {
        .style--normal { color: $foreground; }
        .style--dim { color: $foreground 55%; }
        .style--good { color: $text-success; }
        .style--watch { color: $text-warning; }
        .style--high { color: $text-error; }
        .style--critical { color: $text-error; background: $error-muted; text-style: bold; }
        .style--accent { color: $text-accent; }
        .style--info { color: $text-primary; }
        .style--header { color: $foreground 55%; }
        .style--sorted { color: $foreground; text-style: bold; }
        .style--group { color: $foreground; text-style: bold; }
        .style--cursor { background: $foreground 10%; }
        .style--track { color: $foreground 15%; }
        .style--key { color: $text-accent; text-style: bold; }
        .style--quiet { color: $foreground 45%; }
        .style--focused { background: $primary 40%; }
    }
    ThemedWidget:ansi {
        .style--dim, .style--header, .style--track, .style--quiet { color: ansi_default; text-style: dim; }
        .style--good { color: ansi_green; }
        .style--watch { color: ansi_yellow; }
        .style--high { color: ansi_red; }
        .style--critical { color: ansi_red; background: ansi_default; text-style: bold reverse; }
        .style--accent, .style--key { color: ansi_cyan; }
        .style--info { color: ansi_blue; }
        .style--cursor, .style--focused { background: ansi_default; text-style: reverse; }
    }
    ThemedWidget:nocolor {
        .style--dim, .style--header, .style--track { text-style: dim; }
        .style--watch { text-style: underline; }
        .style--high { text-style: bold underline; }
        .style--critical { text-style: bold reverse; }
        .style--accent { text-style: bold; }
        .style--cursor { text-style: underline; }
        .style--focused { text-style: reverse; }
    }
    """

    def __init__(
        self, *, name: str | None = None, id: str | None = None, classes: str | None = None, disabled: bool = False
    ) -> None:
        super().__init__(name=name, id=id, classes=classes, disabled=disabled)
        self._styles_by_key: dict[tuple[str, bool, bool], Style] = {}

    def on_mount(self) -> None:
        """Hide the scrollbar without Unicode: it is drawn with block characters."""
        if self.terminal.ascii:
            self.styles.scrollbar_size_vertical = 0

    def watch_has_focus(self, _has_focus: bool) -> None:
        """Redraw the cursor, the only part that depends on the focus; updating all CSS would take 3 ms."""
        self.notify_style_update()
        self.refresh()

    def notify_style_update(self) -> None:
        """Drop the cached styles when theme or CSS change."""
        self._styles_by_key.clear()
        super().notify_style_update()

    @property
    def terminal(self) -> TerminalFeatures:
        """Features of the terminal, from the app's ASCII_CLASS and NO_COLOR."""
        return TerminalFeatures(ascii=self.app.has_class(ASCII_CLASS), colour=not self.app.no_color)

    def highlight_selection(self, strip: Strip, line: int) -> Strip:
        """Return `strip`, line number `line` of the text, with its selected characters in the selection style."""
        selection = self.text_selection
        if selection is None:
            return strip
        return highlight_selection(strip, selection, line, self.screen.get_component_rich_style("screen--selection"))

    def themed_style(self, name: Tone | StylePart, *, cursor: bool = False, picture: bool = False) -> Style:
        """Return the Rich style of a tone or part on this widget's background, or on the cursor's.

        On a cursor drawn in reverse video, text with a colour or reverse of its own is not reversed. A `picture`
        (bar, sparkline, curve) takes the colour only, because reverse and underline would distort it, and a picture
        of normal tone takes the quiet style.
        """
        key = (name, cursor, picture)
        if key not in self._styles_by_key:
            self._styles_by_key[key] = self._resolve_style(name, cursor, picture)
        return self._styles_by_key[key]

    def _resolve_style(self, name: str, cursor: bool, picture: bool) -> Style:
        normal = self.get_component_rich_style("style--normal")
        style = self.get_component_rich_style(f"style--{name}")
        if picture:
            style = self.get_component_rich_style("style--quiet") if name in ("normal", "group") else style
            style = normal + Style(color=style.color, dim=style.dim)
        if not cursor:
            return style
        under = self.get_component_rich_style("style--focused" if self.has_focus else "style--cursor")
        if under.reverse:
            coloured = self.terminal.colour and style.color != normal.color
            return style if picture or coloured else normal + _invert(style)
        style = normal if name == "dim" else style
        return style + Style(bgcolor=under.bgcolor, reverse=False, underline=under.underline and not picture)
