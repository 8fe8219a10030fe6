"""What comes together for a section, an exit or a coordinator; until it is there, or there is no waiting any more."""

from __future__ import annotations

from collections.abc import Callable

from ddnnsim.deployment import Deployment

from .agenda import PATIENCE, Agenda
from .beats import Beats
from .machines import Machine
from .requests import Gather, Key, Request
from .sites import Sites

ORDER = ("section", "exit", "judge")


class Gathers:
    """*closed* is called with a request and its gather that is complete, or closed for another reason."""

    def __init__(
        self,
        deployment: Deployment,
        agenda: Agenda,
        machines: list[Machine],
        sites: Sites,
        closed: Callable[[Request, Gather], None],
    ) -> None:
        self.d = deployment
        self.agenda = agenda
        self.machines = machines
        self.sites = sites
        self.beats: Beats | None = None
        self._closed = closed

    # who expects what

    def of(self, request: Request, key: Key) -> Gather:
        if key not in request.gathers:
            request.gathers[key] = Gather(key, self._expected(request, key))
        return request.gathers[key]

    def _expected(self, request: Request, key: Key) -> frozenset[int]:
        what, number = key
        if what == "section":
            return frozenset(i for i in request.expects if self.d.sections[i].parent == number)
        if what == "exit":
            return frozenset(self.d.exits[number].sections) & request.expects
        judged = [i for i, x in enumerate(self.d.exits) if x.coordinator == number]
        return frozenset(i for i in judged if set(self.d.exits[i].sections) & request.expects)

    def whose_exits(self, section: int) -> Key:
        """Return the key of the gather that takes the summary of *section*."""
        return ("exit", self.d.sections[section].exit)

    # what comes

    def arrives(self, request: Request, key: Key, who: int, views: int) -> None:
        """Take in what arrives of *who*."""
        gather = self.of(request, key)
        if gather.closed and gather.expired:
            request.row["late"] += views.bit_count()
        if not gather.closed:
            gather.heard.add(who)
            if views:
                self._has_a_view(request, key)
        self._is_there(request, gather, who, views)

    def misses(self, request: Request, key: Key, who: int, source: int | None) -> None:
        """Take note that nothing will come of *who*, where what happens on the node *source* is known."""
        if self.d.recovery.heartbeats is None or source == self.sites.gather(request, key, settle=False):
            self.does_without(request, key, who)

    def does_without(self, request: Request, key: Key, who: int) -> None:
        """Take note that nothing will come of *who*."""
        self._is_there(request, self.of(request, key), who, 0)

    def _is_there(self, request: Request, gather: Gather, who: int, views: int) -> None:
        self.sites.gather(request, gather.key)
        if gather.closed:
            return
        assert who not in gather.there
        assert who in gather.expected
        gather.there[who] = views
        self.look(request, gather)

    def look(self, request: Request, gather: Gather) -> None:
        """Close *gather* where there is nothing more to wait for."""
        missing = gather.expected - set(gather.there)
        if missing:
            enough = gather.views or gather.key[0] == "judge"
            if not enough or not all(self._is_suspected(request, gather, who) for who in missing):
                return
        self._close(request, gather)

    def _is_suspected(self, request: Request, gather: Gather, who: int) -> bool:
        of = self.sites.exit if gather.key[0] == "judge" else self.sites.section
        target = self.sites.gather(request, gather.key)
        return self.beats.is_suspected(of(request, who, settle=False), target)

    def _close(self, request: Request, gather: Gather) -> None:
        gather.closed = True
        self.agenda.strike(request.deadlines.get(gather.key))
        self._closed(request, gather)

    def are_on(self, request: Request, machine: int) -> list[Gather]:
        """Return those of *request* that have begun on *machine* and are open, sections first."""
        begun = [g for g in request.gathers.values() if g.there and not g.closed]
        here = [g for g in begun if self.sites.gather(request, g.key) == machine]
        return sorted(here, key=lambda g: (ORDER.index(g.key[0]), g.key[1]))

    def forget(self, request: Request, machine: int) -> None:
        """Lose the views that have come together on *machine*."""
        for gather in self.are_on(request, machine):
            gather.forgotten |= set(gather.there)
            gather.heard = set()
            gather.there = dict.fromkeys(gather.there, 0)

    # deadlines

    def is_captured(self, request: Request) -> None:
        for e, exit_ in enumerate(self.d.exits):
            if exit_.deadline is not None and exit_.deadline.since == "capture":
                self._set_deadlines(request, e)

    def _has_a_view(self, request: Request, key: Key) -> None:
        """Set the deadlines that a first view sets."""
        what, number = key
        e = number if what == "exit" else self.d.sections[number].exit if what == "section" else None
        exit_ = None if e is None else self.d.exits[e]
        if exit_ is None or exit_.deadline is None or exit_.deadline.since != "first_view":
            return
        if (what == "section") == (exit_.service_ns is None) and key not in request.deadlines and request.is_open:
            self._set_deadlines(request, e)

    def _set_deadlines(self, request: Request, e: int) -> None:
        exit_ = self.d.exits[e]
        at = self.agenda.now + exit_.deadline.after_ns
        for i in sorted(set(exit_.sections) & request.expects):
            if self.d.sections[i].view is None:
                self._set_deadline(request, ("section", i), i, at)
        if exit_.service_ns is not None and set(exit_.sections) & request.expects:
            self._set_deadline(request, ("exit", e), len(self.d.sections) + e, at)

    def _set_deadline(self, request: Request, key: Key, entity: int, at: int) -> None:
        gather = self.of(request, key)
        if not gather.closed:
            act = lambda: self._expires(request, gather)  # noqa: E731
            request.deadlines[key] = self.agenda.enter(at, PATIENCE, request.number, entity, 0, 1, act=act)

    def _expires(self, request: Request, gather: Gather) -> None:
        self.sites.gather(request, gather.key)
        gather.expired = True
        self._close(request, gather)
