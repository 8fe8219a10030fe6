"""Fair sharing, against numbers worked out by hand, and against what max-min fairness means."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from traffic import BYTE_PER_NS, MB, MBYTE_PER_S, MS, S, Sent, a_link, carry

from ddnnsim.deployment import Channel, Course, Loss
from ddnnsim.distribution import Distribution
from ddnnsim.seeds import stream
from ddnnsim.sim import fluid
from ddnnsim.sim.sharing import Demand, fair_shares

FAIR = Channel("fair")


def test_four_equal_transfers_end_together():
    """4 MB at 1 MB/s, all in quarters."""
    traffic = carry([a_link(0, MBYTE_PER_S, channel=0)], [Sent(0, MB)] * 4, [FAIR])
    assert traffic.delivered_ns == [4 * S] * 4
    assert traffic.links[0]["busy_ns"] == 4 * S
    assert traffic.links[0]["queue_max"] == 0


def test_who_comes_later_ends_later():
    """Alone for 0.5 s, halves until the first has its 1 MB at 1.5 s, then alone again."""
    traffic = carry([a_link(0, MBYTE_PER_S, channel=0)], [Sent(0, MB), Sent(S // 2, MB)], [FAIR])
    assert traffic.delivered_ns == [3 * S // 2, 2 * S]


def test_a_transfer_over_two_links_leaves_to_others_what_it_cannot_use():
    """Halves of the first link: 0.5 MB/s each, so 1.5 MB/s of the second are left; the third ends at 2/3 s."""
    links = [a_link(0, MBYTE_PER_S, channel=0), a_link(1, 2 * MBYTE_PER_S, channel=1)]
    traffic = carry(links, [Sent(0, MB, (0, 1)), Sent(0, MB, (0,)), Sent(0, MB, (1,))], [FAIR, FAIR])
    assert traffic.delivered_ns == [2 * S, 2 * S, 666_666_667]
    assert [link["busy_ns"] for link in traffic.links] == [2 * S, 2 * S]


@pytest.mark.parametrize(("sharing", "mean_ns"), [("fifo", 35 * MS), ("fair", 60 * MS)])
def test_six_messages_at_once_on_one_uplink(sharing, mean_ns):
    """10 ms each: 10, 20, ..., 60 one after another; all at 60 in sixths."""
    traffic = carry([a_link(0, MBYTE_PER_S, channel=0)], [Sent(0, 10_000)] * 6, [Channel(sharing)])
    assert sum(traffic.delivered_ns) == 6 * mean_ns
    assert traffic.delivered_ns[-1] == 60 * MS


def test_links_of_one_medium_share_its_time():
    """Rates 1 and 1/2 byte/ns: equal shares r with r + 2 r = 1; after 3 * 10 ns the other alone has 20 bytes left."""
    links = [a_link(0, BYTE_PER_NS, channel=0), a_link(1, BYTE_PER_NS // 2, channel=0)]
    traffic = carry(links, [Sent(0, 10, (0,)), Sent(0, 30, (1,))], [FAIR])
    assert traffic.delivered_ns == [30, 30 + 40]
    assert [link["busy_ns"] for link in traffic.links] == [30, 70]


def test_a_route_that_takes_a_medium_twice_takes_two_shares():
    """10 bytes over both links of one medium: half a byte a ns."""
    links = [a_link(0, channel=0), a_link(1, channel=0)]
    assert carry(links, [Sent(0, 10, (0, 1))], [FAIR]).delivered_ns == [20]


def test_a_transfer_keeps_its_share_to_the_end_of_its_nanosecond():
    """In thirds 1 byte takes 3 ns, in sevenths 7: 3 transfers until ceil(x), then two."""
    traffic = carry([a_link(0, 3 * BYTE_PER_NS, channel=0)], [Sent(0, 1), Sent(0, 1), Sent(0, 5)], [FAIR])
    assert traffic.delivered_ns == [1, 1, 1 + 2]  # 4 bytes left at 3 a ns: 4/3, so 2
    traffic = carry([a_link(0, 2 * BYTE_PER_NS, channel=0)], [Sent(0, 3), Sent(1, 3)], [FAIR])
    assert traffic.delivered_ns == [2, 3]  # 2 in the first ns, then 1 each; 2 left at 2 a ns
    traffic = carry([a_link(0, 3 * BYTE_PER_NS, channel=0)], [Sent(0, 2), Sent(0, 9)], [FAIR])
    assert traffic.delivered_ns == [2, 4]  # the first at 4/3, but half the rate is its own until 2: 3 there, then 6


def test_delays_add_up_after_the_end_and_transfers_may_overtake():
    """The delays in force at 20 and 30; the second, sent later, is there first."""
    links = [
        a_link(0, delay_ns=5, channel=0),
        a_link(1, delays=Course((0, 25), (100, 10)), channel=1),
    ]
    traffic = carry(links, [Sent(0, 10, (0, 1)), Sent(0, 20, (0, 1))], [FAIR, FAIR])
    assert traffic.on_hops("message", "link", "queued_ns", "start_ns", "end_ns", "arrived_ns") == [
        (0, 0, 0, 0, 20, 25), (0, 1, 0, 0, 20, 125), (1, 0, 0, 0, 30, 35), (1, 1, 0, 0, 30, 45),
    ]  # fmt: skip
    assert traffic.delivered_ns == [125, 45]


def test_headers_are_those_of_the_first_link():
    """12 bytes in packets of 5 with 1 byte more: 15 in all, on a link with headers of its own, too."""
    links = [a_link(0, mtu_bytes=5, header_bytes=1, channel=0), a_link(1, header_bytes=50, channel=1)]
    traffic = carry(links, [Sent(0, 12, (0, 1)), Sent(3, 0, (0, 1))], [FAIR, FAIR])
    assert traffic.delivered_ns == [15, 3]
    assert [link["header_bytes"] for link in traffic.links] == [3, 3]
    assert [link["features_bytes"] for link in traffic.links] == [12, 12]


def test_a_way_changes_between_fair_links_and_queues():
    """Stored and forwarded at each change: 10 in halves of the first, then one after another, then in halves."""
    links = [a_link(0, channel=0), a_link(1), a_link(2, channel=2)]
    traffic = carry(links, [Sent(0, 10, (0, 1, 2)), Sent(0, 10, (0, 1, 2))], [FAIR, Channel(), FAIR])
    assert traffic.on_hops("link", "start_ns", "end_ns") == [
        (0, 0, 20), (0, 0, 20), (1, 20, 30), (1, 30, 40), (2, 30, 40), (2, 40, 50),
    ]  # fmt: skip


def test_rates_change_under_way():
    """20 bytes in halves: 5 each by 10, none until 30, then 5 each at double rate by 35; a third alone until 40."""
    course = Course((0, 10, 30), (BYTE_PER_NS, 0, 2 * BYTE_PER_NS))
    traffic = carry([a_link(0, rates=course, channel=0)], [Sent(0, 10), Sent(0, 10), Sent(36, 8)], [FAIR])
    assert traffic.delivered_ns == [35, 35, 40]
    assert traffic.links[0]["busy_ns"] == 39


def test_a_link_that_comes_and_goes():
    """On for 3 of every 10 ns: 7 bytes from 1 on are 2, 3 and 2."""
    course = Course((0, 3), (BYTE_PER_NS, 0), 10)
    assert carry([a_link(0, rates=course, channel=0)], [Sent(1, 7)], [FAIR]).delivered_ns == [22]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (Course((0, 10), (BYTE_PER_NS, 0)), None),
        (Course((0,), (0,), 10), None),
        # never on at the same time
        (Course((0, 5), (0, BYTE_PER_NS), 10), Course((0, 5), (BYTE_PER_NS, 0), 10)),
        (Course((0, 5), (0, BYTE_PER_NS), 10), Course((0, 5, 30), (BYTE_PER_NS, 0, 0))),
    ],
)
def test_what_can_never_be_sent_keeps_no_run_going(first, second):
    links = [a_link(0, rates=first, channel=0), a_link(1, rates=second, channel=1)]
    traffic = carry(links, [Sent(0, 4, (1,)), Sent(7, 20, (0, 1))], [FAIR, FAIR])
    assert traffic.delivered_ns == [4, None]
    assert traffic.end_ns == 7
    assert traffic.links[0]["busy_ns"] == 0
    assert traffic.links[1]["busy_ns"] == 4


def test_links_that_are_rarely_on_together():
    """The first in [5, 10) of every 10 ns, the second in [0, 5) and [30, 40) of every 40: both in [35, 40)."""
    courses = (
        Course((0, 5), (0, BYTE_PER_NS), 10),
        Course((0, 5, 30), (BYTE_PER_NS, 0, BYTE_PER_NS), 40),
    )
    links = [a_link(i, rates=courses[i], channel=i) for i in range(2)]
    assert carry(links, [Sent(0, 6, (0, 1))], [FAIR, FAIR]).delivered_ns == [76]


def test_an_end_that_comes_earlier_than_foreseen_keeps_no_run_going():
    """Who joins on the first link leaves more of the second to who is there.

    The first is off from 12 on, so the second transfer, with 1 of the second link's 2 bytes a ns until then, would end
    at 12 + 18 / 2 = 21. From 2 on two more share the first link: 2 + 10 * 5/3 by 12, and 34/3 at 2 a ns: 18.
    """
    off = Course((0, 12), (BYTE_PER_NS, 0))
    links = [a_link(0, rates=off, channel=0), a_link(1, 2 * BYTE_PER_NS, channel=1)]
    sent = [Sent(0, 100, (0, 1)), Sent(0, 30, (1,)), Sent(2, 100, (0,)), Sent(2, 100, (0,))]
    traffic = carry(links, sent, [FAIR, FAIR])
    assert traffic.delivered_ns == [None, 18, None, None]
    assert traffic.end_ns == 18


def test_a_transfer_is_lost_by_the_first_link_that_loses_it():
    """Both draw for each; jitters add up; it is missed when it would have been at the end of both."""
    jitter = Distribution("uniform", (0.0, 20e-9))
    links = [a_link(i, delay_ns=3, loss=Loss(0.5), jitter=jitter, channel=i) for i in range(2)]
    n = 100
    traffic = carry(links, [Sent(100 * k, 10, (0, 1)) for k in range(n)], [FAIR, FAIR], seed=6)
    draws = [stream(6, f"loss/{name}").random(n) for name in ("0>1", "1>2")]
    late = [jitter.draw_ns(stream(6, f"jitter/{name}"), n).tolist() for name in ("0>1", "1>2")]
    due = [100 * k + 10 + 6 + late[0][k] + late[1][k] for k in range(n)]
    loses = [[u < 0.5 for u in column] for column in draws]
    lost = [any(both) for both in zip(*loses, strict=True)]
    assert traffic.delivered_ns == [None if gone else at for gone, at in zip(lost, due, strict=True)]
    assert traffic.missed == {k: due[k] for k in range(n) if lost[k]}
    first, second = (link["lost"] for link in traffic.links)
    assert (first, first + second) == (sum(loses[0]), sum(lost))
    assert [hop["outcome"] for hop in traffic.hops[::2]] == ["lost" if gone else "delivered" for gone in lost]


def test_a_run_that_stops_leaves_transfers_in_flight():
    traffic = carry([a_link(0, delay_ns=5, channel=0)], [Sent(0, 4), Sent(0, 10)], [FAIR], until_ns=10)
    assert traffic.on_hops("start_ns", "end_ns", "arrived_ns", "outcome") == [
        (0, 8, None, "in_flight"), (0, None, None, "in_flight"),
    ]  # fmt: skip
    assert traffic.links[0]["busy_ns"] == 10


# --- laws -------------------------------------------------------------------------------------------

DEMANDS = st.lists(
    st.builds(
        Demand,
        st.integers(1, 4),
        st.lists(st.tuples(st.integers(0, 3), st.sampled_from([0, 1, 2, 3, 5, 8])), min_size=1, max_size=3).map(tuple),
    ),
    min_size=1,
    max_size=5,
)


@given(DEMANDS)
def test_shares_are_max_min_fair(demands):
    """No channel is over its capacity, and each transfer that could move has a full channel where none has more."""
    shares = fair_shares(tuple(demands))
    load = {channel: Fraction(0) for demand in demands for channel, _ in demand.links}
    for demand, share in zip(demands, shares, strict=True):
        for channel, rate in demand.links:
            load[channel] += demand.transfers * share / rate if rate else 0
    assert max(load.values()) <= 1
    for demand, share in zip(demands, shares, strict=True):
        if not all(rate for _, rate in demand.links):
            assert share == 0
            continue
        most = {c: max(s for d, s in zip(demands, shares, strict=True) if c in dict(d.links)) for c, _ in demand.links}
        assert any(load[channel] == 1 and most[channel] == share for channel, _ in demand.links)


ROUTES = [(0,), (1,), (2,), (0, 1), (1, 2), (0, 1, 2)]


@settings(max_examples=50)
@given(
    rates=st.lists(st.integers(1, 5), min_size=3, max_size=3),
    sent=st.lists(
        st.builds(Sent, st.integers(0, 30), st.integers(0, 20), st.sampled_from(ROUTES)), min_size=1, max_size=8
    ),
    cycle=st.booleans(),
    long=st.sampled_from([1, fluid._LONG]),
)
def test_transfers_against_a_second_account(rates, sent, cycle, long):
    """Walk from nanosecond to nanosecond, sharing anew in each; how *long* denominators may get changes nothing."""
    courses = [Course((0, 7), (rate * BYTE_PER_NS, 0), 11) if cycle and rate == 5 else None for rate in rates]
    links = [a_link(i, rate * BYTE_PER_NS, channel=i, rates=courses[i]) for i, rate in enumerate(rates)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fluid, "_LONG", long)
        traffic = carry(links, sent, [FAIR] * 3)
    sent = sorted(sent, key=lambda message: message.at_ns)
    left: dict[int, Fraction] = {}
    ended: list[int | None] = [None] * len(sent)
    for now in range(2000):
        for k in [k for k, bytes_left in left.items() if bytes_left <= 0]:
            ended[k] = now
            del left[k]
        for k, message in enumerate(sent):
            if message.at_ns == now:
                left[k] = Fraction(message.size_bytes)
                if not message.size_bytes:
                    ended[k] = now
                    del left[k]
        speed = [0 if course and now % 11 >= 7 else rate for course, rate in zip(courses, rates, strict=True)]
        under_way = list(left)
        shares = fair_shares(tuple(Demand(1, tuple((i, speed[i]) for i in sent[k].route)) for k in under_way))
        for k, share in zip(under_way, shares, strict=True):
            left[k] -= share
    assert traffic.delivered_ns == ended
    assert traffic.end_ns == max(ended)


def test_links_of_cycles_that_hardly_ever_meet_are_not_waited_for_where_one_has_stopped():
    """The last link stops for good before anything gets there: no look at each step of all cycles together."""
    first = Course((0, MS), (BYTE_PER_NS, 0), 2 * S + 7)
    second = Course((0, MS), (BYTE_PER_NS, 0), 2 * S + 11)
    stopped = Course((0, 1), (BYTE_PER_NS, 0))
    links = [a_link(0, channel=0, rates=first), a_link(1, channel=1, rates=second), a_link(2, channel=2, rates=stopped)]
    traffic = carry(links, [Sent(5, 1000, (0, 1, 2))], [Channel("fair")] * 3)
    assert traffic.end_ns == 5
    assert traffic.delivered_ns == [None]


def test_stations_of_a_cell_are_one_current():
    """A hundred stations that ask for the same are counted, not listed: it would cost a hundred times as much."""
    asked = []
    shares = fluid.fair_shares
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fluid, "fair_shares", lambda demands: asked.append(len(demands)) or shares(demands))
        links = [a_link(i, channel=0) for i in range(100)]
        traffic = carry(links, [Sent(0, 10, (i,)) for i in range(100)], [Channel("fair")])
    assert traffic.end_ns == 1000
    assert max(asked) == 1
