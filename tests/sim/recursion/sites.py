"""Where sections and exits are for a request, and what their jobs take there."""

from __future__ import annotations

from ddnnsim.deployment import Deployment

from .draws import Stream
from .knowledge import Knowledge
from .requests import Key, Request


class Sites:
    def __init__(self, deployment: Deployment, knowledge: Knowledge) -> None:
        self.d = deployment
        self._knowledge = knowledge
        self._streams: dict[tuple[int, int], Stream] = {}

    # where

    def section(self, request: Request, section: int, *, settle: bool = True) -> int:
        """Return the node of *section*; it stays there where that is to *settle* it."""
        return self._places(section)[self._choice(request, section, settle)]

    def exit(self, request: Request, e: int, *, settle: bool = True) -> int:
        if self.d.exits[e].service_ns is None:
            return self.section(request, self.d.exits[e].sections[0], settle=settle)
        entity = len(self.d.sections) + e
        return self._places(entity)[self._choice(request, entity, settle)]

    def gather(self, request: Request, key: Key, *, settle: bool = True) -> int:
        what, number = key
        return (self.section if what == "section" else self.exit)(request, number, settle=settle)

    def _places(self, entity: int) -> list[int]:
        sections = len(self.d.sections)
        of = self.d.sections[entity] if entity < sections else self.d.exits[entity - sections]
        return [of.machine, *(s.machine for s in of.stand_ins)]

    def _choice(self, request: Request, entity: int, settle: bool) -> int:
        if entity in request.sites:
            return request.sites[entity]
        nodes, _ = self._knowledge.down
        choice = next((i for i, m in enumerate(self._places(entity)) if m not in nodes), 0)
        if settle:
            request.sites[entity] = choice
        return choice

    # how long

    def section_ns(self, request: Request, section: int) -> int:
        s, choice = self.d.sections[section], request.sites.get(section, 0)
        of = s if choice == 0 else s.stand_ins[choice - 1]
        if of.service is None:
            return of.service_ns
        return self._stream(section, of.machine).duration_ns(of.service)

    def exit_ns(self, request: Request, e: int) -> int:
        choice = request.sites[len(self.d.sections) + e]
        exit_ = self.d.exits[e]
        return exit_.service_ns if choice == 0 else exit_.stand_ins[choice - 1].service_ns

    def _stream(self, section: int, machine: int) -> Stream:
        if (section, machine) not in self._streams:
            s, names = self.d.sections[section], [m.name for m in self.d.machines]
            stand_in = "" if machine == s.machine else f"/{names[machine]}"
            self._streams[section, machine] = Stream(self.d.seed, f"service/{s.level}/{names[s.machine]}{stand_in}")
        return self._streams[section, machine]
