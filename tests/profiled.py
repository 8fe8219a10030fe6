"""Small scenarios of each configuration with numbers in the place of their networks."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from scenario.texts import TEXTS

from ddnnsim.scenario.document import parse_document

SECTIONS = {
    "device": {"operations": "1 MFLOP", "binary": "3 MOP", "features": "140 B", "parameters": "2 kB"},
    "edge": {"operations": "20 MFLOP", "features": "70 B"},
    "cloud": {"operations": "100 MFLOP"},
}
EXITS = {
    "local": {"leave": "60 %", "accuracy": "88 %"},
    "edge": {"leave": 0.5, "accuracy": 0.92},
    "cloud": {"accuracy": "97 %"},
}
REQUESTS = 2000


def numbers(letter: str) -> dict[str, Any]:
    """Return the small scenario of a configuration with numbers in the place of its network and data."""
    data: dict[str, Any] = deepcopy(parse_document(TEXTS[letter], letter).data)
    levels = data["model"]["levels"]
    views = data.pop("data").get("views")
    if letter in "ace":
        data["topology"]["nodes"]["camera"]["count"] = views
    if letter == "a":
        data["data"] = {"source": "numbers", "raw": "3072 B"}
    for exit_ in data["exits"].values():
        exit_.pop("threshold", None)
    data["model"] = {
        "sections": {level: deepcopy(SECTIONS[level]) for level in levels},
        "exits": {name: dict(EXITS[name]) for name in data["exits"]},
    }
    data["topology"]["nodes"]["cloud"]["compute"] = "1 GFLOP/s"
    data["workload"] |= {"requests": REQUESTS, "rate": "2 /s"}
    return data
