"""One request explained: the steps of its way, and what is missing where it has no answer."""

from __future__ import annotations

import io

from hypothesis import given, settings
from rich.console import Console
from test_parts import BOUNDED, any_network, as_in_life, two_gathers
from troubles import TROUBLES, in_trouble
from written_traces import LINKS, NODES, TWO_LEVELS, request, summary, written

from ddnnsim.explanation import Explanation, explain, page
from ddnnsim.sim import simulate


def shown(explanation: Explanation, width: int = 80) -> str:
    """Return what a terminal of *width* columns shows."""
    stream = io.StringIO()
    console = Console(file=stream, width=width, highlight=False)
    for part in page(explanation, width):
        console.print(part)
    return "\n".join(line.rstrip() for line in stream.getvalue().splitlines())


def steps(explanation: Explanation) -> list[tuple[str, int, int, str, str]]:
    return [(step.kind, step.at_ns, step.took_ns, step.where, step.what) for step in explanation.steps]


def test_the_story_of_an_answer_from_above():
    # As in test_parts: both gathers go on with what camera 0 sent.
    told = explain(two_gathers(), 0)
    assert steps(told) == [
        ("capture", 0, 0, "", "sample 0 captured"),
        ("job", 0, 3, "camera 0", "device section"),
        ("link", 3, 7, "camera 0>gateway", "summary, 2 B"),
        ("gather", 10, 4, "gateway", "for d1, the last of 2"),
        ("job", 14, 1, "gateway", "exit local escalates, class 0 (wrong), entropy 0.900 >= 0.5"),
        ("link", 15, 6, "gateway>camera 0", "order to d0, 1 B"),
        ("link", 21, 9, "camera 0>gateway", "features, 4 B"),
        ("link", 30, 9, "gateway>cloud", "features, 4 B"),
        ("gather", 39, 4, "cloud", "for d1, the last of 2"),
        ("job", 43, 10, "cloud", "cloud section"),
        ("decision", 53, 0, "cloud", "exit cloud answers, class 10 (right), entropy 0.900, the last exit"),
    ]
    assert told.latency_ns == 53 == sum(told.parts.values())
    assert told.beside == ()
    assert (
        shown(told)
        == """\
Request 0, sample 0 of class 10, captured at 0.000000 s: answered by cloud with
class 10 after 53 ns

 at, ns  took  where, and what
 ──────────────────────────────────────────────────────────────────────────────
      0        sample 0 captured
      0     3  camera 0: device section                      █
      3     7  camera 0>gateway: summary, 2 B, sent 2 ns,     ▓─
               under way 5 ns
     10     4  gateway: waited 4 ns for d1, the last of 2       ··
     14     1  gateway: exit local escalates, class 0             █
               (wrong), entropy 0.900 >= 0.5
     15     6  gateway>camera 0: order to d0, 1 B, sent 1         ▓─
               ns, under way 5 ns
     21     9  camera 0>gateway: features, 4 B, sent 4 ns,          ▓──
               under way 5 ns
     30     9  gateway>cloud: features, 4 B, sent 4 ns,                ▓▓─
               under way 5 ns
     39     4  cloud: waited 4 ns for d1, the last of 2                   ··
     43    10  cloud: cloud section                                         ███
     53        cloud: exit cloud answers, class 10 (right),                   ◆
               entropy 0.900, the last exit


 part             ns   share
 ───────────────────────────
 ░ queueing        0    0.0%
 █ service        14   26.4%
 ▓ serialisation  11   20.8%
 ─ propagation    20   37.7%
 · waiting         8   15.1%

   latency        53  100.0%
"""
    )


def test_a_request_that_lost_its_only_view():
    # Both summaries are lost: nothing is left to decide on.
    trace = written(
        60, NODES, LINKS, **TWO_LEVELS,
        requests=[request(None, None, "lost", "no_view")],
        messages=[summary(0, 0, 10, None, "lost"), summary(1, 1, 10, None, "dropped")],
        hops=[(0, 0, 0, 10, 12, 20, None, 3, "lost"), (1, 0, 1, 10, None, None, None, 0, "dropped")],
        executions=[(0, 0, None, 0, 0, 0, 10, 1, "complete"), (0, 1, None, 1, 0, 0, 10, 1, "complete")],
    )  # fmt: skip
    told = explain(trace, 0)
    assert (told.fate, told.reason, told.latency_ns) == ("lost", "no_view", None)
    assert told.beside == (
        "summary, 40 B, sent from camera1 to gateway at 0.000 ms: lost on camera1>gateway",
        "summary, 40 B, sent from camera2 to gateway at 0.000 ms: dropped on camera2>gateway",
    )
    assert "Missing" in shown(told)


