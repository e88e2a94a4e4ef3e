"""The filter line: words and comparisons, all of which a container must match.

    web                 name, id, image, project, service or a label contains it, in upper or lower case
    "two words"         the same, with a space or an operator in it
    -word  -state:…     does not match
    state:running       also health:  oom:  (oom:high means high or worse); the beginning of a word is enough
    name:… image:… project:… service:… id:…     contains
    label:key  label:key=value                  has the label; its value contains
    cpu>50              percent of one core, as docker counts; cpu%>50 percent of its own limit
    mem>80  mem>512M    percent of its own limit; bytes in powers of 1024
    throttled>5  psi>20 percent of periods; percent of the time (the greatest pressure)
    pids>100  restarts>3  swap>1M
    net>1M  disk>1M     bytes per second in powers of 1000, both directions together

Comparisons are > >= < <= and =. With = the left side must be the name of a figure; team=red is a plain word, because
labels are written like that. A container without the figure matches neither a comparison nor its negation.
"""

from __future__ import annotations

import difflib
import math
import operator
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from dockpit.metrics.figure_declaration import Figure, FilterWord
from dockpit.metrics.figure_values import FIGURE_VALUES, Number
from dockpit.metrics.figures_and_columns import FIGURES
from dockpit.metrics.snapshot import Entry
from dockpit.model.container import HEALTHS, STATES, Container
from dockpit.model.errors import UsageError
from dockpit.model.verdicts import RISKS

Predicate = Callable[[Entry], bool]

MAX_CHARACTERS = 1000
"""Characters a filter may have."""

_TOKEN = re.compile(r'(?P<minus>-?)(?P<body>(?:[^\s"]|"[^"]*"?)+)')
_COMPARISON = re.compile(r"(?P<field>[A-Za-z_]+%?)(?P<operator>>=|<=|>|<|=)(?P<value>.*)", re.DOTALL)
_WORD = re.compile(r"(?P<field>[A-Za-z_]+):(?P<value>.*)", re.DOTALL)
_AMOUNT = re.compile(r"(?P<number>[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?P<unit>[A-Za-z]{0,3}|%)")
_TOOL_LABEL_PREFIXES = ("com.docker.", "org.opencontainers.", "io.podman.", "desktop.docker.")
"""Beginnings of the labels that tools write; plain words skip them, as a path in one would match a whole project."""

_OPERATORS: dict[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
}
_POWERS = "kmgtpe"


