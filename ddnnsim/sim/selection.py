"""What policies do not want to be sent up, until the orders leave."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ddnnsim.sim.escalation import Escalation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ddnnsim.sim.message import Flow
    from ddnnsim.sim.outcome import Outcome
    from ddnnsim.sim.processor import Processor
    from ddnnsim.sim.request import Request
    from ddnnsim.sim.section import Section


class Selection:
    """By request that is not over, the sections that are told nothing."""

    def __init__(self, outcome: Outcome) -> None:
        self._left_out: dict[int, int] = {}
        outcome.when_answered.append(self._release)
        outcome.when_lost.append(self._release)

    def leave_out(self, request: Request, sections: int) -> None:
        """Let *sections*, a bit mask, be told nothing of *request*, beside those that are not already."""
        if sections and not request.over:
            self._left_out[request.id] = self.left_out(request) | sections

    def left_out(self, request: Request) -> int:
        """Return the sections that are told nothing of *request*, as a bit mask."""
        return self._left_out.get(request.id, 0)

    def _release(self, request: Request) -> None:
        self._left_out.pop(request.id, None)


class Panel(Selection):
    """What the exits of a coordinator leave out, as far as its node has heard of it, and not lost it since."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome)
        self._heard: dict[int, tuple[Processor, int]] = {}  # by request, on which node, and in which of its lives

    def hear(self, request: Request, sections: int, processor: Processor) -> None:
        """Let *sections*, a bit mask, be told nothing of *request*, as the node of *processor* hears."""
        if sections and not request.over:
            self.leave_out(request, sections)
            self._heard[request.id] = processor, processor.life

    def left_out(self, request: Request) -> int:
        """Return the sections that are told nothing of *request*, as a bit mask."""
        heard = self._heard.get(request.id)
        return super().left_out(request) if heard is not None and heard[0].life == heard[1] else 0

    def _release(self, request: Request) -> None:
        super()._release(request)
        self._heard.pop(request.id, None)


class SelectiveEscalation(Escalation):
    """Those are asked for features that policies have not left out; for the others, whoever waits is told."""

    def __init__(self, processor: Processor, orders: Sequence[tuple[Section, Flow]], selection: Selection) -> None:
        super().__init__(processor, orders)
        self.selection = selection

    def order(self, request: Request, views: int) -> None:
        """Have the features of *request* sent up, unless it is over; *views* are behind the decision to do so."""
        if request.over:
            return
        left_out = self.selection.left_out(request)
        for section, flow in self.orders:
            told = not left_out >> section.entity & 1
            if told and section.has_features(request) and not self.processor.dead:
                flow.send(request, views)
            else:
                section.withhold(request)
