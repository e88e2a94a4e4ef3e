"""CONTRIBUTING names paths, files and identifiers that exist, and its map has every folder."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / ".github" / "CONTRIBUTING.md").read_text(encoding="utf-8")
PACKAGES = ("dockpit", "tui", "widgets", "tests", "screenshots")
SOURCES = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py") if path != Path(__file__)]
BLOCKS = re.split(r"\n\n|\n(?=\d\. |- |\|)", TEXT)
"""Paragraphs, items of lists and rows of tables."""
SPANS = re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", TEXT, flags=re.DOTALL))
DIAGRAMS = re.findall(r"```\n(.*?)```", TEXT, re.DOTALL)
PATH = re.compile(rf"(?<![\w/.])(?:{'|'.join(PACKAGES)})(?:/[\w.<>]*[\w>])*/?(?![\w-])")
FROM_OTHERS = {"command", "shell_complete", "Screen"}
"""Names of click and Textual."""
ENVIRONMENT_FILES = ("Makefile", ".ci/run", "tests/engine/conftest.py", "tests/engine/waiting.py")


def paths_in(text: str) -> list[str]:
    """Paths from the root; `<name>` in one stands for a name of one's own."""
    return [found for found in PATH.findall(text) if "/" in found]


@cache
def defined() -> tuple[frozenset[str], frozenset[str]]:
    """(classes and functions, variables and fields) that the code defines; no import and no comment counts."""
    definitions: set[str] = set()
    variables: set[str] = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                definitions.add(node.name)
            elif isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
                variables.add(node.id if isinstance(node, ast.Name) else node.attr)
    return frozenset(definitions), frozenset(variables)


def test_every_path_exists() -> None:
    paths = [path for path in paths_in(TEXT) if "<" not in path]
    assert len(paths) > 100
    assert not [path for path in paths if not (ROOT / path).exists()]


def test_every_path_in_a_diagram_exists() -> None:
    """There the room may stand without `dockpit/`."""
    paths = [path for text in DIAGRAMS for path in re.findall(r"[\w/]+\.py\b", text)]
    assert len(paths) > 5
    assert not [path for path in paths if not any((ROOT / top / path).exists() for top in ("", "dockpit"))]


@pytest.mark.parametrize("block", [block for block in BLOCKS if re.search(r"`[\w<>]+\.py`", block)])
def test_every_file_lies_in_a_folder_named_beside_it(block: str) -> None:
    paths = [ROOT / path.partition("<")[0] / "" for path in paths_in(block)]
    folders = [path if path.is_dir() else path.parent for path in paths]
    folders += [ROOT / package for package in PACKAGES if f"`{package}`" in block]
    names = [name for name in re.findall(r"`([\w<>]+\.py)`", block) if "<" not in name]
    if not folders:
        folders = sorted({path.parent for path in SOURCES})
    assert not [name for name in names if not any((folder / name).exists() for folder in folders)]


def test_the_map_has_every_folder() -> None:
    for package in ("dockpit", "tui", "widgets"):
        for folder in (ROOT / package).iterdir():
            if (folder / "__init__.py").exists():
                assert f"\n| `{package}/{folder.name}` |" in TEXT


def named_calls() -> Iterator[str]:
    """What is called or decorates in a code span or diagram: `until()`, `session.act(plan)`, `@connection_options`."""
    for text in (*SPANS, *DIAGRAMS):
        yield from re.findall(r"(?<![\w<-])([A-Za-z_]\w*)\(", text)
        yield from re.findall(r"@(\w+)(?![\w.])", text)


def named_constants() -> Iterator[str]:
    for text in SPANS:
        yield from re.findall(r"(?:^|[=\[])(_?[A-Z][A-Z_]{3,})(?![\w./])", text)


def named_classes() -> Iterator[str]:
    """Words in capitals and small letters that are a span of their own, or have two capitals in a diagram."""
    for text in SPANS:
        yield from re.findall(r"^([A-Z][a-z]\w*)(?:\.\w+)?$", text)
    for text in DIAGRAMS:
        yield from re.findall(r"\b(?:[A-Z][a-z]+){2,}\b", text)


def named_fields() -> Iterator[str]:
    """`Alert.kind`, `kept=True`, and words with an underscore."""
    for text in SPANS:
        yield from re.findall(r"^[A-Z][a-z]\w*\.(\w+)$", text)
        yield from re.findall(r"^([a-z]\w+)=", text)
        yield from re.findall(r"^_?[a-z]+(?:_[a-z]+)+$", text)


def is_environment(name: str) -> bool:
    """Whether the Makefile, CI or the tests of the engine read this variable."""
    if name == "DOCKER_HOST":
        return True
    return any(re.search(rf"\b{name}\b", (ROOT / file).read_text(encoding="utf-8")) for file in ENVIRONMENT_FILES)


def test_every_class_and_function_exists() -> None:
    named = {*named_calls(), *named_classes()} - FROM_OTHERS
    assert len(named) > 50
    assert not sorted(named - defined()[0])


def test_every_constant_and_field_exists() -> None:
    named = {*named_constants(), *named_fields()} - FROM_OTHERS
    assert len(named) > 25
    unknown = named - defined()[1]
    assert not sorted(name for name in unknown if not (name.isupper() and is_environment(name)))
