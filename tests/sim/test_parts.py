"""Latency in parts: they add up on any deployment, and are those of cases done by hand."""

from __future__ import annotations

import numpy as np
from circumstances import circumstances
from deployments import SHAPES, an_oracle, networks, two_levels
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_levels import a_star_and_a_chain, last
from test_twin import FOCUS
from troubles import TROUBLES, in_trouble
from twin import TIMES
from written_traces import LINKS, NODES, TWO_LEVELS, request, summary, written

from ddnnsim.deployment import Exit, Section
from ddnnsim.metrics import PartOfLatency, latencies_ns, summarize
from ddnnsim.metrics.timeliness import Timeliness
from ddnnsim.sim import simulate
from ddnnsim.story import PARTS, Records, legs, parts
from ddnnsim.trace import Trace

BOUNDED = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large]}


def any_network() -> st.SearchStrategy:
    """Draw deployments of every shape, drained or stopped."""
    shaped = st.tuples(st.sampled_from(SHAPES), st.booleans()).flatmap(lambda case: networks(*case))
    return shaped | st.tuples(st.booleans(), st.booleans()).flatmap(lambda case: two_levels(*case))


def as_in_life() -> st.SearchStrategy:
    """Draw deployments with all that links, machines and loads can be, drained or stopped."""
    focuses = st.sampled_from([uses for uses, _ in FOCUS.values()])
    return st.tuples(focuses, st.booleans()).flatmap(lambda case: circumstances(*case))


@given(any_network() | as_in_life() | in_trouble(any_network(), TROUBLES))
@settings(max_examples=50 * TIMES, **BOUNDED)
def test_parts_add_up_to_the_latency(case):
    trace = simulate(*case, record="messages")
    table = parts(trace)
    done = ~np.ma.getmaskarray(trace.requests["replied_ns" if trace.replies else "answered_ns"])
    columns = np.array([np.ma.getdata(table[f"{name}_ns"]) for name in PARTS])
    assert (columns[:, done] >= 0).all()
    assert (columns.sum(axis=0)[done] == latencies_ns(trace)[done]).all()
    assert all((~np.ma.getmaskarray(table[f"{name}_ns"]) == done).all() for name in PARTS)


@given(any_network() | as_in_life() | in_trouble(any_network(), TROUBLES))
@settings(max_examples=26 * TIMES, **BOUNDED)
def test_the_legs_of_a_way_follow_one_another(case):
    trace = simulate(*case, record="messages")
    ways = legs(Records(trace), np.arange(len(trace.requests["request"])))
    captured_ns = trace.requests["captured_ns"]
    assert (ways.begin_ns <= ways.end_ns).all()
    first = np.flatnonzero(np.diff(ways.request, prepend=-1))
    tables = (trace.tables["executions"]["request"], trace.tables["messages"]["request"])
    begun = np.unique(np.concatenate([np.ma.compressed(requests) for requests in tables]))
    assert ways.request[first].tolist() == begun.tolist()  # where nobody sensed anything there is no way
    assert ways.begin_ns[first].tolist() == captured_ns[begun].tolist()
    inner = np.diff(ways.request) == 0
    assert (ways.begin_ns[1:][inner] == ways.end_ns[:-1][inner]).all()


def of_requests(trace, *requests: int) -> list[tuple[int, ...]]:
    table = parts(trace)
    return [tuple(int(table[f"{name}_ns"][request]) for name in PARTS) for request in requests]


def test_the_order_of_the_parts():
    assert PARTS == ("queueing", "service", "serialisation", "propagation", "waiting")


def two_gathers() -> Trace:
    """Return the run of one request of which two cameras' views are gathered twice."""
    tree = a_star_and_a_chain(2, "gateway", "cloud")
    sections = [
        Section("d0", 0, 0, 0, 2, 0, 3, 2, 4),
        Section("d1", 0, 1, 0, 2, 1, 7, 2, 4),
        Section("cloud", 1, 3, 1, None, None, 10, 2, 0),
    ]
    exits = [Exit("local", 0, 2, (0, 1), "entropy", 0.5, 1, 1), last(3, (2,), 1)]
    oracle = an_oracle([0.9], [0.9])
    trace = simulate(tree.deployment(sections, exits, [0], [0]), oracle, record="messages")
    return trace.labelled(np.array([10]))


