"""A request: the inference of one sample, and what the sections and exits hold of it until it is over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ddnnsim.oracle import AS_RECORDED
from ddnnsim.sim.rules import request_key

if TYPE_CHECKING:
    from ddnnsim.sim.standing import Standing


class Request:
    """What is held of one request; it goes when no message, job or queue refers to it any more.

    `entity` stands for a section's id, or for the number of sections plus an exit's id; coordinators follow.
    """

    __slots__ = ("__weakref__", "arrived", "id", "key", "over", "sample", "standing", "variant", "views")
    standing: Standing
    """Where gathers may be closed before all is there, or nodes forget; elsewhere it is not set."""

    def __init__(self, number: int, sample: int, entities: int) -> None:
        self.id = number
        self.key = request_key(number)
        self.sample = sample
        self.variant = AS_RECORDED
        """What its sensors show, as the oracle numbers it."""
        self.over = False
        """Whether it is answered or lost."""
        self.arrived = [0] * entities
        """By entity, the entities from which what it gathers has arrived, or never will, as a bit mask."""
        self.views = [0] * entities
        """By entity, the views behind what has arrived, as a bit mask."""
