"""Loading the configuration: precedence of the layers, origins, and a sentence for each mistake."""

from __future__ import annotations

from pathlib import Path

import pytest

from dockpit.config.defaults import NETSHOOT_IMAGE, Config, ConfirmSettings, LoadedConfig
from dockpit.config.loader import default_config_path, load_config
from dockpit.model.errors import UsageError
from dockpit.model.plans import Plan
from dockpit.model.thresholds import Thresholds


def loaded(folder: Path, content: str, environ: dict[str, str] | None = None, **flags: object) -> LoadedConfig:
    """Load a configuration file with this content."""
    path = folder / "config.toml"
    path.write_text(content)
    return load_config(path, environ or {}, flags)


def plan(danger: str, kind: str = "restart") -> Plan:
    """A plan with the given danger."""
    return Plan(kind, "id", "web", "E", "restart web", "docker restart web", danger)  # type: ignore[arg-type]  # a shorthand


def test_without_a_file_everything_is_default() -> None:
    found = load_config(None, {}, {})
    assert found.config == Config()
    assert found.problems == ()
    assert set(found.origins.values()) == {"default"}
    assert found.path == default_config_path()


def test_every_kind_of_setting_is_read(tmp_path: Path) -> None:
    found = loaded(
        tmp_path,
        """
        interval_seconds = 2
        columns = ["name", "cpu", "cpu"]
        sort = "CPU asc"
        bell = true
        thresholds.throttled_high_percent = 40
        [netshoot]
        image = "example.org/netshoot:1"
        [netshoot.recipes.gateway]
        command = "ping -c 3 gateway | tail"
        description = "reach it"
        [netshoot.recipes.argv]
        command = ["dig", "+short", "x"]
        [confirm]
        restart = false
        [keys]
        quit = ["q", "ctrl+q , f10"]
        """,
    )
    config = found.config
    assert found.problems == ()
    assert (config.interval_seconds, config.columns, config.bell) == (2, ("name", "cpu"), True)
    assert (config.sort, config.sort_by, config.descending) == ("cpu asc", "cpu", False)
    assert config.thresholds == Thresholds(throttled_high_percent=40)
    assert config.netshoot.image == "example.org/netshoot:1"
    assert [(one.name, one.command, one.description) for one in config.netshoot.recipes] == [
        ("gateway", ("sh", "-c", "ping -c 3 gateway | tail"), "reach it"),
        ("argv", ("dig", "+short", "x"), ""),
    ]
    assert config.confirm == ConfirmSettings(restart=False)
    assert config.keys == {"quit": "q,ctrl+q,f10"}


def test_flags_beat_the_environment_which_beats_the_file(tmp_path: Path) -> None:
    content = 'theme = "dark"\ninterval_seconds = 5\nread_only = false\n'
    environ = {"DOCKPIT_INTERVAL": "3", "DOCKPIT_THEME": "nord", "DOCKPIT_READ_ONLY": "1", "DOCKPIT_BELL": ""}
    found = loaded(tmp_path, content, environ, theme="light", interval_seconds=None)
    assert (found.config.theme, found.config.interval_seconds, found.config.read_only) == ("light", 3, True)
    origins = {key: found.origins[key] for key in ("theme", "interval_seconds", "read_only", "bell")}
    assert origins == {
        "theme": "--theme",
        "interval_seconds": "DOCKPIT_INTERVAL",
        "read_only": "DOCKPIT_READ_ONLY",
        "bell": "default",
    }


def test_the_origin_of_a_value_in_the_file_is_its_line(tmp_path: Path) -> None:
    found = loaded(tmp_path, '# a remark\n\n[thresholds]\n\nmemory_watch_percent = 70\n[keys]\nquit = "x"\n')
    path = tmp_path / "config.toml"
    assert found.origins["thresholds.memory_watch_percent"] == f"{path} line 5"
    assert found.origins["keys.quit"] == f"{path} line 7"


