"""What a fault must say of itself: what it is, and when.

Like all checks of raw data, these pass over wrong shapes, which the schema tells, and report causes only.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .defaults import by_numbers, sound_duration_ns
from .document import Keys
from .drawn import parse_drawn
from .fault import KINDS, kind_of
from .finding import Finding
from .naming import all_faults
from .units import DURATION, QuantityError
from .wording import listed

_WAYS = {"at": "at", "every": "every", "mtbf": "mtbf", "mttr": "mtbf"}
"""By key, the way of saying when that it is of."""
_PARTNERS = {"at": ("for", "10 s"), "every": ("for", "10 s"), "mtbf": ("mttr", "30 s"), "mttr": ("mtbf", "10 min")}
"""By key, what must be there, too, with an example."""


def spell_findings(data: dict[str, Any]) -> Iterator[Finding]:
    """Yield what is wrong with each of the faults of *data*, but for the names of its victims."""
    names: set[str] = set()
    for keys, fault in all_faults(data.get("faults")):
        yield from _kind(keys, fault)
        yield from _words(keys, fault)
        if len(keys) == len(("faults", 0)):
            yield from _when(keys, fault)
        else:
            yield from _no_length(keys, fault)
        if kind_of(fault) == "sensor" and by_numbers(data):
            what = "a model given by numbers looks at no data, whatever sensors show"
            yield Finding((*keys, "sensor"), what, "leave it out", at_key=True)
        name = fault.get("name")
        if isinstance(name, str):
            if name in names:
                yield Finding((*keys, "name"), f"two faults are called {name!r}", "name each differently")
            names.add(name)


def _kind(keys: Keys, fault: dict[str, Any]) -> Iterator[Finding]:
    """Yield a fault of no kind, or of several."""
    kinds = [kind for kind in fault if kind in KINDS and fault[kind] is not None]
    if not kinds:
        what = "what goes wrong is missing"
        yield Finding((*keys, "crash"), what, f"write {listed(KINDS, last='or')}, e.g. 'crash: camera1'")
    for kind in (kind for kind in kinds if kind != kind_of(fault)):
        what = f"{kind!r} in a fault that is of kind {kind_of(fault)!r}"
        yield Finding((*keys, kind), what, "make it a fault of its own", at_key=True)


def _words(keys: Keys, fault: dict[str, Any]) -> Iterator[Finding]:
    """Yield what a fault of its kind should say, or should not."""
    kind = kind_of(fault)
    if kind == "partition" and fault.get("each") is True:
        what = "a partition cuts all links between its two sides at once"
        yield Finding((*keys, "each"), what, "leave 'each' out", at_key=True)
    if kind == "degrade" and not {"rate", "delay", "loss"} & fault.keys():
        yield Finding((*keys, kind), "nothing gets worse", "write e.g. 'rate: 10 %', 'delay: 50 ms' or 'loss: 5 %'")
    if kind == "sensor" and fault.get("kind") == "noisy" and "level" not in fault:
        yield Finding((*keys, "level"), "'level' is missing: how strong is the noise", "write e.g. 'level: 0.2'")
    if kind == "sensor" and fault.get("kind") in ("blank", "stuck") and "level" in fault:
        what = f"a sensor that is {fault['kind']} has no level of noise"
        yield Finding((*keys, "level"), what, "leave it out, or write 'kind: noisy'", at_key=True)


def _when(keys: Keys, fault: dict[str, Any]) -> Iterator[Finding]:
    """Yield a fault that says by halves, or in two ways, when it is."""
    ways = list(dict.fromkeys(_WAYS[key] for key in fault if key in _WAYS))
    for way in ways[1:]:
        yield Finding((*keys, way), f"{ways[0]!r} and {way!r} both say when", "keep one", at_key=True)
    for key in (key for key in _PARTNERS if key in fault and len(ways) == 1):
        partner, example = _PARTNERS[key]
        if partner not in fault:
            yield Finding(
                (*keys, partner), f"{partner!r} is missing beside {key!r}", f"write e.g. '{partner}: {example}'"
            )
    if "for" in fault and not {"at", "every"} & set(ways):
        instead = "leave it out" if ways else "write 'until', or 'at' with a list of times"
        told = "'mttr' says how long a spell lasts" if ways else "'for' goes with 'at' or 'every'"
        yield Finding((*keys, "for"), told, instead, at_key=True)
    for key in (key for key in ("from", "until") if ways == ["at"] and key in fault):
        yield Finding((*keys, key), "'at' says when spells begin", f"leave {key!r} out", at_key=True)
    if len(ways) < 2:
        yield from _times(keys, fault)


def _times(keys: Keys, fault: dict[str, Any]) -> Iterator[Finding]:
    """Yield spells that have no length, overlap, or come after their end."""
    from_ns, until_ns, every_ns, length_ns = (
        sound_duration_ns(fault.get(key)) for key in ("from", "until", "every", "for")
    )
    if until_ns is not None and until_ns <= (from_ns or 0):
        what = f"it is over at {fault['until']}, and does not begin before {DURATION.text(from_ns or 0)}"
        yield Finding((*keys, "until"), what, "write a later time")
    if length_ns == 0:
        yield Finding((*keys, "for"), "a spell of no length", "write a longer time, e.g. '10 s'")
    if every_ns == 0:
        yield Finding((*keys, "every"), "a time that is always 0", "write a longer one, e.g. '60 s'")
    elif every_ns is not None and length_ns is not None and length_ns > every_ns:
        what = f"spells of {fault['for']} every {fault['every']} overlap"
        yield Finding((*keys, "for"), what, "write a time that is not longer")
    last_ns = None
    for index, at in enumerate(fault["at"] if isinstance(fault.get("at"), list) else ()):
        at_ns = sound_duration_ns(at)
        if at_ns is None or length_ns is None:
            continue
        if last_ns is not None and at_ns < last_ns + length_ns:
            what = f"the spell at {at} begins before the one at {DURATION.text(last_ns)} is over"
            yield Finding((*keys, "at", index), what, "write times in order, further apart than 'for'")
        last_ns = at_ns


def _no_length(keys: Keys, fault: dict[str, Any]) -> Iterator[Finding]:
    """Yield a consequence that never lasts."""
    try:
        never = fault.get("for") is not None and parse_drawn(fault["for"]) == ("constant", (0,))
    except QuantityError:  # the schema tells it
        return
    if never:
        yield Finding((*keys, "for"), "a spell of no length", "write a longer time, e.g. '10 s'")
