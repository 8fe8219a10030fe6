"""Links that fail, worked out by hand. A byte takes a nanosecond, unless said otherwise."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from couriers import Courier, deployed, link
from deployments import NS_A_BYTE
from mishaps import carried, crash, hops, outage, rows, run

from ddnnsim.deployment import Channel, Course, Deployment, Exit, Loss, Machine, Section, Workload
from ddnnsim.distribution import Distribution
from ddnnsim.faults import Consequence, Degradation, Fault, Given, Outage, Periodic

FAIR = Channel("fair")
ONE = [link(0, 1, NS_A_BYTE, 5)]


def couriers(*sizes_at: tuple[int, int], route: tuple[int, ...] = (0,)) -> list[Courier]:
    return [Courier(route, size_bytes, at_ns) for size_bytes, at_ns in sizes_at]


def test_what_has_not_been_sent_whole_is_lost():
    # 0..10 has been sent, and arrives while the link is down; 10..20 and what waits are lost at 12; 15 is dropped.
    trace = carried(ONE, couriers((10, 0), (10, 0), (10, 0), (10, 15), (4, 20)), [outage(0, [(12, 18)])])
    assert hops(trace) == [
        (0, 10, 15, "delivered"),
        (10, None, None, "lost"),
        (None, None, None, "lost"),
        (None, None, None, "dropped"),
        (20, 24, 29, "delivered"),
    ]
    row = rows(trace, "links")[0]
    assert (row["messages"], row["raw_bytes"], row["lost"], row["dropped"], row["dropped_bytes"]) == (4, 34, 2, 1, 10)
    assert (row["busy_ns"], row["down_ns"], row["queue_max"]) == (16, 6, 2)
    assert trace.requests["fate"].tolist() == [0, 2, 2, 2, 0]
    faults = {"fault": "outage", "kind": "outage", "target": "m0>m1", "from_ns": 12, "until_ns": 18}
    assert rows(trace, "faults") == [faults]


def test_what_is_lost_is_known_when_the_link_fails():
    trace = carried(ONE, couriers((10, 0), (10, 0)), [outage(0, [(7, None)])])
    assert trace.end_ns == 7
    assert rows(trace, "faults") == []  # none has begun before the end
    assert rows(trace, "links")[0]["down_ns"] == 0


def test_what_is_sent_whole_at_the_instant_of_failure_arrives():
    trace = carried(ONE, couriers((12, 0), (0, 0), (1, 0)), [outage(0, [(12, 18)])])
    assert hops(trace) == [(0, 12, 17, "delivered"), (12, 12, 17, "delivered"), (12, None, None, "lost")]


def test_a_capture_at_the_instant_of_failure_finds_it_down_and_at_that_of_recovery_up():
    trace = carried(ONE, couriers((1, 12), (1, 18)), [outage(0, [(12, 18)])])
    assert hops(trace) == [(None, None, None, "dropped"), (18, 19, 24, "delivered")]


def test_what_is_handed_over_before_the_failure_of_that_instant_is_lost_or_sent():
    # It comes in by a link that takes 12 ns of the bits, so at a delivery; class 3 is after the failure.
    links = [link(0, 1, NS_A_BYTE), link(1, 2, NS_A_BYTE)]
    trace = carried(links, couriers((12, 0), (0, 12), route=(0, 1)), [outage(1, [(12, 18)])])
    assert hops(trace, 1) == [(None, None, None, "dropped")] * 2
    assert trace.tables["messages"]["outcome"].tolist()[:2] == [6, 6]


def test_an_outage_that_resumes_lets_all_wait():
    # 0..10; 10..12 and 18..26; the message without bits waits, too, and so does what comes at 15.
    trace = carried(ONE, couriers((10, 0), (10, 0), (0, 15), (4, 15)), [outage(0, [(12, 18)], "resume")])
    assert hops(trace) == [
        (0, 10, 15, "delivered"),
        (10, 26, 31, "delivered"),
        (26, 26, 31, "delivered"),
        (26, 30, 35, "delivered"),
    ]
    assert rows(trace, "links")[0]["busy_ns"] == 30


def test_nothing_starts_or_ends_while_the_link_is_down_not_even_what_has_no_bits():
    trace = carried(ONE, couriers((0, 12), (1, 12), (0, 20)), [outage(0, [(12, 18)], "resume")])
    assert [hop[:3] for hop in hops(trace)] == [(18, 18, 23), (18, 19, 24), (20, 20, 25)]
    assert rows(trace, "links")[0]["queue_max"] == 2


def test_overhead_goes_on_while_the_link_is_down():
    links = [link(0, 1, NS_A_BYTE, mtu_bytes=100, overhead_ns=4)]
    trace = carried(links, couriers((10, 0), (1, 0)), [outage(0, [(11, 18)], "resume")])
    assert [hop[:2] for hop in hops(trace)] == [(0, 14), (18, 23)]


def test_the_end_of_bits_at_the_instant_of_failure_is_before_it():
    trace = carried(ONE, couriers((12, 0)), [outage(0, [(12, 18)], "resume")])
    assert hops(trace) == [(0, 12, 17, "delivered")]


def test_a_link_that_stays_down_keeps_no_run_going():
    trace = carried(ONE, couriers((10, 0), (1, 20)), [outage(0, [(4, None)], "resume")])
    assert trace.end_ns == 20
    assert hops(trace) == [(0, None, None, "in_flight"), (None, None, None, "in_flight")]
    assert [(r["fate"], r["reason"]) for r in rows(trace, "requests")] == [("unfinished", "waiting")] * 2
    assert rows(trace, "links")[0]["busy_ns"] == 20


def test_a_recovery_that_work_waits_for_is_awaited():
    trace = carried(ONE, couriers((10, 0)), [outage(0, [(4, 1000)], "resume"), outage(0, [(5000, 6000)], name="later")])
    assert trace.end_ns == 1011


def test_it_is_down_as_long_as_any_fault_holds_it():
    faults = [outage(0, [(10, 20)], name="one"), outage(0, [(15, 30)], name="other")]
    trace = carried(ONE, couriers((1, 9), (1, 14), (1, 25), (1, 30)), faults)
    assert [hop[3] for hop in hops(trace)] == ["delivered", "dropped", "dropped", "delivered"]
    assert rows(trace, "links")[0]["down_ns"] == 20


@pytest.mark.parametrize("last", ["lose", "resume"])
def test_the_first_says_what_becomes_of_the_work(last):
    faults = [outage(0, [(10, 20)], "lose", "one"), outage(0, [(15, 30)], last, "other")]
    trace = carried(ONE, couriers((5, 8), (1, 25)), faults)
    assert [hop[3] for hop in hops(trace)] == ["lost", "dropped"]


def test_of_two_that_begin_at_once_the_first_of_the_deployment_is_the_first():
    spells = [(10, 30)]
    resumes, loses = outage(0, spells, "resume", "one"), outage(0, spells, "lose", "other")
    assert [hop[3] for hop in hops(carried(ONE, couriers((5, 8), (1, 25)), [loses, resumes]))] == ["lost", "dropped"]
    trace = carried(ONE, couriers((5, 8), (1, 25)), [resumes, loses])
    assert hops(trace) == [(8, None, None, "lost"), (30, 31, 36, "delivered")]


def test_where_one_that_loses_begins_all_is_lost_that_waits():
    # The first resumes: what comes after the second has begun waits, until both are over.
    faults = [outage(0, [(10, 20)], "resume", "one"), outage(0, [(15, 30)], "lose", "other")]
    trace = carried(ONE, couriers((5, 8), (1, 12), (1, 25)), faults)
    assert hops(trace) == [(8, None, None, "lost"), (None, None, None, "lost"), (30, 31, 36, "delivered")]
    assert trace.requests["fate"].tolist() == [2, 2, 0]


def test_it_recovers_and_fails_again():
    trace = carried(ONE, couriers((30, 0), (1, 12)), [outage(0, [(10, 20), (20, 30)], "resume")])
    assert [hop[:2] for hop in hops(trace)] == [(0, 50), (50, 51)]
    faults = [outage(0, [(10, 20)], "resume", "one"), outage(0, [(20, 30)], "lose", "other")]
    trace = carried(ONE, couriers((30, 0), (1, 12), (1, 22)), faults)
    assert [hop[3] for hop in hops(trace)] == ["lost", "lost", "dropped"]


def test_a_spell_of_no_length_is_none():
    trace = carried(ONE, couriers((10, 0)), [outage(0, [(4, 4)])])
    assert hops(trace) == [(0, 10, 15, "delivered")]
    assert rows(trace, "faults") == []


def test_a_crash_takes_the_links_down_that_leave_the_node():
    links = [link(0, 1, NS_A_BYTE), link(1, 0, NS_A_BYTE), link(1, 2, NS_A_BYTE)]
    trace = carried(links, couriers((10, 0), route=(0, 2)), [crash(0, [(5, 20)])])
    assert [row["down_ns"] for row in rows(trace, "links")] == [0, 0, 0, 0]  # lost at 5, and the run is over
    trace = carried(links, couriers((10, 0), route=(0, 2)), [crash(0, [(5, 20)], "resume")])
    assert hops(trace) == [(0, 25, 25, "delivered")]
    assert [row["down_ns"] for row in rows(trace, "links")] == [15, 0, 0, 0]


def test_several_hops_of_which_the_second_fails():
    links = [link(0, 1, NS_A_BYTE), link(1, 2, NS_A_BYTE, 3)]
    trace = carried(links, couriers((10, 0), (10, 0), route=(0, 1)), [outage(1, [(15, 16)])])
    assert hops(trace, 1) == [(10, None, None, "lost"), (20, 30, 33, "delivered")]


def test_a_lost_message_has_taken_its_draws():
    # With loss 1/2 the draws of the first three decide on them whatever the outage did before.
    lossy = [link(0, 1, NS_A_BYTE, loss=Loss(0.5))]
    sending = couriers((1, 0), (9, 5), (1, 30), (1, 40), (1, 50))
    without = [hop[3] for hop in hops(carried(lossy, sending, []))]
    outcomes = [hop[3] for hop in hops(carried(lossy, sending, [outage(0, [(10, 20)])]))]
    assert outcomes == [without[0], "lost", *without[2:]]
    assert {"lost", "delivered"} <= set(without[2:])
    sending.insert(2, Courier((0,), 1, 15))  # which is dropped, and draws nothing
    assert [hop[3] for hop in hops(carried(lossy, sending, [outage(0, [(10, 20)])]))] == [
        *outcomes[:2],
        "dropped",
        *outcomes[2:],
    ]


def test_every_attempt_is_within_what_is_lost():
    # Three attempts of 4 ns each, all in vain; it fails in the second.
    links = [link(0, 1, NS_A_BYTE, loss=Loss(1.0), attempts=3)]
    trace = carried(links, couriers((4, 0)), [outage(0, [(6, 8)])])
    assert hops(trace) == [(0, None, None, "lost")]
    assert (trace.end_ns, rows(trace, "links")[0]["lost"], rows(trace, "links")[0]["resent_bytes"]) == (6, 1, 8)


def test_each_attempt_waits_for_the_link():
    links = [link(0, 1, NS_A_BYTE, loss=Loss(1.0), attempts=2, mtu_bytes=10, overhead_ns=3)]
    trace = carried(links, couriers((4, 0)), [outage(0, [(6, 20)], "resume")])
    # bits until 4, overhead until 7; the second attempt from 20 to 24, and until 27
    assert [hop[:2] for hop in hops(trace)] == [(0, 27)]


# --- queues, channels, packets ----------------------------------------------------------------------


def test_what_waits_for_a_recovery_waits_in_the_sense_of_the_limit():
    links = [link(0, 1, NS_A_BYTE, channel=0)]
    limited = (Channel(limit_messages=2),)
    sending = couriers((4, 10), (4, 11), (4, 12), (4, 21))
    trace = carried(links, sending, [outage(0, [(5, 20)], "resume")], channels=limited)
    assert hops(trace) == [
        (20, 24, 24, "delivered"),
        (24, 28, 28, "delivered"),
        (None, None, None, "dropped"),
        (28, 32, 32, "delivered"),
    ]


def test_after_a_failure_the_queue_is_empty():
    links = [link(0, 1, NS_A_BYTE, channel=0)]
    sending = couriers((10, 0), (10, 0), (10, 0), (10, 6), (10, 6), (10, 6))
    trace = carried(links, sending, [outage(0, [(4, 5)])], channels=(Channel(limit_messages=1),))
    assert [hop[3] for hop in hops(trace)] == ["lost", "lost", "dropped", "delivered", "delivered", "dropped"]


def test_what_waits_for_the_same_channel_on_other_links_moves_up():
    # Two links of a medium. The first sends 0..10 and has 10 more to send; the other has 5 in between, and 5 behind.
    links = [link(0, 2, NS_A_BYTE, channel=0), link(1, 2, NS_A_BYTE, channel=0)]
    sending = [Courier((0,), 10), Courier((1,), 5), Courier((0,), 10), Courier((1,), 5)]
    for failing_ns, other in ((4, [(4, 9), (9, 14)]), (12, [(10, 15), (15, 20)]), (17, [(10, 15), (17, 22)])):
        trace = carried(links, sending, [outage(0, [(failing_ns, 50)])], channels=(Channel(),))
        assert [hop[:2] for hop in hops(trace, 1)] == other, failing_ns
        assert sum(row["busy_ns"] for row in rows(trace, "links")[:2]) == min(failing_ns, 10) + 10 + max(
            0, failing_ns - 15
        )


def test_of_links_that_fail_at_once_those_behind_move_up_until_their_own_failure():
    # All three of a medium fail at 4, in the order of links: the second starts then, and what has no bits is sent.
    links = [link(i, 3, NS_A_BYTE, channel=0) for i in range(3)]
    failing = [outage([0, 1, 2], [(4, 50)])]
    sending = [Courier((0,), 10), Courier((1,), 10), Courier((0,), 0), Courier((2,), 0)]
    trace = carried(links, sending, failing, channels=(Channel(),))
    assert hops(trace, 0) == [(0, None, None, "lost"), (None, None, None, "lost")]
    assert hops(trace, 1) == [(4, None, None, "lost")]
    assert hops(trace, 2) == [(4, 4, 4, "delivered")]
    trace = carried(links, [Courier((2,), 10), Courier((1,), 0)], failing, channels=(Channel(),))
    assert hops(trace, 1) == [(None, None, None, "lost")]


def test_what_will_be_lost_takes_its_place_in_the_queue_until_then():
    links = [link(0, 2, NS_A_BYTE, channel=0), link(1, 2, NS_A_BYTE, channel=0)]
    limited = (Channel(limit_messages=1),)
    sending = [Courier((1,), 10), Courier((0,), 10), Courier((1,), 1, 3), Courier((1,), 1, 5)]
    trace = carried(links, sending, [outage(0, [(4, 50)])], channels=limited)
    assert [hop[3] for hop in hops(trace, 1)] == ["delivered", "dropped", "delivered"]
    assert rows(trace, "links")[0]["queue_max"] == 1


def test_what_would_never_end_is_lost_when_the_link_fails():
    # Nothing is sent from 5 on: the first will never end. What keeps the run going until 30 is another link.
    links = [link(0, 1, NS_A_BYTE, rates=Course((0, 5), (NS_A_BYTE, 0))), link(0, 2, NS_A_BYTE)]
    sending = [Courier((0,), 10), Courier((0,), 1), Courier((1,), 1, 30)]
    trace = carried(links, sending, [outage(0, [(20, 22)])])
    assert hops(trace) == [(0, None, None, "lost"), (None, None, None, "lost")]
    assert rows(trace, "links")[0]["busy_ns"] == 20
    trace = carried(links, sending[:2], [outage(0, [(20, 22)])])
    assert trace.end_ns == 0
    assert hops(trace) == [(0, None, None, "in_flight"), (None, None, None, "in_flight")]


def test_what_would_never_end_has_not_started_where_the_failure_that_frees_the_link_loses_it():
    # Nothing is sent from 12 on; the link fails at 4, with the first: the second's turn would have come then.
    links = [link(0, 1, NS_A_BYTE, rates=Course((0, 12), (NS_A_BYTE, 0))), link(0, 2, NS_A_BYTE)]
    sending = [Courier((0,), 10), Courier((0,), 10), Courier((0,), 1), Courier((1,), 1, 30)]
    trace = carried(links, sending, [outage(0, [(4, 8)])])
    assert hops(trace) == [(0, None, None, "lost"), (None, None, None, "lost"), (None, None, None, "lost")]


def test_what_waits_behind_what_would_never_end_moves_up():
    links = [
        link(0, 2, NS_A_BYTE, channel=0, rates=Course((0, 5), (NS_A_BYTE, 0))),
        link(1, 2, NS_A_BYTE, channel=0),
        link(0, 3, NS_A_BYTE),
    ]
    sending = [Courier((0,), 10), Courier((1,), 3), Courier((0,), 1), Courier((1,), 4), Courier((2,), 1, 30)]
    trace = carried(links, sending, [outage(0, [(20, 22)])], channels=(Channel(),))
    assert hops(trace) == [(0, None, None, "lost"), (None, None, None, "lost")]
    assert hops(trace, 1) == [(20, 23, 23, "delivered"), (23, 27, 27, "delivered")]
    assert [row["busy_ns"] for row in rows(trace, "links")[:2]] == [20, 7]


def test_a_message_of_which_a_packet_is_lost_is_lost():
    # Packets of 4: 0..4 arrives at 9; 4..8 and 8..10 are lost at 6.
    links = [link(0, 1, NS_A_BYTE, 5, mtu_bytes=4)]
    trace = carried(links, couriers((10, 0)), [outage(0, [(6, 7)])], forwarding="packet")
    assert hops(trace) == [(0, 4, 9, "delivered"), (4, None, None, "lost"), (None, None, None, "lost")]
    assert (rows(trace, "messages")[0]["outcome"], trace.end_ns) == ("lost", 9)


# --- fair sharing -----------------------------------------------------------------------------------


def test_a_transfer_is_lost_with_the_first_of_its_links_that_fails():
    # Two share the second link: half a byte a ns each until 6, then one goes on alone: 7 left, until 13.
    links = [
        link(0, 2, NS_A_BYTE, 1, channel=0),
        link(1, 2, NS_A_BYTE, 1, channel=1),
        link(2, 3, NS_A_BYTE, 2, channel=2),
    ]
    sending = [Courier((0, 2), 10), Courier((1, 2), 10)]
    trace = carried(links, sending, [outage(0, [(6, 50)])], channels=(FAIR,) * 3)
    assert hops(trace) == [(0, None, None, "lost")]
    assert hops(trace, 2) == [(0, None, None, "lost"), (0, 13, 16, "delivered")]
    assert [row["lost"] for row in rows(trace, "links")[:3]] == [1, 0, 0]
    assert [row["busy_ns"] for row in rows(trace, "links")[:3]] == [6, 13, 13]
    known = next(r for r in rows(trace, "messages") if r["message"] == 0)
    assert known["outcome"] == "lost"


def test_what_has_been_sent_at_the_failure_arrives_and_what_comes_then_is_dropped():
    links = [link(0, 1, NS_A_BYTE, 5, channel=0), link(1, 2, NS_A_BYTE, 5, channel=1)]
    sending = [Courier((0, 1), 6), Courier((0, 1), 1, 6), Courier((0, 1), 0, 10)]
    trace = carried(links, sending, [outage(1, [(6, 10)])], channels=(FAIR, FAIR))
    assert hops(trace) == [(0, 6, 11, "delivered"), (10, 10, 15, "delivered")]
    assert hops(trace, 1) == [(0, 6, 16, "delivered"), (None, None, None, "dropped"), (10, 10, 20, "delivered")]
    assert [row["dropped"] for row in rows(trace, "links")[:2]] == [0, 1]
    # What the first link drops is not put on it; what another drops counts as sent off.
    assert rows(trace, "nodes")[0]["origin_bytes"] == 7
    trace = carried(links, sending, [outage(0, [(6, 10)])], channels=(FAIR, FAIR))
    assert rows(trace, "nodes")[0]["origin_bytes"] == 6


def test_transfers_stand_still_and_go_on():
    # Half each until 4, then the second alone until 9: 2 + 5; half each again: the second 3 more bytes until 15.
    links = [link(0, 2, NS_A_BYTE, channel=0), link(1, 2, NS_A_BYTE, channel=0)]
    sending = [Courier((0,), 10), Courier((1,), 10)]
    trace = carried(links, sending, [outage(0, [(4, 9)], "resume")], channels=(FAIR,))
    assert hops(trace, 1) == [(0, 15, 15, "delivered")]
    assert hops(trace, 0) == [(0, 20, 20, "delivered")]


def test_a_transfer_of_no_bits_waits_for_all_of_its_links():
    links = [link(0, 1, NS_A_BYTE, channel=0), link(1, 2, NS_A_BYTE, channel=1)]
    faults = [outage(0, [(4, 9)], "resume"), outage(1, [(8, 12)], "resume", "other")]
    trace = carried(links, couriers((0, 5), (0, 14), route=(0, 1)), faults, channels=(FAIR, FAIR))
    assert hops(trace) == [(5, 12, 12, "delivered"), (14, 14, 14, "delivered")]
    faults.append(outage(1, [(10, 11)], "lose", "last"))
    trace = carried(links, couriers((0, 5), (0, 14), route=(0, 1)), faults, channels=(FAIR, FAIR))
    assert [hop[3] for hop in hops(trace)] == ["lost", "delivered"]


def test_a_fair_link_that_stays_down_keeps_no_run_going():
    links = [link(0, 1, NS_A_BYTE, channel=0)]
    trace = carried(links, couriers((10, 0)), [outage(0, [(4, None)], "resume")], channels=(FAIR,))
    assert (trace.end_ns, hops(trace)) == (0, [(0, None, None, "in_flight")])


# --- degraded links ---------------------------------------------------------------------------------


def degraded(
    spells: list[tuple[int, int | None]], ppb: int = 10**9, delay_ns: int = 0, loss: float = 0.0, name: str = "bad"
) -> Fault:
    return Fault(name, Degradation(ppb, delay_ns, loss), Given(tuple(spells)), links=(0,))


def test_a_rate_is_less_for_a_while():
    # 4 bytes until 4, half a byte a ns until 12: 4, and 2 more until 14.
    trace = carried(ONE, couriers((10, 0)), [degraded([(4, 12)], 5 * 10**8)])
    assert hops(trace) == [(0, 14, 19, "delivered")]


def test_a_rate_is_rounded_down_fault_by_fault():
    # 10 bit/s: a third is 3, and half of that 1: a byte takes 8 s.
    links = [link(0, 1, 10)]
    third, half = degraded([(0, None)], 333_333_333), degraded([(0, None)], 5 * 10**8, name="worse")
    assert hops(carried(links, couriers((1, 0)), [third, half])) == [(0, 8 * 10**9, 8 * 10**9, "delivered")]


def test_a_rate_of_0_sends_nothing_but_what_has_no_bits():
    trace = carried(ONE, couriers((0, 5), (2, 5)), [degraded([(4, 12)], 0)])
    assert hops(trace) == [(5, 5, 10, "delivered"), (5, 14, 19, "delivered")]


def test_the_delay_that_counts_is_that_at_the_end_of_serialisation():
    sending = couriers((4, 0), (4, 4), (4, 10))
    trace = carried(ONE, sending, [degraded([(4, 8)], delay_ns=7), degraded([(3, 9)], delay_ns=1, name="more")])
    assert [hop[:3] for hop in hops(trace)] == [(0, 4, 17), (4, 8, 17), (10, 14, 19)]  # order is kept


def test_loss_of_a_degraded_link_draws_from_the_stream_of_the_link():
    sending = couriers(*((0, at_ns) for at_ns in range(40)))
    alone = [hop[3] for hop in hops(carried([link(0, 1, NS_A_BYTE, loss=Loss(0.75))], sending, []))]
    both = carried([link(0, 1, NS_A_BYTE, loss=Loss(0.5))], sending, [degraded([(0, None)], loss=0.5)])
    assert [hop[3] for hop in hops(both)] == alone
    later = [hop[3] for hop in hops(carried([link(0, 1, NS_A_BYTE)], sending, [degraded([(20, 30)], loss=0.75)]))]
    assert later == ["delivered"] * 20 + alone[20:30] + ["delivered"] * 10
    assert "lost" in later


def test_a_fair_link_is_degraded():
    links = [link(0, 1, NS_A_BYTE, 5, channel=0)]
    trace = carried(links, couriers((10, 0)), [degraded([(4, 12)], 5 * 10**8, 3)], channels=(FAIR,))
    assert hops(trace) == [(0, 14, 19, "delivered")]


def test_a_degraded_trace_of_rates():
    # A byte a ns, 4 from 6 on: 2 bytes until 2, 2 until 6 at half the rate, 8 until 10; 1 more until 11.
    links = [link(0, 1, NS_A_BYTE, rates=Course((0, 6), (NS_A_BYTE, 4 * NS_A_BYTE)))]
    trace = carried(links, couriers((15, 0)), [degraded([(2, 10)], 5 * 10**8)])
    assert [hop[:2] for hop in hops(trace)] == [(0, 11)]


# --- when -------------------------------------------------------------------------------------------


def spells_of(*faults: Fault, until_ns: int = 1000) -> list[tuple[str, int, int | None]]:
    trace = run(replace(deployed(ONE, couriers((0, 0)), until_ns=until_ns), faults=faults))
    return [(row["fault"], row["from_ns"], row["until_ns"]) for row in rows(trace, "faults")]


def after(ns: int) -> Distribution:
    return Distribution("constant", (ns / 1e9,))


def test_spells_come_again_and_again():
    periodic = Fault("often", Outage("lose"), Periodic(100, 300, 50, 701), links=(0,))
    assert spells_of(periodic) == [("often", 100, 150), ("often", 400, 450), ("often", 700, 750)]
    assert spells_of(periodic, until_ns=700) == [("often", 100, 150), ("often", 400, 450)]
    assert spells_of(periodic, until_ns=450)[-1] == ("often", 400, None)


def test_consequences_follow_their_cause():
    cause = outage(0, [(100, 200), (300, 300), (400, None)])
    then = Fault("then", Outage("lose"), Consequence(0, after(30), after(500)), links=(0,))
    while_ = Fault("while", Outage("lose"), Consequence(0, after(30), None), links=(0,))
    never = Fault("never", Outage("lose"), Consequence(0, after(100), None), links=(0,))
    last = Fault("last", Outage("lose"), Consequence(1, after(5), None), links=(0,))
    assert spells_of(cause, then, while_, never, last) == [
        ("outage", 100, 200),
        ("then", 130, 630),
        ("while", 130, 200),
        ("last", 135, 630),
        ("outage", 400, None),
        ("then", 430, 930),
        ("while", 430, None),
        ("last", 435, 930),
        ("never", 500, None),
    ]


def test_a_consequence_is_there_whether_or_not_its_cause_hit_anyone():
    cause = Fault("cause", Outage("lose"), Given(((100, 200),)), links=(0,), chance=0.0)
    then = Fault("then", Outage("lose"), Consequence(0, after(30), None), links=(0,))
    assert spells_of(cause, then) == [("then", 130, 200)]


def test_what_is_handed_over_just_before_the_failure_waits_for_it():
    # Jobs are complete at 1, 4 and 5: at 5 the failure is still to come, and the features wait for it, too.
    device, cloud = Machine("device", "device", 1), Machine("cloud", "cloud", 1)
    sections = (
        Section("device", 0, 0, None, 1, 0, 1, 0, 10),
        Section("cloud", 1, 1, 0, None, None, 0, 4, 0),
    )
    exits = (Exit("only", 1, 1, (1,), "entropy", None, None, 0),)
    workload = Workload(np.array([0, 3, 3]), np.zeros(3, np.int64))
    links = (link(0, 1, NS_A_BYTE),)
    deployment = Deployment((device, cloud), links, sections, exits, {(0, 1): (0,)}, workload, None, None)
    trace = run(replace(deployment, faults=(outage(0, [(5, 9)]),)))
    assert hops(trace) == [(1, None, None, "lost"), (None, None, None, "lost"), (None, None, None, "lost")]
    assert [hop["queued_ns"] for hop in rows(trace, "hops")] == [1, 4, 5]
    assert rows(trace, "links")[0]["queue_max"] == 2
