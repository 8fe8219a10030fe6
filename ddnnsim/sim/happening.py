"""What happens at a node - a capture, a message, a job done - and the inbox where the node waits for it."""

from __future__ import annotations

from simpy.events import Event


class Inbox(Event):
    """An event that happens again and again: whoever waits for it is resumed by each arrival, at once.

    A living process yields its inbox for ever. An arrival is an ordinary event that has the inbox
    among its callbacks, so it takes its place among the things of its instant by its own key.
    """

    def __call__(self, arrival: Event) -> None:
        """Resume whoever waits here with the value of *arrival*."""
        waiting, self.callbacks = self.callbacks, []
        for resume in waiting:
            resume(arrival)


class Happening(Event):
    """Something that is certain once it is arranged; whoever waits for it receives the happening itself."""

    idle = False
    """Whether it keeps no run going."""
    _ok = True
    _defused = False

    @property
    def _value(self) -> Happening:
        # A stored reference to itself would leave every happening to the cycle collector.
        return self
