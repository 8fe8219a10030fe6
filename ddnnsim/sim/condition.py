"""The condition of a network: which nodes are down, and which links lose what they are given."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ddnnsim.sim import rules
from ddnnsim.sim.happening import Happening

if TYPE_CHECKING:
    from ddnnsim.sim.clock import Clock

_LAST_ENTITY = 2**24 - 1


class Condition:
    """What is broken at this instant; those who have to know are told of each change."""

    def __init__(self) -> None:
        self.nodes: frozenset[int] = frozenset()
        """Those that are down: crashed, whatever becomes of their work, or with an empty battery."""
        self.links: frozenset[int] = frozenset()
        """Those that lose what they are given."""
        self.when_changed: list[Callable[[], None]] = []

    def is_whole(self) -> bool:
        """Tell whether nothing is broken."""
        return not (self.nodes or self.links)

    def node_fails(self, node: int) -> None:
        """Take note that *node* is down from now on."""
        self.become(self.nodes | {node}, self.links)

    def node_recovers(self, node: int) -> None:
        """Take note that *node* is not down any more."""
        self.become(self.nodes - {node}, self.links)

    def link_fails(self, link: int) -> None:
        """Take note that *link* loses what it is given from now on."""
        self.become(self.nodes, self.links | {link})

    def link_recovers(self, link: int) -> None:
        """Take note that *link* does not lose what it is given any more."""
        self.become(self.nodes, self.links - {link})

    def become(self, nodes: frozenset[int], links: frozenset[int]) -> None:
        """Let *nodes* and *links* be what is broken from now on."""
        self.nodes, self.links = nodes, links
        for told in self.when_changed:
            told()


class News(Happening):
    """The instant at which it is known what was broken after some change."""

    idle = True

    def __init__(self, nodes: frozenset[int], links: frozenset[int]) -> None:
        self.nodes = nodes
        self.links = links


class LateCondition(Condition):
    """What is broken as it is known: some time after each change."""

    def __init__(self, clock: Clock, condition: Condition, delay_ns: int) -> None:
        super().__init__()
        self.clock = clock
        self.condition = condition
        self.delay_ns = delay_ns
        self._key = rules.key(rules.FAILURE, entity=_LAST_ENTITY, kind=2)
        condition.when_changed.append(self._hear)

    def _hear(self) -> None:
        news = News(self.condition.nodes, self.condition.links)
        self.clock.arrange(news, (self._learn,), self._key, self.delay_ns)

    def _learn(self, news: News) -> None:
        self.become(news.nodes, news.links)


def condition_as_known(clock: Clock, condition: Condition, delay_ns: int) -> Condition:
    """Return *condition* as it is known *delay_ns* after each change."""
    return LateCondition(clock, condition, delay_ns) if delay_ns else condition
