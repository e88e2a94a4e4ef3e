"""Tree of a JSON document to open, search and copy from; secrets are masked until revealed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import ClassVar, Final

from rich.style import Style
from rich.text import Text
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Tree
from textual.widgets.tree import TreeNode

from dockpit.model.view_models import Tone
from widgets.drawing.terminal_text import visible
from widgets.drawing.themed_widget import ThemedWidget
from widgets.lists.json_entries import JsonEntry, JsonPath, child_entries, format_path, mask_secrets, walk_entries

_LABEL_CELLS: Final = 400
"""Maximum cells of a key or value in the tree; copying takes the whole value."""
_NODE_SIGNS: Final[dict[bool, tuple[str, str, str]]] = {False: ("▾ ", "▸ ", "  "), True: ("- ", "+ ", "  ")}
"""Signs of an open node, a closed one and a leaf, in Unicode and in ASCII."""
_ASCII_GUIDES: Final = dict.fromkeys(("default", "bold", "double"), ("  ", "| ", "`-", "|-"))


class _UnlabelledTree(Tree[JsonEntry]):
    """Tree without a label argument, so that ThemedWidget's constructor can call its own."""

    def __init__(
        self, *, name: str | None = None, id: str | None = None, classes: str | None = None, disabled: bool = False
    ) -> None:
        super().__init__(Text("."), JsonEntry((), {}), name=name, id=id, classes=classes, disabled=disabled)


