"""Nodes that do nothing but stand in for others: no section and no exit is at home there."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping


def spare_machines(
    tiers: Mapping[str, str],
    failover: Mapping[str, Iterable[str]],
    edges: Collection[object],
    levels: Collection[str],
) -> frozenset[str]:
    """Return the machines that count for none of their tier.

    They stand in for one of their own tier, or are of one that has no place among *levels*; nobody stands in for
    them, and they are not among the *edges* of groups. *tiers* are those of the machines.
    """
    pairs = [(name, other) for name, others in failover.items() for other in others if other in tiers]
    return frozenset(
        other
        for name, other in pairs
        if other not in failover and other not in edges
        if tiers[other] == tiers.get(name) or tiers[other] not in levels
    )
