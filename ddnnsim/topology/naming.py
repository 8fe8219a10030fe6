"""Names of what is made: those of the graph, or by role, so that a scenario can name the cloud of a random graph."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ddnnsim.topology.plain import Graph, Plain


_LETTERS = str.maketrans(
    {
        "ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "Ae", "œ": "oe", "Œ": "Oe", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L",
        "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "ħ": "h", "Ħ": "H", "ı": "i", "ŋ": "n", "Ŋ": "N",
    }
)  # fmt: skip
"""Letters that are more than one with an accent."""


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


def names_of(graph: Graph) -> dict[Any, str]:
    """Return a name for each node of *graph*; second ones of a name get a number."""
    names: dict[Any, str] = {}
    taken: set[str] = set()
    for node, attributes in graph.nodes(data=True):
        names[node] = free_name(as_name(said_of(node, attributes)) or as_name(str(node)) or "node", taken)
    return names


def said_of(node: object, attributes: Mapping[str, Any]) -> str:
    """Return what *node* is called: by its attribute `name`, or `label`, or by itself."""
    return next((attributes[key] for key in ("name", "label") if isinstance(attributes.get(key), str)), str(node))


def as_name(text: str) -> str:
    """Return *text* as a name: letters without accents, and '_' for each other one, and for what is between words."""
    apart = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    bare = unicodedata.normalize("NFC", "".join(one for one in apart if not unicodedata.combining(one)))
    return re.sub(r"[^\x00-\x7f]", "_", re.sub(r"[^\w-]+", "_", bare).strip("_-"))


def free_name(name: str, taken: set[str]) -> str:
    """Return *name*, or with the first number from 2 that no other has, and take it."""
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name}_{number}"
    taken.add(free)
    return free
