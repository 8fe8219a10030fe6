"""What a study is: networks to train, and what to ask each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from ddnnsim.progress import Progress
    from ddnnsim.scenario import Scenario


class Point(NamedTuple):
    """One setting of the thresholds, and where it stands in the tables."""

    variant: str
    """What it is, among others at the same place, such as `T = 0.8`."""
    x: str
    """Its place on the axis of the study, such as how many devices there are."""
    threshold: float | Literal["chosen", "given"]
    """Of every exit below the last: a number, chosen on the validation split, or as the scenario gives it."""


class Row(NamedTuple):
    """One number that came out."""

    variant: str
    x: str
    quantity: str
    """`overall_accuracy`, `bytes`, ...: with its unit, shares and accuracies without one."""
    value: float


class Bench(NamedTuple):
    """What a measure works with."""

    runs: Path
    """Where finished runs are kept."""
    progress: Progress


Measure = Callable[["Bench", "Scenario", tuple[Point, ...]], Iterator[Row]]
"""Asks the network of a scenario at points, and yields the numbers. A function of a module: processes share it."""


class Case(NamedTuple):
    """One network, which is trained once for each seed, and what to ask it."""

    scenario: str
    """Its file, without the ending, under the folder of the paper's scenarios."""
    measure: Measure
    points: tuple[Point, ...]
    changes: Mapping[str, object]
    """By path in the scenario."""


class Study(NamedTuple):
    """A table or a figure of the paper, or one beyond it."""

    name: str
    title: str
    axis: str
    """What `x` is."""
    shown: tuple[str, ...]
    """The quantities that a person is shown, of all that the tables hold."""
    cases: tuple[Case, ...]
