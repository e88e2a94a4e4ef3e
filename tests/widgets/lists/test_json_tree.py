"""A JSON tree opens node by node, searches the whole document, and masks secrets."""

from __future__ import annotations

import pytest
from textual.message import Message
from textual.pilot import Pilot

from tests.widgets.host_app import HostApp, drawn_lines
from widgets.drawing.terminal_text import ASCII_CLASS
from widgets.lists.json_entries import JsonEntry, format_path
from widgets.lists.json_tree import JsonTree

DOCUMENT: dict[str, object] = {
    "Id": "abc",
    "State": {"Running": True, "Pid": 7, "Error": "", "Health": None},
    "Config": {
        "Env": ["PATH=/bin", "DB_PASSWORD=hunter2", "URL=postgres://u:pw@db/x", "API_KEY="],
        "Cmd": [],
        "Labels": {"[red]x\x1b": "[/]\n\x07"},
    },
    "Big": "y" * 1_000_000,
}


class RecordedMessages:
    """Messages that reached the app."""

    def __init__(self) -> None:
        self.all: list[Message] = []

    @property
    def copied(self) -> list[str]:
        found = {id(message): message.text for message in self.all if isinstance(message, JsonTree.CopyRequested)}
        return list(found.values())


def shown(tree: JsonTree) -> str:
    return "\n".join(line.rstrip() for line in drawn_lines(tree))


async def opened(pilot: Pilot[None], tree: JsonTree) -> None:
    tree.document = DOCUMENT
    tree.focus()
    await pilot.pause()


async def test_nodes_open_one_by_one() -> None:
    tree = JsonTree(title="web-1")
    async with HostApp(tree).run_test(size=(60, 20)) as pilot:
        await opened(pilot, tree)
        assert [line.strip("├└─│▸▾ ") for line in shown(tree).splitlines()[:5]] == [
            "web-1  {4}",
            "Id: abc",
            "State  {4}",
            "Config  {3}",
            "Big: " + "y" * 50,
        ]
        await pilot.press("down", "down", "l")
        assert "Running: true" in shown(tree) and 'Error: ""' in shown(tree) and "Health: null" in shown(tree)
        await pilot.press("j", "h")
        assert tree.cursor_node is not None and tree.cursor_node.data == JsonEntry(("State",), DOCUMENT["State"])
        await pilot.press("h")
        assert "Running" not in shown(tree)


async def test_search_opens_the_parents_of_a_match_and_wraps_around() -> None:
    tree = JsonTree()
    async with HostApp(tree).run_test(size=(60, 20)) as pilot:
        await opened(pilot, tree)
        assert tree.search("pid") and not tree.search("PID") and not tree.search("nowhere")
        assert tree.search("p")
        found = []
        for _ in range(5):
            found.append(format_path(tree.cursor_node.data.path) if tree.cursor_node and tree.cursor_node.data else "")
            await pilot.press("n")
        assert found == ["Config.Env[0]", "Config.Env[1]", "Config.Env[2]", "Config.Env[3]", "State.Pid"]
        await pilot.press("N")
        assert tree.cursor_node and tree.cursor_node.data and tree.cursor_node.data.path == ("State", "Pid")
        assert not tree.search("")


async def test_secrets_are_masked_until_revealed() -> None:
    tree, recorded = JsonTree(), RecordedMessages()
    async with HostApp(tree).run_test(size=(60, 20), message_hook=recorded.all.append) as pilot:
        await opened(pilot, tree)
        assert not tree.search("hunter2") and tree.search("db_password")
        await pilot.pause()
        assert "DB_PASSWORD=••••••" in shown(tree) and "hunter2" not in shown(tree)
        assert "URL=postgres://u:••••••@db/x" in shown(tree)
        await pilot.press("y")
        await pilot.press("v", "y")
        assert tree.revealed and "hunter2" in shown(tree)
        await pilot.press("v")
        assert "hunter2" not in shown(tree)
        assert recorded.copied == ["Config.Env[1] = DB_PASSWORD=••••••", "Config.Env[1] = DB_PASSWORD=hunter2"]


async def test_copying_a_branch_copies_json() -> None:
    tree, recorded = JsonTree(), RecordedMessages()
    async with HostApp(tree).run_test(size=(60, 20), message_hook=recorded.all.append) as pilot:
        await opened(pilot, tree)
        assert tree.search("Env")
        await pilot.press("y")
        await pilot.pause()
        assert recorded.copied[0].startswith('Config.Env = [\n  "PATH=/bin",') and "hunter2" not in recorded.copied[0]
        await pilot.press("home", "slash", "y")
        await pilot.pause()
        assert recorded.copied[1].startswith("{\n") and "hunter2" not in recorded.copied[1]
        assert any(isinstance(message, JsonTree.SearchRequested) for message in recorded.all)


async def test_control_characters_and_markup_are_visible() -> None:
    tree = JsonTree(title="[b]\x1b")
    async with HostApp(tree).run_test(size=(60, 20)) as pilot:
        await opened(pilot, tree)
        assert tree.search("[red]")
        await pilot.pause()
        assert "[red]x␛: [/]␊␇" in shown(tree) and shown(tree).startswith("▾ [b]␛")


async def test_another_document_keeps_nodes_open() -> None:
    tree = JsonTree()
    async with HostApp(tree).run_test(size=(60, 20)) as pilot:
        await opened(pilot, tree)
        assert tree.search("Pid")
        tree.document = {**DOCUMENT, "State": {"Running": False, "Pid": 0}}
        await pilot.pause()
        assert "Pid: 0" in shown(tree) and "Running: false" in shown(tree)
        assert tree.cursor_node and tree.cursor_node.data and tree.cursor_node.data.path == ("State", "Pid")
        root = tree.root
        tree.document = {**DOCUMENT, "State": {"Running": False, "Pid": 0}}
        assert tree.root is root
        tree.document = ["x", 1.5]
        await pilot.pause()
        assert "0: x" in shown(tree) and "1: 1.5" in shown(tree)


async def test_ascii_draws_nothing_but_ascii() -> None:
    tree = JsonTree()
    app = HostApp(tree)
    app.add_class(ASCII_CLASS)
    async with app.run_test(size=(60, 20)) as pilot:
        await opened(pilot, tree)
        assert tree.search("password")
        await pilot.pause()
        assert shown(tree).isascii() and "- Config" in shown(tree)


@pytest.mark.parametrize("theme", ["textual-light", "ansi-dark"])
async def test_the_cursor_is_visible_in_every_theme(theme: str) -> None:
    tree = JsonTree()
    app = HostApp(tree)
    async with app.run_test(size=(60, 20)) as pilot:
        app.theme = theme
        await opened(pilot, tree)
        await pilot.press("down")
        own, other = ({segment.style for segment in tree.render_line(y)} for y in (1, 2))
        assert own != other