def test_a_request_that_the_end_overtook():
    # Camera 1's job is refused; camera 2's summary is there; the exit does not know yet when the run ends at 60.
    trace = written(
        60, NODES, LINKS, **TWO_LEVELS,
        requests=[request(None, None, "unfinished", "stopped")],
        messages=[summary(0, 1, 10, 40)],
        hops=[(0, 0, 1, 10, 12, 20, 40, 1, "delivered")],
        executions=[(0, 0, None, 0, 5, None, None, 1, "refused"), (0, 1, None, 1, 0, 0, 10, 1, "complete")],
    )  # fmt: skip
    told = explain(trace, 0)
    assert steps(told)[-1] == ("link", 10, 30, "camera2>gateway", "summary, 40 B")
    assert told.parts == {"queueing": 2, "service": 10, "serialisation": 8, "propagation": 20, "waiting": 0}
    assert told.beside == (
        "camera1: device section: refused, queued at 0.000 ms",
        "exit e0 has heard of 1, and waits for s0",
    )


def test_a_job_that_still_ran():
    trace = written(
        60, NODES, LINKS, **TWO_LEVELS,
        requests=[request(None, None, "unfinished", "stopped")],
        executions=[(0, 0, None, 0, 0, 20, None, 1, "running"), (0, 1, None, 1, 0, 0, 10, 1, "complete")],
    )  # fmt: skip
    told = explain(trace, 0)
    assert steps(told) == [
        ("capture", 0, 0, "", "sample 4 captured"),
        ("job", 0, 60, "camera1", "device section: running"),
        ("end", 60, 0, "", "the run is over"),
    ]
    assert told.parts["queueing"] == 20


REPLYING = {
    **TWO_LEVELS,
    "messages": [summary(0, 0, 10, 30), summary(1, 1, 10, 30), (2, 0, "reply", None, 0, 2, 0, 4, 51, None, "lost")],
    "hops": [
        (0, 0, 0, 10, 10, 20, 30, 1, "delivered"), (1, 0, 1, 10, 10, 20, 30, 1, "delivered"),
        (2, 0, 3, 51, 52, 54, None, 2, "lost"),
    ],
    "executions": [
        (0, 0, None, 0, 0, 0, 10, 1, "complete"), (0, 1, None, 1, 0, 0, 10, 1, "complete"),
        (0, None, 0, 2, 30, 50, 51, 1, "complete"),
    ],
    "decisions": [(0, 0, 51, 0, 7, 0.25, "answer")],
}  # fmt: skip
"""An answer of the exit at the gateway, and its way back to camera 1."""
WAY_BACK = (*LINKS, ("gateway>camera1", 2, 0))


def test_an_answer_that_was_lost_on_its_way():
    told = explain(
        written(90, NODES, WAY_BACK, replies=True, requests=[request(51, 0, "lost", "reply")], **REPLYING), 0
    )
    assert steps(told)[-2:] == [
        ("job", 30, 21, "gateway", "exit e0 answers, class 7 (right), entropy 0.250 < 0.5"),
        ("link", 51, 3, "gateway>camera1", "reply, 4 B, sent 2 times: lost"),
    ]
    assert told.beside == ("reply, 4 B, sent from gateway to camera1 at 0.000 ms: lost on gateway>camera1",)
    assert "answered by e0 with class 7, but lost: reply" in " ".join(shown(told).split())


def test_an_answer_that_had_not_arrived():
    rows = {name: list(of) for name, of in REPLYING.items()}
    rows["messages"][2] = (2, 0, "reply", None, 0, 2, 0, 4, 51, None, "in_flight")
    rows["hops"][2] = (2, 0, 3, 51, 52, 54, None, 2, "in_flight")
    told = explain(written(90, NODES, WAY_BACK, replies=True, requests=[request(51, 0)], **rows), 0)
    assert steps(told)[-1] == ("end", 90, 0, "", "the run is over")
    assert told.latency_ns is None
    assert "had not reached who asked" in " ".join(shown(told).split())


