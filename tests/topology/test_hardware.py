"""A rich topology planned: machines, links, channels and routes, worked out by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ddnnsim.deployment import Batching, Channel, Course, Loss, Memory, Power
from ddnnsim.distribution import Distribution
from ddnnsim.errors import DataError
from ddnnsim.experiment import load, run
from ddnnsim.rollout import deploy
from ddnnsim.topology import build, route_table, trace_files

MS, S = 10**6, 10**9
RICH = """\
name: crossing
configuration: f
data: {source: street, views: 4}
model: {levels: {device: {convp: [4]}, edge: {convp: [8]}, cloud: {convp: [16], precision: float}}}
topology:
  routing: transfer
  nodes:
    north: {tier: device, count: 2, compute: 40 MFLOP/s, memory: 64 KiB}
    south: {tier: device, count: 2, power: {idle: 2 W, compute: 5 W, send: 0.2 uJ/B, receive: 0.1 uJ/B}, battery: 10 kJ}
    gate_n: {tier: gateway, power: {idle: 1 W}}
    gate_s: {tier: gateway, memory: 1 MiB}
    hub: {tier: router}
    edge_n: {tier: edge, batch: {max: 6, wait: 5 ms, speed_up: {2: 1.5, 5: 3}}}
    edge_s: {tier: edge, queue: 20, batch: {max: 3}}
    cloud: {tier: cloud, servers: 4}
  links:
    cell_n: {from: north, to: gate_n, preset: wifi, medium: shared, loss: 1 %, attempts: 4, queue: 10}
    cell_s: {from: south, to: gate_s, preset: lte, rate: {up: 1 Mbit/s, down: 10 Mbit/s}, sharing: fair, medium: shared}
    metro_n: {from: gate_n, to: edge_n, rate: 100 Mbit/s, delay: 1 ms}
    metro_s: {from: gate_s, to: edge_s, rate: 100 Mbit/s, delay: {up: 1 ms, down: 2 ms}, sharing: fair}
    ring: {from: edge_n, to: edge_s, rate: 1 Gbit/s, delay: 2 ms, jitter: 0 ms, loss: 0 %}
    wan_n: {from: edge_n, to: cloud, trace: {up: {file: lte.csv, cyclic: true}, down: {file: mm}}, delay: 20 ms}
    wan_s:
      from: edge_s
      to: cloud
      rate: 20 Mbit/s
      delay: 20 ms
      queue: 64 KiB
      steps: [{at: 10 s, rate: {up: 0 bit/s, down: 1 Mbit/s}}, {at: 20 s, delay: 30 ms}, {at: 30 s, rate: 20 Mbit/s}]
      repeat: 60 s
    slow: {from: gate_n, to: hub, rate: 1 kbit/s, loss: {up: {mean: 50 %, burst: 4}, down: 0},
      jitter: {exponential: 1 ms}, mtu: 100 B, header: 8 B, overhead: 2 us}
    hubs: {from: hub, to: cloud, rate: 1 kbit/s}
placement:
  groups:
    north: {devices: north, edge: edge_n}
    south: {devices: south, edge: edge_s}
exits:
  local: {at: {north: gate_n, south: gate_s}, threshold: 0.7, control: 9 B}
  edge: {at: edge_n, merge: AP, threshold: 0.8}
  cloud: {at: cloud}
