"""The border between the network that was trained and the engines that ask it.

Which class an exit gives depends on the sample and on the views that reached it, never on when.
So an engine asks an `Oracle` and knows neither images nor labels nor torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

AS_RECORDED = 0
"""The variant in which every sensor sees what the data set holds."""


class Decision(NamedTuple):
    """What an exit says of one sample."""

    prediction: int
    """The most probable class; of equals the lowest."""
    entropy: float
    """Normalised entropy of the probabilities: 0 is certain, 1 is uniform."""
    top: float
    """The highest probability."""
    margin: float
    """The highest probability less the second."""


class Certainty(Protocol):
    """How certain an exit is: what the rules look at."""

    @property
    def entropy(self) -> float: ...  # noqa: D102
    @property
    def top(self) -> float: ...  # noqa: D102
    @property
    def margin(self) -> float: ...  # noqa: D102


class DecisionTable(NamedTuple):
    """What an exit says of every sample, column by column; each of shape (samples,)."""

    prediction: NDArray[np.int64]
    entropy: NDArray[np.float64]
    top: NDArray[np.float64]
    margin: NDArray[np.float64]

    def rows(self) -> list[Decision]:
        """Return the table as one `Decision` a sample, of plain Python numbers."""
        return list(map(Decision, *(column.tolist() for column in self)))


class ViewSets:
    """Interned sets of views: a small id for each set, so that engines and tables carry integers.

    A set is a bit mask: bit i is set when the view of device section i is in it.
    """

    def __init__(self) -> None:
        self._ids: dict[int, int] = {}
        self.masks: list[int] = []
        """The sets seen so far, by id."""

    def id(self, mask: int) -> int:
        """Return the id of the set of views *mask*, a new one on first sight."""
        found = self._ids.get(mask)
        if found is None:
            found = self._ids[mask] = len(self.masks)
            self.masks.append(mask)
        return found


class Picture(NamedTuple):
    """A view as a sensor shows it."""

    sample: int | None = None
    """Whose view it is; None: that of the sample which is asked about."""
    noise: float = 0.0
    """Standard deviation of the Gaussian noise on it, where a view has values from 0 to 1."""
    seed: int = 0
    """Of the noise, which is the same whenever this picture of this sample is shown."""

    def of(self, sample: int) -> Picture:
        """Return the picture that this one is where *sample* is asked about."""
        return self if self.sample is not None else self._replace(sample=sample)


Reading = Picture | None
"""What a sensor shows; None: nothing, a view of zeros."""

Readings = tuple[tuple[int, Reading], ...]
"""By view, ascending, what its sensor shows; of views that are not in it what the data set holds."""


class Variants:
    """Interned conditions of the sensors: `AS_RECORDED`, and a small id for each other one."""

    def __init__(self) -> None:
        self.readings: list[Readings] = [()]
        """Those seen so far, by id."""
        self._ids: dict[Readings, int] = {(): AS_RECORDED}

    def id(self, readings: Readings) -> int:
        """Return the id of the variant of *readings*, a new one on first sight."""
        found = self._ids.get(readings)
        if found is None:
            found = self._ids[readings] = len(self.readings)
            self.readings.append(readings)
        return found

    def showing(self, variant: int, view: int, reading: Reading) -> int:
        """Return the id of *variant* with *reading* in the place of *view*."""
        others = (of_view for of_view in self.readings[variant] if of_view[0] != view)
        return self.id(tuple(sorted([*others, (view, reading)], key=lambda of_view: of_view[0])))


class Oracle(Protocol):
    """What each exit answers for a sample and a set of views.

    `exit` is the exit's id, `sample` the index in the split that is simulated, `views` an id of
    `view_sets`, `variant` one of `variants` (`AS_RECORDED`: as in the data).
    Answers never depend on the order of the questions.
    """

    samples: int
    view_sets: ViewSets
    variants: Variants

    def decide(self, exit: int, sample: int, views: int, variant: int = AS_RECORDED) -> Decision:  # noqa: A002
        """Return what *exit* says of *sample* when it has *views*."""
        ...

    def table(self, exit: int, views: int, variant: int = AS_RECORDED) -> DecisionTable:  # noqa: A002
        """Return what *exit* says of every sample when it has *views*."""
        ...


def decision_table(probabilities: NDArray[np.floating]) -> DecisionTable:
    """Return what an exit with *probabilities*, (samples, classes), says of every sample.

    The entropy is the exit criterion of Teerapittayanon et al., ICDCS 2017, sec. III-D:
    that of the probabilities over log(classes), 0 when certain, 1 when uniform.
    """
    p = np.asarray(probabilities, dtype=np.float64)
    ordered = np.sort(p, axis=1)
    information = np.where(p > 0, -p * np.log(np.where(p > 0, p, 1.0)), 0.0)
    return DecisionTable(
        prediction=p.argmax(axis=1).astype(np.int64),
        entropy=np.clip(information.sum(axis=1) / np.log(p.shape[1]), 0.0, 1.0),
        top=ordered[:, -1],
        margin=ordered[:, -1] - ordered[:, -2],
    )


class TableOracle:
    """An oracle of given tables: for tests, and for users who have numbers and no network.

    `tables[exit]` answers whatever the views are; `by_views[exit, mask]`, where given, for that set alone;
    `by_readings[exit, readings]`, where given, for these readings, whatever the views.
    """

    def __init__(
        self,
        tables: Sequence[DecisionTable],
        by_views: dict[tuple[int, int], DecisionTable] | None = None,
        by_readings: dict[tuple[int, Readings], DecisionTable] | None = None,
    ) -> None:
        self.samples = len(tables[0].prediction)
        self.view_sets = ViewSets()
        self.variants = Variants()
        self._tables = tuple(tables)
        self._by_views = by_views or {}
        self._by_readings = by_readings or {}
        self._rows: dict[tuple[int, int, int], list[Decision]] = {}

    def decide(self, exit: int, sample: int, views: int, variant: int = AS_RECORDED) -> Decision:  # noqa: A002
        """Return what *exit* says of *sample* when it has *views*."""
        rows = self._rows.get((exit, views, variant))
        if rows is None:
            rows = self._rows[exit, views, variant] = self.table(exit, views, variant).rows()
        return rows[sample]

    def table(self, exit: int, views: int, variant: int = AS_RECORDED) -> DecisionTable:  # noqa: A002
        """Return what *exit* says of every sample when it has *views*."""
        shown = self._by_readings.get((exit, self.variants.readings[variant]))
        return shown or self._by_views.get((exit, self.view_sets.masks[views]), self._tables[exit])


def confident(said: Certainty, rule: Literal["entropy", "probability", "margin"], threshold: float) -> bool:
    """Tell whether an exit leaves with what it has *said* by *rule* at *threshold*, in [0, 1].

    By entropy it leaves below the threshold: at 1 always, at 0 never. By the highest probability, or by the
    margin between the two highest, it leaves above: at 0 always.
    """
    if rule == "entropy":
        return threshold >= 1.0 or said.entropy < threshold
    certainty = said.top if rule == "probability" else said.margin
    return threshold <= 0.0 or certainty > threshold
