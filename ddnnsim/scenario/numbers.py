"""What a model given by numbers must say, and what there is none of in it.

Like all checks of raw data, these pass over wrong shapes, which the schema tells, and report causes only.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .configuration import EXITS, Configuration
from .defaults import by_numbers, section
from .drawn import parse_drawn
from .finding import Finding
from .units import QuantityError
from .wording import listed

_SECTIONS = ("model", "sections")
_EXITS = ("model", "exits")
_NOT_OF_NUMBERS = {
    "threshold": "a model given by numbers says in model.exits which share of the requests leaves",
    "rule": "a model given by numbers has no scores to hold against a rule",
    "temperature": "a model given by numbers has no scores to divide",
}
"""By key of an exit, why it is not there."""


def number_findings(data: dict[str, Any], configuration: Configuration) -> Iterator[Finding]:
    """Yield what is wrong with a model of *data* that is given by numbers, and with data that only such a one has."""
    source = section(data, "data").get("source")
    if not by_numbers(data):
        if source == "numbers":
            yield Finding(("data", "source"), "numbers are no data to learn from", "give the model by numbers, too")
        return
    if source != "numbers":
        yield Finding(("data",), "a model given by numbers looks at no data", "leave 'data' out", at_key=True)
    yield from _levels(data, configuration)
    yield from _exits(data, configuration)
    yield from _services(data, configuration)
    if configuration.letter == "a" and "raw" not in section(data, "data"):
        what = f"{configuration} sends views as they are: how large is one"
        yield Finding(("data", "raw"), what, "write e.g. 'data: {source: numbers, raw: 3072 B}'")


def _levels(data: dict[str, Any], configuration: Configuration) -> Iterator[Finding]:
    """Yield levels too many or too few, and what each of them says too little or too much."""
    sections, has = section(data, *_SECTIONS), f"{configuration} has levels {listed(configuration.levels)}"
    if not isinstance(section(data, "model").get("sections"), dict):
        return
    for name in sections:
        if name not in configuration.levels:
            yield Finding((*_SECTIONS, name), f"unknown level {name!r}", has, at_key=True)
    for name in configuration.levels:
        if name not in sections:
            what = f"level {name!r} is missing: {has}"
            yield Finding((*_SECTIONS, name), what, f"write e.g. '{name}: {{operations: 1.2 MFLOP}}'")
        elif isinstance(sections[name], dict):
            yield from _costs(name, sections[name], configuration)


def _costs(name: str, costs: dict[str, Any], configuration: Configuration) -> Iterator[Finding]:
    """Yield what is wrong with the *costs* of the level *name*."""
    keys = (*_SECTIONS, name)
    operations, service = costs.get("operations"), costs.get("service")
    if operations is None and service is None:
        what = "'operations' is missing: what does a section of this level cost"
        yield Finding((*keys, "operations"), what, "write e.g. 'operations: 1.2 MFLOP', or 'service: 5 ms'")
    elif operations is not None and service is not None:
        what = "'operations' and 'service' both say how long a job takes"
        yield Finding((*keys, "service"), what, "keep one", at_key=True)
    if costs.get("binary") is not None and operations is None and service is not None:
        yield Finding((*keys, "binary"), "'service' says how long a job takes", "leave 'binary' out", at_key=True)
    top = name == configuration.levels[-1]
    if top and costs.get("features") is not None:
        yield Finding((*keys, "features"), "there is nothing above the cloud", "leave 'features' out", at_key=True)
    elif not top and configuration.letter != "a" and costs.get("features") is None:
        what = "'features' is missing: how much does a section of this level send up"
        yield Finding((*keys, "features"), what, "write e.g. 'features: 140 B'")


def _exits(data: dict[str, Any], configuration: Configuration) -> Iterator[Finding]:
    """Yield exits that one part knows and the other does not, and what they say too little or too much."""
    exits, numbers = section(data, "exits"), section(data, *_EXITS)
    for name in numbers:
        if name not in exits:
            what = f"numbers of the exit {name!r}, which is not among the exits"
            yield Finding((*_EXITS, name), what, "leave it out", at_key=True)
    for name in configuration.exits:
        if not isinstance(exits.get(name), dict):
            continue
        for key, why in _NOT_OF_NUMBERS.items():
            if exits[name].get(key) is not None and exits[name][key] != _DEFAULTS.get(key):
                yield Finding(("exits", name, key), why, f"leave {key!r} out", at_key=True)
        last = name == EXITS[-1]
        if name not in numbers and isinstance(section(data, "model").get("exits"), dict):
            example = "{accuracy: 97 %}" if last else "{leave: 60 %, accuracy: 88 %}"
            yield Finding((*_EXITS, name), f"no numbers of the exit {name!r}", f"write e.g. '{name}: {example}'")
        elif last and section(numbers, name).get("leave") is not None:
            yield Finding((*_EXITS, name, "leave"), f"the {name} exit always answers", "leave it out", at_key=True)
        elif not last and isinstance(numbers.get(name), dict) and numbers[name].get("leave") is None:
            what = "'leave' is missing: which share of the requests leaves here"
            yield Finding((*_EXITS, name, "leave"), what, "write e.g. 'leave: 60 %'")


def _services(data: dict[str, Any], configuration: Configuration) -> Iterator[Finding]:
    """Yield service times that are said twice, that cannot be measured, or that make no sum."""
    sections = section(data, *_SECTIONS)
    told = [name for name in configuration.levels if section(sections, name).get("service") is not None]
    for name, node in section(data, "topology", "nodes").items():
        fields = section(node)
        here = configuration.levels if configuration.letter == "a" else (fields.get("tier"),)
        if fields.get("measured") is not None:
            what = "a model given by numbers has no sections to time"
            yield Finding(("topology", "nodes", name, "measured"), what, "write 'service: 5 ms'", at_key=True)
        if fields.get("service") is not None and fields.get("tier") in configuration.levels and set(here) & set(told):
            what = f"the service of sections on {name!r} is said in model.sections, too"
            yield Finding(("topology", "nodes", name, "service"), what, "keep one", at_key=True)
    if configuration.letter == "a" and told:
        if len(told) < len(configuration.levels):
            missing = next(level for level in configuration.levels if level not in told)
            what = f"in {configuration} all sections are one job, and {missing!r} says no time for its part"
            yield Finding((*_SECTIONS, told[0], "service"), what, "give each level the same kind of cost", at_key=True)
        for name in told:
            if not _is_fixed(sections[name]["service"]):
                what = f"in {configuration} all sections are one job, and times that are drawn make no sum"
                instead = "write a fixed time, or operations here and a 'service' of the cloud node"
                yield Finding((*_SECTIONS, name, "service"), what, instead)


def _is_fixed(service: object) -> bool:
    """Return whether *service* is a duration; what is none is a fault by itself."""
    try:
        return parse_drawn(service).family == "constant"
    except QuantityError:
        return True


_DEFAULTS = {"rule": "entropy", "temperature": 1.0}
"""What says nothing: a resolved scenario writes it."""
