"""What nodes and links have that do not say it themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ddnnsim.scenario import Tier
from ddnnsim.scenario.finding import Finding, Unmade
from ddnnsim.scenario.presets import with_preset
from ddnnsim.scenario.recipe import DISTANCE, Defaults
from ddnnsim.scenario.units import DURATION
from ddnnsim.topology.attributes import METRES, PLACE
from ddnnsim.topology.distances import propagation_ns
from ddnnsim.topology.plain import values

if TYPE_CHECKING:
    from ddnnsim.topology.plain import Plain

TIERS: tuple[Tier, ...] = ("device", "gateway", "router", "edge", "cloud")
"""From the lowest up."""
_NOTHING: Mapping[str, Any] = {}
_RIVALS = {"rate": "trace", "trace": "rate"}


def fill(plain: Plain, defaults: Defaults) -> None:
    """Give nodes and edges of *plain* what *defaults* say, where they do not say it themselves.

    Raises Unmade where a delay by distance has none.
    """
    for _, node in plain.nodes(data=True):
        for key, value in getattr(defaults, node["tier"], {}).items():
            node.setdefault(key, value)
    ranks = {name: TIERS.index(tier) for name, tier in values(plain, "tier").items()}
    of_tier = {
        tier: _layered(with_preset(dict(defaults.link)), defaults.link_from.get(tier, _NOTHING)) for tier in TIERS
    }
    for a, b, link in plain.edges(data=True):
        said = _layered(of_tier[TIERS[min(ranks[a], ranks[b])]], link)
        if said.get("delay") == DISTANCE:
            said["delay"] = _delay(plain, a, b)
        link.clear()
        link.update((key, value) for key, value in said.items() if key != METRES)


def _layered(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keys of a link in *above*, then those of its preset, then those *below*."""
    over = with_preset(dict(above))
    return {key: value for key, value in below.items() if _RIVALS.get(key) not in over} | over


def _delay(plain: Plain, a: str, b: str) -> str:
    """Return how long a signal takes from *a* to *b*."""
    metres = plain.edges[a, b].get(METRES)
    if metres is None:
        what = f"nothing tells how far {a!r} is from {b!r}"
        instead = "write a delay in the place of 'distance', or a graph with places or lengths"
        if PLACE in plain.nodes[a] and PLACE in plain.nodes[b]:
            what += ": a 'pos' has no unit"
            instead = "give the graph 'metres_per_unit', edges a 'dist' in km, or nodes 'longitude' and 'latitude'"
        raise Unmade(Finding(("topology", "defaults", "link", "delay"), what, instead))
    return DURATION.text(propagation_ns(metres))
