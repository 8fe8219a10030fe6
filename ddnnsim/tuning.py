"""A scenario tuned: its exits' thresholds and temperatures chosen on the validation split, told on the test split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, NoReturn

import numpy as np

from ddnnsim.calibration import (
    Calibration,
    ExitCost,
    Goal,
    Staircase,
    Step,
    calibration_error,
    candidates,
    choose,
    diagram_rows,
    fit_temperature,
    front,
    measure,
    negative_log_likelihood,
    pareto_table,
    parse_goal,
    reliability,
)
from ddnnsim.errors import UserError
from ddnnsim.experiment import ScenarioLike, load, train
from ddnnsim.network import network_of
from ddnnsim.probe import exit_costs
from ddnnsim.progress import Progress, silent
from ddnnsim.rollout import deploy, times_asked_for
from ddnnsim.sources import with_objects

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray
    from torch import nn

    from ddnnsim.dnn.given import Given
    from ddnnsim.dnn.oracle import Scores, TrainedOracle
    from ddnnsim.dnn.trained import Trained
    from ddnnsim.network import Network
    from ddnnsim.oracle import DecisionTable
    from ddnnsim.scenario import Scenario


class _Split(NamedTuple):
    """What the exits of a network give for a split, before the softmax."""

    network: Network
    labels: NDArray[np.int64]
    scores: Mapping[tuple[int, int], Scores]
    """By exit and the views that it can have, a bit mask; from the bottom up."""

    def of_exit(self, number: int) -> Scores:
        """Return the scores of the exit *number*, (samples, classes)."""
        return next(scores for (exit_, _), scores in self.scores.items() if exit_ == number)

    def nll(self, number: int, temperature: float) -> float:
        """Return the negative log-likelihood of the labels at the exit *number*."""
        return negative_log_likelihood(self.of_exit(number), self.labels, temperature)

    def tables(self, temperatures: Sequence[float]) -> list[DecisionTable]:
        """Return by exit what it says of every sample, bit by bit as in a run with these *temperatures*, by exit."""
        from ddnnsim.dnn.oracle import TrainedOracle

        oracle = TrainedOracle(self.labels, _no_network, self.scores, temperatures)
        return [oracle.table(exit_, oracle.view_sets.id(mask)) for exit_, mask in self.scores]

    def fitted(self) -> list[float]:
        """Return by exit the temperature that fits best; exits of one key have one, and are fitted together."""
        by_key = {}
        for key in {exit_.key for exit_ in self.network.exits}:
            numbers = [number for number, exit_ in enumerate(self.network.exits) if exit_.key == key]
            scores = np.concatenate([self.of_exit(number) for number in numbers])
            by_key[key] = fit_temperature(scores, np.tile(self.labels, len(numbers)))
        return [by_key[exit_.key] for exit_ in self.network.exits]

    def staircase(self, scenario: Scenario, temperatures: Sequence[float], costs: Sequence[ExitCost]) -> Staircase:
        """Return the exits with what they say at *temperatures*, and the *costs* of leaving there."""
        steps = []
        for exit_, table, cost in zip(self.network.exits, self.tables(temperatures), costs, strict=True):
            rule = scenario.exits[exit_.key].rule
            right = table.prediction == self.labels
            steps.append(Step(exit_.name, exit_.key, rule, measure(rule, table), right, cost))
        return Staircase(steps)


def calibrate(
    scenario: ScenarioLike,
    /,
    goal: str = "accuracy",
    temperature: bool = False,
    *,
    progress: Progress = silent,
    sections: Sequence[Sequence[nn.Module]] | None = None,
    **overrides: object,
) -> Calibration:
    """Return the thresholds of *scenario* with *overrides* that are best for *goal*, as `parse_goal` reads it.

    They are chosen on the validation split. With *temperature*, the exits' temperatures are fitted on it first.
    The network is trained when its weights are not in the cache. *sections*, by level, stand for what
    `model.module` would build, as in `run`. Raises UserError for a scenario without any exit
    that has a threshold, for what is no goal, and for a goal that is out of reach.
    """
    resolved = load(scenario, overrides)
    if sections is not None:
        resolved = with_objects(resolved, sections)
    return tune(resolved, train(resolved, progress, sections), parse_goal(goal), temperature, overrides)


def tune(
    scenario: Scenario,
    trained: Trained | Given,
    goal: Goal,
    temperature: bool,
    given: Mapping[str, object] = MappingProxyType({}),
) -> Calibration:
    """Return what `calibrate` does, for *scenario* with its network; *given* are the overrides behind it."""
    network = network_of(scenario)
    if len({exit_.key for exit_ in network.exits}) < 2:
        raise UserError(f"{scenario.name}: no threshold to choose: the only exit is {network.exits[0].key!r}")
    costs = _costs(scenario, trained)
    validation, test = _splits(network, trained)
    states = {"before": [exit_.temperature for exit_ in network.exits], "after": validation.fitted()}
    used = states["after" if temperature else "before"]
    stairs, report = (split.staircase(scenario, used, costs) for split in (validation, test))
    landscape = stairs.landscape(candidates(stairs))
    row = choose(landscape, goal)
    thresholds = landscape.chosen(row)
    temperatures = {exit_.key: value for exit_, value in zip(network.exits, used, strict=True)}
    bins, sums = _trust(validation, test, states)
    return Calibration(
        name=scenario.name,
        goal=goal,
        thresholds=thresholds,
        temperatures=temperatures,
        settings=_settings(thresholds, temperatures if temperature else {}),
        given=dict(given),
        validation=landscape.outcome(row),
        test=report.evaluate(thresholds),
        pareto=pareto_table(landscape, front(landscape).tolist(), report),
        reliability=bins,
        trust=sums,
    )


def _settings(thresholds: Mapping[str, float], temperatures: Mapping[str, float]) -> dict[str, float]:
    """Return by path in a scenario what is set for the exits."""
    return {
        **{f"exits.{key}.threshold": value for key, value in thresholds.items()},
        **{f"exits.{key}.temperature": value for key, value in temperatures.items()},
    }


def _costs(scenario: Scenario, trained: Trained | Given) -> tuple[ExitCost, ...]:
    """Return by exit what it costs a request of *scenario* to leave there."""
    workload = scenario.workload.model_copy(update={"requests": 1})
    try:
        return exit_costs(
            deploy(
                scenario.model_copy(update={"workload": workload}),
                trained.raw_bytes(),
                trained.profiles(),
                times_asked_for(scenario, trained),
            ),
            scenario.workload.capture,
        )
    except OverflowError:
        raise UserError(f"{scenario.name}: a request takes longer than 2^63 ns (292 years)") from None


def _splits(network: Network, trained: Trained | Given) -> tuple[_Split, _Split]:
    """Return the validation and the test split, every exit asked about all samples with all its views."""
    validation, test = trained.oracle("validation"), trained.oracle("test")
    found = _asked(network, validation), _asked(network, test)
    trained.keep_answers()
    return found


def _asked(network: Network, oracle: TrainedOracle) -> _Split:
    wanted = [(number, network.exit_views(number)) for number in range(len(network.exits))]
    for number, mask in wanted:
        oracle.table(number, oracle.view_sets.id(mask))
    whole = oracle.whole()
    return _Split(network, oracle.labels, {key: whole[key] for key in wanted})


def _no_network() -> NoReturn:
    raise AssertionError("all scores are known")


def _trust(
    validation: _Split, test: _Split, states: Mapping[str, Sequence[float]]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return how far the probabilities of each exit can be trusted at the temperatures of each of *states*.

    First bin by bin on the *test* split, then summed up: the tables `reliability` and `trust` of a `Calibration`.
    """
    import pandas as pd

    bins, sums = [], []
    for state, temperatures in states.items():
        for number, (table, temperature) in enumerate(zip(test.tables(temperatures), temperatures, strict=True)):
            here = {"exit": test.network.exits[number].name, "state": state, "temperature": temperature}
            diagram = reliability(table.top, table.prediction == test.labels)
            bins += [{**here, **row} for row in diagram_rows(diagram)]
            likelihoods = {"nll": test.nll(number, temperature), "validation_nll": validation.nll(number, temperature)}
            sums.append({**here, "ece": calibration_error(diagram), **likelihoods})
    return pd.DataFrame(bins), pd.DataFrame(sums)
