"""Random scenario files, run from end to end: what holds of every run, whatever it is like."""

from __future__ import annotations

import json
from collections import Counter
from io import StringIO
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
from hypothesis import HealthCheck, given, settings
from random_scenarios import scenarios
from rich.console import Console

import ddnnsim
from ddnnsim.explanation import explain, page
from ddnnsim.report import report
from ddnnsim.results import Result
from ddnnsim.scenario import dump, json_schema, load_scenario
from ddnnsim.scenario.document import parse_document
from ddnnsim.timeline import write_timeline

BOUNDED = {"deadline": None, "suppress_health_check": list(HealthCheck)}
SCHEMA = jsonschema.Draft202012Validator(json_schema())


@given(data=scenarios())
@settings(max_examples=20, derandomize=True, **BOUNDED)
def test_what_holds_of_every_run(data: dict[str, Any], tmp_path_factory):
    holds_of(data, tmp_path_factory.getbasetemp() / "random")


def holds_of(data: dict[str, Any], out: Path) -> None:
    SCHEMA.validate(json.loads(json.dumps(data)))  # whose keys are texts
    scenario = load_scenario(data)
    assert load_scenario(parse_document(dump(scenario), "dumped").data) == scenario
    result = ddnnsim.run(data, out=out, again=True)
    accounts_balance(result)
    tables_are_the_accounts(result)
    limits_hold(result, data)
    everything_is_told(result)
    plain = ddnnsim.run(data, out=out, again=True, **{"run.record": "requests"})
    assert nothing_but_accounts(plain) == nothing_but_accounts(result)


def nothing_but_accounts(result: Result) -> dict[str, Any]:
    """Return the summary of *result* without what only messages on record tell."""
    told = json.loads((result.path / "summary.json").read_text())
    for of in (told, *told["exits"].values()):
        del of["parts"]
    return told


def accounts_balance(result: Result) -> None:
    summary, requests = result.summary, result.trace.requests
    assert summary.created == sum(summary.fates.values()) == len(requests["fate"])
    assert summary.fates["answered"] + sum(summary.reasons.values()) == summary.created
    recovery = result.scenario.recovery
    assert summary.fates["degraded"] == 0 or recovery.fallback == "best_effort"
    waiting = any(exit_.deadline is not None for exit_ in result.scenario.exits.values())
    assert waiting or not requests["late"].any()
    for node in summary.nodes.values():
        assert node.utilisation is None or 0 <= node.utilisation <= 1
        assert 0 <= node.down_s <= summary.simulated_s
    for link in summary.links.values():
        assert link.utilisation is None or 0 <= link.utilisation <= 1
    assert sum(link.carried_bytes for link in summary.links.values()) == sum(summary.bytes.carried.values())
    latency, parts = summary.latency, summary.parts
    if latency.mean_s is not None:
        assert parts is not None
        assert 0 <= latency.p50_s <= latency.p95_s <= latency.p99_s
        assert np.isclose(sum(part.mean_s for part in parts.values()), latency.mean_s, rtol=1e-12, atol=1e-12)
        assert sum(of.answers for of in summary.exits.values()) > 0
    captured_ns = requests["captured_ns"]
    for later in ("answered_ns", "replied_ns"):
        assert (np.ma.compressed(requests[later] - captured_ns) >= 0).all()
    age = summary.age
    assert age.mean_s is None or 0 <= age.mean_s <= summary.simulated_s
    if summary.timeliness is not None and summary.created:
        assert 0 <= summary.timeliness.correct_in_time <= summary.timeliness.in_time <= 1