def test_both_gathers_go_on_with_what_came_first():
    # Jobs 0..3 and 0..7; summaries of 2 bytes at the gateway at 10 and 14; decision 14..15; orders of a byte at
    # the cameras at 21; features of 4 bytes 21..25, at the gateway at 30, both; camera 0's first: 30..34, at the
    # cloud at 39, camera 1's 34..38, at 43; job 43..53. The way: job of camera 0, 3; 2 + 5; waiting 4; decision 1;
    # 1 + 5; 4 + 5; 4 + 5; waiting 4; 10.
    trace = two_gathers()
    assert latencies_ns(trace).tolist() == [53]
    assert of_requests(trace, 0) == [(0, 3 + 1 + 10, 2 + 1 + 4 + 4, 4 * 5, 4 + 4)]


def test_raw_views_and_what_waits_in_queues_of_links():
    # As in test_levels: the way of request 0 is that of camera 1's view, 0..4, 9..13, in the cloud at 18, where
    # camera 0's comes at 30. That of request 1, captured at 3, is camera 1's, too: it waits 3..4 for the radio,
    # goes 4..10, waits 15..25 for the link to the cloud, goes 25..31, is there at 36, and camera 0's at 60.
    tree = a_star_and_a_chain(2, "gateway", "cloud")
    sections = [
        Section("d0", 0, 0, None, 2, 0, 99, 2, 4, (10, 20)),
        Section("d1", 0, 1, None, 2, 1, 99, 2, 4, (4, 6)),
        Section("cloud", 1, 3, 0, None, None, 10, 2, 0),
    ]
    trace = simulate(
        tree.deployment(sections, [last(3, (2,), 1)], [0, 3], [0, 1]), an_oracle([0.9, 0.9]), record="messages"
    )
    assert of_requests(trace, 0, 1) == [(0, 10, 4 + 4, 10, 12), (1 + 10, 10, 6 + 6, 10, 24)]


def test_a_verdict_and_a_reply_are_on_the_way():
    # Cameras 0 and 1 with an exit each in their jobs, 0..3 and 0..7; both say no. Their verdicts, 0 bytes to the
    # cloud: 3, at the gateway at 8, in the cloud at 13, and 17. Orders of a byte at 17: 17..18, 23, 23..24, 29, and
    # for camera 1 18..19, 24, 24..25, 30. Features of 4: 29..33, 38, 38..42, 47; 30..34, 39, 42..46, 51. Job 51..61.
    # Reply of 4 to the gateway: 61..65, 70. The order that the first features followed is camera 0's; the way goes
    # on with the first verdict, camera 0's.
    tree = a_star_and_a_chain(2, "gateway", "cloud")
    sections = [
        Section("d0", 0, 0, 0, 2, 0, 3, 2, 4),
        Section("d1", 0, 1, 1, 2, 1, 7, 2, 4),
        Section("cloud", 1, 3, 2, None, None, 10, 2, 0),
    ]
    exits = [
        Exit("local.0", 0, 0, (0,), "entropy", 0.5, None, 1, coordinator=2),
        Exit("local.1", 0, 1, (1,), "entropy", 0.5, None, 1, coordinator=2),
        last(3, (2,), 1),
    ]
    deployment = tree.deployment(sections, exits, [0], [0], reply_to=2)
    trace = simulate(deployment, an_oracle([0.9], [0.9], [0.9]), record="messages")
    assert latencies_ns(trace).tolist() == [70]
    assert of_requests(trace, 0) == [(0, 3 + 10, 1 + 1 + 4 + 4 + 4, 7 * 5, 4 + 4)]


