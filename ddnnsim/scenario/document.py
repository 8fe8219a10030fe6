"""A YAML file as plain data, with the place of every key and value.

YAML 1.2 core rules: `1e-3` is a number, `no` and `12:30` are text, `010` is 10, `0o10` is 8.
Keys are text as written. Duplicate keys, merge keys (`<<`) and tags are refused.
The events of PyYAML's C parser are read directly, so that depth and aliases stay bounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from numbers import Integral, Real
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import yaml

from ddnnsim.errors import Fault, ScenarioError

from .wording import did_you_mean, given

_Event: TypeAlias = Any  # the stubs give events too few attributes
Raw: TypeAlias = Any
"""Plain data of whatever shape: dicts, lists and scalars."""
Keys = tuple[str | int, ...]
"""A path into the data: keys of mappings and indices of lists."""

_LARGEST_FILE = 32 * 2**20  # bytes
_DEEPEST = 40
_MOST_VALUES = 2_000_000  # aliases counted as often as they are used: a small file can stand for billions
_NULL = frozenset(("", "~", "null", "Null", "NULL"))
_BOOL = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_UNREADABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MOST_DIGITS = 40
_PLAIN_WORDS = {
    "mapping values are not allowed in this context": "a second ':' on this line, or a line indented too far",
    "could not find expected ':'": "a key without ':'",
    "did not find expected key": "a line indented unlike its neighbours",
    "did not find expected ',' or '}'": "a '{' that is not closed, or a ',' missing",
    "did not find expected ',' or ']'": "a '[' that is not closed, or a ',' missing",
    "found unexpected end of stream": "a quote that is not closed",
}


class Place(NamedTuple):
    """Where something was given, in the order in which faults are reported."""

    order: tuple[int, int]
    label: str


@dataclass
class Document:
    """Plain data, and the places of its keys and values."""

    data: Raw
    keys: dict[Keys, Place] = field(default_factory=dict)
    values: dict[Keys, Place] = field(default_factory=dict)

    def present(self, location: Sequence[str | int]) -> Keys:
        """Return the part of *location* that the data has; what it has not (union tags) is skipped."""
        at: Raw = self.data
        found: list[str | int] = []
        for part in location:
            indexed = isinstance(at, list) and isinstance(part, int) and 0 <= part < len(at)
            if indexed or (isinstance(at, dict) and part in at):
                at = at[part]
                found.append(part)
        return tuple(found)

    def value_place(self, location: Sequence[str | int]) -> Place:
        """Return the place of the value at *location*, or of the nearest value around it."""
        return _nearest(self.values, self.present(location))

    def key_place(self, location: Sequence[str | int]) -> Place:
        """Return the place of the key at *location*, or of the value where a list holds it."""
        keys = self.present(location)
        return self.keys.get(keys) or _nearest(self.values, keys)


def _nearest(places: Mapping[Keys, Place], keys: Keys) -> Place:
    """Return the place of *keys* or of the innermost thing around it that has one."""
    for end in range(len(keys), -1, -1):
        if keys[:end] in places:
            return places[keys[:end]]
    return Place((0, 0), dotted(keys))


def dotted(keys: Sequence[str | int]) -> str:
    """Return *keys* as they are written in overrides: `exits.local.threshold`."""
    return ".".join(map(str, keys))


def read_document(path: Path) -> Document:
    """Return the mapping in the file at *path*; a ScenarioError when there is none to read."""
    document = parse_document(_read(path), str(path))
    if not isinstance(document.data, dict):
        what = f"a scenario is a mapping of keys, not {given(document.data)}"
        raise ScenarioError([Fault(document.value_place(()).label, what, "start with 'name: ...'")])
    return document


def _read(path: Path) -> str:
    """Return the text of the file at *path*."""
    try:
        with path.open("rb") as stream:
            raw = stream.read(_LARGEST_FILE + 1)
    except FileNotFoundError:
        beside = [p.name for p in path.parent.glob("*.y*ml")] if path.parent.is_dir() else []
        raise ScenarioError([Fault(str(path), "no such file", did_you_mean(path.name, beside))]) from None
    except IsADirectoryError:
        raise ScenarioError([Fault(str(path), "is a folder", "name a scenario file in it")]) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ScenarioError([Fault(str(path), f"cannot be read: {reason}")]) from None
    if len(raw) > _LARGEST_FILE:
        raise ScenarioError([Fault(str(path), f"is larger than {_LARGEST_FILE >> 20} MiB")])
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line, column = _line_column(raw[: error.start].decode("utf-8-sig"), None)
        what = f"byte 0x{raw[error.start]:02x} is not UTF-8 text"
        raise ScenarioError([Fault(f"{path}:{line}:{column}", what, "save the file as UTF-8")]) from None


def parse_document(text: str, label: str) -> Document:
    """Return the data of the YAML *text*, called *label* in faults; a ScenarioError lists all its faults."""
    builder = _Builder(text, label)
    strange = _UNREADABLE.search(text)
    if strange:
        where = builder.place(*_line_column(text, strange.start())).label
        code = f"U+{ord(strange[0]):04X}"
        raise ScenarioError([Fault(where, f"character {code} is not text", "is this a YAML file?")])
    return builder.build()


def plain_document(data: object) -> Document:
    """Return *data*, made of Python mappings, sequences and scalars; places are the paths themselves."""
    document = Document(plain_data(data, ()))
    for index, keys in enumerate(_walk(document.data, ())):
        document.keys[keys] = document.values[keys] = Place((index, 0), dotted(keys))
    return document


def plain_data(value: object, keys: Keys) -> Raw:
    """Return a copy of *value* as dicts, lists and scalars; a ScenarioError, at *keys*, for anything else."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Mapping):
        return {str(key): plain_data(item, (*keys, str(key))) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain_data(item, (*keys, index)) for index, item in enumerate(value)]
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Integral | Real):  # NumPy's numbers too
        return int(value) if isinstance(value, Integral) else float(value)
    what = f"a value of type {type(value).__name__} cannot stand in a scenario"
    raise ScenarioError([Fault(dotted(keys), what, "write text, a number, a list or a mapping")])


