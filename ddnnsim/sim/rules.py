"""Rules of time and order, in integers alone, so that another engine can share them.

Time is in nanoseconds. At one instant things happen in the order of their keys: first by class,
then by request, by section or exit, by link, and by kind of message.
"""

from __future__ import annotations

NS_PER_S = 1_000_000_000

NEVER = 2**63 - 1
"""An instant that no run reaches; the last that a column of 64 bits can hold."""

COMPLETION, RECOVERY, FAILURE, DELIVERY, CAPTURE, TIMEOUT, SETTLEMENT, SAMPLING = range(8)
"""Classes of what happens at one instant, in their order."""

SUMMARY, FEATURES, RAW, CONTROL, HEARTBEAT, REPLY = range(6)
"""Kinds of messages, in the order of ties."""

KINDS = ("summary", "features", "raw", "control", "heartbeat", "reply")
"""The names of the kinds of messages."""

_KIND_BITS, _LINK_BITS, _ENTITY_BITS, _REQUEST_BITS = 4, 24, 24, 40
_LINK_SHIFT = _KIND_BITS
_ENTITY_SHIFT = _LINK_SHIFT + _LINK_BITS
_REQUEST_SHIFT = _ENTITY_SHIFT + _ENTITY_BITS
_CLASS_SHIFT = _REQUEST_SHIFT + _REQUEST_BITS

# SimPy starts and stops processes under priorities 0 and 1: every key is above them.
_ABOVE_SIMPY = 1 << (_CLASS_SHIFT + 3)


def key(cls: int, request: int = 0, entity: int = 0, link: int = 0, kind: int = 0) -> int:
    """Return the place of something among all that happens at its instant: lower comes first.

    Keys add up: the key of a class and a kind plus `link_key`, `request_key` is that of them all.
    """
    place = cls << _CLASS_SHIFT | entity << _ENTITY_SHIFT | link << _LINK_SHIFT | kind
    return _ABOVE_SIMPY + place + request_key(request)


def request_key(request: int) -> int:
    """Return what *request* adds to a key."""
    return request << _REQUEST_SHIFT


def entity_key(entity: int) -> int:
    """Return what *entity* adds to a key."""
    return entity << _ENTITY_SHIFT


def link_key(link: int) -> int:
    """Return what *link* adds to a key."""
    return link << _LINK_SHIFT


def transmission_ns(size_bytes: int, rate_bps: int) -> int:
    """Return how long *size_bytes* occupy a link of *rate_bps*: ceil(8 size 10^9 / rate)."""
    return -(-8 * size_bytes * NS_PER_S // rate_bps)
