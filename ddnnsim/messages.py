"""The messages of a deployment: who sends what to whom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from typing import TYPE_CHECKING

from ddnnsim.deployment import REPLY_BYTES, VERDICT_BYTES, Deployment, Exit, Section
from ddnnsim.errors import UserError

if TYPE_CHECKING:
    from ddnnsim.recovery import Heartbeats

MOST_PACKETS = 1_000_000
"""Of one message: each of them is simulated by itself."""


def messages_of(
    sections: Sequence[Section], exits: Sequence[Exit], reply_to: int | None, beats: Heartbeats | None
) -> Iterator[tuple[int, int, int]]:
    """Yield each pair of machines (source, target) between which messages go, with each size of these."""
    if beats is not None:
        everyone = messages_of(sections, exits, None, None)  # beats go where summaries, features and verdicts go
        yield from {(source, target, beats.size_bytes) for source, target, _ in everyone}
    for section in sections:
        at = _places(section)
        if section.exit is not None:
            exit_ = exits[section.exit]
            orders = exit_ if exit_.coordinator is None else exits[exit_.coordinator]
            if exit_.service_ns is not None:
                yield from product(at, _places(exit_), [section.summary_bytes])
            if exit_.service_ns is not None or exit_.coordinator is not None:
                yield from product(_places(orders), at, [exit_.control_bytes])
        if section.parent is not None:
            sizes = {section.features_bytes} if section.raw_bytes is None else set(section.raw_bytes)
            yield from product(at, _places(sections[section.parent]), sizes)
    for exit_ in exits:
        if exit_.coordinator is not None:
            yield from product(_places(exit_), _places(exits[exit_.coordinator]), [VERDICT_BYTES])
        if reply_to is not None:
            yield from product(_places(exit_), [reply_to], [REPLY_BYTES])


def _places(plan: Section | Exit) -> list[int]:
    """Return the machines on which *plan* can be."""
    return [plan.machine, *(at.machine for at in plan.stand_ins)]


def check_packets(deployment: Deployment, messages: Iterable[tuple[int, int, int]]) -> None:
    """Raise UserError where one of *messages* is cut into more packets than can be told one by one."""
    faults = set()
    for source, target, size_bytes in messages:
        route = deployment.route(source, target, size_bytes)
        may_take = range(len(deployment.links)) if route and deployment.recovery.reroute else route
        links = (deployment.links[number] for number in may_take)
        least = min((link.mtu_bytes for link in links if link.mtu_bytes is not None), default=size_bytes)
        if size_bytes > MOST_PACKETS * least:
            ends = f"from {deployment.machines[source].name!r} to {deployment.machines[target].name!r}"
            what = f"a message of {size_bytes:,} bytes {ends} is more than {MOST_PACKETS:,} packets of {least:,} bytes"
            faults.add(f"{what}; give its links a larger 'mtu', or write 'forwarding: message'")
    if faults:
        raise UserError("\n".join(sorted(faults)))