workload: {arrivals: periodic, every: 100 ms, reply_to: gate_n}
"""


@pytest.fixture(scope="module")
def planned(tmp_path_factory):
    folder: Path = tmp_path_factory.mktemp("rich")
    (folder / "rich.yaml").write_text(RICH)
    (folder / "lte.csv").write_text("time_s,rate_bps\n0,0\n1.5,1000000\n2,3e6\n4,0\n")
    (folder / "mm").write_text("1\n3\n")
    return deploy(load(folder / "rich.yaml"), np.full((10, 4), 3072))


@pytest.fixture(scope="module")
def machines(planned):
    return {machine.name: machine for machine in planned.machines}


@pytest.fixture(scope="module")
def links(planned):
    return {link.name: link for link in planned.links}


def test_machines_have_their_queues_batches_memory_and_power(machines):
    # A device: 4 filters of 3 * 9 bits and their norms, and a classifier of 3 on 4 * 16 * 16 bits with its norms.
    parameters = -(-4 * 27 // 8) + 4 * 8 + 3 * 4 * 256 // 8 + 3 * 8
    assert machines["north1"].memory == Memory(65536, parameters)
    assert machines["gate_s"].memory == Memory(2**20, 0)
    assert machines["edge_s"].queue_limit == 20
    assert machines["cloud"].queue_limit is None
    assert machines["south2"].power == Power(2 * 10**6, 5 * 10**6, 200_000_000, 100_000_000, 10**19)
    assert machines["gate_n"].power == Power(10**6, 0, 0, 0, None)
    assert machines["hub"].tier == "router"
    assert machines["cloud"].servers == 4
    # Speed-ups 1, 1.5, 2, 2.5, 3 and 3.
    costs = ((1, 1), (2, 3), (1, 2), (2, 5), (1, 3), (1, 3))
    assert machines["edge_n"].batching == Batching(6, 5 * MS, costs)
    assert machines["edge_s"].batching == Batching(3, 0, ((1, 1),) * 3)


def test_links_have_what_their_direction_says(links):
    assert (links["south1>gate_s"].rate_bps, links["gate_s>south1"].rate_bps) == (10**6, 10**7)
    assert (links["gate_s>edge_s"].delay_ns, links["edge_s>gate_s"].delay_ns) == (MS, 2 * MS)
    assert links["gate_n>hub"].loss == Loss(0, 1, 0.25, 0.25)
    assert links["hub>gate_n"].loss is None
    assert links["gate_n>hub"].jitter == Distribution("exponential", (0.001,))
    assert (links["hub>gate_n"].mtu_bytes, links["hub>gate_n"].header_bytes) == (100, 8)
    assert (links["hub>gate_n"].overhead_ns, links["gate_n>edge_n"].overhead_ns) == (2000, 0)
    assert (links["north1>gate_n"].loss, links["north1>gate_n"].attempts) == (Loss(0.01), 4)
    assert links["edge_n>edge_s"].jitter is None
    assert links["edge_n>edge_s"].loss is None


def test_rates_and_delays_go_by_steps_and_traces(links):
    up, down = links["edge_s>cloud"], links["cloud>edge_s"]
    assert up.rates == Course((0, 10 * S, 30 * S), (20_000_000, 0, 20_000_000), 60 * S)
    assert down.rates == Course((0, 10 * S, 30 * S), (20_000_000, 1_000_000, 20_000_000), 60 * S)
    assert up.delays == down.delays == Course((0, 20 * S), (20 * MS, 30 * MS), 60 * S)
    assert (up.rate_bps, up.delay_ns) == (20_000_000, 20 * MS)
    traced = links["edge_n>cloud"]
    assert traced.rates == Course((0, 1500 * MS, 2 * S), (0, 1_000_000, 3_000_000), 4 * S)
    assert (traced.rate_bps, traced.delays) == (0, None)
    assert links["cloud>edge_n"].rates == Course((0, MS, 2 * MS), (12_000_000, 0, 12_000_000), None)
    assert links["gate_n>edge_n"].rates is None


def test_channels_are_those_that_are_shared_fair_or_limited(planned, links):
    cell_n = {links[name].channel for name in ("north1>gate_n", "gate_n>north1", "north2>gate_n", "gate_n>north2")}
    cell_s = {links[name].channel for name in ("south1>gate_s", "gate_s>south1", "south2>gate_s", "gate_s>south2")}
    assert [planned.channels[number] for number in cell_n] == [Channel("fifo", 10, None)]
    assert [planned.channels[number] for number in cell_s] == [Channel("fair", None, None)]
    for both, channel in (("gate_s edge_s", Channel("fair")), ("edge_s cloud", Channel("fifo", None, 65536))):
        a, b = both.split()
        there, back = links[f"{a}>{b}"].channel, links[f"{b}>{a}"].channel
        assert there != back
        assert planned.channels[there] == planned.channels[back] == channel
    assert len(planned.channels) == 6
    assert links["gate_n>edge_n"].channel is None


def test_routes_are_those_of_the_size_at_hand(planned):
    """From edge_n to the cloud 0 bytes go by the hub, 1 ms; features of 8 * 8 * 8 bits take 0.5 s a link there."""
    table = {(row.source, row.target, row.size_bytes): row for row in route_table(planned)}
    free, sized = table["edge_n", "cloud", None], table["edge_n", "cloud", 64]
    assert (free.hops, free.delay_ns, free.links) == (3, MS, "edge_n>gate_n gate_n>hub hub>cloud")
    assert (sized.hops, sized.delay_ns, sized.links) == (1, 20 * MS, "edge_n>cloud")
    assert table["cloud", "gate_n", 4].links == "cloud>edge_n edge_n>gate_n"
    assert ("north1", "gate_n", 12) not in table
    ids = [machine.name for machine in planned.machines]
    way = planned.route(ids.index("edge_n"), ids.index("cloud"), 64)
    assert [planned.links[number].name for number in way] == ["edge_n>cloud"]


@pytest.mark.parametrize("name", ["shared_cell", "lte_trace"])
def test_a_shipped_scenario_plans_what_it_tells(name):
    planned = deploy(load(Path(__file__).parents[2] / "scenarios" / f"{name}.yaml"), np.full((10, 6), 576))
    by_name = {link.name: link for link in planned.links}
    if name == "shared_cell":
        assert {link.channel for link in planned.links if "camera" in link.name} == {0}
        assert by_name["gateway>cloud"].channel is None
        assert planned.machines[-1].batching == Batching(4, 10 * MS, ((1, 1), (3, 5), (3, 7), (1, 3)))
    else:
        rates = by_name["gateway>cloud"].rates
        assert rates is not None
        assert rates.period_ns == 60 * S
        assert [at for at, rate in zip(rates.at_ns, rates.values, strict=True) if not rate] == [41 * S]
        assert rates.at_ns[rates.values.index(0) + 1] == 42200 * MS


def test_a_plain_topology_has_no_channels_and_plain_links():
    scenario = load(Path(__file__).parents[2] / "scenarios" / "quickstart.yaml")
    planned = deploy(scenario, np.full((10, 6), 576))
    assert planned.channels == ()
    assert planned.routes_by_size == {}
    for link in planned.links:
        assert (link.channel, link.rates, link.delays, link.jitter, link.loss) == (None,) * 5
        assert (link.attempts, link.mtu_bytes, link.header_bytes, link.overhead_ns) == (1, None, 0, 0)
    assert all(row.size_bytes is None for row in route_table(planned))


def test_raw_views_have_a_route_for_each_size():
    folder = Path(__file__).parents[2] / "scenarios" / "configurations"
    link = {"from": "camera", "to": "cloud", "rate": "8 kbit/s", "delay": "1 ms"}
    nodes = {"camera": {"tier": "device", "count": 1}, "relay": {"tier": "router"}, "cloud": {"tier": "cloud"}}
    links = {
        "thin": link,
        "in": {"from": "camera", "to": "relay", "rate": "1 Mbit/s", "delay": "10 ms"},
        "out": {"from": "relay", "to": "cloud", "rate": "1 Mbit/s", "delay": "10 ms"},
    }
    changes = {"topology": {"nodes": nodes, "links": links, "routing": "transfer"}, "data.views": 1}
    scenario = load(folder / "a.yaml", changes | {"workload.reply_to": "camera1"})
    planned = deploy(scenario, np.array([[10], [20], [30]]))
    rows = [(row.size_bytes, row.links) for row in route_table(planned) if row.source.startswith("camera")]
    # Thin: 1 ms a byte and 1 ms; by the relay: 16 us a byte and 20 ms.
    assert rows == [(None, "camera1>cloud"), (20, "camera1>relay relay>cloud"), (30, "camera1>relay relay>cloud")]


def test_what_is_wrong_with_a_trace_is_told_when_it_is_read(tmp_path):
    (tmp_path / "rich.yaml").write_text(RICH)
    scenario = load(tmp_path / "rich.yaml")  # no file is opened
    for read in (trace_files, build):
        with pytest.raises(DataError, match=r"lte\.csv: no such file; the trace of a link names it"):
            read(scenario.topology)
    for name in ("lte.csv", "mm"):
        (tmp_path / name).write_text("1\n")
    assert trace_files(scenario.topology) == [tmp_path / "lte.csv", tmp_path / "mm"]
    (tmp_path / "lte.csv").write_text("x\n")
    with pytest.raises(DataError, match=r"lte\.csv:1: 'x' is no time"):
        deploy(scenario, np.full((10, 4), 3072))


def test_a_missing_trace_is_told_before_anything_is_trained(tmp_path, monkeypatch):
    (tmp_path / "rich.yaml").write_text(RICH)
    monkeypatch.setattr("ddnnsim.experiment.train", lambda *_: pytest.fail("trained"))
    with pytest.raises(DataError, match="no such file"):
        run(tmp_path / "rich.yaml", out=tmp_path)
