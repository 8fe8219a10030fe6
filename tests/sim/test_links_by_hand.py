"""Links as they are in life, worked out by hand; the engine and the second implementation are both held to it."""

from __future__ import annotations

from dataclasses import replace
from statistics import mean

import pytest
from couriers import MS, Courier, S, arrivals, deployed, link, sent
from deployments import NS_A_BYTE

from ddnnsim.deployment import Channel, Course, Loss
from ddnnsim.distribution import Distribution

MB = 10**6
FAIR = Channel("fair")


def ns(seconds: float) -> int:
    return round(seconds * S)


def test_a_size_may_have_a_way_of_its_own():
    # From 0 to 1 at a byte a ns and 9 ns, or over 2 at two bytes a ns; 40 bytes: 40 + 9, or 20 + 20. 2 bytes: 11, or 2.
    links = [link(0, 1, NS_A_BYTE, 9), link(0, 2, 2 * NS_A_BYTE), link(2, 1, 2 * NS_A_BYTE)]
    deployment = deployed(links, [Courier((0,), 40), Courier((0,), 2, 100)])
    deployment = replace(deployment, routes_by_size={(0, 1, 2): (1, 2)})
    messages, due = sent(deployment)
    assert [m["delivered_ns"] for m in messages] == [49, 102]
    assert [k["raw_bytes"] for k in due["links"][:3]] == [40, 2, 2]


