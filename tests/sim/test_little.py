"""Little's law at every queue: the mean number there is the rate of arrivals times the mean time spent.

The number is looked at while the engine runs, in what its parts hold between one happening and the next; the time
spent is what the recorder says of each request. Both are integers, so over a whole run they are equal to the
nanosecond, and not just on average.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf

import numpy as np
import pytest
from stations import MEMORYLESS, RATE_BPS, SERVICE_NS, arrivals, server, tandem, uplink

from ddnnsim.deployment import Batching, Channel, Deployment
from ddnnsim.oracle import TableOracle
from ddnnsim.sim.journal import Journal
from ddnnsim.sim.recorded import RecordedSimulation
from ddnnsim.sim.simulation import Simulation
from ddnnsim.trace import Recorder, Trace

REQUESTS = 1000


def plain(deployment: Deployment, oracle: TableOracle) -> Simulation:
    return Simulation(deployment, oracle, Recorder(), lambda done, total: None)


def recorded(deployment: Deployment, oracle: TableOracle) -> Simulation:
    return RecordedSimulation(deployment, oracle, Journal(len(deployment.sections)), lambda done, total: None)


def integrals(simulation: Simulation, *numbers: Callable[[Simulation], int]) -> tuple[list[int], Trace]:
    """Run *simulation*; return the integral over time of each of *numbers*, and what it tells afterwards."""
    clock = simulation.clock
    sums = [0] * len(numbers)
    while clock.peek() < inf:
        there, since = [number(simulation) for number in numbers], clock.now
        clock.step()
        sums = [total + n * (clock.now - since) for total, n in zip(sums, there, strict=True)]
    return sums, simulation.run()


def at_machine(machine: int) -> Callable[[Simulation], int]:
    """Return the number of jobs there, each served by a server of its own."""

    def number(simulation: Simulation) -> int:
        processor = simulation.nodes[machine].processor
        return len(processor.queue) + processor.busy

    return number


def in_batches(simulation: Simulation) -> int:
    """Return the number of jobs at the only machine, where a server does several at once."""
    station = simulation.nodes[0].processor
    return len(station.queue) + sum(len(run.tasks) for run in station._running)


def on_uplink(simulation: Simulation) -> int:
    """Return the number of messages that the uplink has taken and the cloud, which takes no time, has not answered."""
    return simulation.network.links[0].messages - simulation.nodes[1].processor.jobs


def time_spent(trace: Trace) -> int:
    return int((trace.requests["answered_ns"] - trace.requests["captured_ns"]).sum())


@pytest.mark.parametrize("servers", [1, 3])
@pytest.mark.parametrize(("kind", "service"), [(plain, SERVICE_NS), (plain, MEMORYLESS), (recorded, MEMORYLESS)])
def test_at_a_server(servers: int, kind: Callable[..., Simulation], service: object) -> None:
    run = server(arrivals(0.8 * servers, REQUESTS, 1), service, 1, servers)
    (total,), trace = integrals(kind(*run), at_machine(0))
    assert total == time_spent(trace) > REQUESTS * SERVICE_NS // 2


def test_at_every_queue_of_a_tandem() -> None:
    run = tandem(arrivals(0.7, REQUESTS, 2), [MEMORYLESS] * 3, 2)
    totals, trace = integrals(recorded(*run), *map(at_machine, range(3)))
    assert sum(totals) == time_spent(trace)  # links take no time here
    rows = {name: np.asarray(column) for name, column in trace.tables["executions"].items()}
    for machine, total in enumerate(totals):
        here = rows["node"] == machine
        assert total == int((rows["end_ns"] - rows["queued_ns"])[here].sum()) > 0


def test_at_a_server_of_batches() -> None:
    batching = Batching(4, 2 * SERVICE_NS, ((1, 1), (3, 4), (2, 3), (1, 2)))
    run = server(arrivals(1.3, REQUESTS, 4), SERVICE_NS, 4, batching=batching)
    (total,), trace = integrals(recorded(*run), in_batches)
    assert total == time_spent(trace)
    assert set(np.asarray(trace.tables["executions"]["batch"])) == {1, 2, 3, 4}


@pytest.mark.parametrize("kind", [plain, recorded])
@pytest.mark.parametrize("channel", [None, Channel(), Channel("fair")], ids=["own", "fifo", "fair"])
def test_at_a_link(channel: Channel | None, kind: Callable[..., Simulation]) -> None:
    sizes = np.random.default_rng(3).integers(1, 2 * RATE_BPS // 8000, REQUESTS).tolist()
    (total,), trace = integrals(kind(*uplink(arrivals(0.8, REQUESTS, 3), 3, channel, sizes)), on_uplink)
    assert total == time_spent(trace) > 0


def test_at_a_link_whose_queue_is_limited() -> None:
    """Only those count that were accepted: what is dropped was never there."""
    run = uplink(arrivals(1.5, REQUESTS, 5), 5, Channel(limit_messages=3))
    (total,), trace = integrals(plain(*run), on_uplink)
    assert total == time_spent(trace)
    accepted = int(trace.links["messages"][0])
    assert accepted == trace.requests["answered_ns"].count() == REQUESTS - int(trace.links["dropped"][0]) < REQUESTS
