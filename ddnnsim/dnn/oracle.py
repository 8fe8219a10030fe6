"""The oracle of a trained network: decisions from the scores that its exits give, each computed once.

Scores come from the network itself (`scores.NetworkScores`) or from an earlier run that kept them. Which
of the two makes no difference to an answer, and without the network there is no need of torch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from ddnnsim.oracle import AS_RECORDED, Decision, DecisionTable, Readings, Variants, ViewSets, decision_table

BLOCK = 64
"""Samples that are always evaluated together: in other batches the scores may differ in their last bits."""

Scores = NDArray[np.float32]
"""What an exit gives before the softmax, (samples, classes)."""


class Views(NamedTuple):
    """What exits have of a sample."""

    mask: int
    """Which views arrived."""
    readings: Readings = ()
    """What of those is not as recorded."""


class ScoreSource(Protocol):
    """What gives scores: it is asked for a block of 64 consecutive samples, the last one filled up."""

    def evaluate(self, exit: int, block: int, views: Views) -> Mapping[int, Scores]:  # noqa: A002
        """Return by exit scores (64, classes) of *block* from *views*: of *exit*, if these let it say anything."""
        ...

    def sweep(
        self,
        exit: int,  # noqa: A002
        blocks: Sequence[int],
        views: Views,
    ) -> Iterator[tuple[int, Mapping[int, Scores]]]:
        """Yield each of *blocks* with what `evaluate` returns for it; who knows how may take several at once."""
        for block in blocks:
            yield block, self.evaluate(exit, block, views)


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
        self.variants = Variants()
        self._temperatures = tuple(temperatures)
        self._open = network
        self._network: ScoreSource | None = None
        self._blocks = -(-self.samples // BLOCK)
        self._scores: dict[tuple[int, int, Views], Scores] = {
            (exit_, block, Views(mask)): scores[block * BLOCK : (block + 1) * BLOCK]
            for (exit_, mask), scores in (known or {}).items()
            for block in range(self._blocks)
        }
        self._rows: dict[tuple[int, int, int, int], list[Decision]] = {}

    def afresh(self) -> TrainedOracle:
        """Return an oracle that has met no set of views yet, and shares with this one all that either finds out."""
        other = TrainedOracle(self.labels, self._asked_network, temperatures=self._temperatures)
        other._scores = self._scores
        return other

    def decide(self, exit: int, sample: int, views: int, variant: int = AS_RECORDED) -> Decision:  # noqa: A002
        """Return what *exit* says of *sample* when it has *views*; ValueError where it says nothing."""
        block = sample // BLOCK
        rows = self._rows.get((exit, block, views, variant))
        if rows is None:
            rows = self._decided(exit, self._block(exit, block, self._asked(views, variant))).rows()
            self._rows[exit, block, views, variant] = rows
        return rows[sample % BLOCK]

    def table(self, exit: int, views: int, variant: int = AS_RECORDED) -> DecisionTable:  # noqa: A002
        """Return what *exit* says of every sample when it has *views*; ValueError where it says nothing."""
        asked = self._asked(views, variant)
        missing = [block for block in range(self._blocks) if (exit, block, asked) not in self._scores]
        self._evaluate(exit, missing, asked)
        return self._decided(exit, np.concatenate([self._scores[exit, block, asked] for block in range(self._blocks)]))

    def whole(self) -> dict[tuple[int, int], Scores]:
        """Return by exit and set of views the scores of all samples, where all are known, of views as recorded."""
        found: dict[tuple[int, int], Scores] = {}
        for exit_, block, views in self._scores:
            last = block == self._blocks - 1 and not views.readings
            if last and all((exit_, b, views) in self._scores for b in range(block)):
                found[exit_, views.mask] = np.concatenate([self._scores[exit_, b, views] for b in range(self._blocks)])
        return found

    def _block(self, exit: int, block: int, views: Views) -> Scores:  # noqa: A002
        """Return the scores of *exit* for the samples of *block*, evaluated at the first need."""
        if (exit, block, views) not in self._scores:
            self._evaluate(exit, [block], views)
        return self._scores[exit, block, views]

    def _asked(self, views: int, variant: int) -> Views:
        """Return the set of id *views* in *variant*: what sensors show of views that did not arrive is left out."""
        mask = self.view_sets.masks[views]
        return Views(mask, tuple(shown for shown in self.variants.readings[variant] if mask >> shown[0] & 1))

    def _evaluate(self, exit: int, blocks: Sequence[int], views: Views) -> None:  # noqa: A002
        """Keep the scores of *exit*, and of those that come with them, for the samples of *blocks*."""
        if not blocks:
            return
        for block, found in self._asked_network().sweep(exit, blocks, views):
            if exit not in found:
                raise ValueError(f"no answer: no view of exit {exit} is in the set {views.mask:#b}")
            samples = min(BLOCK, self.samples - block * BLOCK)
            for other, scores in found.items():
                self._scores[other, block, views] = scores[:samples]

    def _asked_network(self) -> ScoreSource:
        if self._network is None:
            self._network = self._open()
        return self._network

    def _decided(self, exit: int, scores: Scores) -> DecisionTable:  # noqa: A002
        """Return the decisions of *exit* on *scores*, (samples, classes): softmax in float64."""
        above = scores.astype(np.float64) - scores.max(axis=1, keepdims=True)
        exponentials = np.exp(above / (self._temperatures[exit] if self._temperatures else 1.0))
        return decision_table(exponentials / exponentials.sum(axis=1, keepdims=True))
