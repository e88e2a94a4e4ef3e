"""The configuration as text is valid TOML and loads to the same values."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from dockpit.config.config_text import render_config, render_template
from dockpit.config.defaults import Config
from dockpit.config.loader import load_config
from dockpit.config.schema import SETTINGS


def test_rendered_defaults_load_as_the_defaults(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text(render_config(load_config(None, {}, {})))
    loaded_again = load_config(path, {}, {})
    assert loaded_again.problems == ()
    assert loaded_again.config == Config()


def test_rendered_values_have_their_origin_and_load_as_the_same(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text(
        'bell = true\nasci = 1\n[keys]\nquit = "x"\n[netshoot.recipes."a b"]\ncommand = ["echo", "\\u001b[1m\\n"]\n'
    )
    found = load_config(path, {"DOCKPIT_INTERVAL": "2"}, {"theme": "light"})
    text = render_config(found)
    assert f"bell = true  # {path} line 1\n" in text
    assert "interval_seconds = 2.0  # DOCKPIT_INTERVAL\n" in text
    assert 'theme = "light"  # --theme\n' in text
    assert "ascii = false  # default\n" in text
    assert f"# {path} line 2: there is no setting asci (did you mean ascii?)\n" in text
    copy = tmp_path / "copy.toml"
    copy.write_text(text)
    assert load_config(copy, {}, {}).config == found.config


def test_the_template_sets_nothing_until_uncommented(tmp_path: Path) -> None:
    assert tomllib.loads(render_template()) == {}
    path = tmp_path / "c.toml"
    path.write_text(re.sub(r"^# (?=[a-z_]+ = |\[)", "", render_template(), flags=re.M))
    found = load_config(path, {}, {})
    assert found.problems == ()
    assert found.config.keys == {"limits": "u", "quit": "q,ctrl+q"}
    assert [one.name for one in found.config.netshoot.recipes] == ["gateway"]
    assert all(origin != "default" for key, origin in found.origins.items() if key in SETTINGS)


def test_a_path_with_a_line_break_stays_in_its_comment(tmp_path: Path) -> None:
    path = tmp_path / "c\nbell = true.toml"
    path.write_text("ascii = true\n")
    assert tomllib.loads(render_config(load_config(path, {}, {})))["bell"] is False