def tables_are_the_accounts(result: Result) -> None:
    """Hold what links and nodes counted to what is on record."""
    trace = result.trace
    names, end_ns, tables = trace.names, trace.end_ns, trace.tables
    hops, messages, executions = tables["hops"], tables["messages"], tables["executions"]
    outcome = [names["outcome"][code] for code in hops["outcome"].tolist()]
    size, kind = messages["size_bytes"].tolist(), messages["kind"].tolist()
    packets = Counter(zip(hops["message"].tolist(), hops["link"].tolist(), strict=True))
    whole = max(packets.values(), default=0) <= 1
    fair = {name for name, link in result.scenario.topology.links.items() if link.sharing == "fair"}
    edges = {link.name: link.link for link in result.scenario.topology.directed_links()}
    for number, name in enumerate(names["link"]):
        rows = np.flatnonzero(hops["link"] == number).tolist()
        of = Counter(outcome[row] for row in rows)
        table = {key: trace.links[key][number] for key in trace.links}
        assert table["dropped"] == of["dropped"]
        assert table["lost"] <= of["lost"] if edges[name] in fair else table["lost"] == of["lost"]
        assert table["messages"] == len(rows) - of["dropped"]
        if whole:
            carried = Counter[str]()
            for row in rows:
                if outcome[row] != "dropped":
                    message = hops["message"][row]
                    carried[names["kind"][kind[message]]] += size[message]
            assert all(table[f"{name}_bytes"] == carried[name] for name in names["kind"])
        if edges[name] not in fair and not result.scenario.faults:
            assert table["busy_ns"] == spans_ns(hops, rows, end_ns)
    jobs = [names["outcome"][code] for code in executions["outcome"].tolist()]
    for number in range(len(names["node"])):
        rows = np.flatnonzero(executions["node"] == number).tolist()
        of = Counter(jobs[row] for row in rows)
        assert trace.nodes["jobs"][number] == of["complete"]
        assert trace.nodes["refused"][number] == of["refused"]
        if (executions["batch"][rows] == 1).all() and not of["lost"]:
            assert result.scenario.faults or trace.nodes["busy_ns"][number] == spans_ns(executions, rows, end_ns)
    if not result.scenario.faults:  # what is cut off has cost what it has cost
        energy(result)


def spans_ns(table: Any, rows: list[int], end_ns: int) -> int:
    """Return how long *rows* of *table* lasted together, those without an end up to the end of the run."""
    begun = [row for row in rows if table["start_ns"][row] is not np.ma.masked]
    ends = np.ma.filled(table["end_ns"], end_ns)
    return sum(int(ends[row]) - int(table["start_ns"][row]) for row in begun)


def energy(result: Result) -> None:
    """Hold the energy of nodes to what they did; what is under way or lost may cost the receiver nothing."""
    trace = result.trace
    for number, name in enumerate(trace.names["node"]):
        spec = result.scenario.topology.machines()[name]
        if spec.power is None:
            assert trace.nodes["energy_j"][number] is np.ma.masked
            continue
        used_fj = round(float(trace.nodes["energy_j"][number]) * 10**15)
        up_ns = trace.end_ns - int(trace.nodes["down_ns"][number])
        links = trace.links
        by_link = np.sum([links[f"{kind}_bytes"] for kind in trace.names["kind"]], axis=0) + links["header_bytes"]
        sent = int((by_link + links["resent_bytes"])[links["source"] == number].sum())
        most_received = int(by_link[links["target"] == number].sum())
        power = spec.power
        base = power.idle_uw * up_ns + power.compute_uw * int(trace.nodes["busy_ns"][number])
        base += power.send_fj_per_byte * sent
        slack = 2 + used_fj // 10**14
        if spec.battery_fj is None:
            assert base - slack <= used_fj <= base + power.receive_fj_per_byte * most_received + slack
        else:
            dead = bool(trace.nodes["down_ns"][number])
            assert used_fj >= spec.battery_fj - slack if dead else used_fj >= base - slack


def limits_hold(result: Result, data: dict[str, Any]) -> None:
    trace, topology = result.trace, result.scenario.topology
    machines, faulty = topology.machines(), bool(result.scenario.faults)
    for number, name in enumerate(trace.names["node"]):
        limit, memory = machines[name].queue_limit, machines[name].memory_bytes
        assert limit is None or trace.nodes["queue_max"][number] <= limit
        mortal = faulty or machines[name].battery_fj is not None
        assert limit is not None or mortal or trace.nodes["refused"][number] == 0
        held = trace.nodes["memory_max_bytes"][number]
        assert held is np.ma.masked if memory is None else held <= memory
    links = {link.name: link for link in topology.directed_links()}
    for number, name in enumerate(trace.names["link"]):
        link = links[name]
        queue = link.spec.queue
        if queue is None:
            assert faulty or trace.links["dropped"][number] == 0
        elif queue.messages is not None:
            assert trace.links["queue_max"][number] <= queue.messages
        if link.spec.loss is None:
            assert faulty or trace.links["lost"][number] == 0
    if "until" in data["run"]:
        assert trace.end_ns == result.scenario.run.until_ns
        assert result.summary.reasons["waiting"] == 0


def everything_is_told(result: Result) -> None:
    console = Console(file=StringIO(), width=100)
    for table in report(result):
        console.print(table)
    for request in range(result.summary.created):
        for table in page(explain(result.trace, request), 100):
            console.print(table)
    assert "nan" not in console.file.getvalue()
    write_timeline(result.trace, result.path / "trace.json")
    assert json.loads((result.path / "trace.json").read_text())["traceEvents"]
