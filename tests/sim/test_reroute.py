"""New routes around what is broken, on a ring, by hand: 1 B/ns; 0-1-2 has 5 ns of delay a link, 0-3-2 has 10."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

import pytest
from traffic import BYTE_PER_NS, S, Sent, Traffic, carry

from ddnnsim.deployment import Channel, Link
from ddnnsim.distribution import Distribution
from ddnnsim.faults import Crash, Drawn, Fault, Given, Outage
from ddnnsim.recovery import Recovery

Spell = tuple[int, int | None]
SHORT, LONG = (0, 1), (2, 3)
"""The ways from 0 to 2: links."""


def ring(channel: int | None = None) -> list[Link]:
    ends = [(0, 1, 5), (1, 2, 5), (0, 3, 10), (3, 2, 10), (1, 0, 5), (2, 1, 5)]
    return [Link(f"{a}>{b}", a, b, BYTE_PER_NS, delay, channel=channel) for a, b, delay in ends]


def outage(link: int, *spells: Spell) -> Fault:
    return Fault(f"of link {link}", Outage("lose"), Given(spells), links=(link,))


def crash(machine: int, *spells: Spell, work: str = "lose") -> Fault:
    return Fault(f"of machine {machine}", Crash(work), Given(spells), machines=(machine,))


def around(sent_ns: Sequence[int], *faults: Fault, delay_ns: int = 0, reroute: bool = True, **deployment) -> Traffic:
    """Return what becomes of messages of 4 bytes that are sent from 0 to 2 at *sent_ns*."""
    links = deployment.pop("links", ring())
    recovery = Recovery(reroute=reroute, delay_ns=delay_ns)
    return carry(links, [Sent(at, 4, SHORT) for at in sent_ns], faults=faults, recovery=recovery, **deployment)


def fates(traffic: Traffic) -> list[tuple[tuple[int, ...], int | None, str]]:
    """Return by message: the links that it was handed to, when it was delivered, and its outcome."""
    taken = {message["message"]: [] for message in traffic.messages}
    for hop in traffic.hops:
        taken[hop["message"]].append(hop["link"])
    return [(tuple(taken[m["message"]]), m["delivered_ns"], m["outcome"]) for m in traffic.messages]


def test_a_link_that_fails_is_avoided_at_once_and_until_it_recovers():
    traffic = around([0, 10, 14, 20, 59, 60], outage(1, (20, 60)))
    assert fates(traffic) == [
        (SHORT, 18, "delivered"),
        (SHORT, None, "lost"),  # on the second link from 19 to 23
        (SHORT, None, "dropped"),  # there at 23: what is under way keeps its way
        (LONG, 48, "delivered"),
        (LONG, 87, "delivered"),
        (SHORT, 78, "delivered"),
    ]
    assert traffic.missed == {1: 20, 2: 23}


def test_without_new_routes_none_changes():
    traffic = around([14, 30, 60], outage(1, (20, 60)), reroute=False)
    assert fates(traffic) == [(SHORT, None, "dropped"), (SHORT, None, "dropped"), (SHORT, 78, "delivered")]
    assert traffic.missed == {0: 23, 1: 39}


def test_new_routes_are_in_force_after_a_delay_before_what_is_sent_at_that_instant():
    traffic = around([26, 27, 66, 67], outage(1, (20, 60)), delay_ns=7)
    assert fates(traffic) == [
        (SHORT, None, "dropped"),
        (LONG, 55, "delivered"),
        (LONG, 94, "delivered"),
        (SHORT, 85, "delivered"),
    ]


def test_a_short_outage_has_new_routes_when_it_is_over():
    """What is known at 27 is what was broken at 20, although that is whole again."""
    traffic = around([24, 27, 29, 30], outage(1, (20, 23)), delay_ns=7)
    assert [taken for taken, _, _ in fates(traffic)] == [SHORT, LONG, LONG, SHORT]
    assert [message["outcome"] for message in traffic.messages] == ["delivered"] * 4


def test_a_message_without_any_way_is_lost_at_once_and_on_no_link():
    traffic = around([25, 35, 50], outage(1, (20, 60)), outage(3, (30, 50)))
    assert fates(traffic) == [(LONG, None, "dropped"), ((), None, "lost"), (LONG, 78, "delivered")]
    assert traffic.missed == {0: 39, 1: 35}
    assert [link["lost"] + link["dropped"] for link in traffic.links] == [0, 0, 0, 1, 0, 0]
    assert [link["messages"] for link in traffic.links] == [0, 0, 2, 1, 0, 0]


@pytest.mark.parametrize("work", ["lose", "resume"])
def test_a_node_that_is_down_is_avoided(work):
    assert fates(around([50], crash(1, (20, None), work=work))) == [(LONG, 78, "delivered")]
    assert fates(around([50], crash(3, (20, None), work=work))) == [(SHORT, 68, "delivered")]


def test_there_is_no_way_to_a_node_that_is_down():
    traffic = around([50], crash(2, (20, 51)))
    assert fates(traffic) == [((), None, "lost")]
    assert traffic.missed == {0: 50}
    assert fates(around([50], crash(2, (20, 51)), reroute=False)) == [(SHORT, 68, "delivered")]


def test_a_link_that_stops_is_not_avoided():
    stops = Fault("", Outage("resume"), Given(((20, 60),)), links=(1,))
    assert fates(around([50], stops)) == [(SHORT, 69, "delivered")]  # sent on at 60


def test_packets_of_a_message_keep_together():
    links = [Link(k.name, k.source, k.target, k.rate_bps, k.delay_ns, mtu_bytes=2) for k in ring()]
    traffic = around([18, 20], outage(1, (20, 60)), links=links, forwarding="packet")
    assert traffic.on_hops("message", "packet", "link", "outcome") == [
        (0, 0, 0, "delivered"), (0, 1, 0, "delivered"), (1, 0, 2, "delivered"), (1, 1, 2, "delivered"),
        (0, 0, 1, "dropped"), (0, 1, 1, "dropped"), (1, 0, 3, "delivered"), (1, 1, 3, "delivered"),
    ]  # fmt: skip
    assert fates(traffic)[1][1:] == (46, "delivered")


def test_fair_links_of_new_routes_share_with_those_of_old_ones():
    links = [Link(k.name, k.source, k.target, k.rate_bps, k.delay_ns, channel=n) for n, k in enumerate(ring())]
    traffic = around([20, 20], outage(1, (20, None)), links=links, channels=[Channel("fair")] * 6)
    # half of the rate for each, all links at once: 8 ns, then both delays
    assert fates(traffic) == [(LONG, 48, "delivered")] * 2


def test_two_ways_that_fail_now_and_then_are_there_as_often_as_either():
    """Up for 3 of 4 s in the mean, each by itself: 1 - (1 - A)^2; far apart, messages have independent fates."""
    up, down = Distribution("exponential", (3.0,)), Distribution("exponential", (1.0,))
    faults = [Fault(f"of link {link}", Outage("lose"), Drawn(0, up, down, None), links=(link,)) for link in (1, 3)]
    n, expected = 2000, 1 - (1 - 3 / 4) ** 2
    traffic = around([12 * S * k for k in range(1, n + 1)], *faults, seed=1)
    arrived = sum(message["outcome"] == "delivered" for message in traffic.messages) / n
    assert abs(arrived - expected) < 2.576 * sqrt(expected * (1 - expected) / n)
