"""The filter line: words and comparisons, all of which must hold.

    web                 name, id, image, project, service or a label contains it, whatever the case
    "two words"         the same, with a space or a sign in it
    -word  -state:…     not
    state:running       also health:  oom:  (oom:high means high or worse); the beginning of the word is enough
    name:… image:… project:… service:… id:…     contains
    label:key  label:key=value                  has the label; its value contains
    cpu>50              percent of one core, as docker counts; cpu%>50 percent of its own limit
    mem>80  mem>512M    percent of its own limit; bytes in powers of 1024
    throttled>5         percent of periods
    pids>100  restarts>3
    net>1M  disk>1M     bytes per second in powers of 1000, both directions together

Comparisons are > >= < <= and, with the name of a figure, =; team=red is a word, as labels are written. A container
without the figure is never matched by a comparison, nor by its negation.
"""

from __future__ import annotations

import difflib
import math
import operator
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from dockpit.metrics.declaration import Figure, FilterWord
from dockpit.metrics.figures import FIGURES
from dockpit.metrics.readers import READERS, Number
from dockpit.metrics.snapshot import Entry
from dockpit.model.container import HEALTHS, STATES, Container
from dockpit.model.errors import UsageError
from dockpit.model.verdicts import RISKS

Test = Callable[[Entry], bool]

LONGEST = 1000
"""Characters a filter may have."""

_TOKEN = re.compile(r'(?P<minus>-?)(?P<body>(?:[^\s"]|"[^"]*"?)+)')
_COMPARISON = re.compile(r"(?P<field>[A-Za-z_]+%?)(?P<operator>>=|<=|>|<|=)(?P<value>.*)", re.DOTALL)
_WORD = re.compile(r"(?P<field>[A-Za-z_]+):(?P<value>.*)", re.DOTALL)
_AMOUNT = re.compile(r"(?P<number>[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?P<unit>[A-Za-z]{0,3}|%)")
_BOOKKEEPING = ("com.docker.", "org.opencontainers.", "io.podman.", "desktop.docker.")
"""Labels that tools write; a plain word is not looked for in them, or a path would match a whole project."""

_OPERATORS: dict[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
}
_POWERS = "kmgtpe"


