"""The oracle of a trained network: decisions from the scores that its exits give, each computed once.

Scores come from the network itself (`scores.NetworkScores`) or from an earlier run that kept them. Which
of the two makes no difference to an answer, and without the network there is no need of torch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ddnnsim.oracle import AS_RECORDED, Decision, DecisionTable, ViewSets, decision_table

BLOCK = 64
"""Samples that are always evaluated together: in other batches the scores may differ in their last bits."""

Scores = NDArray[np.float32]
"""What an exit gives before the softmax, (samples, classes)."""


class ScoreSource(Protocol):
    """What gives scores: it is asked for a block of 64 consecutive samples, the last one filled up."""

    def evaluate(self, exit: int, block: int, mask: int) -> Mapping[int, Scores]:  # noqa: A002
        """Return by exit, *exit* among them, the scores (64, classes) of *block* from the views in *mask*."""
        ...


class TrainedOracle:
    """An `Oracle` that asks *network* as questions come, and keeps the scores.

    Exits are numbered from the bottom. *known* holds by exit and set of views, a bit mask, the scores of
    all samples that need not be asked for; *network* is called when first something else is. Scores are divided
    by their exit's of *temperatures*, 1 unless given, before the softmax (Guo et al., ICML 2017, sec. 4.2).
    """

    def __init__(
        self,
        labels: NDArray[np.int64],
        network: Callable[[], ScoreSource],
        known: Mapping[tuple[int, int], Scores] | None = None,
        temperatures: Sequence[float] = (),
    ) -> None:
        self.labels = labels
        """The class of each sample: for results; an engine never asks."""
        self.samples = len(labels)
        self.view_sets = ViewSets()
        self._temperatures = tuple(temperatures)
        self._open = network
        self._network: ScoreSource | None = None
        self._blocks = -(-self.samples // BLOCK)
        self._scores: dict[tuple[int, int, int], Scores] = {
            (exit_, block, mask): scores[block * BLOCK : (block + 1) * BLOCK]
            for (exit_, mask), scores in (known or {}).items()
            for block in range(self._blocks)
        }
        self._rows: dict[tuple[int, int, int, int], list[Decision]] = {}

    def decide(self, exit: int, sample: int, views: int, variant: int = AS_RECORDED) -> Decision:  # noqa: A002
        """Return what *exit* says of *sample* when it has *views*, of which there must be one at least."""
        block = sample // BLOCK
        rows = self._rows.get((exit, block, views, variant))
        if rows is None:
            rows = self._decided(exit, self._block(exit, block, views, variant)).rows()
            self._rows[exit, block, views, variant] = rows
        return rows[sample % BLOCK]

    def table(self, exit: int, views: int, variant: int = AS_RECORDED) -> DecisionTable:  # noqa: A002
        """Return what *exit* says of every sample when it has *views*, of which there must be one at least."""
        blocks = [self._block(exit, block, views, variant) for block in range(self._blocks)]
        return self._decided(exit, np.concatenate(blocks))

    def whole(self) -> dict[tuple[int, int], Scores]:
        """Return by exit and set of views the scores of all samples, where all are known."""
        found: dict[tuple[int, int], Scores] = {}
        for exit_, block, mask in self._scores:
            if block == self._blocks - 1 and all((exit_, b, mask) in self._scores for b in range(block)):
                found[exit_, mask] = np.concatenate([self._scores[exit_, b, mask] for b in range(self._blocks)])
        return found

    def _block(self, exit: int, block: int, views: int, variant: int) -> Scores:  # noqa: A002
        """Return the scores of *exit* for the samples of *block*, evaluated at the first need."""
        mask = self.view_sets.masks[views]
        if variant != AS_RECORDED or not mask:
            raise ValueError(f"no answer for the set of views {mask:#b} in variant {variant}")
        if (exit, block, mask) not in self._scores:
            if self._network is None:
                self._network = self._open()
            samples = min(BLOCK, self.samples - block * BLOCK)
            for other, scores in self._network.evaluate(exit, block, mask).items():
                self._scores[other, block, mask] = scores[:samples]
        return self._scores[exit, block, mask]

    def _decided(self, exit: int, scores: Scores) -> DecisionTable:  # noqa: A002
        """Return the decisions of *exit* on *scores*, (samples, classes): softmax in float64."""
        above = scores.astype(np.float64) - scores.max(axis=1, keepdims=True)
        exponentials = np.exp(above / (self._temperatures[exit] if self._temperatures else 1.0))
        return decision_table(exponentials / exponentials.sum(axis=1, keepdims=True))
