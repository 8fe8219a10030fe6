"""The exits of a network as the stairs that a sample climbs until one is confident."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .landscape import Landscape, Outcome

if TYPE_CHECKING:
    from ddnnsim.oracle import DecisionTable

Rule = Literal["entropy", "probability", "margin"]


class ExitCost(NamedTuple):
    """What it costs to leave at an exit."""

    decided_ns: int
    """From capture to the decision, which is the answer, of a request alone in the system."""
    latency_ns: int
    """From capture to the answer, or to the reply where one is asked for, of the same request."""
    bytes_per_device: float
    """What devices put on their first hop until then, over their number: of eq. (1), ICDCS 2017, sec. III-E."""


class Step(NamedTuple):
    """An exit, with what it says of every sample of a split when it has every view that it can have."""

    name: str
    key: str
    """The exit's name in the scenario: those of groups share it, and with it the threshold."""
    rule: Rule
    measure: NDArray[np.float64]
    """What the rule compares with the threshold, (samples,)."""
    right: NDArray[np.bool_]
    """Whether it is right, (samples,)."""
    cost: ExitCost


def measure(rule: Rule, table: DecisionTable) -> NDArray[np.float64]:
    """Return what *rule* compares with the threshold, (samples,)."""
    return {"entropy": table.entropy, "probability": table.top, "margin": table.margin}[rule]


def leaves(rule: Rule, values: ArrayLike, threshold: ArrayLike) -> NDArray[np.bool_]:
    """Tell which *values* of what *rule* compares are confident at *threshold*; the two are broadcast.

    Entropy leaves below its threshold; threshold 1 always leaves, 0 never. The other rules leave above theirs;
    threshold 0 always leaves, 1 never. The same as an engine does one by one.
    """
    values, threshold = np.asarray(values), np.asarray(threshold)
    if rule == "entropy":
        return (values < threshold) | (threshold >= 1)
    return (values > threshold) | (threshold <= 0)


class Staircase:
    """Exits from the bottom up: a sample leaves at the first that is confident, and at the last in any case.

    Those of one key - the local exits of groups - are asked at once: the confident one that would decide
    earliest in an empty system answers, wherever the reply goes, of equals the first; the sample
    goes on when all say no. In a run queues may let another group be earlier.
    """

    def __init__(self, steps: Sequence[Step]) -> None:
        self.steps = tuple(steps)
        self._flights = [tuple(numbers) for _, numbers in groupby(range(len(steps)), lambda n: steps[n].key)]
        self.keys = tuple(steps[numbers[0]].key for numbers in self._flights[:-1])
        """Those that have a threshold, from the bottom up."""
        self.samples = len(steps[0].right)

    def measures(self, key: str) -> tuple[Rule, NDArray[np.float64]]:
        """Return the rule of *key*, and all that it compares with the threshold."""
        steps = [step for step in self.steps if step.key == key]
        return steps[0].rule, np.concatenate([step.measure for step in steps])

    def evaluate(self, thresholds: Mapping[str, float]) -> Outcome:
        """Return what *thresholds*, by key, come to."""
        return self.landscape({key: [thresholds[key]] for key in self.keys}).outcome(0)

    def landscape(self, candidates: Mapping[str, ArrayLike]) -> Landscape:
        """Return what every combination of *candidates*, by key, comes to; the last key varies fastest."""
        grids = [np.asarray(candidates[key], dtype=np.float64) for key in self.keys]
        corners = np.meshgrid(*grids, indexing="ij")
        counts = self._counts(grids)
        return Landscape(
            keys=self.keys,
            exits=tuple((step.name, step.key) for step in self.steps),
            thresholds=np.stack([corner.ravel() for corner in corners], axis=1),
            right=counts[:, 0],
            answers=counts[:, 1:],
            latency_ns=np.array([step.cost.latency_ns for step in self.steps], np.int64),
            bytes_per_device=np.array([step.cost.bytes_per_device for step in self.steps]),
        )

    def _counts(self, grids: Sequence[NDArray[np.float64]]) -> NDArray[np.int64]:
        """Return by combination how many samples are right, then how many leave at each step."""
        above, _ = self._flight(self._flights[-1], None)  # (1, samples, 1 + steps): no choice at the top
        for numbers, grid in zip(self._flights[-2:0:-1], grids[:0:-1], strict=True):
            answers, climbs = self._flight(numbers, grid)
            joined = answers[:, None] + climbs[:, None, :, None] * above  # (here, above, samples, 1 + steps)
            above = joined.reshape(-1, *above.shape[1:])
        answers, climbs = self._flight(self._flights[0], grids[0])
        counts = answers.sum(axis=1)[:, None] + np.tensordot(climbs, above, axes=(1, 1))
        flat: NDArray[np.int64] = np.rint(counts).astype(np.int64).reshape(-1, counts.shape[-1])
        return flat

    def _flight(
        self, numbers: Sequence[int], grid: NDArray[np.float64] | None
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return what the steps *numbers*, of one key, answer at each threshold of *grid*, and who climbs on.

        Answers are (thresholds, samples, 1 + steps) - one in the first column for a right one, and one in that
        of the step that gives it; who climbs is (thresholds, samples). All leave where *grid* is None.
        """
        width = 1 if grid is None else len(grid)
        answers = np.zeros((width, self.samples, 1 + len(self.steps)), np.float32)
        climbs = np.ones((width, self.samples), dtype=bool)
        for number in sorted(numbers, key=lambda n: (self.steps[n].cost.decided_ns, n)):
            step = self.steps[number]
            confident = True if grid is None else leaves(step.rule, step.measure, grid[:, None])
            here = climbs & confident
            climbs &= ~here
            answers[..., 0] += here & step.right
            answers[..., 1 + number] = here
        return answers, climbs.astype(np.float32)