class JsonTree(ThemedWidget, _UnlabelledTree, can_focus=True):
    """Tree of `document`; nodes are filled when they are opened.

    Textual inherits default CSS from the first base only, so that of Tree is repeated here.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = Tree.COMPONENT_CLASSES
    DEFAULT_CSS = """
    JsonTree {
        width: 1fr; height: 1fr; overflow: auto; scrollbar-size: 1 1; color: $foreground;
        & > .tree--guides, & > .tree--guides-hover, & > .tree--guides-selected { color: $surface-lighten-3; }
        &:light > .tree--guides, &:light > .tree--guides-hover, &:light > .tree--guides-selected {
            color: $surface-darken-3;
        }
        & > .tree--cursor { background: $foreground 10%; }
        &:focus > .tree--cursor { background: $primary 40%; }
    }
    JsonTree:ansi {
        color: ansi_default;
        & > .tree--guides, & > .tree--guides-hover, & > .tree--guides-selected {
            color: ansi_default; text-style: dim;
        }
        & > .tree--cursor { background: ansi_default; text-style: underline; }
        &:focus > .tree--cursor { background: ansi_default; text-style: reverse; }
    }
    JsonTree:nocolor {
        & > .tree--cursor { text-style: underline; }
        &:focus > .tree--cursor { text-style: reverse; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "search", "search", id="json_tree.search", tooltip="Look for a key or a value"),
        Binding("n", "next_hit", "next", id="json_tree.next", show=False, tooltip="Go to the next value found"),
        Binding("N", "previous_hit", "previous", id="json_tree.previous", show=False, tooltip="Go to the one before"),
        Binding("y", "copy", "copy", id="json_tree.copy", tooltip="Copy the path and the value under the cursor"),
        Binding("v", "reveal", "secrets", id="json_tree.reveal", tooltip="Show or cover passwords, tokens and keys"),
        Binding("j", "cursor_down", "down", id="json_tree.down", show=False),
        Binding("k", "cursor_up", "up", id="json_tree.up", show=False),
        Binding("l,right", "open", "open", id="json_tree.open", show=False),
        Binding("h,left", "close", "close", id="json_tree.close", show=False),
    ]

    class CopyRequested(Message):
        """Request to copy `text` to the clipboard."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class SearchRequested(Message):
        """Request to ask the user for words; the owner answers with `search()`."""

    def __init__(self, *, title: str = "inspect", id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._title = title
        self.guide_depth = 3
        self._revealed = False
        self._search_words = ""

    def watch_has_focus(self, has_focus: bool) -> None:
        """Leave the focus to Tree, which draws the cursor."""
        Tree.watch_has_focus(self, has_focus)

    def on_mount(self) -> None:
        if self.terminal.ascii:
            self.LINES = _ASCII_GUIDES

    @property
    def document(self) -> object:
        """The JSON document; with another one, nodes whose path still exists stay open."""
        return self.root.data.value if self.root.data else None

    @document.setter
    def document(self, document: object) -> None:
        if document == self.document:
            return
        cursor_path = self.cursor_node.data.path if self.cursor_node and self.cursor_node.data else ()
        open_paths = [node.data.path for node in self._expanded_nodes(self.root) if node.data]
        self.clear()
        self.root.data = JsonEntry((), document)
        self._expand_node(self.root)
        for path in open_paths:
            if (node := self._expand_to(path)) is not None:
                self._expand_node(node)
        self._move_cursor_to(self._expand_to(cursor_path) or self.root)

    @property
    def revealed(self) -> bool:
        """Whether secrets are shown."""
        return self._revealed

    def search(self, words: str) -> bool:
        """Go to the next key or value that contains `words`; return False if there is none.

        Lower-case words match any case.
        """
        self._search_words = words
        return self._go_to_match(forward=True)

    def action_search(self) -> None:
        """Post SearchRequested."""
        self.post_message(self.SearchRequested())

    def action_next_hit(self) -> None:
        """Go to the next match."""
        self._go_to_match(forward=True)

    def action_previous_hit(self) -> None:
        """Go to the previous match."""
        self._go_to_match(forward=False)

    def action_copy(self) -> None:
        """Request to copy path and value under the cursor; masked secrets are copied masked."""
        entry = self.cursor_node.data if self.cursor_node else None
        if entry is None:
            return
        value = entry.value if self._revealed else mask_secrets(entry)
        text = value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False, default=str)
        path = format_path(entry.path)
        self.post_message(self.CopyRequested(f"{path} = {text}" if path else text))

    def action_reveal(self) -> None:
        """Reveal secrets, or mask them again."""
        self._revealed = not self._revealed
        self._invalidate()
        self.refresh()

    def action_open(self) -> None:
        """Open the node under the cursor."""
        if self.cursor_node is not None and self.cursor_node.allow_expand:
            self._expand_node(self.cursor_node)

    def action_close(self) -> None:
        """Close the node under the cursor, or go to its parent."""
        node = self.cursor_node
        if node is not None and node.allow_expand and node.is_expanded:
            node.collapse()
        elif node is not None and node.parent is not None:
            self.move_cursor(node.parent)

    def on_tree_node_expanded(self, event: Tree.NodeExpanded[JsonEntry]) -> None:
        """Add the children of a node that is opened for the first time."""
        self._fill_node(event.node)

    def render_label(self, node: TreeNode[JsonEntry], base_style: Style, style: Style) -> Text:
        """Draw the key, and the value or the number of its children."""
        entry, ascii = node.data or JsonEntry((), None), self.terminal.ascii
        opened, closed, leaf = _NODE_SIGNS[ascii]
        sign = (opened if node.is_expanded else closed) if node.allow_expand else leaf
        on_cursor = node is self.cursor_node
        name = entry.path[-1] if entry.path else self._title
        key = visible(str(name), _LABEL_CELLS, ascii=ascii)
        text, tone = self._value_text(entry)
        shown = visible(text, _LABEL_CELLS, ascii=ascii)
        cut = ("~" if ascii else "…") if len(text) > len(shown) else ""
        label = Text(no_wrap=True, end="")
        label.append(sign, base_style + Style.from_meta({"toggle": True}))
        label.append(key, style if on_cursor else style + self._text_style("info" if isinstance(name, str) else "dim"))
        label.append("  " if node.allow_expand else ": ", style if on_cursor else style + self._text_style("dim"))
        label.append(shown + cut, style if on_cursor else style + self._text_style(tone))
        return label

    def _text_style(self, tone: Tone) -> Style:
        """Return the style of a tone without its background."""
        style = self.themed_style(tone)
        return Style(color=style.color, bold=style.bold, dim=style.dim)

    def _value_text(self, entry: JsonEntry) -> tuple[str, Tone]:
        """Return a value on one line and its tone, dim for an empty one."""
        value = entry.value if self._revealed or isinstance(entry.value, Mapping | list) else mask_secrets(entry)
        if isinstance(value, Mapping):
            return f"{{{len(value)}}}" if value else "{}", "dim"
        if isinstance(value, Sequence) and not isinstance(value, str | bytes):
            return f"[{len(value)}]" if value else "[]", "dim"
        if isinstance(value, str):
            is_masked = value != entry.value
            return (value, "dim" if is_masked else "normal") if value else ('""', "dim")
        if value is None or value is False or value == 0:
            return json.dumps(value), "dim"
        return json.dumps(value, default=str), "good" if value is True else "normal"

    def _fill_node(self, node: TreeNode[JsonEntry]) -> None:
        if node.data is None or node.children:
            return
        for entry in child_entries(node.data):
            label = Text(str(entry.path[-1])[:_LABEL_CELLS].replace("\n", " "))
            node.add(label, entry, allow_expand=bool(child_entries(entry)))

    def _expand_node(self, node: TreeNode[JsonEntry]) -> None:
        self._fill_node(node)
        node.expand()

    def _expanded_nodes(self, node: TreeNode[JsonEntry]) -> Iterator[TreeNode[JsonEntry]]:
        """Yield every open node below `node`, parents before their children."""
        for child in node.children:
            if child.is_expanded and child.allow_expand:
                yield child
                yield from self._expanded_nodes(child)

    def _expand_to(self, path: JsonPath) -> TreeNode[JsonEntry] | None:
        """Open all nodes on the way to `path` and return its node, None if there is no such value."""
        node = self.root
        for depth in range(len(path)):
            self._expand_node(node)
            matching = (child for child in node.children if child.data and child.data.path == path[: depth + 1])
            if (inner := next(matching, None)) is None:
                return None
            node = inner
        return node

    def _matches(self, entry: JsonEntry) -> bool:
        value = "" if child_entries(entry) else str(entry.value if self._revealed else mask_secrets(entry))
        text = f"{entry.path[-1]}\0{value}"
        return self._search_words in (text.lower() if self._search_words == self._search_words.lower() else text)

    def _go_to_match(self, *, forward: bool) -> bool:
        """Move the cursor to the nearest match after (or before) it, wrapping around; return False if none."""
        if not self._search_words or self.root.data is None:
            return False
        entries = list(walk_entries(self.root.data))
        cursor_path = self.cursor_node.data.path if self.cursor_node and self.cursor_node.data else ()
        at = next((index for index, entry in enumerate(entries) if entry.path == cursor_path), -1)
        after, before = entries[at + 1 :], entries[: max(at, 0)]
        order = chain(after, entries[: at + 1]) if forward else chain(reversed(before), reversed(entries[max(at, 0) :]))
        match = next((entry for entry in order if self._matches(entry)), None)
        if match is None or (node := self._expand_to(match.path)) is None:
            return False
        self._move_cursor_to(node)
        return True

    def _move_cursor_to(self, node: TreeNode[JsonEntry]) -> None:
        """Move the cursor to `node`; reading `last_line` first numbers a node that became visible just now."""
        if self.last_line >= node.line:
            self.move_cursor(node)
            self.scroll_to_node(node, animate=False)
