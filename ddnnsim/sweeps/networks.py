"""The networks behind many scenarios: each is made once, and shared by all scenarios that have it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

from ddnnsim import experiment
from ddnnsim.network import Network, network_of
from ddnnsim.oracle import Oracle
from ddnnsim.progress import Progress, silent
from ddnnsim.rollout import times_asked_for
from ddnnsim.scenario import Model, NumberedModel, Scenario
from ddnnsim.sources import Source, network_behind

KEPT = 8
"""The most networks that are kept: with their data and decisions they take some megabytes each."""
FEW_VIEWS = 6
"""Of so many views all sets are evaluated beforehand where any may occur: there are 63."""


class Networks:
    """Gives networks as `sources.network_behind` does, but those that were given before again."""

    def __init__(self) -> None:
        self._made: OrderedDict[str, Source] = OrderedDict()

    def behind(self, scenario: Scenario, progress: Progress = silent, key: str | None = None) -> Source:
        """Return the network of *scenario*; *key* is that of its weights, where it is known."""
        if isinstance(scenario.model, NumberedModel):  # drawn under the seed of the run
            return network_behind(scenario, progress)
        name = f"{identity(scenario)} {key}"
        if name not in self._made:
            self._made[name] = network_behind(scenario, progress, key=key)
            if len(self._made) > KEPT:
                self._made.popitem(last=False)
        self._made.move_to_end(name)
        return self._made[name]


def identity(scenario: Scenario) -> str:
    """Return a text that is the same for scenarios that have one network and ask it of the same data."""
    training = scenario.model.training if isinstance(scenario.model, Model) else scenario.model
    return f"{scenario.data!r} {network_of(scenario)!r} {training!r}"


def prepare(scenarios: Sequence[Scenario], network: Source) -> None:
    """Let the cache have what runs of *scenarios* will ask of their *network*, as far as that is known beforehand.

    It is trained, where it is not, and its sections are timed where they are to be; what its exits say of all views
    is kept, and where views may not arrive, and are few, what they say of each set of them.
    """
    first = scenarios[0]
    for scenario in scenarios:
        if times_asked_for(scenario, network) is not None:  # once, and before the host is busy
            break
    if isinstance(first.model, Model):
        experiment.exit_accuracies(first, network.oracle())
        shape = network_of(first)
        if shape.views <= FEW_VIEWS and any(map(may_lack_views, scenarios)):
            _evaluate_all(shape, network.oracle())
        network.keep_answers()


def _evaluate_all(network: Network, oracle: Oracle) -> None:
    """Ask every exit of *network* of every set of its views that lets it say anything."""
    for exit_ in range(len(network.exits)):
        everything = network.exit_views(exit_)
        for mask in range(everything + 1):
            if mask & everything == mask and network.answering(exit_, mask):
                oracle.table(exit_, oracle.view_sets.id(mask))


def may_lack_views(scenario: Scenario) -> bool:
    """Return whether it is likely in *scenario* that an exit decides without some of its views."""
    deadlines = any(exit_.deadline is not None for exit_ in scenario.exits.values())
    losses = any(link.loss is not None for link in scenario.topology.links.values())
    return deadlines or losses or bool(scenario.faults)
