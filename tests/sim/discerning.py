"""An oracle to which everything matters that an exit is asked about."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from random import Random

import numpy as np

from ddnnsim.deployment import Exit
from ddnnsim.oracle import AS_RECORDED, Decision, DecisionTable, Picture, Variants, ViewSets

RULES = ("entropy", "probability", "margin")


class Discerning:
    """Says something else of each sample, set of views, and of each picture in it; often near the threshold.

    Of what is as recorded it says the same, however that is put.
    """

    def __init__(self, seed: int, exits: Sequence[Exit], samples: int) -> None:
        self.seed = seed
        self.exits = exits
        self.samples = samples
        self.view_sets = ViewSets()
        self.variants = Variants()

    def __repr__(self) -> str:
        return f"Discerning({self.seed}, exits, {self.samples})"

    def decide(self, exit: int, sample: int, views: int, variant: int = AS_RECORDED) -> Decision:  # noqa: A002
        mask, readings = self.view_sets.masks[views], self.variants.readings[variant]
        pictures = [(v, r if r is None else r.of(sample)) for v, r in readings if mask >> v & 1]
        misread = [of_view for of_view in pictures if of_view[1] != Picture(sample)]
        asked = self.seed, exit, sample, mask, misread
        random = Random(zlib.crc32(repr(asked).encode()))
        t = self.exits[exit].threshold or 0.5
        near = [t, t, float(np.nextafter(t, 0)), float(np.nextafter(t, 1)), 0.0, 1.0, 0.3, 0.5, 0.7]
        said = {rule: random.choice([0.0, 0.5, 1.0]) for rule in RULES} | {self.exits[exit].rule: random.choice(near)}
        return Decision(random.randrange(1000), *(said[rule] for rule in RULES))

    def table(self, exit: int, views: int, variant: int = AS_RECORDED) -> DecisionTable:  # noqa: A002
        of = [self.decide(exit, sample, views, variant) for sample in range(self.samples)]
        return DecisionTable(*(np.array(column) for column in zip(*of, strict=True)))
