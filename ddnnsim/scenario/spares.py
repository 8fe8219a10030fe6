"""Nodes where nothing is at home: they stand in for others, or others of their tier have its sections."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping


def spare_machines(
    tiers: Mapping[str, str],
    failover: Mapping[str, Iterable[str]],
    placed: Mapping[str, Collection[str]],
    levels: Collection[str],
) -> frozenset[str]:
    """Return the machines that count for none of their tier; *tiers* are those of the machines.

    *placed* says by tier where its sections are, where that is said: the others of the tier are such machines. So are
    those that stand in for one of their own tier, or are of one that has no place among *levels*, and nobody stands
    in for them.
    """
    said = {tier: _of_tier(tier, names, tiers) for tier, names in placed.items()}
    pairs = [(name, other) for name, others in failover.items() for other in others if other in tiers]
    standing_in = {
        other
        for name, other in pairs
        if other not in failover and other not in said.get(tiers[other], ())
        if tiers[other] == tiers.get(name) or tiers[other] not in levels
    }
    idle = {name for name, tier in tiers.items() if said.get(tier) and name not in said[tier]}
    return frozenset(standing_in | idle)


def _of_tier(tier: str, names: Collection[str], tiers: Mapping[str, str]) -> frozenset[str]:
    """Return those of *names* that are of *tier*; where all are wrong, which is a fault by itself, any one that is."""
    machines = [name for name, other in tiers.items() if other == tier]
    return frozenset(names).intersection(machines) or frozenset(machines[:1] if names else ())