def _walk(data: Raw, keys: Keys) -> Iterator[Keys]:
    """Yield the path of every value in *data*, parents first, in order."""
    yield keys
    if isinstance(data, dict | list):
        for key, item in data.items() if isinstance(data, dict) else enumerate(data):
            yield from _walk(item, (*keys, key))


def plain_scalar(text: str) -> str | int | float | bool | None:
    """Return the value of an unquoted scalar by the core schema of YAML 1.2; a ValueError if too long."""
    if text in _NULL:
        return None
    if text in _BOOL:
        return _BOOL[text]
    if _INT.fullmatch(text):
        if len(text) > _MOST_DIGITS:
            raise ValueError(text)
        return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    return float(text.lower().replace(".", "")) if _NOT_FINITE.fullmatch(text) else text


def _line_column(text: str, end: int | None) -> tuple[int, int]:
    """Return the line and column, from 1, of the character after text[:end]."""
    before = text[:end]
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


class _Builder:
    """Builds one document from parser events."""

    def __init__(self, text: str, label: str) -> None:
        self._text = text
        self._label = label
        self._document = Document(None)
        self._faults: list[tuple[Place, Fault]] = []
        self._anchors: dict[str, tuple[Raw, int] | None] = {}  # None while its value is being read
        self._count = 0

    def build(self) -> Document:
        """Return the document; a ScenarioError lists all that is wrong with it."""
        try:
            self._read_events(yaml.parse(self._text, Loader=yaml.CSafeLoader))
        except yaml.MarkedYAMLError as error:
            self._syntax(error)
        except _TooMuch:
            pass
        if self._faults:
            raise ScenarioError([fault for _, fault in sorted(self._faults, key=lambda item: item[0])])
        return self._document

    def place(self, line: int, column: int) -> Place:
        """Return the place at *line* and *column*, from 1."""
        return Place((line, column), f"{self._label}:{line}:{column}")

    def _read_events(self, events: Iterator[_Event]) -> None:
        """Read the one document that *events* hold."""
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                if self._document.values:
                    self._fault(self._mark(event), "a second document", "keep one scenario in a file")
                    raise _TooMuch
                self._document.data = self._value(next(events), events, ())
        if not self._document.values:
            self._fault(self.place(1, 1), "the file is empty", "start with 'name: ...'")

    def _value(self, event: _Event, events: Iterator[_Event], keys: Keys) -> Raw:
        """Return the value that begins with *event*."""
        place = self._document.values[keys] = self._mark(event)
        self._grow(1, place)
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event.anchor, place)
        if event.tag not in (None, "!"):
            self._fault(place, f"tag {event.tag!r} is not read here", "leave it out")
        if len(keys) > _DEEPEST:
            self._fault(place, f"nested more than {_DEEPEST} levels deep")
            raise _TooMuch
        start = self._count
        if event.anchor:
            self._anchors[event.anchor] = None
        value: Raw
        if isinstance(event, yaml.ScalarEvent):
            value = self._scalar(event, place)
        elif isinstance(event, yaml.SequenceStartEvent):
            value = self._sequence(events, keys)
        else:
            value = self._mapping(events, keys)
        if event.anchor:
            self._anchors[event.anchor] = (value, self._count - start + 1)
        return value

    def _scalar(self, event: _Event, place: Place) -> Raw:
        """Return the value of a scalar: text when it is quoted or a block."""
        if not event.implicit[0]:
            return event.value
        try:
            return plain_scalar(event.value)
        except ValueError:
            self._fault(place, f"a number of {len(event.value)} digits", f"write at most {_MOST_DIGITS}")
            return 0

    def _sequence(self, events: Iterator[_Event], keys: Keys) -> list[Raw]:
        """Return the list whose start was read last."""
        items: list[Raw] = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            items.append(self._value(event, events, (*keys, len(items))))
        return items

    def _mapping(self, events: Iterator[_Event], keys: Keys) -> dict[str, Raw]:
        """Return the mapping whose start was read last."""
        items: dict[str, Raw] = {}
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            place = self._mark(event)
            if not isinstance(event, yaml.ScalarEvent):
                self._fault(place, "a key must be a word", "write 'key: value'")
                self._value(event, events, (*keys, "?"))  # read over it
                self._value(next(events), events, (*keys, "?"))
            elif event.value == "<<" and event.implicit[0]:
                self._fault(place, "'<<' (merge key) is not read here", "write the keys out")
                self._value(next(events), events, (*keys, "<<"))
            elif event.value in items:
                first = self._document.keys[(*keys, event.value)].order
                what = f"{event.value!r} is given twice, first at {first[0]}:{first[1]}"
                self._fault(place, what, "keep one")
                self._value(next(events), events, (*keys, event.value))
            else:
                self._document.keys[(*keys, event.value)] = place
                items[event.value] = self._value(next(events), events, (*keys, event.value))
        return items

    def _alias(self, anchor: str | None, place: Place) -> Raw:
        """Return the value that was given the name *anchor*."""
        if anchor is None or anchor not in self._anchors:
            known = (f"*{name}" for name in self._anchors)
            self._fault(place, f"nothing is called '&{anchor}' above", did_you_mean(f"*{anchor}", known))
            return None
        named = self._anchors[anchor]
        if named is None:
            self._fault(place, f"'*{anchor}' stands inside what it names", "write the value out")
            return None
        self._grow(named[1], place)
        return named[0]

    def _grow(self, values: int, place: Place) -> None:
        """Count *values* more; too many end the reading."""
        self._count += values
        if self._count > _MOST_VALUES:
            self._fault(place, f"more than {_MOST_VALUES} values, aliases expanded", "write a smaller file")
            raise _TooMuch

    def _mark(self, event: _Event) -> Place:
        """Return the place where *event* begins."""
        return self.place(event.start_mark.line + 1, event.start_mark.column + 1)

    def _fault(self, place: Place, what: str, instead: str = "") -> None:
        self._faults.append((place, Fault(place.label, what, instead)))

    def _syntax(self, error: yaml.MarkedYAMLError) -> None:
        """Record that the text is not YAML, in plainer words where there are any."""
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line, mark.column) if mark else (0, 0)
        lines = self._text.split("\n")
        indent = re.match(r"[ \t]*", lines[line] if line < len(lines) else "")
        if indent and "\t" in indent[0]:
            place = self.place(line + 1, indent[0].index("\t") + 1)
            self._fault(place, "a tab in the indentation", "indent with spaces")
            return
        problem = str(error.problem)
        self._fault(self.place(line + 1, column + 1), f"not YAML: {_PLAIN_WORDS.get(problem, problem)}")


class _TooMuch(Exception):  # noqa: N818  (not an error that leaves this module)
    """The rest of the text is not worth reading."""