@pytest.mark.parametrize("text", ["0", "false", "No", "OFF"])
def test_a_switch_in_the_environment_can_be_off(tmp_path: Path, text: str) -> None:
    assert loaded(tmp_path, "read_only = true", {"DOCKPIT_READ_ONLY": text}).config.read_only is False


@pytest.mark.parametrize(
    ("environ", "origin"),
    [
        ({"TERM": "linux", "LANG": "C.UTF-8"}, "TERM=linux"),
        ({"TERM": "xterm", "LANG": "C", "LC_CTYPE": "C.UTF-8"}, "LANG=C"),
        ({"LC_ALL": "POSIX", "LANG": "de_DE.UTF-8"}, "LC_ALL=POSIX"),
        ({"TERM": "xterm-256color", "LANG": "de_DE.utf8"}, "default"),
        ({"LC_CTYPE": "C.UTF-8"}, "default"),
        ({}, "default"),
    ],
)
def test_ascii_is_the_default_without_unicode(tmp_path: Path, environ: dict[str, str], origin: str) -> None:
    found = loaded(tmp_path, "", environ)
    assert (found.config.ascii, found.origins["ascii"]) == (origin != "default", origin)
    assert loaded(tmp_path, "ascii = false", environ).config.ascii is False


def test_no_color_switches_colour_off_whatever_its_value(tmp_path: Path) -> None:
    found = loaded(tmp_path, "", {"NO_COLOR": "0"})
    assert found.config.color is False
    assert found.origins["color"] == "NO_COLOR"


def test_an_invalid_variable_is_a_problem_and_leaves_the_value_of_the_file(tmp_path: Path) -> None:
    found = loaded(tmp_path, "interval_seconds = 4", {"DOCKPIT_INTERVAL": "often"})
    assert found.config.interval_seconds == 4
    assert found.problems == ('DOCKPIT_INTERVAL must be a number from 0.1 to 3600, not "often"; using 4',)


def test_an_invalid_flag_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"^--interval must be a number from 0.1 to 3600, not 0$"):
        loaded(tmp_path, "", interval_seconds=0.0)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("interval_seconds = true", "line 1: interval_seconds must be a number from 0.1 to 3600, not true; using 1"),
        ("interval_seconds = nan", "line 1: interval_seconds must be a number from 0.1 to 3600, not nan; using 1"),
        ('\nascii = "yes"', 'line 2: ascii must be true or false, not "yes"; using false'),
        (
            '[thresholds]\nthrottled_high_percent = "lots"',
            'line 2: thresholds.throttled_high_percent must be a number from 0 to 100, not "lots"; using 25',
        ),
        (
            "thresholds.restart_loop_count = 2.5",
            "line 1: thresholds.restart_loop_count must be a whole number from 1 to 1000, not 2.5; using 3",
        ),
        ('colums = ["name"]', "line 1: there is no setting colums (did you mean columns?)"),
        (
            "throttled_high_percent = 3",
            "line 1: there is no setting throttled_high_percent (did you mean thresholds.throttled_high_percent?)",
        ),
        ("[zzz]\nx = 1", "line 1: there is no setting zzz"),
        ("thresholds = 3", "line 1: thresholds must be a table, not 3; it is ignored"),
        ("[netshoot]\nrecipes = 3", "line 2: netshoot.recipes must be a table, not 3; it is ignored"),
        ('sort = "cpuu desc"', 'line 1: sort names no column: "cpuu" (did you mean cpu?); using "trouble"'),
        (
            'sort = "cpu up"',
            'line 1: sort must be "trouble" or a column with asc or desc like "cpu desc", not "cpu up"; '
            'using "trouble"',
        ),
        ('theme = "\\u001b[31m"', 'line 1: theme must be a name in quotes, not "\\u001b[31m"; using "dark"'),
        ('theme = "drakula"', 'line 1: theme names no theme: "drakula" (did you mean dracula?); using "dark"'),
        ('keys.help = "ctrl+nothing"', 'line 1: keys.help names no key: "ctrl+nothing"; using its default keys'),
        ('[keys]\nlimts = "x"', "line 2: keys has no binding limts (did you mean limits?)"),
        ("log_file = 7", 'line 1: log_file must be a text in quotes, not 7; using ""'),
        (
            "keys.quit = 3",
            'line 1: keys.quit must be a key like "ctrl+x" or a list of them, not 3; using its default keys',
        ),
        ('keys.quit = ","', "line 1: keys.quit must name a key; using its default keys"),
        (
            '[netshoot.recipes.a]\ncmd = "x"',
            "line 1: netshoot.recipes.a must be a table with a command; it is ignored",
        ),
        (
            "[netshoot.recipes.a]\ncommand = []",
            'line 1: netshoot.recipes.a must be a command like "dig example.org" or a list of its words, not []; '
            "it is ignored",
        ),
        (
            '[netshoot.recipes.a]\ncommand = "x"\ndescripton = "y"',
            "line 3: there is no netshoot.recipes.a.descripton (did you mean description?)",
        ),
        (
            "[thresholds]\nmemory_high_percent = 50",
            "line 2: thresholds must keep memory_watch_percent ≤ memory_high_percent ≤ memory_imminent_percent; "
            "using 80 ≤ 90 ≤ 97",
        ),
        ("theme = ", "line 1: this is not TOML: invalid value; using the defaults"),
        ('x = 1\ny = "open', "line 2: this is not TOML: unterminated string; using the defaults"),
    ],
)
def test_a_mistake_is_a_problem_with_its_line_and_the_default_stays(
    tmp_path: Path, content: str, sentence: str
) -> None:
    found = loaded(tmp_path, content)
    assert found.problems == (f"{tmp_path / 'config.toml'} {sentence}",)
    assert found.config == Config() or "description" in sentence


