"""Links of every shape on FIFO channels, against numbers worked out by hand."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from traffic import BYTE_PER_NS, MB, MS, Sent, a_link, carry

from ddnnsim.deployment import Channel, Course, Link, Loss
from ddnnsim.distribution import Distribution
from ddnnsim.seeds import stream
from ddnnsim.sim.loss import fortune

# --- packets and headers ----------------------------------------------------------------------------


@pytest.mark.parametrize(("packets", "at_ns"), [(1, 2_415 * MS), (10, 975 * MS), (100, 831 * MS)])
def test_a_megabyte_over_three_links_in_packets(packets, at_ns):
    """8 Mbit at 10 Mbit/s take 800 ms: store and forward 3 * 800 + 15, or 800 + 2 of a packet + 15."""
    links = [a_link(i, 10_000_000, 5 * MS, mtu_bytes=MB // packets) for i in range(3)]
    traffic = carry(links, [Sent(0, MB, (0, 1, 2))], forwarding="packet")
    assert traffic.delivered_ns == [at_ns]
    assert [link["messages"] for link in traffic.links] == [packets] * 3
    assert [link["features_bytes"] for link in traffic.links] == [MB] * 3


def test_a_message_is_one_transmission_with_the_headers_of_its_packets():
    """2500 bytes in packets of 1000 are 3, each with 40 bytes more: 2620 ns; 0 bytes are none."""
    link = a_link(0, mtu_bytes=1000, header_bytes=40)
    traffic = carry([link], [Sent(0, 2500), Sent(0, 0), Sent(0, 1000)])
    assert traffic.on_hops("start_ns", "end_ns") == [(0, 2620), (2620, 2620), (2620, 3660)]
    assert traffic.links[0]["features_bytes"] == 3500
    assert traffic.links[0]["header_bytes"] == 160


def test_each_packet_occupies_the_channel_beyond_its_bits_in_every_attempt():
    """2500 bytes in 3 packets take 2500 + 3 * 40 + 3 * 7 ns an attempt, of which there are two; 0 bytes take none.

    The rate is 0 from 2600 to 3000 ns: the bits of the first attempt end at 3020, those of the second at 3041 + 2620.
    """
    rates = Course((0, 2600, 3000), (BYTE_PER_NS, 0, BYTE_PER_NS))
    link = a_link(0, 0, 5, rates=rates, loss=Loss(1.0), attempts=2, mtu_bytes=1000, header_bytes=40, overhead_ns=7)
    traffic = carry([link], [Sent(0, 2500), Sent(0, 0)])
    assert traffic.on_hops("start_ns", "end_ns", "outcome") == [(0, 5682, "lost"), (5682, 5682, "lost")]
    assert traffic.missed == {0: 5687, 1: 5687}
    assert (traffic.links[0]["header_bytes"], traffic.links[0]["resent_bytes"]) == (120, 2620)
    assert traffic.links[0]["busy_ns"] == 5682


def test_an_overhead_alone_holds_up_what_waits():
    traffic = carry([a_link(0, delay_ns=3, overhead_ns=4)], [Sent(0, 10), Sent(0, 10), Sent(0, 0)])
    assert traffic.on_hops("start_ns", "end_ns", "arrived_ns") == [(0, 14, 17), (14, 28, 31), (28, 28, 31)]


def test_what_is_never_sent_has_no_end_whatever_its_overhead():
    rates = Course((0, 5), (BYTE_PER_NS, 0))
    traffic = carry([a_link(0, rates=rates, overhead_ns=4)], [Sent(0, 3), Sent(0, 1)])
    assert traffic.on_hops("start_ns", "end_ns", "outcome") == [(0, 7, "delivered"), (7, None, "in_flight")]


def test_packets_are_cut_by_the_least_mtu_and_take_the_header_of_each_link():
    links = [a_link(0, mtu_bytes=1500, header_bytes=10), a_link(1, mtu_bytes=4), a_link(2, header_bytes=1)]
    traffic = carry(links, [Sent(0, 10, (0, 1, 2))], forwarding="packet")
    # 4, 4 and 2 bytes: 14, 14 and 12 ns on the first, then 4, 4 and 2, then 5, 5 and 3
    assert traffic.on_hops("packet", "link", "start_ns", "end_ns") == [
        (0, 0, 0, 14), (1, 0, 14, 28), (2, 0, 28, 40),
        (0, 1, 14, 18), (0, 2, 18, 23), (1, 1, 28, 32), (1, 2, 32, 37), (2, 1, 40, 42), (2, 2, 42, 45),
    ]  # fmt: skip
    assert traffic.delivered_ns == [45]
    assert [link["header_bytes"] for link in traffic.links] == [30, 0, 3]


def test_a_message_of_no_bytes_is_one_packet_without_header():
    traffic = carry([a_link(0, delay_ns=7, mtu_bytes=4, header_bytes=9)], [Sent(0, 0)], forwarding="packet")
    assert traffic.on_hops("packet", "start_ns", "end_ns", "arrived_ns") == [(0, 0, 0, 7)]
    assert traffic.links[0]["header_bytes"] == 0


def test_a_message_with_a_packet_dropped_is_lost_when_the_last_of_the_others_is_there():
    """Four packets of 4 bytes: one is under way, one waits, the others have no place."""
    link = a_link(0, delay_ns=5, mtu_bytes=4, channel=0)
    traffic = carry([link], [Sent(0, 16)], [Channel(limit_messages=1)], forwarding="packet")
    assert traffic.on_hops("outcome", "arrived_ns", "attempts") == [
        ("delivered", 9, 1), ("delivered", 13, 1), ("dropped", None, 0), ("dropped", None, 0),
    ]  # fmt: skip
    assert traffic.messages[0]["outcome"] == "lost"
    assert traffic.missed == {0: 13}
    assert traffic.links[0]["dropped"] == 2
    assert traffic.links[0]["dropped_bytes"] == 8
    assert traffic.links[0]["messages"] == 2


# --- queue limits -----------------------------------------------------------------------------------


def test_a_full_queue_drops_the_tail():
    """Two may wait; the message under way does not count, and one that leaves the queue makes room."""
    link = a_link(0, delay_ns=3, channel=0)
    sent = [Sent(t, 10) for t in (0, 1, 2, 3, 9, 10, 11)]
    traffic = carry([link], sent, [Channel(limit_messages=2)])
    delivered = [13, 23, 33, None, None, 43, None]
    assert traffic.delivered_ns == delivered
    assert traffic.missed == {3: 3, 4: 9, 6: 11}
    assert [m["outcome"] for m in traffic.messages] == ["delivered" if at else "dropped" for at in delivered]
    assert traffic.on_hops("start_ns", "end_ns", "arrived_ns", "attempts", "outcome")[3] == (
        None, None, None, 0, "dropped",
    )  # fmt: skip
    row = traffic.links[0]
    assert (row["messages"], row["dropped"], row["features_bytes"], row["dropped_bytes"]) == (4, 3, 40, 30)
    assert row["queue_max"] == 2


def test_a_queue_of_bytes_counts_headers():
    """10 bytes may wait: 5 and one of header, then 3 and one; the next has no place, one of no bytes always does."""
    link = a_link(0, header_bytes=1, channel=0)
    sizes = (100, 5, 3, 1, 0)
    traffic = carry([link], [Sent(0, size) for size in sizes], [Channel(limit_bytes=10)])
    assert [hop["outcome"] for hop in traffic.hops] == ["delivered", "delivered", "delivered", "dropped", "delivered"]
    assert traffic.delivered_ns == [101, 107, 111, None, 111]


def test_a_free_link_takes_anything():
    traffic = carry([a_link(0, channel=0)], [Sent(0, 50), Sent(50, 60)], [Channel(limit_bytes=0)])
    assert traffic.delivered_ns == [50, 110]


# --- a shared medium --------------------------------------------------------------------------------


def test_a_shared_medium_carries_one_thing_at_a_time():
    """Both directions and a third party wait for each other, each at its own link's rate and delay."""
    links = [
        a_link(0, BYTE_PER_NS, 5, channel=0),
        a_link(1, BYTE_PER_NS // 2, 1, source=1, channel=0),
        a_link(2, BYTE_PER_NS, 0, source=2, channel=0),
    ]
    sent = [Sent(0, 10, (0,)), Sent(1, 10, (1,)), Sent(2, 10, (2,)), Sent(50, 1, (2,))]
    traffic = carry(links, sent, [Channel()])
    assert traffic.on_hops("link", "start_ns", "end_ns", "arrived_ns") == [
        (0, 0, 10, 15), (1, 10, 30, 31), (2, 30, 40, 40), (2, 50, 51, 51),
    ]  # fmt: skip
    assert [link["busy_ns"] for link in traffic.links] == [10, 20, 11]
    assert [link["queue_max"] for link in traffic.links] == [2, 2, 2]
    stopped = carry(links, sent, [Channel()], until_ns=15)
    assert [link["busy_ns"] for link in stopped.links] == [10, 5, 0]


# --- rates and delays that change -------------------------------------------------------------------


def test_bits_that_were_sent_stay_sent():
    """100 bytes at 1 byte/ns until 40, then at a half, then at 2: 40 + 30 + 30 / 2; the next starts there."""
    course = Course((0, 40, 100), (BYTE_PER_NS, BYTE_PER_NS // 2, 2 * BYTE_PER_NS))
    traffic = carry([a_link(0, rates=course)], [Sent(0, 100), Sent(0, 10)])
    assert traffic.on_hops("start_ns", "end_ns") == [(0, 115), (115, 120)]


def test_a_rate_of_zero_sends_nothing_and_comes_again():
    """Every 10 ns the link is on for 3: 7 bytes are three of them, and a start in between waits."""
    course = Course((0, 3), (BYTE_PER_NS, 0), 10)
    traffic = carry([a_link(0, rates=course)], [Sent(0, 3), Sent(4, 7), Sent(100, 30)])
    # the first is sent at the end of the first spell; the second in [10, 13), [20, 23), [30, 31)
    assert traffic.on_hops("start_ns", "end_ns") == [(0, 3), (4, 31), (100, 193)]


def test_what_can_never_be_sent_is_in_flight_for_ever_and_no_event():
    course = Course((0, 5), (BYTE_PER_NS, 0))
    traffic = carry([a_link(0, rates=course)], [Sent(0, 4), Sent(0, 4), Sent(20, 0)])
    assert traffic.delivered_ns == [4, None, None]
    assert traffic.on_hops("start_ns", "end_ns", "arrived_ns", "outcome")[1:] == [
        (4, None, None, "in_flight"), (None, None, None, "in_flight"),
    ]  # fmt: skip
    assert traffic.end_ns == 20
    assert traffic.links[0]["busy_ns"] == 20
    assert traffic.links[0]["messages"] == 3
    assert carry([a_link(0, rates=Course((0,), (0,), 7))], [Sent(3, 1)]).end_ns == 3


def test_the_delay_is_that_at_the_end_of_serialisation_and_order_is_kept():
    course = Course((0, 10), (50, 5))
    traffic = carry([a_link(0, delays=course)], [Sent(0, 9), Sent(0, 1), Sent(60, 1)])
    assert traffic.delivered_ns == [59, 59, 66]


@given(
    steps=st.lists(st.tuples(st.integers(1, 9), st.integers(0, 3)), min_size=1, max_size=5),
    again=st.booleans(),
    sizes=st.lists(st.integers(0, 12), min_size=1, max_size=4),
    start=st.integers(0, 30),
)
def test_a_course_of_rates_sends_bit_by_bit(steps, again, sizes, start):
    """Count the bytes nanosecond by nanosecond."""
    at, values = [0], [steps[0][1]]
    for (length, _), (_, value) in pairwise(steps):
        at.append(at[-1] + length)
        values.append(value)
    period = at[-1] + steps[-1][0] if again else None
    course = Course(tuple(at), tuple(value * BYTE_PER_NS for value in values), period)

    def rate(t: int) -> int:
        t = t % period if period else t
        return values[max(i for i in range(len(at)) if at[i] <= t)]

    traffic = carry([a_link(0, rates=course)], [Sent(start, size) for size in sizes])
    now = start
    for size, end in zip(sizes, (hop["end_ns"] for hop in traffic.hops), strict=True):
        while size > 0 and now < 1000:
            size, now = size - rate(now), now + 1
        assert end == (now if now < 1000 else None)


# --- jitter -----------------------------------------------------------------------------------------


def test_jitter_keeps_the_order():
    """Each arrival is the latest of its own and the one before."""
    jitter = Distribution("uniform", (0.0, 100e-9))
    traffic = carry([a_link(0, delay_ns=5, jitter=jitter)], [Sent(0, 1) for _ in range(600)], seed=3)
    draws, last = jitter.draw_ns(stream(3, "jitter/0>1"), 600).tolist(), 0
    due = [last := max(last, k + 1 + 5 + late) for k, late in enumerate(draws)]
    assert traffic.delivered_ns == due
    assert len(set(due)) < 600


# --- loss -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("draw", "attempts", "outcome"),
    [(0.6, 3, (1, False)), (0.5, 3, (1, False)), (0.3, 3, (2, False)), (0.2, 3, (3, False)), (0.1, 3, (3, True)),
     (0.3, 1, (1, True)), (0.125, 3, (3, False))],
)  # fmt: skip
def test_a_draw_says_how_often_a_message_is_sent(draw, attempts, outcome):
    """One of two transmissions fails: the j-th where u < 1/2^j."""
    assert fortune(draw, 0.5, attempts) == outcome


def test_lost_messages_occupy_the_link_and_are_missed_when_they_would_have_arrived():
    link = a_link(0, delay_ns=7, loss=Loss(0.5), attempts=2, header_bytes=1)
    traffic = carry([link], [Sent(0, 9) for _ in range(300)], seed=11)
    free, resent, missed = 0, 0, {}
    for k, u in enumerate(stream(11, "loss/0>1").random(300)):
        attempts, lost = (2 if u < 0.5 else 1), u < 0.25
        hop = traffic.hops[k]
        assert (hop["start_ns"], hop["end_ns"], hop["attempts"]) == (free, free + 10 * attempts, attempts)
        free += 10 * attempts
        assert hop["outcome"] == traffic.messages[k]["outcome"] == ("lost" if lost else "delivered")
        assert hop["arrived_ns"] == traffic.delivered_ns[k] == (None if lost else free + 7)
        resent += 10 * (attempts - 1)
        missed |= {k: free + 7} if lost else {}
    assert traffic.missed == missed
    row = traffic.links[0]
    assert (row["lost"], row["resent_bytes"], row["busy_ns"]) == (len(missed), resent, free)
    assert (row["messages"], row["features_bytes"], row["header_bytes"]) == (300, 2700, 300)


def test_what_is_lost_does_not_count_as_the_last_arrival():
    """Were it to count, what follows a lost message that was late would arrive no earlier than it."""
    jitter, n = Distribution("uniform", (0.0, 50e-9)), 200
    traffic = carry([a_link(0, jitter=jitter, loss=Loss(0.5))], [Sent(0, 1) for _ in range(n)], seed=5)
    late = jitter.draw_ns(stream(5, "jitter/0>1"), n).tolist()
    last, missed = 0, {}
    for k, u in enumerate(stream(5, "loss/0>1").random(n)):
        arrival = max(last, k + 1 + late[k])
        if u < 0.5:
            missed[k] = arrival
        else:
            last = arrival
            assert traffic.delivered_ns[k] == arrival
    assert traffic.missed == missed


def test_a_loss_beyond_the_end_of_the_run_is_not_known():
    traffic = carry([a_link(0, delay_ns=10, loss=Loss(1.0))], [Sent(0, 1), Sent(5, 1)], until_ns=12)
    assert [hop["outcome"] for hop in traffic.hops] == ["lost", "in_flight"]
    assert [message["outcome"] for message in traffic.messages] == ["lost", "in_flight"]
    assert traffic.links[0]["lost"] == 1


def test_losses_come_in_bursts():
    """The state of the k-th message, from the k-th draws of the streams."""
    loss = Loss(good=0.1, bad=0.8, to_bad=0.2, to_good=0.4)
    traffic = carry([a_link(0, loss=loss)], [Sent(0, 1) for _ in range(400)], seed=2)
    changes, draws = stream(2, "burst/0>1"), stream(2, "loss/0>1")
    bad = changes.random() < 0.2 / (0.2 + 0.4)
    due = []
    for k in range(400):
        if k:
            v = changes.random()
            bad = v >= 0.4 if bad else v < 0.2
        due.append("lost" if draws.random() < (0.8 if bad else 0.1) else "delivered")
    assert [hop["outcome"] for hop in traffic.hops] == due


def test_the_first_bursts_by_hand():
    """Bad at first, for 0.19 < 1/3; good for 0.21 < 1/2; stays; bad for 0.23 < 1/4; good for 0.21 < 1/2; stays."""
    assert stream(0, "burst/0>1").random(6).round(2).tolist() == [0.19, 0.21, 0.53, 0.23, 0.21, 0.99]
    assert stream(0, "loss/0>1").random(6).round(2).tolist() == [0.34, 0.09, 0.82, 0.47, 0.12, 0.79]
    loss = Loss(good=0.1, bad=0.5, to_bad=0.25, to_good=0.5)
    traffic = carry([a_link(0, loss=loss)], [Sent(0, 1) for _ in range(6)])
    assert [hop["outcome"] for hop in traffic.hops] == ["lost", "lost", "delivered", "lost", "delivered", "delivered"]


def test_a_dropped_message_takes_no_draw():
    """Every second message finds the link busy: the others take the draws 0, 1, 2, ..."""
    link = a_link(0, loss=Loss(0.5), channel=0)
    sent = [Sent(10 * (k // 2), 5) for k in range(100)]
    traffic = carry([link], sent, [Channel(limit_messages=0)], seed=4)
    assert [hop["outcome"] for hop in traffic.hops[1::2]] == ["dropped"] * 50
    due = ["lost" if u < 0.5 else "delivered" for u in stream(4, "loss/0>1").random(50)]
    assert [hop["outcome"] for hop in traffic.hops[::2]] == due


# --- laws -------------------------------------------------------------------------------------------

SIZES = st.integers(0, 20)
TRAFFIC = st.lists(st.builds(Sent, st.integers(0, 60), SIZES, st.just((0, 1, 2))), min_size=1, max_size=12)


@st.composite
def chains(draw: st.DrawFn) -> list[Link]:
    """Draw three links of every shape, one after another."""
    maybe = lambda strategy: draw(st.none() | strategy)  # noqa: E731
    links = []
    for number in range(3):
        at = (0, *sorted(draw(st.sets(st.integers(1, 50), max_size=3))))
        rates = st.lists(st.sampled_from([0, 1, 2, 3]), min_size=len(at), max_size=len(at))
        rates = rates.filter(lambda values: values[-1] > 0)
        delays = st.lists(st.integers(0, 9), min_size=len(at), max_size=len(at))
        values = maybe(rates)
        period = maybe(st.integers(at[-1] + 1, at[-1] + 30))
        links.append(
            a_link(
                number,
                draw(st.sampled_from([BYTE_PER_NS, BYTE_PER_NS // 3])),
                draw(st.integers(0, 5)),
                channel=number,
                rates=values and Course(at, tuple(value * BYTE_PER_NS for value in values), period),
                delays=maybe(delays.map(lambda values, at=at: Course(at, tuple(values)))),
                jitter=maybe(st.just(Distribution("exponential", (5e-9,)))),
                loss=maybe(st.sampled_from([Loss(0.3), Loss(0.0, 1.0, 0.3, 0.5)])),
                attempts=draw(st.integers(1, 3)),
                mtu_bytes=maybe(st.integers(1, 9)),
                header_bytes=draw(st.integers(0, 3)),
                overhead_ns=draw(st.integers(0, 3)),
            )
        )
    return links


CHANNELS = st.lists(
    st.builds(
        Channel,
        limit_messages=st.none() | st.integers(0, 4),
        limit_bytes=st.none() | st.integers(0, 40),
    ),
    min_size=3,
    max_size=3,
)


@settings(max_examples=60)
@given(links=chains(), channels=CHANNELS, sent=TRAFFIC, seed=st.integers(0, 5), packets=st.booleans())
def test_messages_keep_their_order_and_every_byte_is_somewhere(links, channels, sent, seed, packets):
    """A message is delivered, lost or dropped, once; on each link what came in before arrives before."""
    forwarding = "packet" if packets else "message"
    traffic = carry(links, sent, channels, seed=seed, forwarding=forwarding)
    outcomes = [message["outcome"] for message in traffic.messages]
    assert {k for k, outcome in enumerate(outcomes) if outcome != "delivered"} == set(traffic.missed)
    assert "in_flight" not in outcomes
    cut = min((link.mtu_bytes for link in links if link.mtu_bytes), default=10**9) if packets else 10**9
    payload = lambda hop: min(cut, traffic.messages[hop["message"]]["size_bytes"] - cut * hop["packet"])  # noqa: E731
    into = sum(message["size_bytes"] for message in traffic.messages)
    for number, row in enumerate(traffic.links):
        hops = [hop for hop in traffic.hops if hop["link"] == number]
        arrivals = [hop["arrived_ns"] for hop in hops if hop["outcome"] == "delivered"]
        assert arrivals == sorted(arrivals)
        carried = [hop for hop in hops if hop["outcome"] != "dropped"]
        assert all(before["end_ns"] <= after["start_ns"] for before, after in pairwise(carried))
        assert all(hop["queued_ns"] <= hop["start_ns"] <= hop["end_ns"] for hop in carried)
        assert row["messages"] == len(carried)
        assert row["lost"] == sum(hop["outcome"] == "lost" for hop in hops)
        assert row["dropped"] == len(hops) - len(carried)
        assert row["busy_ns"] == sum(hop["end_ns"] - hop["start_ns"] for hop in carried)
        assert row["features_bytes"] + row["dropped_bytes"] == into
        into = sum(payload(hop) for hop in hops if hop["outcome"] == "delivered")


@given(
    rates=st.lists(st.integers(1, 9), min_size=3, max_size=3),
    sent=TRAFFIC,
    packets=st.booleans(),
    courses=st.booleans(),
)
def test_twice_the_rate_is_never_slower(rates, sent, packets, courses):
    def delivered(factor: int) -> list[int]:
        links = [
            a_link(
                number,
                factor * rate * BYTE_PER_NS // 4,
                3,
                mtu_bytes=5,
                rates=Course((0, 9), (factor * rate * BYTE_PER_NS // 4, factor * BYTE_PER_NS), 20) if courses else None,
            )
            for number, rate in enumerate(rates)
        ]
        return carry(links, sent, forwarding="packet" if packets else "message").delivered_ns

    assert all(fast <= slow for fast, slow in zip(delivered(2), delivered(1), strict=True))