# --- packets --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("packets", "seconds"), [(1, 2.415), (10, 0.975), (100, 0.831)])
def test_packets_overtake_the_whole(packets, seconds):
    # 10 Mbit/s: 0.8 s for 1 MB. Three hops one after another take (packets + 2) * 0.8 / packets + 3 * 0.005 s.
    links = [link(i, i + 1, 10 * MB, 5 * MS, mtu_bytes=MB // packets) for i in range(3)]
    assert arrivals(deployed(links, [Courier((0, 1, 2), MB)], forwarding="packet")) == [ns(seconds)]


def test_the_least_mtu_of_the_route_cuts():
    # 7 bytes in packets of 3, 3 and 1; a byte a ns, 1 byte of header on the first link and 2 on the second.
    # First link: 0..4, 4..8, 8..10. Second: 4..9, 9..14, 14..17, and 5 ns of delay.
    links = [link(0, 1, NS_A_BYTE, mtu_bytes=5, header_bytes=1), link(1, 2, NS_A_BYTE, 5, mtu_bytes=3, header_bytes=2)]
    (message,), due = sent(deployed(links, [Courier((0, 1), 7)], forwarding="packet"))
    assert message["delivered_ns"] == 22
    assert [(h["packet"], h["link"], h["start_ns"], h["end_ns"]) for h in due["hops"][:6]] == [
        (0, 0, 0, 4),
        (1, 0, 4, 8),
        (2, 0, 8, 10),
        (0, 1, 4, 9),
        (1, 1, 9, 14),
        (2, 1, 14, 17),
    ]
    assert [(k["messages"], k["raw_bytes"], k["header_bytes"]) for k in due["links"][:2]] == [(3, 7, 3), (3, 7, 6)]


def test_a_whole_message_pays_for_its_packets():
    # 7 bytes over an mtu of 3 are 3 packets: 7 + 3 * 2 = 13 bytes; without an mtu 1: 9. 0 bytes are 0 packets.
    links = [link(0, 1, NS_A_BYTE, mtu_bytes=3, header_bytes=2), link(1, 2, NS_A_BYTE, header_bytes=2)]
    couriers = [Courier((0, 1), 7), Courier((0, 1), 0, 50)]
    messages, due = sent(deployed(links, couriers))
    assert [m["delivered_ns"] for m in messages] == [22, 50]
    assert [k["header_bytes"] for k in due["links"][:2]] == [6, 2]


def test_a_message_of_which_a_packet_is_dropped_is_lost_with_the_last_of_them():
    # Three packets of 1 byte; one may wait. The third is dropped at 0; the others arrive at 1 + 5 and 2 + 5.
    links = [link(0, 1, NS_A_BYTE, 5, mtu_bytes=1, channel=0)]
    limited = (Channel(limit_messages=1),)
    (message,), due = sent(deployed(links, [Courier((0,), 3)], channels=limited, forwarding="packet"))
    assert message["outcome"] == "lost"
    assert [(h["outcome"], h["arrived_ns"]) for h in due["hops"]] == [
        ("delivered", 6),
        ("delivered", 7),
        ("dropped", None),
    ]
    assert due["end_ns"] == 7
    assert (due["links"][0]["messages"], due["links"][0]["dropped"], due["links"][0]["dropped_bytes"]) == (2, 1, 1)
    assert [(r["fate"], r["reason"]) for r in due["requests"]] == [("lost", "no_view")]


# --- fair sharing ---------------------------------------------------------------------------------


def test_four_equal_flows_share():
    links = [link(0, 1, 8 * MB, channel=0)]
    assert arrivals(deployed(links, [Courier((0,), MB)] * 4, channels=(FAIR,))) == [4 * S] * 4


def test_who_starts_later_shares_from_then():
    # The first has half of it sent when the second comes: a second more at half the rate; then the rest alone.
    links = [link(0, 1, 8 * MB, channel=0)]
    couriers = [Courier((0,), MB), Courier((0,), MB, S // 2)]
    messages, due = sent(deployed(links, couriers, channels=(FAIR,)))
    assert [m["delivered_ns"] for m in messages] == [3 * S // 2, 2 * S]
    assert due["links"][0]["busy_ns"] == 2 * S


def test_max_min_over_two_links():
    # A over links of 1 and 2 MB/s, B over the first, C over the second: 0.5, 0.5 and 1.5 MB/s.
    links = [link(0, 1, 8 * MB, channel=0), link(1, 2, 16 * MB, channel=1)]
    couriers = [Courier((0, 1), MB), Courier((0,), MB), Courier((1,), MB)]
    assert arrivals(deployed(links, couriers, channels=(FAIR, FAIR))) == [2 * S, 2 * S, 666_666_667]


@pytest.mark.parametrize(("sharing", "seconds"), [("fifo", 0.035), ("fair", 0.060)])
def test_six_at_once_in_turn_or_in_shares(sharing, seconds):
    links = [link(0, 1, 8 * MB, channel=0)]
    there = arrivals(deployed(links, [Courier((0,), 10_000)] * 6, channels=(Channel(sharing),)))
    assert mean(there) == ns(seconds)
    assert sharing == "fifo" or set(there) == {60 * MS}


def test_shares_of_airtime_on_a_medium_of_unequal_links():
    # Links of 1 and 3 bytes a ns on one medium, 6 bytes each: both at r with r / 1 + r / 3 = 1, r = 3/4, 8 ns.
    links = [link(0, 2, NS_A_BYTE, channel=0), link(1, 2, 3 * NS_A_BYTE, channel=0)]
    assert arrivals(deployed(links, [Courier((0,), 6), Courier((1,), 6)], channels=(FAIR,))) == [8, 8]


def test_a_transfer_takes_its_share_until_it_has_been_sent():
    # 1 and 2 bytes on 2/3 byte a ns: 1/3 each. The first ends at 3; the second then has 1 byte left, 1.5 ns: 4.5 -> 5.
    # With 3 ns for 4 bytes: 2/3 of a byte each, the first ends at 1.5 -> 2, and until then the second goes on in half.
    links = [link(0, 1, 2 * NS_A_BYTE // 3 + 1, channel=0)]
    assert arrivals(deployed(links, [Courier((0,), 1), Courier((0,), 2)], channels=(FAIR,))) == [3, 5]
    links = [link(0, 1, 4 * NS_A_BYTE // 3 + 1, channel=0)]
    # at 2 the second has 2 - 4/3 = 2/3 left, at 4/3 a ns: 0.5 ns, 2.5 -> 3
    assert arrivals(deployed(links, [Courier((0,), 1), Courier((0,), 2)], channels=(FAIR,))) == [2, 3]


def test_a_fluid_passes_several_links_at_once():
    # 8 bytes with 1 of header over 1 and 2 bytes a ns: 9 ns at the rate of the first, then 3 + 4 ns of delay.
    links = [link(0, 1, NS_A_BYTE, 3, channel=0, header_bytes=1), link(1, 2, 2 * NS_A_BYTE, 4, channel=1)]
    messages, due = sent(deployed(links, [Courier((0, 1), 8)], channels=(FAIR, FAIR)))
    assert [m["delivered_ns"] for m in messages] == [16]
    hops = [(h["link"], h["queued_ns"], h["start_ns"], h["end_ns"], h["arrived_ns"]) for h in due["hops"][:2]]
    assert hops == [(0, 0, 0, 9, 12), (1, 0, 0, 9, 16)]


# --- rates and delays that change -----------------------------------------------------------------


def test_bits_that_were_sent_stay_sent():
    # 10 bytes: 4 in the first 4 ns, none until 10, 2 a ns from then: 13.
    rates = Course((0, 4, 10), (NS_A_BYTE, 0, 2 * NS_A_BYTE))
    links = [link(0, 1, NS_A_BYTE, 5, rates=rates)]
    assert arrivals(deployed(links, [Courier((0,), 10)])) == [18]
    # The same with a period: from 12 on a byte a ns again. 10 bytes: 4, 0, 4 until 12; 2 more until 14.
    links = [link(0, 1, NS_A_BYTE, 5, rates=Course(rates.at_ns, rates.values, 12))]
    assert arrivals(deployed(links, [Courier((0,), 10)])) == [19]


def test_a_transmission_may_end_as_the_link_fails():
    links = [link(0, 1, NS_A_BYTE, rates=Course((0, 4), (NS_A_BYTE, 0)))]
    messages, due = sent(deployed(links, [Courier((0,), 4), Courier((0,), 0), Courier((0,), 1), Courier((0,), 0)]))
    assert [m["delivered_ns"] for m in messages] == [4, 4, None, None]
    assert [r["reason"] for r in due["requests"]] == [None, None, "waiting", "waiting"]
    assert due["end_ns"] == 4


def test_the_delay_in_force_at_the_end_counts_and_order_is_kept():
    # Delays of 10 before 3, of 1 from then. Ends at 2, 3, 4: 12; 4 -> 12; 5 -> 12.
    links = [link(0, 1, NS_A_BYTE, 10, delays=Course((0, 3), (10, 1)))]
    couriers = [Courier((0,), 2), Courier((0,), 1), Courier((0,), 1), Courier((0,), 9)]
    assert arrivals(deployed(links, couriers)) == [12, 12, 12, 14]


def test_a_course_of_rates_under_fair_sharing():
    # Two of 4 bytes at 2 bytes a ns until 1, then none until 5, then 1: 1 each, then 3 each at half a byte a ns.
    links = [link(0, 1, 2 * NS_A_BYTE, channel=0, rates=Course((0, 1, 5), (2 * NS_A_BYTE, 0, NS_A_BYTE)))]
    assert arrivals(deployed(links, [Courier((0,), 4)] * 2, channels=(FAIR,))) == [11, 11]
    dead = [link(0, 1, NS_A_BYTE, channel=0, rates=Course((0, 1), (NS_A_BYTE, 0)))]
    messages, due = sent(deployed(dead, [Courier((0,), 4), Courier((0,), 0)], channels=(FAIR,)))
    assert [m["delivered_ns"] for m in messages] == [None, 0]
    assert due["end_ns"] == 0


# --- queues ---------------------------------------------------------------------------------------


def test_a_queue_of_messages_drops_the_tail():
    # 0..10 in transmission; one may wait. At 10 the link is free for the one that waits, so another may wait.
    links = [link(0, 1, NS_A_BYTE, channel=0)]
    couriers = [Courier((0,), 10), Courier((0,), 10, 1), Courier((0,), 10, 2), Courier((0,), 10, 10)]
    messages, due = sent(deployed(links, couriers, channels=(Channel(limit_messages=1),)))
    assert [(m["delivered_ns"], m["outcome"]) for m in messages] == [
        (10, "delivered"),
        (20, "delivered"),
        (None, "dropped"),
        (30, "delivered"),
    ]
    assert due["links"][0]["queue_max"] == 1
    assert [r["fate"] for r in due["requests"]] == ["answered", "answered", "lost", "answered"]


def test_a_queue_of_bytes_counts_headers():
    # A free link takes anything; 11 bytes may wait: 5 + 1, then 4 + 1; another 0 bytes have no header and fit.
    links = [link(0, 1, NS_A_BYTE, channel=0, header_bytes=1)]
    couriers = [Courier((0,), size) for size in (20, 5, 6, 4, 0, 1)]
    messages, due = sent(deployed(links, couriers, channels=(Channel(limit_bytes=11),)))
    assert [m["outcome"] for m in messages] == [
        "delivered", "delivered", "dropped", "delivered", "delivered", "dropped",
    ]  # fmt: skip
    assert due["links"][0]["dropped_bytes"] == 7
    assert due["links"][0]["queue_max"] == 3


def test_a_medium_is_one_queue():
    # Two links of 1 and 2 bytes a ns on a medium: 4 bytes 0..4, then 4 bytes 4..6; the third of them finds no place.
    links = [link(0, 1, NS_A_BYTE, 3, channel=0), link(1, 0, 2 * NS_A_BYTE, 7, channel=0)]
    couriers = [Courier((0,), 4), Courier((1,), 4), Courier((0,), 4)]
    messages, due = sent(deployed(links, couriers, channels=(Channel(limit_messages=1),)))
    assert [m["delivered_ns"] for m in messages] == [7, 13, None]
    assert [k["queue_max"] for k in due["links"][:2]] == [1, 1]
    assert [k["busy_ns"] for k in due["links"][:2]] == [4, 2]


# --- loss and jitter ------------------------------------------------------------------------------


def test_what_is_surely_lost_is_sent_as_often_as_may_be():
    # Three times 4 bytes: 0..12, known to be lost at 17; the next starts at 12.
    links = [link(0, 1, NS_A_BYTE, 5, loss=Loss(1.0), attempts=3)]
    messages, due = sent(deployed(links, [Courier((0,), 4)] * 2))
    assert [m["outcome"] for m in messages] == ["lost", "lost"]
    assert [(h["start_ns"], h["end_ns"], h["arrived_ns"], h["attempts"]) for h in due["hops"]] == [
        (0, 12, None, 3),
        (12, 24, None, 3),
    ]
    row = due["links"][0]
    assert (row["messages"], row["raw_bytes"], row["resent_bytes"], row["lost"], row["busy_ns"]) == (2, 8, 16, 2, 24)
    assert due["end_ns"] == 29


def test_bursts_that_never_end():
    # To bad surely, to good never: bad from the first message on, and bad loses all.
    links = [link(0, 1, NS_A_BYTE, loss=Loss(0.0, 1.0, to_bad=1.0, to_good=0.0))]
    assert arrivals(deployed(links, [Courier((0,), 1)] * 5)) == [None] * 5
    # To bad and to good surely: by turns.
    links = [link(0, 1, NS_A_BYTE, loss=Loss(0.0, 1.0, to_bad=1.0, to_good=1.0))]
    there = [at is not None for at in arrivals(deployed(links, [Courier((0,), 1)] * 6))]
    assert there in ([True, False] * 3, [False, True] * 3)


def test_loss_is_as_frequent_as_said():
    # 500 messages at p = 0.5 in at most 2 attempts: a quarter is lost, half is sent again; within 4 deviations.
    links = [link(0, 1, NS_A_BYTE, loss=Loss(0.5), attempts=2)]
    _, due = sent(deployed(links, [Courier((0,), 1)] * 500))
    assert abs(due["links"][0]["lost"] - 125) < 40
    assert abs(due["links"][0]["resent_bytes"] - 250) < 45


def test_jitter_keeps_the_order():
    links = [link(0, 1, NS_A_BYTE, 5, jitter=Distribution("uniform", (0.0, 50e-9)))]
    there = arrivals(deployed(links, [Courier((0,), 1)] * 50))
    assert there == sorted(there)
    assert len(set(there)) > 5
    assert all(at >= i + 6 for i, at in enumerate(there))
    constant = [link(0, 1, NS_A_BYTE, 5, jitter=Distribution("constant", (3e-9,)))]
    assert arrivals(deployed(constant, [Courier((0,), 1)] * 3)) == [9, 10, 11]


def test_what_waits_on_a_steady_link_behind_what_never_ends_waits_for_ever():
    # The two links are one medium: the first sends nothing from 2 on, the other has one rate.
    links = [
        link(0, 2, NS_A_BYTE, 3, channel=0, rates=Course((0, 2), (NS_A_BYTE, 0))),
        link(1, 2, NS_A_BYTE, 3, channel=0),
    ]
    messages, due = sent(deployed(links, [Courier((0,), 5), Courier((1,), 5)], channels=(Channel(),)))
    assert [m["outcome"] for m in messages] == ["in_flight", "in_flight"]
    assert due["end_ns"] == 0
