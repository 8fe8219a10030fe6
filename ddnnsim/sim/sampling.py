"""Sampling: looks at all queues, at equal distances of time."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from ddnnsim.errors import UserError
from ddnnsim.sim import rules
from ddnnsim.sim.happening import Happening

if TYPE_CHECKING:
    from ddnnsim.deployment import Deployment
    from ddnnsim.sim.clock import Clock
    from ddnnsim.sim.link import Link
    from ddnnsim.sim.processor import Processor
    from ddnnsim.trace import Column


MOST_ROWS = 10_000_000
"""Of the table `queues`: beyond them it takes gigabytes."""


class Look(Happening):
    """The instant of a look."""

    idle = True


class Sampling:
    """What waits and is served on machines and links, when all else of an instant has happened."""

    def __init__(
        self, clock: Clock, window_ns: int, processors: Mapping[int, Processor], links: Mapping[int, Link]
    ) -> None:
        self.clock = clock
        self.window_ns = window_ns
        self.processors = processors
        self.links = links
        self._at_ns = array("q")
        self._waiting = array("q")
        self._serving = array("q")
        self._key = rules.key(rules.SAMPLING)
        self._await()

    def columns(self, end_ns: int) -> dict[str, Column]:
        """Return a row for each machine and each link at each look before *end_ns*."""
        on, over = len(self.processors), len(self.links)
        at_ns = np.array(self._at_ns, np.int64)
        looks = len(at_ns) // max(1, on + over)
        is_link = np.tile(np.arange(on + over) >= on, looks)
        whose = np.tile(np.array([*self.processors, *self.links], np.int64), looks)
        columns: dict[str, Column] = {
            "at_ns": at_ns,
            "node": np.ma.array(np.where(is_link, 0, whose), mask=is_link),
            "link": np.ma.array(np.where(is_link, whose, 0), mask=~is_link),
            "waiting": np.array(self._waiting, np.int64),
            "serving": np.array(self._serving, np.int64),
        }
        return {name: column[at_ns < end_ns] for name, column in columns.items()}

    def _await(self) -> None:
        self.clock.arrange(Look(self.clock), (self._look,), self._key, self.window_ns)

    def _look(self, look: Look) -> None:
        queues: list[Processor | Link] = [*self.processors.values(), *self.links.values()]
        if len(self._at_ns) + len(queues) > MOST_ROWS:
            now_s, window_s = self.clock.now / rules.NS_PER_S, self.window_ns / rules.NS_PER_S
            raise UserError(
                f"run.window: looks at {len(queues):,} queues every {window_s:g} s make more than {MOST_ROWS:,} rows "
                f"by {now_s:g} s; write a longer one"
            )
        for queue in queues:
            self._at_ns.append(self.clock.now)
            self._waiting.append(queue.waiting())
            self._serving.append(queue.serving())
        self._await()


def busy_machines(deployment: Deployment) -> list[int]:
    """Return the machines with sections or exits, be it as stand-ins, ascending."""
    placed = {(part.machine, *(other.machine for other in part.stand_ins)) for part in deployment.sections}
    placed |= {(part.machine, *(other.machine for other in part.stand_ins)) for part in deployment.exits}
    return sorted(set().union(*placed))
