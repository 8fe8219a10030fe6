"""A report tells what there is to tell, and of a plain run no more than the usual."""

from __future__ import annotations

import io
from dataclasses import replace

from rich.console import Console
from test_parts import two_gathers

from ddnnsim.metrics import Summary, summarize
from ddnnsim.metrics.availability import Circumstances, Service
from ddnnsim.metrics.latency import Latency
from ddnnsim.metrics.timeliness import Age
from ddnnsim.report.extras import extras
from ddnnsim.story import parts


def a_summary(deadline_ns: int | None = None, with_parts: bool = False) -> Summary:
    trace = two_gathers()
    if with_parts:
        trace = trace.with_tables(parts=parts(trace))
    return summarize(trace, 9, dict.fromkeys(trace.names["exit"], 1.0), deadline_ns)


def shown(summary: Summary, reply_to: str | None = None) -> str:
    """Return what a terminal of 80 columns shows beside the usual, in words."""
    stream = io.StringIO()
    console = Console(file=stream, width=80, highlight=False)
    for part in extras(summary, reply_to):
        console.print(part)
    return "\n".join(" ".join(line.split()) for line in stream.getvalue().splitlines())


def test_a_plain_run_has_nothing_beside_the_usual() -> None:
    assert shown(a_summary()) == ""


def test_a_deadline_is_told_with_the_age_of_information() -> None:
    summary = replace(a_summary(deadline_ns=60_000_000), simulated_s=1.0)
    in_time, age = shown(summary).replace("\n18", " 18").splitlines()
    assert in_time == "Within 60.0 ms: 100.0% of the requests, 100.0% and right, 18,867,924.53 a second"
    assert age == "Age of information: - ms, at its peaks - ms", "the run ends with its only answer"


def test_the_age_of_information_is_told_where_answers_are_wanted() -> None:
    summary = replace(a_summary(), age=Age(1.5, 0.25))
    assert shown(summary) == ""
    assert shown(summary, "desk") == "Age of information at desk: 1,500.0 ms, at its peaks 250.0 ms"


def test_parts_are_told_by_exit() -> None:
    told = shown(a_summary(with_parts=True))
    assert "exit queueing service serialisation propagation waiting" in told
    assert "local - - - - -" in told, "it answered nothing"


def test_losses_are_told_where_something_was_lost() -> None:
    summary = a_summary()
    link, node = summary.links["camera 0>gateway"], summary.nodes["gateway"]
    links = summary.links | {"camera 0>gateway": replace(link, lost=3, dropped=2, resent_bytes=1234)}
    told = shown(replace(summary, links=links))
    assert "link messages lost dropped bytes sent again down for s" in told
    assert "camera 0>gateway 2 3 2 1,234 0.0" in told
    assert "camera 1>gateway" not in told
    told = shown(replace(summary, nodes=summary.nodes | {"gateway": replace(node, refused=5, lost=1, down_s=2.5)}))
    assert "gateway 1 5 1 2.5" in told
    assert "cloud" not in told


def test_memory_and_energy_are_told_where_they_are_counted() -> None:
    summary = a_summary()
    node = replace(summary.nodes["gateway"], energy_j=1.25)
    told = shown(replace(summary, nodes=summary.nodes | {"gateway": node}))
    assert "gateway - 1.250" in told
    node = replace(node, energy_j=None, memory_max_bytes=4096)
    assert "gateway 4,096 -" in shown(replace(summary, nodes=summary.nodes | {"gateway": node}))


def test_availability_is_told_where_requests_went_without_their_answer() -> None:
    summary = replace(a_summary(), created=8, availability=0.875, accuracy_of_requests=0.5)
    assert shown(summary) == "Available: 87.5% of the requests got an answer; 50.0% got the right one"
    told = shown(replace(summary, degraded={"deadline": 1, "out_of_reach": 1}))
    assert "got an answer, 25.0% a degraded one; 50.0%" in told


def test_service_is_told_with_and_without_faults() -> None:
    served = Service(20, 0.75, 0.25, 0.8, 0.6, Latency(0.0125, 0.01, 0.03, 0.04))
    none = Service(0, None, None, None, None, Latency(None, None, None, None))
    told = shown(replace(a_summary(), circumstances=Circumstances(served, none)))
    assert "captured requests answered degraded right accuracy mean p95" in told
    assert "during a fault 20 75.0% 25.0% 60.0% 80.0% 12.5 30.0" in told
    assert "else 0 - - - - - -" in told
