"""The TOML file: line numbers, atomic saving with comments kept, and failures as sentences."""

from __future__ import annotations

import os
import stat
import tomllib
from pathlib import Path

import pytest

from dockpit.config.loader import load_config
from dockpit.config.toml_file import create_file, find_key_lines, read_document, save_value
from dockpit.model.errors import DockpitError

DOCUMENT = '''# one
a = 1
b = [
  "x",  # c = 2
]
s = """
d = 4
"""
[t]
e.f = 5
"g h" = { i = 6 }
[t.u]

[[v]]
w = 7
[[v]]
w = 8
'''


def test_every_key_has_the_first_line_of_its_statement() -> None:
    assert find_key_lines(DOCUMENT) == {
        ("a",): 2,
        ("b",): 3,
        ("s",): 6,
        ("t",): 9,
        ("t", "e"): 10,
        ("t", "e", "f"): 10,
        ("t", "g h"): 11,
        ("t", "g h", "i"): 11,
        ("t", "u"): 12,
        ("v",): 14,
        ("v", "w"): 15,
    }


def test_a_location_falls_back_to_the_table_and_then_to_the_file(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text("[t]\nx = 1\n")
    document = read_document(path)
    assert document.location(("t", "x")) == f"{path} line 2"
    assert document.location(("t", "y")) == f"{path} line 1"
    assert document.location(("z",)) == str(path)


def test_deep_nesting_is_a_problem_not_a_crash(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text("a = " + "[" * 5000 + "]" * 5000)
    assert read_document(path).problem


def test_saving_keeps_comments_order_and_mode(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text('# mine\ntheme = "dark"  # at night\n\n[thresholds]\nmemory_watch_percent = 70\n')
    path.chmod(0o600)
    save_value(path, "theme", "light")
    save_value(path, "columns", ("name", "cpu"))
    save_value(path, "thresholds.memory_high_percent", 85)
    content = path.read_text()
    assert content.startswith('# mine\ntheme = "light"  # at night\n')
    assert tomllib.loads(content) == {
        "theme": "light",
        "columns": ["name", "cpu"],
        "thresholds": {"memory_watch_percent": 70, "memory_high_percent": 85},
    }
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["c.toml"]


def test_saving_creates_the_file_its_folder_and_its_tables(tmp_path: Path) -> None:
    path = tmp_path / "new" / "config.toml"
    save_value(path, "netshoot.image", "example.org/n:1")
    save_value(path, "sort", "cpu desc")
    found = load_config(path, {}, {})
    assert found.problems == ()
    assert (found.config.netshoot.image, found.config.sort) == ("example.org/n:1", "cpu desc")


def test_saving_follows_a_link(tmp_path: Path) -> None:
    real, link = tmp_path / "dotfiles.toml", tmp_path / "config.toml"
    real.write_text("bell = true\n")
    link.symlink_to(real)
    save_value(link, "ascii", True)
    assert link.is_symlink()
    assert tomllib.loads(real.read_text()) == {"bell": True, "ascii": True}


def test_a_file_that_is_not_toml_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text("theme = \n")
    with pytest.raises(DockpitError, match=r"^cannot save theme: .*c.toml line 1: this is not TOML: invalid value$"):
        save_value(path, "theme", "light")
    assert path.read_text() == "theme = \n"


def test_a_value_in_place_of_a_table_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text("netshoot = 3\n")
    with pytest.raises(DockpitError, match="netshoot is not a table"):
        save_value(path, "netshoot.image", "x")


def test_a_full_disk_is_an_error_and_leaves_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "c.toml"
    path.write_text("bell = true\n")

    def full(source: str, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(DockpitError, match=r"^cannot save theme: .* cannot be written: No space left on device$"):
        save_value(path, "theme", "light")
    assert path.read_text() == "bell = true\n"
    assert [one.name for one in tmp_path.iterdir()] == ["c.toml"]


def test_a_folder_that_cannot_be_created_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DockpitError, match="Not a directory"):
        save_value(tmp_path / "file" / "c.toml", "theme", "light")
    with pytest.raises(DockpitError, match="cannot be written"):
        create_file(tmp_path / "file" / "c.toml", "")


def test_creating_a_file_never_overwrites_one(tmp_path: Path) -> None:
    path = tmp_path / "sub" / "c.toml"
    create_file(path, "bell = true\n")
    with pytest.raises(DockpitError, match="exists already"):
        create_file(path, "")
    assert path.read_text() == "bell = true\n"
