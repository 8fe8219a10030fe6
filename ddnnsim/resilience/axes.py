"""The axes that a scenario may be looked at along, and what a person may wish of each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple, TypeVar

from ddnnsim.errors import UserError
from ddnnsim.resilience.points import (
    Point,
    deadline_points,
    device_points,
    gathering_exits,
    loss_points,
    mtbf_points,
    number_points,
    random_faults,
)
from ddnnsim.scenario import Scenario
from ddnnsim.scenario.document import plain_scalar
from ddnnsim.scenario.units import DURATION, QuantityError, parse_share
from ddnnsim.scenario.wording import did_you_mean

Value = TypeVar("Value")

SUBSETS = 20
"""How many sets of each size fail, at most: all those of six nodes."""
MTTR = "10 s"
TIMES_BETWEEN = ("10 s", "30 s", "100 s", "300 s", "1000 s")
DEADLINES = ("5 ms", "10 ms", "20 ms", "50 ms", "100 ms", "200 ms", "500 ms")
LOSSES = ("0 %", "1 %", "2 %", "5 %", "10 %", "20 %", "30 %")


class Wish(NamedTuple):
    """What a person says of an axis."""

    of: tuple[str, ...] = ()
    """Nodes or groups that fail, exits that have a deadline, or links that lose; empty: all that can."""
    values: tuple[str, ...] = ()
    """Places on the axis, with their units; empty: those of the axis."""
    subsets: int | None = None
    """The most sets of one size."""
    mttr: str | None = None
    """For how long a node is down, in the mean."""


class Axis(NamedTuple):
    """One way to look at what a scenario bears."""

    name: str
    points: Callable[[Scenario, Wish], list[Point]]
    takes: frozenset[str]
    """What may be wished of it, beside `of`."""


def points_of(axis: Axis, scenario: Scenario, wish: Wish) -> list[Point]:
    """Return the points of *axis* as *wish* says, each once. Raise UserError for what cannot be wished of it."""
    for name in ("values", "subsets", "mttr"):
        if getattr(wish, name) and name not in axis.takes:
            others = [other.name for other in AXES.values() if name in other.takes]
            raise UserError(f"--{name} says nothing against {axis.name}; it is for {', '.join(others)}")
    return list({(point.label, point.x): point for point in axis.points(scenario, wish)}.values())


def _devices(scenario: Scenario, wish: Wish) -> list[Point]:
    return device_points(_nodes(scenario, wish), scenario)


def _numbers(scenario: Scenario, wish: Wish) -> list[Point]:
    nodes = _nodes(scenario, wish)
    sizes = [_size(text, len(nodes)) for text in wish.values] or range(len(nodes) + 1)
    return number_points(nodes, sizes, wish.subsets or SUBSETS, scenario)


def _times_between(scenario: Scenario, wish: Wish) -> list[Point]:
    means_ns = _read(DURATION.read, wish.values or TIMES_BETWEEN)
    if wish.mttr is not None:
        _read(DURATION.read, (wish.mttr,), "--mttr")
    if random_faults(scenario) and not wish.of:
        return mtbf_points(means_ns, scenario, (), wish.mttr)
    return mtbf_points(means_ns, scenario, _nodes(scenario, wish), wish.mttr or MTTR)


def _deadlines(scenario: Scenario, wish: Wish) -> list[Point]:
    known = gathering_exits(scenario)
    deadlines_ns = _read(DURATION.read, wish.values or DEADLINES)
    if 0 in deadlines_ns:
        raise UserError("--values: a deadline of no time; write a longer one")
    return deadline_points(deadlines_ns, _known(wish, known, "exit"), scenario)


def _losses(scenario: Scenario, wish: Wish) -> list[Point]:
    links = _known(wish, list(scenario.topology.links), "link")
    return loss_points(_read(_share, wish.values or LOSSES), links, scenario)


AXES: Mapping[str, Axis] = {
    axis.name: axis
    for axis in (
        Axis("device", _devices, frozenset()),
        Axis("number", _numbers, frozenset({"values", "subsets"})),
        Axis("mtbf", _times_between, frozenset({"values", "mttr"})),
        Axis("deadline", _deadlines, frozenset({"values"})),
        Axis("loss", _losses, frozenset({"values"})),
    )
}
"""By name."""


def _nodes(scenario: Scenario, wish: Wish) -> list[str]:
    """Return the machines that fail: those that are wished, members of groups one by one, or all devices."""
    machines = scenario.topology.machines()
    named = _known(wish, [*scenario.topology.nodes, *machines], "node") if wish.of else scenario.devices()
    return list(dict.fromkeys(scenario.machines_of(tuple(named))))


def _known(wish: Wish, known: Sequence[str], noun: str) -> list[str]:
    """Return the names that are wished, all *known* where none is. Raise UserError for one that is not known."""
    for name in wish.of:
        if name not in known:
            raise UserError(f"--of {name}: unknown {noun}; {did_you_mean(name, known)}")
    if not known:
        raise UserError(f"no {noun} of the scenario could be changed along this axis")
    return list(wish.of or known)


def _size(text: str, count: int) -> int:
    if not text.isascii() or not text.isdecimal() or int(text) > count:
        raise UserError(f"--values {text}: not a number of failed nodes; write one from 0 to {count}")
    return int(text)


def _read(parse: Callable[[object], Value], texts: Iterable[str], option: str = "--values") -> list[Value]:
    """Return *texts* as quantities. Raise UserError for one that is none."""
    found = []
    for text in texts:
        try:
            found.append(parse(text))
        except QuantityError as error:
            raise UserError(f"{option}: {error}") from None
    return found


def _share(text: object) -> float:
    """Return the share *text*, a percentage or a bare number."""
    return parse_share(plain_scalar(str(text)))
