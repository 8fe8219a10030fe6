"""Queues that have a recursion of a few lines: the engine is equal to it, message by message, to the nanosecond.

Beside the twin in `recursion/`, which knows all of a deployment, these know one thing each, and can be checked by eye.
Sources: Lindley, The theory of queues with a single server, 1952; tandem queues and packets over hops as sums along
the longest path (max-plus): Baccelli et al., Synchronization and Linearity, 1992.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from stations import server
from traffic import BYTE_PER_NS, Sent, a_link, carry

from ddnnsim.deployment import Batching, Channel, Link, Workload
from ddnnsim.sim import simulate

Given = Sequence[tuple[int, int]]
"""By message, when it is sent, in ns and in order, and its size in bytes."""

RATES = st.sampled_from([BYTE_PER_NS, BYTE_PER_NS // 2, 3 * 10**9, 7 * 10**8])
INSTANTS = st.lists(st.integers(0, 60), min_size=1, max_size=30).map(sorted)
MESSAGES = st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20)), min_size=1, max_size=30).map(
    lambda messages: sorted(messages, key=lambda message: message[0])
)
HOPS = st.lists(st.tuples(RATES, st.integers(0, 30)), min_size=1, max_size=4)
"""By link, its rate in bit/s and its delay in ns."""


def ceil_div(numerator: int, denominator: int) -> int:
    return -(-numerator // denominator)


def serialisation(size_bytes: int, rate_bps: int) -> int:
    return ceil_div(size_bytes * 8 * 10**9, rate_bps)


def along_a_chain(messages: Given, hops: Sequence[tuple[int, int]]) -> list[int]:
    """Return when each message has come over all *hops*: each link serves in the order of arrival."""
    free = [0] * len(hops)
    ends = []
    for at, size in messages:
        for h, (rate, delay) in enumerate(hops):
            free[h] = max(at, free[h]) + serialisation(size, rate)
            at = free[h] + delay
        ends.append(at)
    return ends


@settings(max_examples=200)
@given(messages=MESSAGES, hops=HOPS)
def test_a_chain_of_links(messages: Given, hops: list[tuple[int, int]]) -> None:
    route = tuple(range(len(hops)))
    links = [a_link(h, rate, delay) for h, (rate, delay) in enumerate(hops)]
    assert carry(links, [Sent(*message, route) for message in messages]).delivered_ns == along_a_chain(messages, hops)


def on_a_medium(messages: Given, senders: Sequence[int], hops: Sequence[tuple[int, int]]) -> list[int]:
    """Return when each message is there, where only one of all senders sends at a time."""
    free, ends = 0, []
    for (at, size), sender in zip(messages, senders, strict=True):
        rate, delay = hops[sender]
        free = max(at, free) + serialisation(size, rate)
        ends.append(free + delay)
    return ends


@settings(max_examples=200)
@given(messages=MESSAGES, hops=HOPS, data=st.data())
def test_a_medium_that_senders_share(messages: Given, hops: list[tuple[int, int]], data: st.DataObject) -> None:
    n, hub = len(messages), len(hops)
    senders = data.draw(st.lists(st.integers(0, hub - 1), min_size=n, max_size=n))
    links = [Link(f"{i}>{hub}", i, hub, rate, delay, channel=0) for i, (rate, delay) in enumerate(hops)]
    sent = [Sent(*message, (sender,)) for message, sender in zip(messages, senders, strict=True)]
    assert carry(links, sent, [Channel()]).delivered_ns == on_a_medium(messages, senders, hops)


def with_places(messages: Given, rate: int, delay: int, places: int) -> list[int | None]:
    """Return when each message is there; None where the link was busy and as many as *places* waited."""
    starts: list[int] = []
    free, ends = 0, []
    for at, size in messages:
        if free > at and sum(start > at for start in starts) >= places:
            ends.append(None)
            continue
        starts.append(max(at, free))
        free = starts[-1] + serialisation(size, rate)
        ends.append(free + delay)
    return ends


@settings(max_examples=200)
@given(messages=MESSAGES, rate=RATES, delay=st.integers(0, 30), places=st.integers(0, 4))
def test_a_queue_that_drops_its_tail(messages: Given, rate: int, delay: int, places: int) -> None:
    there = with_places(messages, rate, delay, places)
    traffic = carry([a_link(0, rate, delay, channel=0)], [Sent(*m) for m in messages], [Channel(limit_messages=places)])
    assert traffic.delivered_ns == there
    assert traffic.missed == {k: messages[k][0] for k, end in enumerate(there) if end is None}


def in_batches(at: Sequence[int], service: int, batching: Batching) -> list[int]:
    """Return when each job is done: a batch starts on a free server when it is full or its first has waited enough.

    What comes at the instant of a completion comes after it, and at that at which patience ends before it.
    """
    free, ends = 0, []
    while len(ends) < len(at):
        waiting = at[len(ends) :]
        full = waiting[batching.limit - 1] if len(waiting) >= batching.limit else inf
        ripe = waiting[0] + batching.wait_ns
        start = max(free, min(full, ripe))
        size = min(batching.limit, sum(came < free if ripe < free else came <= start for came in waiting))
        numerator, denominator = batching.costs[size - 1]
        free = start + ceil_div(size * service * numerator, denominator)
        ends += [free] * size
    return ends


@settings(max_examples=200)
@given(at=INSTANTS, service=st.integers(1, 9), limit=st.integers(1, 4), wait=st.integers(0, 15))
def test_a_server_of_batches(at: list[int], service: int, limit: int, wait: int) -> None:
    batching = Batching(limit, wait, ((1, 1), (3, 4), (2, 3), (1, 2))[:limit])
    workload = Workload(np.array(at, dtype=np.int64), np.arange(len(at)))
    trace = simulate(*server(workload, service, 0, batching=batching))
    assert trace.requests["answered_ns"].tolist() == in_batches(at, service, batching)


def in_packets(messages: Given, hops: Sequence[tuple[int, int]], mtu: int, header: int) -> list[int]:
    """Return when the last packet of each message has come over all *hops*, each stored and forwarded by itself."""
    before = [0] * len(hops)  # by link, when the packet before has been sent
    ends = []
    for at, size in messages:
        for offset in range(0, size, mtu):
            there = at
            for h, (rate, delay) in enumerate(hops):
                before[h] = max(there, before[h]) + serialisation(min(mtu, size - offset) + header, rate)
                there = before[h] + delay
        ends.append(there)
    return ends


@settings(max_examples=200)
@given(messages=MESSAGES, hops=HOPS, mtu=st.integers(1, 12), header=st.integers(0, 5))
def test_packets_over_hops(messages: Given, hops: list[tuple[int, int]], mtu: int, header: int) -> None:
    shape = {"mtu_bytes": mtu, "header_bytes": header}
    links = [a_link(h, rate, delay, **shape) for h, (rate, delay) in enumerate(hops)]
    traffic = carry(links, [Sent(*message, tuple(range(len(hops)))) for message in messages], forwarding="packet")
    assert traffic.delivered_ns == in_packets(messages, hops, mtu, header)