def test_a_device_that_captures_later_is_waited_for():
    # The summary of camera 1, which captured at 5, comes first.
    trace = written(
        60, NODES, LINKS, **TWO_LEVELS,
        requests=[request(41, 0)],
        messages=[summary(0, 1, 8, 30), summary(1, 0, 20, 40)],
        hops=[(0, 0, 1, 8, 8, 20, 30, 1, "delivered"), (1, 0, 0, 20, 20, 32, 40, 1, "delivered")],
        executions=[
            (0, 0, None, 0, 0, 0, 20, 1, "complete"), (0, 1, None, 1, 5, 6, 8, 1, "complete"),
            (0, None, 0, 2, 40, 40, 41, 1, "complete"),
        ],
    )  # fmt: skip
    assert of_requests(trace, 0) == [(1, 2 + 1, 12, 10, 5 + 10)]


def test_a_gather_that_was_complete_by_a_miss_waited_until_then():
    # Camera 2's summary is lost, which the exit knows at 50.
    trace = written(
        60, NODES, LINKS, **TWO_LEVELS,
        requests=[request(51, 0)],
        messages=[summary(0, 0, 10, 30), summary(1, 1, 10, None, "lost")],
        hops=[(0, 0, 0, 10, 10, 20, 30, 1, "delivered"), (1, 0, 1, 10, 10, 40, None, 3, "lost")],
        executions=[
            (0, 0, None, 0, 0, 0, 10, 1, "complete"), (0, 1, None, 1, 0, 0, 10, 1, "complete"),
            (0, None, 0, 2, 50, 50, 51, 1, "complete"),
        ],
    )  # fmt: skip
    assert of_requests(trace, 0) == [(0, 10 + 1, 10, 10, 20)]


def test_the_last_packet_is_followed_and_what_it_waits_for_its_own_is_serialisation():
    # Three packets of 10 ns each, handed over at 10 while another message is sent until 15: 15..25, 25..35, then
    # for 5 ns another message's, 40..50. The last one waits 5 + 5 for others and 20 for its own. On the next link
    # it waits from 60 to 65 for the one before it, of which 3 ns are left when it comes, and 2 for another.
    packets = [
        (0, 0, 0, 10, 15, 25, 35, 1, "delivered"), (0, 1, 0, 10, 25, 35, 45, 1, "delivered"),
        (0, 2, 0, 10, 40, 50, 60, 1, "delivered"), (0, 0, 2, 35, 35, 45, 50, 1, "delivered"),
        (0, 1, 2, 45, 45, 63, 68, 1, "delivered"), (0, 2, 2, 60, 65, 75, 80, 1, "delivered"),
    ]  # fmt: skip
    trace = written(
        90, NODES, LINKS,
        sections=[(0, 0, 0, None, 0)],
        exits=[(0, 3, None, None, "entropy", None)],
        requests=[request(81, 0)],
        messages=[(0, 0, "summary", 0, None, 0, 3, 30, 10, 80, "delivered")],
        hops=packets,
        executions=[(0, 0, None, 0, 0, 0, 10, 1, "complete"), (0, None, 0, 3, 80, 81, 81, 4, "complete")],
    )  # fmt: skip
    assert of_requests(trace, 0) == [(10 + 2 + 1, 10, 20 + 10 + 3 + 10, 10 + 5, 0)]


def test_fair_links_that_are_taken_together_are_serialised_once():
    # From 10 to 40 on both links, then a delay of 5 and one of 7.
    trace = written(
        90, NODES, LINKS,
        sections=[(0, 0, 0, None, 0)],
        exits=[(0, 3, None, None, "entropy", None)],
        requests=[request(53, 0)],
        messages=[(0, 0, "summary", 0, None, 0, 3, 30, 10, 52, "delivered")],
        hops=[(0, 0, 0, 10, 10, 40, 45, 1, "delivered"), (0, 0, 2, 10, 10, 40, 52, 1, "delivered")],
        executions=[(0, 0, None, 0, 0, 0, 10, 1, "complete"), (0, None, 0, 3, 52, 52, 53, 1, "complete")],
    )  # fmt: skip
    assert of_requests(trace, 0) == [(0, 10 + 1, 30, 12, 0)]


