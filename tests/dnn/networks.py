"""Networks of few sections, as `network_of` makes them of scenarios: the quickstart's, and any other shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ddnnsim.network import Network, NetworkExit, NetworkLevel
from ddnnsim.scenario import Digits, Level, Training

LEVELS: Mapping[str, Level] = {"device": Level(convp=(4,)), "cloud": Level(convp=(16, 16), merge="CC")}
EXIT_WEIGHTS = {"local": 1.0, "edge": 1.0, "cloud": 1.0}
EXITS = {"device": "local"}
"""Names of exits that are not their level's."""


def training(**changes: object) -> Training:
    return Training(**{"exit_weights": EXIT_WEIGHTS} | changes)


def digits(**changes: object) -> Digits:
    return Digits(source="digits", **changes)


def network_with(
    levels: Mapping[str, Level] = LEVELS,
    *,
    views: int = 6,
    view_shape: tuple[int, int, int] = (1, 24, 24),
    classes: int = 10,
    groups: Sequence[Sequence[int]] = (),
    merges: Mapping[str, str] | None = None,
    absent: str = "leave_out",
    temperature: float = 1.0,
) -> Network:
    """Return a network of *levels* with the exits in *merges*; on the edge level a section for each of *groups*.

    With `local.groups` among *merges* each group has a local exit of its own. MP at every level unless given.
    """
    merges = {EXITS.get(name, name): "MP" for name in levels} if merges is None else merges
    built: list[NetworkLevel] = []
    exits: list[NetworkExit] = []
    for number, (name, layers) in enumerate(levels.items()):
        children = tuple((view,) for view in range(views)) if not number else (tuple(range(built[-1].sections)),)
        if name == "edge" and groups:
            children = tuple(map(tuple, groups))
        sets = range(len(children))
        if layers.share == "group":
            sets = [next((g for g, devices in enumerate(groups) if s in devices), 0) for s in sets]
        built.append(NetworkLevel(name, layers, children, tuple(sets)))
        key = EXITS.get(name, name)
        everyone = tuple(range(len(children)))
        if key in merges:
            exits.append(NetworkExit(key, key, None, number, everyone, merges[key], temperature))
        if f"{key}.groups" in merges:
            exits += [
                NetworkExit(f"{key}.{g}", key, str(g), number, tuple(devices), merges[f"{key}.groups"], temperature)
                for g, devices in enumerate(groups)
            ]
    return Network(view_shape, classes, tuple(built), tuple(exits), absent)
