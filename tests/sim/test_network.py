"""The network as a whole: who takes which way, who pays, and that what is not used costs nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from deployments import NS_A_BYTE, an_oracle
from hypothesis import given
from hypothesis import strategies as st
from traffic import BYTE_PER_NS, Sent, a_link, carry, rows

from ddnnsim.deployment import Channel, Course, Deployment, Exit, Link, Loss, Machine, Section, Workload
from ddnnsim.distribution import Distribution
from ddnnsim.sim import simulate


class Purse:
    """Writes down what a machine pays for."""

    def __init__(self) -> None:
        self.bytes_sent: list[int] = []
        self.bytes_received: list[int] = []

    def sent(self, size_bytes: int) -> None:
        self.bytes_sent.append(size_bytes)

    def received(self, size_bytes: int) -> None:
        self.bytes_received.append(size_bytes)


@pytest.mark.parametrize("forwarding", ["message", "packet"])
def test_senders_pay_at_the_hand_over_and_receivers_on_arrival(forwarding):
    """Three hops: the second link has headers, and all it sends is sent twice and lost; the third sees nothing."""
    purses = {machine: Purse() for machine in range(4)}
    links = [a_link(0), a_link(1, header_bytes=2, loss=Loss(1.0), attempts=2), a_link(2)]
    traffic = carry(links, [Sent(0, 10, (0, 1, 2)), Sent(5, 10, (0,))], meters=purses, forwarding=forwarding)
    assert [purse.bytes_sent for purse in purses.values()] == [[10, 10], [24], [], []]
    assert [purse.bytes_received for purse in purses.values()] == [[], [10, 10], [], []]
    assert traffic.missed == {0: 10 + 24}


def test_what_is_dropped_costs_nothing():
    purses = {0: Purse(), 1: Purse()}
    carry([a_link(0, channel=0)], [Sent(0, 5), Sent(0, 6)], [Channel(limit_messages=0)], meters=purses)
    assert (purses[0].bytes_sent, purses[1].bytes_received) == ([5], [5])


def test_all_pay_for_fair_links_taken_together():
    purses = {machine: Purse() for machine in range(3)}
    links = [a_link(0, header_bytes=1, channel=0), a_link(1, channel=1)]
    fair = [Channel("fair")] * 2
    carry(links, [Sent(0, 5, (0, 1))], fair, meters=purses)
    assert [(purse.bytes_sent, purse.bytes_received) for purse in purses.values()] == [([6], []), ([6], [6]), ([], [6])]
    lost = {machine: Purse() for machine in range(3)}
    carry([links[0], replace(links[1], loss=Loss(1.0))], [Sent(0, 5, (0, 1))], fair, meters=lost)
    assert [(purse.bytes_sent, purse.bytes_received) for purse in lost.values()] == [([6], []), ([6], []), ([], [])]


def two_ways(sizes: tuple[int, ...]) -> Deployment:
    """Return a sensor with a narrow link that is near and a wide one that is far, for views of 10 bytes."""
    return Deployment(
        machines=(Machine("sensor", "device", 1), Machine("cloud", "cloud", 1)),
        links=(Link("near", 0, 1, NS_A_BYTE // 4, 1), Link("far", 0, 1, NS_A_BYTE, 20)),
        sections=(
            Section("sensor", 0, 0, None, 1, 0, 0, 0, 0, raw_bytes=sizes),
            Section("cloud", 1, 1, 0, None, None, 0, 0, 0),
        ),
        exits=(Exit("cloud", 1, 1, (1,), "entropy", None, None, 0),),
        routes={(0, 1): (0,)},
        routes_by_size={(0, 1, 10): (1,)},
        workload=Workload(100 * np.arange(len(sizes)), np.arange(len(sizes))),
        reply_to=None,
        until_ns=None,
    )


def test_views_of_each_size_take_their_own_route():
    trace = simulate(two_ways((2, 10, 3, 10)), an_oracle([0.5] * 4), record="messages")
    assert [hop["link"] for hop in rows(trace, "hops")] == [0, 1, 0, 1]
    assert [message["delivered_ns"] for message in rows(trace, "messages")] == [9, 130, 213, 330]
    assert trace.links["raw_bytes"].tolist() == [5, 20]
    assert trace.nodes["origin_bytes"].tolist() == [25, 0]


# --- what is not used costs nothing, and what is used to no effect has none -------------------------

PLAIN = [Link(f"{i}>{i + 1}", i, i + 1, BYTE_PER_NS // (i + 1), i) for i in range(3)]
EVERY_SHAPE = [
    lambda link: replace(link, channel=link.source),
    lambda link: replace(link, rates=Course((0, 7), (link.rate_bps, link.rate_bps), 9)),
    lambda link: replace(link, delays=Course((0, 7), (link.delay_ns, link.delay_ns))),
    lambda link: replace(link, jitter=Distribution("constant", (0.0,))),
    lambda link: replace(link, loss=Loss(0.0, 0.0, 0.5, 0.5), attempts=3),
]


@given(
    sent=st.lists(
        st.builds(Sent, st.integers(0, 30), st.integers(0, 9), st.sampled_from([(0,), (1,), (0, 1), (0, 1, 2)])),
        min_size=1,
        max_size=10,
    ),
    shapes=st.lists(st.sampled_from(EVERY_SHAPE), min_size=1),
    until_ns=st.none() | st.integers(1, 60),
)
def test_a_shape_without_effect_is_as_good_as_none(sent, shapes, until_ns):
    """The plain link and the link of any shape say the same of all messages."""
    shaped = PLAIN
    for shape in shapes:
        shaped = [shape(link) for link in shaped]
    plain = carry(PLAIN, sent, until_ns=until_ns)
    assert vars(carry(shaped, sent, [Channel()] * 3, until_ns=until_ns)) == vars(plain)


@pytest.mark.parametrize("forwarding", ["message", "packet"])
def test_what_a_first_link_drops_never_left_its_origin(forwarding):
    """Views of 4, 250 and 3 bytes come every 100 ns, and nothing may wait."""
    deployment = two_ways((4, 250, 3))
    near = replace(deployment.links[0], rate_bps=NS_A_BYTE, channel=0, mtu_bytes=100)
    shape = {"links": (near, deployment.links[1]), "channels": (Channel(limit_messages=0),), "forwarding": forwarding}
    trace = simulate(replace(deployment, **shape), an_oracle([0.5] * 3))
    # The second takes from 100 to 350, and the last has no place; of its three packets only the first has one, to 200.
    carried = {"message": [254, 0], "packet": [4 + 100 + 3, 0]}[forwarding]
    assert trace.nodes["origin_bytes"].tolist() == carried
    assert trace.links["raw_bytes"].tolist() == carried
    assert trace.links["dropped_bytes"].tolist() == [257 - carried[0], 0]
