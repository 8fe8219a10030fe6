"""A second implementation of docs/semantics.md, for the tests alone: no SimPy, nothing of `ddnnsim.sim`.

It is written from the text, message by message, to be read and not to be fast. All numbers are Python
integers, or fractions where several share a channel. Everything that happens lies on one agenda and is taken
off it in the order that the text prescribes.

    agenda      what is to happen, in order
    courses     values that change with time
    draws       named random streams
    wires       a link: its queue, its losses, its accounts
    fluid       fair shares
    network     messages, packets and their ways
    machines    jobs, batches, memory, power
    levels      what sections and exits do about a request
    world       the load, a run, and its tables
"""

from .courses import serialisation_ns
from .fluid import shares
from .world import expected

__all__ = ["expected", "serialisation_ns", "shares"]
