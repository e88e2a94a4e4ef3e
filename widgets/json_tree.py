"""What an engine says of a thing, as a tree to walk, search and copy from; secrets stay covered until asked for."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import ClassVar, Final, TypeAlias

from rich.style import Style
from rich.text import Text
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Tree
from textual.widgets.tree import TreeNode

from dockpit.model.view_models import Tone
from widgets.ink import Inked, visible

Path: TypeAlias = tuple[str | int, ...]
"""Where a value is: the keys and indexes that lead to it."""

_SECRET_NAME: Final = re.compile(r"passw|pwd|secret|token|key|credential|auth", re.IGNORECASE)
_URL_PASSWORD: Final = re.compile(r"(://[^/\s:@]*:)[^/\s@]+(@)")
_COVER: Final = "••••••"
_LABEL_CELLS: Final = 400
"""How much of a value is written into the tree; copying takes it whole."""
_MARKS: Final[dict[bool, tuple[str, str, str]]] = {False: ("▾ ", "▸ ", "  "), True: ("- ", "+ ", "  ")}
"""What stands before an open, a closed and an endless thing, in Unicode and in ASCII."""
_ASCII_GUIDES: Final = dict.fromkeys(("default", "bold", "double"), ("  ", "| ", "`-", "|-"))


@dataclass(frozen=True, slots=True)
class Entry:
    """One value of the tree and where it is."""

    path: Path
    value: object


def path_text(path: Path) -> str:
    """Return a path as people write it: Config.Env[0]."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")


def children(entry: Entry) -> list[Entry]:
    """The values inside a mapping or a sequence, none for anything else."""
    path, value = entry.path, entry.value
    if isinstance(value, Mapping):
        return [Entry((*path, str(key)), inner) for key, inner in value.items()]
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [Entry((*path, index), inner) for index, inner in enumerate(value)]
    return []


def covered(entry: Entry) -> object:
    """The value with every secret in it covered: in lists named Env, by the variable's name or in an address."""
    path, value = entry.path, entry.value
    if isinstance(value, str) and len(path) > 1 and path[-2] == "Env":
        name, equals, rest = value.partition("=")
        if equals and rest and _SECRET_NAME.search(name):
            return f"{name}={_COVER}"
        return _URL_PASSWORD.sub(rf"\1{_COVER}\2", value)
    if isinstance(value, Mapping):
        return {str(inner.path[-1]): covered(inner) for inner in children(entry)}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [covered(inner) for inner in children(entry)]
    return value


def walk(entry: Entry) -> Iterator[Entry]:
    """Every value under `entry`, in the order in which a fully open tree shows them."""
    for inner in children(entry):
        yield inner
        yield from walk(inner)


class _Rooted(Tree[Entry]):
    """A tree that is made without words, as every Inked widget is."""

    def __init__(
        self, *, name: str | None = None, id: str | None = None, classes: str | None = None, disabled: bool = False
    ) -> None:
        super().__init__(Text("."), Entry((), {}), name=name, id=id, classes=classes, disabled=disabled)


