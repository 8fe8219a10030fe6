"""Closed forms of availability: components that fail by themselves, alone, in series, in parallel, and k of n."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from deployments import NS_A_BYTE, Tree, an_oracle
from stations import interval

from ddnnsim.deployment import Exit, Section
from ddnnsim.distribution import Distribution
from ddnnsim.faults import Crash, Drawn, Fault, Outage
from ddnnsim.sim import simulate
from ddnnsim.trace import FATES, Trace

UP = Distribution("exponential", (0.3,))
DOWN = Distribution("exponential", (0.1,))
WEIBULL_UP = Distribution("weibull", (0.3385, 2.0))
WEIBULL_DOWN = Distribution("weibull", (0.1, 0.8))


def availability(up: Distribution, down: Distribution) -> float:
    """Return the mean time up over that of a cycle, whatever the distributions."""
    return up.mean_s / (up.mean_s + down.mean_s)


def asked(components: int, requests: int, seed: int, up: Distribution = UP, down: Distribution = DOWN) -> Trace:
    """Return a run of Poisson requests to sensors that fail by themselves; a cloud takes what is left of them."""
    tree = Tree()
    sensors = [tree.machine(f"sensor {i}", "device") for i in range(components)]
    cloud = tree.machine("cloud", "cloud")
    for sensor in sensors:
        tree.join(sensor, cloud, (NS_A_BYTE, 0), (NS_A_BYTE, 0))
    sections = [Section(f"s{i}", 0, at, None, components, i, 0, 0, 0, (0,)) for i, at in enumerate(sensors)]
    sections.append(Section("cloud", 1, cloud, 0, None, None, 0, 0, 0))
    exits = [Exit("only", 1, cloud, (components,), "entropy", None, None, 0)]
    at_ns = np.cumsum(np.random.default_rng(seed).exponential(2e8, requests)).astype(np.int64)
    deployment = tree.deployment(sections, exits, at_ns.tolist(), [0] * requests)
    faults = tuple(Fault(f"of {i}", Crash("lose"), Drawn(0, up, down, None), machines=(i,)) for i in range(components))
    return simulate(replace(deployment, faults=faults, seed=seed), an_oracle([0.5]))


def asked_through_a_chain(requests: int, seed: int) -> Trace:
    """Return a run of Poisson requests from a sensor through a gateway to a cloud; nodes and ways up fail."""
    tree = Tree()
    sensor, gateway, cloud = (tree.machine(name, name) for name in ("device", "gateway", "cloud"))
    tree.join(sensor, gateway, (NS_A_BYTE, 0), (NS_A_BYTE, 0))
    tree.join(gateway, cloud, (NS_A_BYTE, 0), (NS_A_BYTE, 0))
    sections = [Section("s", 0, sensor, None, 1, 0, 0, 0, 0, (0,)), Section("c", 1, cloud, 0, None, None, 0, 0, 0)]
    exits = [Exit("only", 1, cloud, (1,), "entropy", None, None, 0)]
    at_ns = np.cumsum(np.random.default_rng(seed).exponential(2e8, requests)).astype(np.int64)
    deployment = tree.deployment(sections, exits, at_ns.tolist(), [0] * requests)
    crashes = [Fault(f"of {m}", Crash("lose"), Drawn(0, UP, DOWN, None), machines=(m,)) for m in (sensor, gateway)]
    # That of the cloud has a time of its own, of another family.
    crashes.append(Fault("of cloud", Crash("lose"), Drawn(0, WEIBULL_UP, WEIBULL_DOWN, None), machines=(cloud,)))
    outages = [
        Fault(f"of link {k}", Outage("lose"), Drawn(0, UP, DOWN, None), links=(k,)) for k in (0, 2)
    ]  # the ways up
    return simulate(replace(deployment, faults=(*crashes, *outages), seed=seed), an_oracle([0.5]))


def views(trace: Trace, oracle_views: int) -> np.ndarray:
    """Return by request how many of so many views there were."""
    seen = np.array([text.count("1") for text in trace.names["views"]])
    ids = np.ma.filled(trace.requests["views"], -1)
    counts = np.where(ids < 0, 0, seen[ids])
    assert counts.max() <= oracle_views
    return counts


def test_a_node_that_fails_is_up_for_its_share_of_time():
    truth = availability(UP, DOWN)
    runs = [asked(1, 1200, seed) for seed in range(8)]
    assert interval(lambda seed: 1 - runs[seed].nodes["down_ns"][0] / runs[seed].end_ns, 8).holds(truth, 0.03)
    # Poisson arrivals see time averages (Wolff 1982).
    assert interval(lambda seed: float(views(runs[seed], 1).mean()), 8).holds(truth, 0.03)


def test_a_chain_is_there_when_all_of_it_is():
    truth = availability(UP, DOWN) ** 4 * availability(WEIBULL_UP, WEIBULL_DOWN)
    answered = FATES.index("answered")
    runs = [asked_through_a_chain(1200, seed) for seed in range(10)]
    found = interval(lambda seed: float((runs[seed].requests["fate"] == answered).mean()), 10)
    assert found.holds(truth, 0.1), f"{found}, in theory {truth}"


@pytest.mark.slow
@pytest.mark.parametrize("down", [DOWN, WEIBULL_DOWN], ids=["exponential", "weibull"])
@pytest.mark.parametrize("up", [UP, WEIBULL_UP], ids=["exponential", "weibull"])
def test_availability_of_components_together(up, down):
    a = availability(up, down)
    runs = [views(asked(3, 3000, seed, up, down), 3) for seed in range(10)]
    for least, truth in ((3, a**3), (2, a**3 + 3 * a**2 * (1 - a)), (1, 1 - (1 - a) ** 3)):
        found = interval(lambda seed, least=least: float((runs[seed] >= least).mean()), 10)
        assert found.holds(truth, 0.04), f"{least} of 3: {found}, in theory {truth}"