def test_where_all_verdicts_were_lost_the_way_goes_on_with_the_first_that_was_sent():
    # Both exits say no, at 10 and 12; both verdicts are lost, the last known at 40; orders then; features; 70..80.
    trace = written(
        90, NODES, LINKS,
        sections=[(0, 0, 0, 2, 0), (0, 1, 1, 2, 1), (1, 3, 2, None, None)],
        exits=[(0, 0, 0, 2, "entropy", 0.5), (0, 1, 1, 2, "entropy", 0.5), (1, 3, 2, None, "entropy", None)],
        requests=[request(80, 2)],
        messages=[
            (0, 0, "control", None, 0, 0, 3, 0, 10, None, "lost"),
            (1, 0, "control", None, 1, 1, 3, 0, 12, None, "lost"),
            (2, 0, "control", 0, None, 3, 0, 0, 40, 45, "delivered"),
            (3, 0, "control", 1, None, 3, 1, 0, 40, None, "lost"),
            (4, 0, "features", 0, None, 0, 3, 9, 45, 65, "delivered"),
        ],
        hops=[
            (0, 0, 0, 10, 10, 10, None, 1, "lost"), (1, 0, 1, 12, 12, 12, None, 1, "lost"),
            (2, 0, 2, 40, 40, 40, 45, 1, "delivered"), (3, 0, 2, 40, 40, 40, None, 1, "lost"),
            (4, 0, 0, 45, 46, 55, 65, 1, "delivered"),
        ],
        executions=[
            (0, 0, None, 0, 0, 0, 10, 1, "complete"), (0, 1, None, 1, 0, 0, 12, 1, "complete"),
            (0, 2, None, 3, 68, 70, 80, 1, "complete"),
        ],
    )  # fmt: skip
    assert of_requests(trace, 0) == [(1 + 2, 10 + 10, 9, 5 + 10, 30 + 3)]


def test_a_summary_has_the_means_and_shares_of_the_parts():
    trace = two_gathers()
    everywhere = dict.fromkeys(trace.names["exit"], 1.0)
    bare = summarize(trace, 9, everywhere)
    assert bare.parts is bare.timeliness is bare.exits["cloud"].parts is None
    told = summarize(trace.with_tables(parts=parts(trace)), 9, everywhere, deadline_ns=53)
    assert told.parts == told.exits["cloud"].parts == {
        "queueing": PartOfLatency(0.0, 0.0),
        "service": PartOfLatency(14e-9, 14 / 53),
        "serialisation": PartOfLatency(11e-9, 11 / 53),
        "propagation": PartOfLatency(20e-9, 20 / 53),
        "waiting": PartOfLatency(8e-9, 8 / 53),
    }  # fmt: skip
    assert told.exits["local"].parts == dict.fromkeys(PARTS, PartOfLatency(None, None))
    assert told.timeliness == Timeliness(53e-9, 1.0, 1.0, 1 / 53e-9)
    assert summarize(trace, 9, everywhere, deadline_ns=52).timeliness == Timeliness(52e-9, 0.0, 0.0, 0.0)


def executed(section: int | None, exit_: int | None, node: int, queued_ns: int, start_ns: int, end_ns: int):
    return (0, section, exit_, node, queued_ns, start_ns, end_ns, 1, "complete")


def features(message: int, sent_ns: int, delivered_ns: int | None, outcome: str = "delivered"):
    return (message, 0, "features", 0, None, 0, 3, 128, sent_ns, delivered_ns, outcome)


def order(message: int, sent_ns: int, delivered_ns: int):
    return (message, 0, "control", 0, None, 2, 0, 0, sent_ns, delivered_ns, "delivered")


