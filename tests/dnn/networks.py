"""The network of the quickstart, as a scenario says it."""

from __future__ import annotations

from collections.abc import Mapping

from ddnnsim.scenario import Digits, Level, Model, Training

LEVELS: Mapping[str, Level] = {"device": Level(convp=(4,)), "cloud": Level(convp=(16, 16), merge="CC")}
EXIT_WEIGHTS = {"local": 1.0, "cloud": 1.0}


def plan(**training: object) -> Model:
    return Model(levels=LEVELS, training=Training(**{"exit_weights": EXIT_WEIGHTS} | training))


def digits(**changes: object) -> Digits:
    return Digits(source="digits", **changes)