def test_a_gather_that_heard_that_something_never_comes():
    trace = written(
        60, NODES, LINKS, **TWO_LEVELS,
        requests=[request(51, 0)],
        messages=[summary(0, 0, 10, 30), summary(1, 1, 10, None, "lost")],
        hops=[(0, 0, 0, 10, 10, 20, 30, 1, "delivered"), (1, 0, 1, 10, 10, 40, None, 3, "lost")],
        executions=[
            (0, 0, None, 0, 0, 0, 10, 1, "complete"), (0, 1, None, 1, 0, 0, 10, 1, "complete"),
            (0, None, 0, 2, 50, 50, 51, 1, "complete"),
        ],
        decisions=[(0, 0, 51, 0, 7, 0.25, "answer")],
    )  # fmt: skip
    told = explain(trace, 0)
    assert ("gather", 30, 20, "gateway", "for s1, of 2, until known never to come") in steps(told)
    assert "Beside the way\n  summary, 40 B, sent from camera2" in shown(told)


@given(any_network() | as_in_life() | in_trouble(any_network(), TROUBLES))
@settings(max_examples=25, **BOUNDED)
def test_every_request_can_be_explained(case):
    trace = simulate(*case, record="messages")
    for number in trace.requests["request"].tolist():
        told = explain(trace, number)
        assert sum(told.parts.values()) == sum(step.took_ns for step in told.steps)
        if told.latency_ns is not None:
            assert sum(told.parts.values()) == told.latency_ns
        assert (told.reason is None) == (told.fate == "answered")
        assert all(line for width in (80, 120) for line in [shown(told, width)])
        assert max(map(len, shown(told, 80).splitlines())) <= 80


def test_a_degraded_answer_waited_for_better():
    trace = written(
        95, NODES, LINKS, **TWO_LEVELS,
        requests=[request(90, 0, "degraded", "deadline")],
        messages=[
            summary(0, 0, 10, 30), summary(1, 1, 10, None, "lost"), summary(2, 1, 24, 30),
            (3, 0, "features", 0, None, 0, 3, 128, 40, None, "lost"),
        ],
        hops=[
            (0, 0, 0, 10, 10, 20, 30, 1, "delivered"), (1, 0, 1, 10, 10, 20, None, 1, "lost"),
            (2, 0, 1, 24, 24, 26, 30, 1, "delivered"), (3, 0, 0, 40, 40, 60, None, 1, "lost"),
        ],
        executions=[
            (0, 0, None, 0, 0, 0, 10, 1, "complete"), (0, 1, None, 1, 0, 0, 10, 1, "complete"),
            (0, None, 0, 2, 30, 31, 32, 1, "complete"), (0, 2, None, 3, 80, None, None, 1, "cancelled"),
        ],
        decisions=[(0, 0, 32, 0, 7, 0.75, "escalate"), (0, 0, 90, 0, 7, 0.75, "fallback")],
    )  # fmt: skip
    told = explain(trace, 0)
    assert steps(told)[-1] == ("fallback", 32, 58, "gateway", "for better than exit e0, which answers after all")
    text = " ".join(shown(told, width=150).split())
    assert "answered by e0 with class 7 after 90 ns, degraded: deadline" in text
    assert "gateway: waited 58 ns for better than exit e0, which answers after all" in text
    assert "lost on camera2>gateway, and sent again at 0.000 ms" in text
    assert "device section: cancelled, queued at" in text
    assert told.parts["waiting"] == 58


def test_what_was_sent_again_is_told_with_its_wait():
    trace = written(
        95, NODES, LINKS, **TWO_LEVELS,
        requests=[request(60, 0)],
        messages=[summary(0, 0, 10, None, "lost"), summary(1, 1, 10, None, "lost"), summary(2, 0, 30, 50)],
        hops=[
            (0, 0, 0, 10, 10, 20, None, 1, "lost"), (1, 0, 1, 10, 10, 20, None, 1, "lost"),
            (2, 0, 0, 30, 30, 40, 50, 1, "delivered"),
        ],
        executions=[
            (0, 0, None, 0, 0, 0, 10, 1, "complete"), (0, 1, None, 1, 0, 0, 10, 1, "complete"),
            (0, None, 0, 2, 50, 50, 60, 1, "complete"),
        ],
        decisions=[(0, 0, 60, 0, 7, 0.25, "answer")],
    )  # fmt: skip
    told = explain(trace, 0)
    assert ("repeat", 10, 20, "camera1", "to send summary, 40 B again, which was lost") in steps(told)
    assert sum(told.parts.values()) == told.latency_ns == 60