def test_what_lies_between_a_decision_and_the_fallback_is_waiting():
    """The local exit decides at 32; the features are lost, and at 90 it answers after all."""
    trace = written(
        95, NODES, LINKS, **TWO_LEVELS,
        requests=[request(90, 0, "degraded", "deadline")],
        messages=[summary(0, 0, 10, 30), summary(1, 1, 10, 25), order(2, 32, 40), features(3, 40, None, "lost")],
        hops=[
            (0, 0, 0, 10, 12, 20, 30, 1, "delivered"), (1, 0, 1, 10, 10, 20, 25, 1, "delivered"),
            (3, 0, 0, 40, 40, 60, None, 1, "lost"),
        ],
        executions=[executed(0, None, 0, 0, 0, 10), executed(1, None, 1, 0, 0, 10), executed(None, 0, 2, 30, 31, 32)],
        decisions=[(0, 0, 32, 0, 7, 0.75, "escalate"), (0, 0, 90, 0, 7, 0.75, "fallback")],
    )  # fmt: skip
    # camera2's summary came first: 0-10 service, 10-20 sent, 20-25 under way, 25-30 waiting, 30-31, 31-32, 32-90.
    assert of_requests(trace, 0) == [(1, 11, 10, 5, 63)]


def test_a_message_that_is_sent_again_waited_since_it_was_first_sent():
    """Camera 1's features are lost twice: sent at 32, when they are asked for, at 60 and at 100."""
    trace = written(
        200, NODES, LINKS, **TWO_LEVELS,
        requests=[request(150, 1)],
        messages=[
            summary(0, 0, 10, 30), summary(1, 1, 10, 30), order(2, 32, 32),
            features(3, 32, None, "lost"), features(4, 60, None, "dropped"), features(5, 100, 130),
        ],
        hops=[
            (0, 0, 0, 10, 10, 20, 30, 1, "delivered"), (1, 0, 1, 10, 10, 20, 30, 1, "delivered"),
            (3, 0, 0, 32, 32, 50, None, 1, "lost"), (4, 0, 0, 60, None, None, None, 0, "dropped"),
            (5, 0, 0, 100, 101, 110, 114, 1, "delivered"), (5, 0, 2, 114, 114, 120, 130, 1, "delivered"),
        ],
        executions=[
            executed(0, None, 0, 0, 0, 10), executed(1, None, 1, 0, 0, 10), executed(None, 0, 2, 30, 30, 32),
            executed(2, None, 3, 140, 142, 150),
        ],
        decisions=[(0, 0, 32, 0, 7, 0.75, "escalate"), (0, 1, 150, 0, 7, 0.25, "answer")],
    )  # fmt: skip
    queueing, service = 1 + 2, 10 + 2 + 8
    serialisation, propagation = 10 + 9 + 6, 10 + 4 + 10
    waiting = 68 + 10  # until sent for the third time; for camera 2's features
    assert of_requests(trace, 0) == [(queueing, service, serialisation, propagation, waiting)]
    assert queueing + service + serialisation + propagation + waiting == 150


def test_a_gather_that_a_deadline_closed_does_not_go_on_with_what_came_later():
    """With blank views the local exit decides at 20, its deadline, on none; both summaries come at 30."""
    both = [summary(0, 0, 12, 30), summary(1, 1, 10, 30)]
    hops = [(0, 0, 0, 12, 12, 20, 30, 1, "delivered"), (1, 0, 1, 10, 10, 20, 30, 1, "delivered")]

    def closed_at(at_ns: int) -> tuple[int, ...]:
        return of_requests(
            written(
                40, NODES, LINKS, **TWO_LEVELS, requests=[request(at_ns + 5, 0)], messages=both, hops=hops,
                executions=[
                    executed(0, None, 0, 0, 2, 12), executed(1, None, 1, 0, 0, 10),
                    executed(None, 0, 2, at_ns, at_ns + 1, at_ns + 5),
                ],
                decisions=[(0, 0, at_ns + 5, 0, 7, 0.25, "answer")],
            ),
            0,
        )[0]  # fmt: skip

    assert closed_at(20) == (1, 10 + 4, 0, 0, 10), "camera 2's, the first, was sent at 10"
    assert closed_at(8) == (1, 4, 0, 0, 8), "none had been sent: all since the capture"
