"""A second implementation of docs/semantics.md and docs/faults.md: no SimPy, nothing of `ddnnsim.sim`.

It is written from the text, message by message, to be read and not to be fast. All numbers are Python
integers, or fractions where several share a channel. Everything that happens lies on one agenda and is taken
off it in the order that the text prescribes.

    agenda      what is to happen, in order
    courses     values that change with time
    draws       named random streams
    spells      when which fault is in force with whom
    conditions  what faults make of speeds, rates, delays and losses
    wires       a link: its losses, its accounts
    lanes       a queue before one link or several
    fluid       fair shares
    messages    what is sent, and what that is cut into
    routes      the ways of messages
    network     messages, packets and their ways
    meters      power
    machines    jobs, batches, memory
    outages     nodes and links that go down and come up
    knowledge   who is known to be down
    beats       heartbeats
    sensors     what they show
    requests    what is known of a request
    sites       where a section or an exit is for a request
    gathers     what comes together, and deadlines
    sections    what sections do
    sights      what policies see
    exits       what exits do
    fates       what becomes of requests
    levels      all of these together
    plans       what is planned of escalations, before a run
    world       the load, a run, and its tables
"""

from .courses import serialisation_ns
from .fluid import shares
from .plans import escalation_ns, uplink
from .routes import best as best_route
from .world import expected

__all__ = ["best_route", "escalation_ns", "expected", "serialisation_ns", "shares", "uplink"]