class JsonTree(Inked, _Rooted, can_focus=True):
    """A JSON document, opened piece by piece. Textual inherits styles from the first base only: the tree's are here."""

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
        """The user wants `text` on the clipboard."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class SearchRequested(Message):
        """The user wants to be asked what to search for; answer with `search()`."""

    def __init__(self, *, title: str = "inspect", id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._title = title
        self.guide_depth = 3
        self._revealed = False
        self._words = ""

    def watch_has_focus(self, has_focus: bool) -> None:
        """Its cursor is the tree's, whose style follows the focus."""
        Tree.watch_has_focus(self, has_focus)

    def on_mount(self) -> None:
        if self.ink.ascii:
            self.LINES = _ASCII_GUIDES

    @property
    def document(self) -> object:
        """The JSON document; another one keeps open what was open and is still there."""
        return self.root.data.value if self.root.data else None

    @document.setter
    def document(self, document: object) -> None:
        if document == self.document:
            return
        at = self.cursor_node.data.path if self.cursor_node and self.cursor_node.data else ()
        was_open = [node.data.path for node in self._opened(self.root) if node.data]
        self.clear()
        self.root.data = Entry((), document)
        self._open(self.root)
        for path in was_open:
            if (node := self._reach(path)) is not None:
                self._open(node)
        self._stand_on(self._reach(at) or self.root)

    @property
    def revealed(self) -> bool:
        """Whether secrets are shown."""
        return self._revealed

    def search(self, words: str) -> bool:
        """Go to the next key or value with `words` in it, small letters find capitals too; False when there is none."""
        self._words = words
        return self._go(forward=True)

    def action_search(self) -> None:
        """Ask what to search for."""
        self.post_message(self.SearchRequested())

    def action_next_hit(self) -> None:
        """Go to the next value that has the words."""
        self._go(forward=True)

    def action_previous_hit(self) -> None:
        """Go to the value before that has the words."""
        self._go(forward=False)

    def action_copy(self) -> None:
        """Ask for the path and value under the cursor to be copied; covered secrets are copied covered."""
        entry = self.cursor_node.data if self.cursor_node else None
        if entry is None:
            return
        value = entry.value if self._revealed else covered(entry)
        written = value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False, default=str)
        where = path_text(entry.path)
        self.post_message(self.CopyRequested(f"{where} = {written}" if where else written))

    def action_reveal(self) -> None:
        """Show secrets, or cover them again."""
        self._revealed = not self._revealed
        self._invalidate()
        self.refresh()

    def action_open(self) -> None:
        """Open what is under the cursor."""
        if self.cursor_node is not None and self.cursor_node.allow_expand:
            self._open(self.cursor_node)

    def action_close(self) -> None:
        """Close what is under the cursor, or go up to what holds it."""
        node = self.cursor_node
        if node is not None and node.allow_expand and node.is_expanded:
            node.collapse()
        elif node is not None and node.parent is not None:
            self.move_cursor(node.parent)

    def on_tree_node_expanded(self, event: Tree.NodeExpanded[Entry]) -> None:
        """Fill what is opened for the first time."""
        self._fill(event.node)

    def render_label(self, node: TreeNode[Entry], base_style: Style, style: Style) -> Text:
        """The key, and the value or how much is in it."""
        entry, ascii = node.data or Entry((), None), self.ink.ascii
        opened, closed, leaf = _MARKS[ascii]
        mark = (opened if node.is_expanded else closed) if node.allow_expand else leaf
        plain = node is self.cursor_node
        name = entry.path[-1] if entry.path else self._title
        key = visible(str(name), _LABEL_CELLS, ascii=ascii)
        text, tone = self._value_text(entry)
        shown = visible(text, _LABEL_CELLS, ascii=ascii)
        cut = ("~" if ascii else "…") if len(text) > len(shown) else ""
        pieces = Text(no_wrap=True, end="")
        pieces.append(mark, base_style + Style.from_meta({"toggle": True}))
        pieces.append(key, style if plain else style + self._toned("info" if isinstance(name, str) else "dim"))
        pieces.append("  " if node.allow_expand else ": ", style if plain else style + self._toned("dim"))
        pieces.append(shown + cut, style if plain else style + self._toned(tone))
        return pieces

    def _toned(self, tone: Tone) -> Style:
        found = self.ink_style(tone)
        return Style(color=found.color, bold=found.bold, dim=found.dim)

    def _value_text(self, entry: Entry) -> tuple[str, Tone]:
        """A value on one line and its tone: quiet when there is nothing in it."""
        value = entry.value if self._revealed or isinstance(entry.value, Mapping | list) else covered(entry)
        if isinstance(value, Mapping):
            return f"{{{len(value)}}}" if value else "{}", "dim"
        if isinstance(value, Sequence) and not isinstance(value, str | bytes):
            return f"[{len(value)}]" if value else "[]", "dim"
        if isinstance(value, str):
            hidden = value != entry.value
            return (value, "dim" if hidden else "normal") if value else ('""', "dim")
        if value is None or value is False or value == 0:
            return json.dumps(value), "dim"
        return json.dumps(value, default=str), "good" if value is True else "normal"

    def _fill(self, node: TreeNode[Entry]) -> None:
        if node.data is None or node.children:
            return
        for entry in children(node.data):
            label = Text(str(entry.path[-1])[:_LABEL_CELLS].replace("\n", " "))
            node.add(label, entry, allow_expand=bool(children(entry)))

    def _open(self, node: TreeNode[Entry]) -> None:
        self._fill(node)
        node.expand()

    def _opened(self, node: TreeNode[Entry]) -> Iterator[TreeNode[Entry]]:
        """Every open node, the outer before the inner."""
        for child in node.children:
            if child.is_expanded and child.allow_expand:
                yield child
                yield from self._opened(child)

    def _reach(self, path: Path) -> TreeNode[Entry] | None:
        """The node at `path`, with everything that holds it opened; None when there is no such value."""
        node = self.root
        for depth in range(len(path)):
            self._open(node)
            found = (child for child in node.children if child.data and child.data.path == path[: depth + 1])
            if (inner := next(found, None)) is None:
                return None
            node = inner
        return node

    def _matches(self, entry: Entry) -> bool:
        value = "" if children(entry) else str(entry.value if self._revealed else covered(entry))
        text = f"{entry.path[-1]}\0{value}"
        return self._words in (text.lower() if self._words == self._words.lower() else text)

    def _go(self, *, forward: bool) -> bool:
        """Put the cursor on the nearest match after (or before) it, wrapping around; False when there is none."""
        if not self._words or self.root.data is None:
            return False
        entries = list(walk(self.root.data))
        here = self.cursor_node.data.path if self.cursor_node and self.cursor_node.data else ()
        at = next((index for index, entry in enumerate(entries) if entry.path == here), -1)
        after, before = entries[at + 1 :], entries[: max(at, 0)]
        order = chain(after, entries[: at + 1]) if forward else chain(reversed(before), reversed(entries[max(at, 0) :]))
        found = next((entry for entry in order if self._matches(entry)), None)
        if found is None or (node := self._reach(found.path)) is None:
            return False
        self._stand_on(node)
        return True

    def _stand_on(self, node: TreeNode[Entry]) -> None:
        """Move the cursor to `node`, which may have become visible just now: asking for the last line numbers it."""
        if self.last_line >= node.line:
            self.move_cursor(node)
            self.scroll_to_node(node, animate=False)
