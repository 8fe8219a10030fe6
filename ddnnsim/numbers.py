"""A network that is given by numbers alone: what its sections cost, and how often its exits are sure and right."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, NoReturn

import numpy as np
from numpy.typing import NDArray

from ddnnsim.errors import UserError
from ddnnsim.oracle import AS_RECORDED, Decision, DecisionTable, TableOracle
from ddnnsim.profile import Operations
from ddnnsim.seeds import stream

if TYPE_CHECKING:
    from ddnnsim.network import Network
    from ddnnsim.profile import Profiles
    from ddnnsim.scenario import NumberedModel, NumberedSection


class NumberedCost(NamedTuple):
    """What a section costs for one sample, as a scenario says it; its time, where it says that, is for planning."""

    operations: Operations
    parameter_bytes: int
    summary_bytes: int
    features_bytes: int


def numbered_costs(network: Network, model: NumberedModel) -> Profiles:
    """Return by level what each section of *network* costs by *model*."""
    return [
        [_cost(exit_ is not None, model.sections[level.name]) for exit_ in network.exits_of(number)]
        for number, level in enumerate(network.levels)
    ]


def _cost(classifies: bool, told: NumberedSection) -> NumberedCost:
    return NumberedCost(
        operations=Operations(told.operations or 0, told.binary_operations or 0),
        parameter_bytes=told.parameter_bytes,
        summary_bytes=told.summary_bytes if classifies else 0,
        features_bytes=told.features_bytes or 0,
    )


class NumberedOracle(TableOracle):
    """What exits say by numbers, whatever the views are, of samples that have *labels*."""

    def __init__(self, tables: Sequence[DecisionTable], labels: NDArray[np.int64]) -> None:
        super().__init__(tables)
        self.labels = labels
        """The class of each sample."""
        self._decisions: list[list[Decision] | None] = [None] * len(tables)

    def decide(self, exit: int, sample: int, views: int, variant: int = AS_RECORDED) -> Decision:  # noqa: A002
        """Return what *exit* says of *sample*."""
        rows = self._decisions[exit]
        if rows is None:
            rows = self._decisions[exit] = self.table(exit, views, variant).rows()
        return rows[sample]


class Numbered:
    """The network *shape* by the numbers of *model*, and what its exits say of *samples* samples of equal views.

    It answers like `dnn.trained.Trained`, but there is nothing behind it that could be trained, and no split but
    the one that is simulated. All is drawn under *seed*, that of the run.
    """

    key = None
    """There is none: no weights are in the cache."""
    cached = False
    is_trained = True
    not_saved = None

    def __init__(self, shape: Network, model: NumberedModel, raw_bytes: int, samples: int, seed: int) -> None:
        self._shape, self._model, self._raw_bytes = shape, model, raw_bytes
        self._samples, self._seed = samples, seed
        self._oracle: NumberedOracle | None = None

    @property
    def files(self) -> list[Path]:
        """Return the files behind the network: there are none."""
        return []

    def oracle(self) -> NumberedOracle:
        """Return what the exits say of all samples."""
        if self._oracle is None:
            labels = stream(self._seed, "labels").integers(self._shape.classes, size=self._samples)
            tables = [self._table(number, labels) for number in range(len(self._shape.exits))]
            self._oracle = NumberedOracle(tables, labels)
        return self._oracle

    def raw_bytes(self) -> NDArray[np.int64]:
        """Return the size of each view as it is, (samples, views)."""
        return np.broadcast_to(np.int64(self._raw_bytes), (self._samples, self._shape.views))

    def profiles(self) -> Profiles:
        """Return by level what each section costs."""
        return numbered_costs(self._shape, self._model)

    def section_times(self) -> NoReturn:
        """Raise UserError: there are no sections to time."""
        raise UserError("a model given by numbers has no sections to time; write 'service' for 'measured'")

    def keep_answers(self) -> None:
        """Keep nothing."""

    def _table(self, number: int, labels: NDArray[np.int64]) -> DecisionTable:
        """Return what the exit *number* says of samples of *labels*.

        Three draws of its stream for each sample: the entropy; whether it is right; which other class it gives, else.
        """
        exit_, classes = self._shape.exits[number], self._shape.classes
        entropy, right, other = stream(self._seed, f"exits/{exit_.name}").random((len(labels), 3)).T  # (samples,) each
        wrong = (labels + 1 + (other * (classes - 1)).astype(np.int64)) % classes
        accuracy = self._model.exits[exit_.key].accuracy
        return DecisionTable(
            prediction=np.where(right < accuracy, labels, wrong),
            entropy=np.ascontiguousarray(entropy),
            top=1 - entropy,
            margin=1 - entropy,
        )
