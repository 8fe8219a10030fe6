"""The engine against a second implementation of the same text, to the nanosecond; and cases done by hand."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from deployments import NS_A_BYTE, SHAPES, Tree, an_oracle, networks, two_levels
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from recursion import serialisation_ns
from twin import TIMES, check, plain

from ddnnsim.deployment import Exit, Section
from ddnnsim.oracle import TableOracle
from ddnnsim.sim import simulate

BOUNDED = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large]}


def _note(due: dict[str, Any]) -> None:
    exits = {r["exit"] for r in due["requests"]}
    event(f"exits {sorted(e for e in exits if e is not None)}, unfinished {None in exits}")
    event(f"queues on links {any(k['queue_max'] for k in due['links'])}")
    event(f"queues on nodes {any(k['queue_max'] for k in due['nodes'])}")


@given(two_levels())
@settings(max_examples=80 * TIMES, **BOUNDED)
def test_a_drained_run_is_what_the_text_says(case):
    _note(check(*case))


@given(two_levels(stopped=True))
@settings(max_examples=50 * TIMES, **BOUNDED)
def test_a_stopped_run_is_what_the_text_says(case):
    _note(check(*case))


@given(st.booleans().flatmap(lambda stopped: two_levels(stopped, alone=True)))
@settings(max_examples=40 * TIMES, **BOUNDED)
def test_a_single_device_with_its_exit_is_what_the_text_says(case):
    _note(check(*case))


@given(two_levels(), st.booleans())
@settings(max_examples=30 * TIMES, **BOUNDED)
def test_two_runs_are_one(case, fresh):
    deployment, oracle = case
    first = simulate(deployment, oracle)
    other = TableOracle([oracle.table(e, oracle.view_sets.id(0)) for e in range(2)]) if fresh else oracle
    second = simulate(deployment, other)
    for table in ("requests", "links", "nodes"):
        a, b = getattr(first, table), getattr(second, table)
        assert list(a) == list(b)
        for name in a:
            assert plain(a[name]) == plain(b[name]), name
    assert first.end_ns == second.end_ns


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("stopped", [False, True], ids=["drained", "stopped"])
def test_any_network_does_what_the_text_says(shape, stopped):
    @given(networks(shape, stopped))
    @settings(max_examples=30 * TIMES, **BOUNDED)
    def is_as_the_text_says(case):
        _note(check(*case))

    is_as_the_text_says()


# --- by hand --------------------------------------------------------------------------------------


def by_hand(
    services: list[int],
    captured_ns: list[int],
    *,
    summary: int = 2,
    features: int = 4,
    delay: int = 5,
    rate: int = NS_A_BYTE,
    decision: int = 3,
    top: int = 10,
    threshold: float = 0.5,
    entropies: list[float] | None = None,
    control: int = 0,
    reply_to: str | None = None,
    until_ns: int | None = None,
    shared: bool = False,
    servers: int = 1,
) -> tuple[dict[str, list[Any]], dict[str, list[Any]], dict[str, list[Any]]]:
    """Run devices -> gateway -> cloud, or devices -> point -> gateway -> cloud, by both implementations.

    All links have *rate*, 1 ns a byte unless told, and *delay*; from a device to the point and back it
    takes no time but that of the bytes. Links: two for each device (up, down), then the point's if any,
    then the gateway's.
    """
    n = len(services)
    tree = Tree()
    devices = [tree.machine(f"d{i}", "device") for i in range(n)]
    gateway, cloud = tree.machine("gateway", "edge", servers), tree.machine("cloud", "cloud")
    foot = tree.machine("point", "edge") if shared else gateway
    for d in devices:
        tree.join(d, foot, (rate, 0 if shared else delay), (rate, 0 if shared else delay))
    if shared:
        tree.join(foot, gateway, (rate, delay), (rate, delay))
    tree.join(gateway, cloud, (rate, delay), (rate, delay))
    sections = [Section(f"d{i}", 0, d, 0, n, i, services[i], summary, features) for i, d in enumerate(devices)]
    sections.append(Section("top", 1, cloud, 1, None, None, top, 2, 0))
    exits = [
        Exit("local", 0, gateway, tuple(range(n)), "entropy", threshold, decision, control),
        Exit("cloud", 1, cloud, (n,), "entropy", None, None, 0),
    ]
    entropies = [0.0] if entropies is None else entropies
    samples = [k % len(entropies) for k in range(len(captured_ns))]
    to = None if reply_to is None else [m.name for m in tree.machines].index(reply_to)
    deployment = tree.deployment(sections, exits, captured_ns, samples, to, until_ns)
    oracle = an_oracle(entropies, [0.9] * len(entropies))
    trace = simulate(deployment, oracle)
    check(deployment, oracle)
    return tuple({k: plain(v) for k, v in t.items()} for t in (trace.requests, trace.links, trace.nodes))


def test_one_device_one_request():
    # device 0..7; summary 7 + 2 bytes + 5 = 14; decision 14..17.
    requests, links, nodes = by_hand([7], [0])
    assert requests["answered_ns"] == [17]
    assert requests["exit"] == [0]
    assert requests["prediction"] == [0]
    assert links["summary_bytes"] == [2, 0, 0, 0]
    assert nodes["busy_ns"] == [7, 3, 0]
    assert nodes["jobs"] == [1, 1, 0]
    # not sure: ... 17; order of 0 bytes 17 + 0 + 5 = 22; features 22 + 4 + 5 = 31 at the gateway, which
    # stores and forwards: 31 + 4 + 5 = 40 at the cloud; job 40..50.
    requests, links, nodes = by_hand([7], [0], entropies=[0.9])
    assert requests["answered_ns"] == [50]
    assert requests["exit"] == [1]
    assert requests["prediction"] == [10]
    assert links["messages"] == [2, 1, 1, 0]
    assert links["busy_ns"] == [6, 0, 4, 0]
    assert nodes["busy_ns"] == [7, 3, 10]
    assert nodes["origin_bytes"] == [6, 0, 0]


def test_an_order_with_bytes_is_serialised():
    # 17 as above; order 17 + 3 + 5 = 25; features 25 + 4 + 5 = 34, 34 + 4 + 5 = 43; job 43..53.
    requests, links, _ = by_hand([7], [0], entropies=[0.9], control=3)
    assert requests["answered_ns"] == [53]
    assert links["control_bytes"] == [0, 3, 0, 0]
    assert links["busy_ns"] == [6, 3, 4, 0]


def test_times_are_rounded_up():
    assert [serialisation_ns(n, 3 * 10**9) for n in range(5)] == [0, 3, 6, 8, 11]  # 8 n / 3
    # 3 Gbit/s: summary of 2 bytes 16/3 -> 6 ns: 7 + 6 + 5 = 18; decision 18..21; order 26;
    # features of 4 bytes 32/3 -> 11 ns: 26 + 11 + 5 = 42, 42 + 11 + 5 = 58; job 58..68.
    requests, links, _ = by_hand([7], [0], entropies=[0.9], rate=3 * 10**9)
    assert requests["answered_ns"] == [68]
    assert links["busy_ns"] == [17, 0, 11, 0]


def test_six_equal_devices_share_an_uplink():
    # All complete at 7, are at the point at 9 (2 bytes, no delay), section 0 first, and leave one after
    # another: 9..11, 11..13, ... 19..21, so the last is at the gateway at 26; decision 26..29.
    # When the first is under way, five wait.
    requests, links, _ = by_hand([7] * 6, [0], shared=True)
    assert requests["answered_ns"] == [29]
    assert links["queue_max"][12] == 5
    assert links["busy_ns"][12] == 12
    # Two requests at once: device jobs 0..7 and 7..14. Summaries of request 1 are at the point at 16
    # while 0's are on the link until 21: 21..33, at the gateway at 38; decision 38..41. At 16, 4 of
    # request 0 (9 + 2 i: 17, 19 start later; 9, 11, 13, 15 have started) -> 2 wait, and 6 join them.
    requests, links, nodes = by_hand([7] * 6, [0, 0], shared=True)
    assert requests["answered_ns"] == [29, 41]
    assert links["queue_max"][12] == 8
    assert nodes["queue_max"][:6] == [1] * 6


def test_ties_on_a_shared_uplink_go_by_request_then_section():
    # Captures at 0 and 4; device 0 takes 4, device 1 takes 8. Request 0: done at 4 and at 8. Request 1:
    # done at 8 and, after a wait, at 16. At 8 complete (0, section 1) and (1, section 0); both are at the
    # point at 10, request 0 first: it leaves 10..12, is at the gateway at 17, where section 0's has been
    # since 4 + 2 + 2 + 5 = 13: decision 17..20. Request 1: section 0 leaves 12..14; section 1 is done at
    # 16, at the point at 18, leaves 18..20, is at the gateway at 25: 25..28.
    requests, links, _ = by_hand([4, 8], [0, 4], shared=True)
    assert requests["answered_ns"] == [20, 28]
    assert links["queue_max"][4] == 1


def test_ties_within_a_request_go_by_section_and_not_by_the_start_of_the_job():
    # Device 0: one server, 103 ns, 1 byte; device 1: two servers, 104 ns, 4 bytes. Captures at 0 and 102.
    # Request 1: device 0 busy until 103, 103..206; device 1 102..206, which began earlier. Both summaries
    # take 1 ns to the point, there at 207, section 0 first: 207..208, 208..212; then at 2 ns a byte to
    # the judge 208..210, 212..220; decision 220..223. (The other way round 207..211, 211..212, 211..219,
    # 219..221, decision 221..224.) Request 0: 104, 105 at the point; 104..105, 105..109; 105..107,
    # 109..117; decision 117..120.
    tree = Tree()
    d0, d1 = tree.machine("d0", "device"), tree.machine("d1", "device", 2)
    point, judge = tree.machine("point", "edge"), tree.machine("judge", "edge")
    gateway, cloud = tree.machine("gateway", "edge"), tree.machine("cloud", "cloud")
    for below, above, rate in (
        (d1, point, 10**18),  # links are the other way round: the section comes before the link
        (d0, point, 10**18),
        (point, gateway, NS_A_BYTE),
        (gateway, judge, NS_A_BYTE // 2),
        (judge, cloud, NS_A_BYTE),
    ):
        tree.join(below, above, (rate, 0), (rate, 0))
    sections = [
        Section("d0", 0, d0, 0, 2, 0, 103, 1, 1),
        Section("d1", 0, d1, 0, 2, 1, 104, 4, 1),
        Section("top", 1, cloud, 1, None, None, 0, 4, 0),
    ]
    exits = [
        Exit("local", 0, judge, (0, 1), "entropy", 1.0, 3, 0),
        Exit("cloud", 1, cloud, (2,), "entropy", None, None, 0),
    ]
    due = check(tree.deployment(sections, exits, [0, 102], [0, 0]), an_oracle([0.5], [0.5]))
    assert [r["answered_ns"] for r in due["requests"]] == [120, 223]


def test_deliveries_come_before_captures():
    # The exit is on device 0; device 1 is linked to it. Jobs of 2 ns, captures at 0 and 4. The summary of
    # 2 bytes of device 1 leaves 2..4. At 4 it is delivered and the decision, 4..7, is queued before the
    # capture of request 1 is: 7..9. Its other summary is there at 8: decision 9..12.
    tree = Tree()
    d0, d1, cloud = tree.machine("d0", "device"), tree.machine("d1", "device"), tree.machine("cloud", "cloud")
    tree.join(d1, d0, (NS_A_BYTE, 0), (NS_A_BYTE, 0))
    tree.join(d0, cloud, (NS_A_BYTE, 0), (NS_A_BYTE, 0))
    sections = [Section(f"d{i}", 0, (d0, d1)[i], 0, 2, i, 2, 2, 4) for i in range(2)]
    sections.append(Section("top", 1, cloud, 1, None, None, 0, 4, 0))
    exits = [
        Exit("local", 0, d0, (0, 1), "entropy", 1.0, 3, 0),
        Exit("cloud", 1, cloud, (2,), "entropy", None, None, 0),
    ]
    due = check(tree.deployment(sections, exits, [0, 4], [0, 0]), an_oracle([0.5], [0.5]))
    assert [r["answered_ns"] for r in due["requests"]] == [7, 12]


def test_two_requests_overlap_on_a_link():
    # Captures at 0 and 1, jobs of 1 ns: 0..1 and 1..2. Summaries of 6 bytes: 1..7 and, having waited
    # since 2, 7..13; at the gateway at 12 and 18; decisions 12..15 and 18..21.
    requests, links, _ = by_hand([1], [0, 1], summary=6)
    assert requests["answered_ns"] == [15, 21]
    assert links["queue_max"][0] == 1
    assert links["busy_ns"][0] == 12


def test_a_link_that_becomes_free_is_free_for_what_arrives_then():
    # Captures at 0 and 6, jobs of 1 ns; summaries of 6 bytes: 1..7 and 7..13. Nobody waits.
    requests, links, nodes = by_hand([1], [0, 6], summary=6)
    assert requests["answered_ns"] == [15, 21]
    assert links["queue_max"][0] == 0
    assert nodes["queue_max"] == [0, 0, 0]
    # The same at a server: captures at 0 and 7, jobs of 7 ns.
    requests, _, nodes = by_hand([7], [0, 7])
    assert requests["answered_ns"] == [17, 24]
    assert nodes["queue_max"] == [0, 0, 0]
    assert nodes["busy_ns"] == [14, 6, 0]


def test_a_link_is_free_while_bits_are_under_way():
    # Captures at 0 and 2, jobs of 1 ns; summaries of 2 bytes: 1..3 and 3..5; with a delay of 100 they
    # are both under way from 5 to 103, where the first is delivered; decisions 103..106, 106..109
    # (the second has been there since 105).
    requests, links, nodes = by_hand([1], [0, 2], delay=100)
    assert requests["answered_ns"] == [106, 109]
    assert links["queue_max"][0] == 0
    assert nodes["queue_max"][1] == 1
    # With two servers at the gateway the second need not wait: 105..108.
    requests, _, nodes = by_hand([1], [0, 2], delay=100, servers=2)
    assert requests["answered_ns"] == [106, 108]
    assert nodes["queue_max"][1] == 0


@pytest.mark.parametrize(
    ("threshold", "entropy", "local"),
    [
        (0.5, 0.5, False),  # a tie goes up: entropy < T
        (0.5, float(np.nextafter(0.5, 0)), True),
        (0.5, 1.0, False),
        (0.5, 0.0, True),
        (1.0, 1.0, True),  # T = 1 always exits
        (1.0, 0.0, True),
        (0.0, 0.0, False),  # T = 0 never
        (0.0, 1.0, False),
        (0.0, -0.0, False),
    ],
)
def test_threshold(threshold, entropy, local):
    requests, _, _ = by_hand([7], [0], threshold=threshold, entropies=[entropy])
    assert requests["exit"] == [0 if local else 1]
    assert requests["answered_ns"] == [17 if local else 50]


def test_the_reply_is_a_message():
    # Answered at 17 by the gateway; 4 bytes to the device: 17 + 4 + 5 = 26.
    requests, links, _ = by_hand([7], [0], reply_to="d0")
    assert requests["answered_ns"] == [17]
    assert requests["replied_ns"] == [26]
    assert links["reply_bytes"] == [0, 4, 0, 0]
    # At the gateway itself it takes no time and no link.
    requests, links, _ = by_hand([7], [0], reply_to="gateway")
    assert requests["replied_ns"] == [17]
    assert links["reply_bytes"] == [0, 0, 0, 0]
    # From the cloud, at 50, two hops: 50 + 9 + 9 = 68.
    requests, links, _ = by_hand([7], [0], reply_to="d0", entropies=[0.9])
    assert requests["answered_ns"] == [50]
    assert requests["replied_ns"] == [68]
    assert links["reply_bytes"] == [0, 4, 0, 4]
    assert by_hand([7], [0])[0]["replied_ns"] == [None]


def test_replies_and_orders_share_the_downlink():
    # Samples 0 (sure) and 1 (not). Captures at 0 and 0; device 0..1..2; summaries 1..3, 3..5, at the
    # gateway at 8 and 10; decisions of 1 ns: 8..9 and 10..11. Reply 9..13, at the device at 18. The
    # order of 0 bytes waits from 11 until 13, is there at 18; features 18 + 9 + 9 = 36; job 36..46;
    # its reply: 46..50, at the gateway at 55; 55..59, at the device at 64.
    requests, links, _ = by_hand([1], [0, 0], decision=1, entropies=[0.0, 0.9], reply_to="d0")
    assert requests["answered_ns"] == [9, 46]
    assert requests["replied_ns"] == [18, 64]
    assert links["queue_max"] == [1, 1, 0, 0]  # summary 1 waited from 2 to 3


def test_until_is_half_open():
    # The answer of one device and one request is at 17.
    assert by_hand([7], [0], until_ns=17)[0]["answered_ns"] == [None]
    requests, links, nodes = by_hand([7], [0, 17, 18], until_ns=18)
    assert requests["answered_ns"] == [17, None]  # and the capture at 18 does not happen
    assert links["messages"] == [1, 0, 0, 0]
    assert nodes["busy_ns"] == [8, 3, 0]  # 0..7, 17..18; 14..17
    # An answer in time whose reply, at 26, is not.
    requests, links, _ = by_hand([7], [0], reply_to="d0", until_ns=26)
    assert requests["answered_ns"] == [17]
    assert requests["replied_ns"] == [None]
    assert links["busy_ns"] == [2, 4, 0, 0]
    # Within a transmission: the summary of 2 bytes is sent 7..9.
    assert by_hand([7], [0], until_ns=8)[1]["busy_ns"] == [1, 0, 0, 0]


def test_nothing_takes_any_time():
    # All at 0 ns; six devices, four requests at 5: all is over at 5, and nobody waits.
    requests, links, nodes = by_hand(
        [0] * 6, [5] * 4, summary=0, features=0, delay=0, decision=0, top=0, entropies=[0.9], shared=True
    )
    assert requests["answered_ns"] == [5] * 4
    assert not any(links["queue_max"])
    assert not any(nodes["queue_max"])


def test_no_order_is_sent_where_the_exit_is_part_of_the_job():
    # One device with its exit in its job and two servers; captures 0 (not sure) and 1 (sure) at 0, jobs
    # 0..1. At 1, both completions: request 0 decides first and, no order being sent, its features of 0
    # bytes leave at once: answered at 1 by the cloud. Then request 1 is answered, by the device, and its
    # reply of 4 bytes leaves, 1..5, 5..9. (An order, as a delivery, would let the reply pass the features:
    # answered at 5.)
    tree = Tree()
    device, gateway, cloud = (
        tree.machine("d", "device", 2),
        tree.machine("g", "edge"),
        tree.machine("c", "cloud"),
    )
    for below, above in pairwise([device, gateway, cloud]):
        tree.join(below, above, (NS_A_BYTE, 0), (NS_A_BYTE, 0))
    sections = [
        Section("d", 0, device, 0, 1, 0, 1, 0, 0),
        Section("top", 1, cloud, 1, None, None, 0, 4, 0),
    ]
    exits = [
        Exit("local", 0, device, (0,), "entropy", 0.5, None, 0),
        Exit("cloud", 1, cloud, (1,), "entropy", None, None, 0),
    ]
    deployment = tree.deployment(sections, exits, [0, 0], [0, 1], reply_to=cloud)
    due = check(deployment, an_oracle([0.9, 0.1], [0.9, 0.9]))
    assert [r["answered_ns"] for r in due["requests"]] == [1, 1]
    assert [r["replied_ns"] for r in due["requests"]] == [1, 9]