class FilterError(UsageError):
    """A filter that cannot be parsed; `position` is the character of the text where that shows, counted from 0."""

    def __init__(self, message: str, position: int = 0) -> None:
        super().__init__(message)
        self.position = position


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter as typed, and the predicates that a container must satisfy."""

    text: str = ""
    predicates: tuple[Predicate, ...] = ()

    def matches(self, entry: Entry) -> bool:
        """Whether the container matches every word and comparison."""
        return all(predicate(entry) for predicate in self.predicates)


@lru_cache(maxsize=32)
def parse_filter(text: str) -> Filter:
    """Parse a filter; an empty one matches everything. Raises FilterError and nothing else."""
    if len(text) > MAX_CHARACTERS:
        raise FilterError(f"a filter has at most {MAX_CHARACTERS} characters", MAX_CHARACTERS)
    return Filter(text.strip(), tuple(_predicate(*token) for token in _tokens(text)))


def _tokens(text: str) -> Iterator[tuple[str, bool, int]]:
    """The tokens of `text`: (body with its quotes, whether it is negated, position)."""
    for found in _TOKEN.finditer(text):
        body, start = found["body"], found.start()
        if body == "-":
            raise FilterError("- needs a word after it", start)
        if body.count('"') % 2:
            raise FilterError("a quote is not closed", found.start("body") + body.rindex('"'))
        yield body, bool(found["minus"]), start


def _predicate(body: str, negated: bool, position: int) -> Predicate:
    """What one token asks of a container. Raises FilterError."""
    if body.startswith('"'):
        return _negate_if_asked(_contains_word(_unquote(body, position)), negated)
    comparison = _COMPARISON.fullmatch(body)
    if comparison and (comparison["operator"] != "=" or _comparable_of(comparison["field"])):
        return _comparison(comparison, negated, position)
    word = _WORD.fullmatch(body)
    if word and word["field"].casefold() in _WORDS:
        value = _unquote(word["value"], position + word.start("value"))
        return _negate_if_asked(_WORDS[word["field"].casefold()](value, position + word.start("value")), negated)
    if word:
        _reject_misspelt(word["field"], position)
    return _negate_if_asked(_contains_word(_unquote(body, position)), negated)


def _unquote(text: str, position: int) -> str:
    value = text.replace('"', "")
    if not value:
        raise FilterError("a word is missing here", position)
    return value


def _negate_if_asked(predicate: Predicate, negated: bool) -> Predicate:
    return (lambda entry: not predicate(entry)) if negated else predicate


def _reject_misspelt(field: str, position: int) -> None:
    """Raise FilterError for an unknown field that resembles a known one; others are words, as in nginx:1.27."""
    close = difflib.get_close_matches(field.casefold(), _WORDS, 1, 0.75)
    if close:
        raise FilterError(f'there is no "{field}:", did you mean "{close[0]}:"? (quote it to search for it)', position)


# --- words: web, state:running, label:key=value --------------------------------------------------------------------


def _contains_word(word: str) -> Predicate:
    wanted = word.casefold()

    def matches(entry: Entry) -> bool:
        container = entry.container
        fields = (container.name, container.image, container.project, container.service)
        return (
            any(wanted in field.casefold() for field in fields)
            or (len(wanted) >= 4 and container.id.startswith(wanted))
            or any(wanted in label for label in _labels(container))
        )

    return matches


def _labels(container: Container) -> Iterator[str]:
    for key, value in container.labels.items():
        if not key.startswith(_TOOL_LABEL_PREFIXES):
            yield f"{key}={value}".casefold()


def _field_contains(read: Callable[[Container], str]) -> Callable[[str, int], Predicate]:
    def build(value: str, position: int) -> Predicate:
        wanted = value.casefold()
        return lambda entry: wanted in read(entry.container).casefold()

    return build


def _id_starts(value: str, position: int) -> Predicate:
    wanted = value.casefold()
    return lambda entry: entry.container.id.startswith(wanted)


def _has_label(value: str, position: int) -> Predicate:
    key, equals, text = value.partition("=")
    wanted = text.casefold()

    def matches(entry: Entry) -> bool:
        found = entry.container.labels.get(key)
        return found is not None and (not equals or wanted in found.casefold())

    return matches


def _choice_of(name: str, choices: tuple[str, ...], read: Callable[[Entry], str]) -> Callable[[str, int], Predicate]:
    def build(value: str, position: int) -> Predicate:
        wanted = value.casefold()
        matching = {choice for choice in choices if choice.startswith(wanted)}
        if not matching:
            raise FilterError(f"{name} is one of {', '.join(choices)}", position)
        return lambda entry: read(entry) in matching

    return build


def _risk_at_least(value: str, position: int) -> Predicate:
    matching = [index for index, risk in enumerate(RISKS) if risk.startswith(value.casefold())]
    if not matching:
        raise FilterError(f"oom is one of {', '.join(RISKS)}", position)
    least = matching[0]
    if least == 0:
        return lambda entry: entry.memory.risk == "none"
    return lambda entry: RISKS.index(entry.memory.risk) >= least


_WORDS: dict[str, Callable[[str, int], Predicate]] = {
    "name": _field_contains(lambda container: container.name),
    "image": _field_contains(lambda container: container.image),
    "project": _field_contains(lambda container: container.project),
    "service": _field_contains(lambda container: container.service),
    "id": _id_starts,
    "label": _has_label,
    "state": _choice_of("state", STATES, lambda entry: entry.container.state),
    "health": _choice_of("health", HEALTHS, lambda entry: entry.container.health),
    "oom": _risk_at_least,
}


# --- comparisons: cpu>50, mem>512M ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Comparable:
    """A figure that the filter compares: how it is read, and how for an amount in bytes."""

    word: FilterWord
    read: Number
    read_bytes: Number


def _comparable(figure: Figure, word: FilterWord) -> _Comparable:
    read = FIGURE_VALUES[figure.name]
    return _Comparable(word, _scaled(read, word.scale), FIGURE_VALUES[word.bytes_of] if word.bytes_of else read)


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


def _comparison(found: re.Match[str], negated: bool, position: int) -> Predicate:
    field = found["field"].casefold()
    figure = _comparable_of(field)
    if figure is None:
        names = ", ".join(_COMPARABLES)
        raise FilterError(
            f'"{found["field"]}" is not a figure; the figures are {names} (quote it to search for it)', position
        )
    amount, in_bytes = _parse_amount(found["value"], figure.word, field, position + found.start("value"))
    read = figure.read_bytes if in_bytes else figure.read
    holds = _OPERATORS[found["operator"]]

    def matches(entry: Entry) -> bool:
        value = read(entry)
        return value is not None and math.isfinite(value) and holds(value, amount) is not negated

    return matches


def _parse_amount(text: str, word: FilterWord, field: str, position: int) -> tuple[float, bool]:
    """The number in `text`, and whether it has a unit of bytes. Raises FilterError."""
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