class FilterError(UsageError):
    """A filter that cannot be read; `position` is where in the text, counted from 0."""

    def __init__(self, message: str, position: int = 0) -> None:
        super().__init__(message)
        self.position = position


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter as typed and what it asks of a container."""

    text: str = ""
    tests: tuple[Test, ...] = ()

    def matches(self, entry: Entry) -> bool:
        """Whether every word and comparison holds."""
        return all(test(entry) for test in self.tests)


@lru_cache(maxsize=32)
def parse(text: str) -> Filter:
    """Read a filter; an empty one matches everything. Raises FilterError and nothing else."""
    if len(text) > LONGEST:
        raise FilterError(f"a filter has at most {LONGEST} characters", LONGEST)
    return Filter(text.strip(), tuple(_test(*token) for token in _tokens(text)))


def _tokens(text: str) -> Iterator[tuple[str, bool, int]]:
    """The words of `text`: (body with its quotes, negated, position)."""
    for found in _TOKEN.finditer(text):
        body, start = found["body"], found.start()
        if body == "-":
            raise FilterError("- needs a word after it", start)
        if body.count('"') % 2:
            raise FilterError("a quote is not closed", found.start("body") + body.rindex('"'))
        yield body, bool(found["minus"]), start


def _test(body: str, negated: bool, position: int) -> Test:
    if body.startswith('"'):
        return _maybe_not(_contains_word(_unquoted(body, position)), negated)
    comparison = _COMPARISON.fullmatch(body)
    if comparison and (comparison["operator"] != "=" or _comparable_of(comparison["field"])):
        return _compared(comparison, negated, position)
    word = _WORD.fullmatch(body)
    if word and word["field"].casefold() in _WORDS:
        value = _unquoted(word["value"], position + word.start("value"))
        return _maybe_not(_WORDS[word["field"].casefold()](value, position + word.start("value")), negated)
    if word:
        _doubt(word["field"], position)
    return _maybe_not(_contains_word(_unquoted(body, position)), negated)


def _unquoted(text: str, position: int) -> str:
    value = text.replace('"', "")
    if not value:
        raise FilterError("a word is missing here", position)
    return value


def _maybe_not(test: Test, negated: bool) -> Test:
    return (lambda entry: not test(entry)) if negated else test


def _doubt(field: str, position: int) -> None:
    """An unknown field is part of a word, as in nginx:1.27, unless it looks like a slip of the finger."""
    close = difflib.get_close_matches(field.casefold(), _WORDS, 1, 0.75)
    if close:
        raise FilterError(f'there is no "{field}:", did you mean "{close[0]}:"? (quote it to search for it)', position)


# --- words ---------------------------------------------------------------------------------------------------------


def _contains_word(word: str) -> Test:
    wanted = word.casefold()

    def test(entry: Entry) -> bool:
        container = entry.container
        fields = (container.name, container.image, container.project, container.service)
        return (
            any(wanted in field.casefold() for field in fields)
            or (len(wanted) >= 4 and container.id.startswith(wanted))
            or any(wanted in label for label in _labels(container))
        )

    return test


def _labels(container: Container) -> Iterator[str]:
    for key, value in container.labels.items():
        if not key.startswith(_BOOKKEEPING):
            yield f"{key}={value}".casefold()


def _field(read: Callable[[Container], str]) -> Callable[[str, int], Test]:
    def build(value: str, position: int) -> Test:
        wanted = value.casefold()
        return lambda entry: wanted in read(entry.container).casefold()

    return build


def _id(value: str, position: int) -> Test:
    wanted = value.casefold()
    return lambda entry: entry.container.id.startswith(wanted)


def _label(value: str, position: int) -> Test:
    key, equals, text = value.partition("=")
    wanted = text.casefold()

    def test(entry: Entry) -> bool:
        found = entry.container.labels.get(key)
        return found is not None and (not equals or wanted in found.casefold())

    return test


def _choice(name: str, choices: tuple[str, ...], read: Callable[[Entry], str]) -> Callable[[str, int], Test]:
    def build(value: str, position: int) -> Test:
        wanted = value.casefold()
        fitting = {choice for choice in choices if choice.startswith(wanted)}
        if not fitting:
            raise FilterError(f"{name} is one of {', '.join(choices)}", position)
        return lambda entry: read(entry) in fitting

    return build


def _risk(value: str, position: int) -> Test:
    fitting = [index for index, risk in enumerate(RISKS) if risk.startswith(value.casefold())]
    if not fitting:
        raise FilterError(f"oom is one of {', '.join(RISKS)}", position)
    least = fitting[0]
    if least == 0:
        return lambda entry: entry.memory.risk == "none"
    return lambda entry: RISKS.index(entry.memory.risk) >= least


_WORDS: dict[str, Callable[[str, int], Test]] = {
    "name": _field(lambda container: container.name),
    "image": _field(lambda container: container.image),
    "project": _field(lambda container: container.project),
    "service": _field(lambda container: container.service),
    "id": _id,
    "label": _label,
    "state": _choice("state", STATES, lambda entry: entry.container.state),
    "health": _choice("health", HEALTHS, lambda entry: entry.container.health),
    "oom": _risk,
}


# --- comparisons ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Comparable:
    """A figure that the filter compares, and how it is read, amounts in bytes apart."""

    word: FilterWord
    read: Number
    read_bytes: Number


def _comparable(figure: Figure, word: FilterWord) -> _Comparable:
    read = READERS[figure.name]
    return _Comparable(word, _scaled(read, word.scale), READERS[word.bytes_of] if word.bytes_of else read)


def _scaled(read: Number, scale: float) -> Number:
    if scale == 1.0:
        return read
    return lambda entry: None if (value := read(entry)) is None else value * scale


_DECLARED = sorted(
    ((figure, word) for figure in FIGURES if (word := figure.filter) is not None), key=lambda pair: pair[1].position
)
_COMPARABLES = {word.word: _comparable(figure, word) for figure, word in _DECLARED}
_ALIASES = {alias: word for word, found in _COMPARABLES.items() for alias in found.word.aliases}


def _comparable_of(field: str) -> _Comparable | None:
    name = field.casefold()
    return _COMPARABLES.get(_ALIASES.get(name, name))


def _compared(found: re.Match[str], negated: bool, position: int) -> Test:
    field = found["field"].casefold()
    figure = _comparable_of(field)
    if figure is None:
        names = ", ".join(_COMPARABLES)
        raise FilterError(f'"{found["field"]}" is no figure; there are {names} (quote it to search for it)', position)
    amount, in_bytes = _amount(found["value"], figure.word, field, position + found.start("value"))
    read = figure.read_bytes if in_bytes else figure.read
    holds = _OPERATORS[found["operator"]]

    def test(entry: Entry) -> bool:
        value = read(entry)
        return value is not None and math.isfinite(value) and holds(value, amount) is not negated

    return test


def _amount(text: str, word: FilterWord, field: str, position: int) -> tuple[float, bool]:
    """The number, and whether it came with a unit of bytes."""
    found = _AMOUNT.fullmatch(text)
    if found is None:
        raise FilterError(f"{field} needs a number after the sign", position)
    number, unit = float(found["number"]), found["unit"].casefold()
    if unit == "" or (unit == "%" and word.percent):
        return number, False
    power = (unit.removesuffix("b").removesuffix("i") or "b")[0]
    known = unit in ("b", power, f"{power}b", f"{power}ib") and power in f"b{_POWERS}"
    if not word.base or not known:
        raise FilterError(f'{field} has no unit "{found["unit"]}"', position + found.start("unit"))
    return number * word.base ** (_POWERS.find(power) + 1), True