def test_a_mistake_leaves_the_other_settings_valid(tmp_path: Path) -> None:
    found = loaded(tmp_path, 'bell = true\nascii = 3\ncolumns = ["name", "cpuu"]\ntheme = "nord"\n')
    assert (found.config.bell, found.config.theme, found.config.columns) == (True, "nord", Config().columns)
    assert len(found.problems) == 2
    assert 'columns has no column "cpuu" (did you mean cpu?); using ["state", "name"' in found.problems[1]


def test_columns_must_be_a_non_empty_list_of_names(tmp_path: Path) -> None:
    for content in ('columns = "name"', "columns = []", "columns = [1]"):
        (problem,) = loaded(tmp_path, content).problems
        assert 'columns must be a list of columns like ["name", "cpu"], not' in problem


def test_a_missing_named_file_is_a_problem(tmp_path: Path) -> None:
    missing = tmp_path / "none.toml"
    by_flag = load_config(missing, {}, {})
    by_variable = load_config(None, {"DOCKPIT_CONFIG": str(missing)}, {})
    assert by_flag.problems == by_variable.problems == (f"{missing}: there is no such file; using the defaults",)
    assert by_variable.path == missing


def test_an_unreadable_file_is_a_problem(tmp_path: Path) -> None:
    assert load_config(tmp_path, {}, {}).problems == (f"{tmp_path} cannot be read: Is a directory; using the defaults",)
    binary = tmp_path / "binary.toml"
    binary.write_bytes(b'a = 1\nb = "\xff"\n')
    assert load_config(binary, {}, {}).problems == (f"{binary} line 2: this is not UTF-8; using the defaults",)
    huge = tmp_path / "huge.toml"
    huge.write_bytes(b"#" * ((1 << 20) + 1))
    assert load_config(huge, {}, {}).problems == (f"{huge} is too large for a configuration; using the defaults",)


def test_a_plan_that_could_kill_always_needs_confirmation() -> None:
    lax = ConfirmSettings(restart=False)
    assert not lax.asks(plan("confirm"))
    assert lax.asks(plan("kill"))
    assert ConfirmSettings().asks(plan("confirm"))
    assert not ConfirmSettings().asks(plan("safe", "start"))


def test_the_default_image_is_that_of_the_launcher() -> None:
    from dockpit.netshoot.launcher import DEFAULT_IMAGE

    assert DEFAULT_IMAGE == NETSHOOT_IMAGE
