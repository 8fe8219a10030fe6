"""What a file may leave out and loading fills in, so that nothing past it asks again."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter, ValidationError

from .data import DATA_SETS, MAX_VIEWS, AnyData, Data, Digits
from .document import Raw

LEVELS = ("device", "cloud")
"""The levels of configuration c, bottom to top; its exits are `local` and `cloud`."""
EXITS = ("local", "cloud")

_DATA: TypeAdapter[AnyData] = TypeAdapter(Data)


def is_count(value: object, most: int) -> bool:
    """Return whether *value* is an integer in [1, most]."""
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= most


def section(data: Raw, *keys: str) -> dict[str, Any]:
    """Return the mapping at *keys* of *data*; empty when there is none there."""
    for key in keys:
        data = data.get(key) if isinstance(data, dict) else None
    found: dict[str, Raw] = data if isinstance(data, dict) else {}
    return found


def with_defaults(data: dict[str, Any]) -> dict[str, Any]:
    """Return *data*, of whatever shape, with the defaults that depend on other parts of it."""
    filled = {"run": {}} | data
    for key, fill in (("model", _model), ("topology", _topology), ("exits", _exits)):
        if isinstance(data.get(key), dict):
            filled[key] = fill(data)
    return filled


def views(data: dict[str, Any]) -> int | None:
    """Return how many views a sample has; None where the data say it wrongly."""
    given = section(data, "data").get("views", data_set(data).model_fields["views"].default)
    return given if is_count(given, MAX_VIEWS) else None


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


def _model(data: dict[str, Any]) -> dict[str, Any]:
    """Return the model with levels from the bottom up, feature merges and exit weights."""
    model: dict[str, Raw] = {"training": {}} | data["model"]
    if isinstance(levels := model.get("levels"), dict):
        order = sorted(levels, key=lambda name: LEVELS.index(name) if name in LEVELS else len(LEVELS))
        model["levels"] = {
            name: {"merge": "CC"} | levels[name]
            if name != LEVELS[0] and isinstance(levels[name], dict)
            else levels[name]
            for name in order
        }
    if isinstance(training := model["training"], dict):
        weights = training.get("exit_weights", {})
        if isinstance(weights, dict):
            model["training"] = training | {"exit_weights": dict.fromkeys(EXITS, 1.0) | weights}
    return model


def _topology(data: dict[str, Any]) -> dict[str, Any]:
    """Return the topology; the only device entry gets one member for each view."""
    topology = dict(data["topology"])
    nodes = section(topology, "nodes")
    devices = [name for name, node in nodes.items() if section(node).get("tier") == "device"]
    count = views(data)
    if len(devices) == 1 and count is not None and nodes[devices[0]].get("count") is None:
        topology["nodes"] = nodes | {devices[0]: nodes[devices[0]] | {"count": count}}
    return topology


def _exits(data: dict[str, Any]) -> dict[str, Any]:
    """Return the exits; the cloud exit is at the cloud node."""
    exits = dict(data["exits"])
    nodes = section(data, "topology", "nodes")
    clouds = [name for name, node in nodes.items() if section(node).get("tier") == "cloud"]
    if len(clouds) == 1 and isinstance(exits.get("cloud"), dict) and exits["cloud"].get("at") is None:
        name = f"{clouds[0]}1" if nodes[clouds[0]].get("count") == 1 else clouds[0]
        exits["cloud"] = exits["cloud"] | {"at": name}
    return exits
