"""The configuration as text: valid TOML, true to what is in force."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from dockpit.config.config import Config
from dockpit.config.listing import show, template
from dockpit.config.loader import load
from dockpit.config.schema import SETTINGS


def test_the_defaults_shown_and_read_again_are_the_defaults(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text(show(load(None, {}, {})))
    again = load(path, {}, {})
    assert again.problems == ()
    assert again.config == Config()


def test_what_is_shown_says_where_each_value_came_from_and_reads_the_same(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text(
        'bell = true\nasci = 1\n[keys]\nquit = "x"\n[netshoot.recipes."a b"]\ncommand = ["echo", "\\u001b[1m\\n"]\n'
    )
    found = load(path, {"DOCKPIT_INTERVAL": "2"}, {"theme": "light"})
    text = show(found)
    assert f"bell = true  # {path} line 1\n" in text
    assert "interval_seconds = 2.0  # DOCKPIT_INTERVAL\n" in text
    assert 'theme = "light"  # --theme\n' in text
    assert "ascii = false  # default\n" in text
    assert f"# {path} line 2: there is no setting asci (did you mean ascii?)\n" in text
    copy = tmp_path / "copy.toml"
    copy.write_text(text)
    assert load(copy, {}, {}).config == found.config


def test_a_file_to_begin_with_changes_nothing_until_comments_are_taken_away(tmp_path: Path) -> None:
    assert tomllib.loads(template()) == {}
    path = tmp_path / "c.toml"
    path.write_text(re.sub(r"^# (?=[a-z_]+ = |\[)", "", template(), flags=re.M))
    found = load(path, {}, {})
    assert found.problems == ()
    assert found.config.keys == {"limits": "u", "quit": "q,ctrl+q"}
    assert [one.name for one in found.config.netshoot.recipes] == ["gateway"]
    assert all(origin != "default" for key, origin in found.origins.items() if key in SETTINGS)


def test_a_path_cannot_leave_its_comment(tmp_path: Path) -> None:
    path = tmp_path / "c\nbell = true.toml"
    path.write_text("ascii = true\n")
    assert tomllib.loads(show(load(path, {}, {})))["bell"] is False
