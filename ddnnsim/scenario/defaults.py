"""What a file may leave out and loading fills in, so that nothing past it asks again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter, ValidationError

from .configuration import EXITS, LEVELS, configuration_of
from .data import DATA_SETS, MAX_CLASSES, MAX_VIEWS, AnyData, Data, Digits, Numbers
from .document import Keys, Raw
from .naming import named_faults
from .node import MAX_COUNT
from .presets import with_preset
from .spares import spare_machines
from .units import DURATION, QuantityError

_DATA: TypeAdapter[AnyData] = TypeAdapter(Data)


def is_count(value: object, most: int) -> bool:
    """Return whether *value* is an integer in [1, most]."""
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= most


def sound_duration_ns(value: object) -> int | None:
    """Return a duration in ns; None for what is none, which is a fault by itself."""
    try:
        return DURATION.read(value)
    except QuantityError:
        return None


def section(data: Raw, *keys: str) -> dict[str, Any]:
    """Return the mapping at *keys* of *data*; empty when there is none there."""
    for key in keys:
        data = data.get(key) if isinstance(data, dict) else None
    found: dict[str, Raw] = data if isinstance(data, dict) else {}
    return found


def names_said(keys: Keys, said: object) -> Iterator[tuple[Keys, str]]:
    """Yield one name, or each of several, as *said* at *keys*, with its path."""
    if isinstance(said, str):
        yield keys, said
    for index, name in enumerate(said if isinstance(said, list) else ()):
        if isinstance(name, str):
            yield (*keys, index), name


def spares(data: dict[str, Any], tiers: Mapping[str, str]) -> frozenset[str]:
    """Return the machines of *data* where nothing is at home; *tiers* are those of all machines."""
    said = section(data, "recovery", "failover")
    failover = {name: [other for _, other in names_said((), others)] for name, others in said.items()}
    configuration = configuration_of(data)
    levels = LEVELS if configuration is None else configuration.levels
    return spare_machines(tiers, failover, placed(data), levels)


def placed(data: dict[str, Any]) -> dict[str, list[str]]:
    """Return by tier the names of the nodes on which *data* place its sections, where they do."""
    placement = section(data, "placement")
    of_groups = [section(group).get("edge") for group in section(placement, "groups").values()]
    said = {"edge": of_groups or [placement.get("edge")], "cloud": [placement.get("cloud")]}
    return {tier: [name for name in names if isinstance(name, str)] for tier, names in said.items()}


def with_defaults(data: dict[str, Any]) -> dict[str, Any]:
    """Return *data*, of whatever shape, with the defaults that depend on other parts of it."""
    filled = {"run": {}} | data
    if by_numbers(data) and "data" not in data:
        filled["data"] = {"source": "numbers"}
    for key, fill in (("data", _data), ("model", _model), ("topology", _topology), ("exits", _exits)):
        if isinstance(filled.get(key), dict):
            filled[key] = fill(filled)
    if isinstance(filled.get("faults"), list):
        filled["faults"] = named_faults(filled["faults"])
    return filled


def by_numbers(data: dict[str, Any]) -> bool:
    """Return whether the model of *data* is given by numbers."""
    return "sections" in section(data, "model")


def views(data: dict[str, Any]) -> int | None:
    """Return how many views a sample has; None where the data say it wrongly."""
    given = section(data, "data").get("views", data_set(data).model_fields["views"].default)
    return given if is_count(given, MAX_COUNT if data_set(data) is Numbers else MAX_VIEWS) else None


def cameras(data: dict[str, Any]) -> list[int] | None:
    """Return the numbers of the cameras that there are devices for; None where the data say it wrongly."""
    everyone, given = views(data), section(data, "data").get("cameras")
    if everyone is None:
        return None
    if given is None:
        return list(range(1, everyone + 1))
    right = isinstance(given, list | tuple) and all(is_count(number, everyone) for number in given)
    return list(given) if right and len(set(given)) == len(given) > 0 else None


def data_set(data: dict[str, Any]) -> type[AnyData]:
    """Return the kind of data set; the first of all where the data name none."""
    source = section(data, "data").get("source")
    return DATA_SETS.get(source, Digits) if isinstance(source, str) else Digits


def view_shape(data: dict[str, Any]) -> tuple[int, int, int] | None:
    """Return channels, height and width of a view; None where the data say it wrongly."""
    try:
        return _DATA.validate_python(section(data, "data")).view_shape
    except ValidationError:
        return None


def _data(data: dict[str, Any]) -> dict[str, Any]:
    """Return the data; one device sees one view, and to name all cameras in their order is to name none.

    Where data are numbers there are as many views as devices.
    """
    given: dict[str, Raw] = data["data"]
    if given.get("source") == "numbers":
        return {"views": _devices(data)} | given
    everyone = views(data)
    if everyone is not None and given.get("cameras") == list(range(1, everyone + 1)):
        given = {key: value for key, value in given.items() if key != "cameras"} | {"views": everyone}
    return {"views": 1} | given if _alone(data) and given.get("cameras") is None else given


def _devices(data: dict[str, Any]) -> int:
    """Return how many devices the nodes of *data* are, a count that is none being one; at least one."""
    nodes = [section(node) for node in section(data, "topology", "nodes").values()]
    counts = [node.get("count") for node in nodes if node.get("tier") == "device"]
    return max(1, sum(count if isinstance(count, int) else 1 for count in counts))


def _alone(data: dict[str, Any]) -> bool:
    """Return whether the configuration has a single device."""
    configuration = configuration_of(data)
    return configuration is not None and configuration.devices == "one"


def _model(data: dict[str, Any]) -> dict[str, Any]:
    """Return the model with levels from the bottom up, feature merges and exit weights."""
    if "module" in data["model"]:
        return dict(data["model"])
    if by_numbers(data):
        return _numbered(data)
    model: dict[str, Raw] = {"training": {}} | data["model"]
    if isinstance(levels := model.get("levels"), dict):
        model["levels"] = {
            name: {"merge": "CC"} | level if name != LEVELS[0] and isinstance(level, dict) else level
            for name, level in _ordered(levels, LEVELS).items()
        }
    if isinstance(training := model["training"], dict):
        weights = training.get("exit_weights", {})
        if isinstance(weights, dict):
            configuration = configuration_of(data)
            known = EXITS if configuration is None else configuration.exits
            present = [name for name in known if name in section(data, "exits")]
            model["training"] = training | {"exit_weights": dict.fromkeys(present, 1.0) | weights}
    return model


def _numbered(data: dict[str, Any]) -> dict[str, Any]:
    """Return the model given by numbers, from the bottom up, with the sizes of scores."""
    model: dict[str, Raw] = dict(data["model"])
    classes = section(data, "data").get("classes", Numbers.model_fields["class_count"].default)
    if isinstance(sections := model["sections"], dict):
        summary = {"summary": f"{4 * classes} B"} if is_count(classes, MAX_CLASSES) else {}
        model["sections"] = {
            name: summary | costs if isinstance(costs, dict) else costs
            for name, costs in _ordered(sections, LEVELS).items()
        }
    if isinstance(exits := model.get("exits"), dict):
        model["exits"] = _ordered(exits, EXITS)
    return model


def _ordered(items: Mapping[str, Raw], order: Sequence[str]) -> dict[str, Raw]:
    """Return *items* in *order*, then those that are not in it."""
    rank = {name: number for number, name in enumerate(order)}
    return {name: items[name] for name in sorted(items, key=lambda name: rank.get(name, len(rank)))}


def _topology(data: dict[str, Any]) -> dict[str, Any]:
    """Return the topology, links as their presets have them, and a member of the only device entry for each camera."""
    topology = dict(data["topology"])
    if isinstance(links := topology.get("links"), dict):
        topology["links"] = {
            name: with_preset(link) if isinstance(link, dict) else link for name, link in links.items()
        }
    nodes = section(topology, "nodes")
    devices = [name for name, node in nodes.items() if section(node).get("tier") == "device"]
    used = None if _alone(data) else cameras(data)
    if len(devices) == 1 and used is not None and nodes[devices[0]].get("count") is None:
        topology["nodes"] = nodes | {devices[0]: nodes[devices[0]] | {"count": len(used)}}
    return topology


def _exits(data: dict[str, Any]) -> dict[str, Any]:
    """Return the exits from the bottom up; those that can be in one place only are there."""
    exits, tiers = _ordered(data["exits"], EXITS), _tiers(data)
    away = spares(data, tiers)
    at_home = {name: tier for name, tier in tiers.items() if name not in away}
    places = {"cloud": _only("cloud", at_home), "edge": _only("edge", at_home)}
    if _alone(data):
        places["local"] = _only("device", at_home)
    for name, place in places.items():
        if place is not None and isinstance(exits.get(name), dict) and exits[name].get("at") is None:
            exits[name] = exits[name] | {"at": place}
    return exits


def _tiers(data: dict[str, Any]) -> dict[str, str]:
    """Return the tier of each machine; a count that is none stands for two."""
    tiers: dict[str, str] = {}
    for name, node in section(data, "topology", "nodes").items():
        count, tier = section(node).get("count"), section(node).get("tier")
        size = count if isinstance(count, int) and is_count(count, MAX_COUNT) else 2
        members = [name] if count is None else [f"{name}{index}" for index in range(1, size + 1)]
        tiers |= dict.fromkeys(members, tier if isinstance(tier, str) else "")
    return tiers


def _only(tier: str, tiers: Mapping[str, str]) -> str | None:
    """Return the only machine of *tier*; None where there is none or more than one."""
    found = [name for name, other in tiers.items() if other == tier]
    return found[0] if len(found) == 1 else None
