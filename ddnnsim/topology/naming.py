"""Names of what is made: by role, so that a scenario can name the cloud of a random graph."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ddnnsim.topology.plain import Plain


def by_role(plain: Plain) -> Plain:
    """Return *plain* with nodes called by their tier: `cloud`, or, where there are several, `edge1`, `edge2`, ...

    Devices that hang on one node alone are a group, `edge1-device`, or `device` where all hang on the same.
    """
    import networkx as nx

    hosts = {name: _host(plain, name) for name in plain}
    others = [name for name, host in hosts.items() if host is None]
    counts = Counter(plain.nodes[name]["tier"] for name in others)
    ranks: Counter[str] = Counter()
    names: dict[str, str] = {}
    for name in others:
        tier = plain.nodes[name]["tier"]
        ranks[tier] += 1
        names[name] = tier if counts[tier] == 1 and tier != "device" else f"{tier}{ranks[tier]}"
    alone = len(set(hosts.values()) - {None}) == 1 and not counts["device"]
    for name, host in hosts.items():
        if host is not None:
            group = "device" if alone else f"{names[host]}-device"
            ranks[group] += 1
            names[name] = f"{group}{ranks[group]}"
            plain.nodes[name]["group"] = group
    renamed: Plain = nx.relabel_nodes(plain, names)
    return renamed


def _host(plain: Plain, name: str) -> str | None:
    """Return the one node that *name* hangs on, if it is a device and that is none."""
    if plain.nodes[name]["tier"] != "device" or plain.out_degree(name) != 1:
        return None
    host = next(iter(plain[name]))
    return None if plain.nodes[host]["tier"] == "device" else host
