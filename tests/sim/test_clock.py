"""The clock that takes back what was arranged, and does not run for what is idle."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ddnnsim.sim.clock import Clock, IdleClock
from ddnnsim.sim.happening import Happening


class Idle(Happening):
    idle = True


def test_not_even_time_gets_to_what_was_withdrawn():
    clock, log = IdleClock(), []
    first, second = Happening(clock), Happening(clock)
    for event, at_ns in ((first, 5), (second, 9)):
        clock.arrange(event, (lambda _, at_ns=at_ns: log.append(at_ns),), 10, at_ns)
    clock.withdraw(second)
    assert clock.peek() == 5
    clock.run()
    assert (log, clock.now, clock.peek()) == ([5], 5, float("inf"))


@pytest.mark.parametrize("kind", [Clock, IdleClock])
def test_what_a_process_raises_goes_on(kind):
    def failing(clock):
        yield clock.timeout(3)
        raise LookupError("lost")

    clock = kind()
    clock.process(failing(clock))
    with pytest.raises(LookupError, match="lost"):
        clock.run()
    assert clock.now == 3


def test_what_is_idle_happens_in_its_place_while_something_else_is_left():
    clock, log = IdleClock(), []
    for kind, key, at_ns in ((Happening, 20, 5), (Idle, 10, 5), (Idle, 30, 5), (Idle, 10, 2), (Idle, 10, 6)):
        clock.arrange(kind(clock), (lambda _, what=(at_ns, key): log.append(what),), key, at_ns)
    clock.run()
    assert log == [(2, 10), (5, 10), (5, 20), (5, 30)]
    assert (clock.now, clock.peek()) == (5, 6)
    clock.run(until=7)
    assert log[4:] == [(6, 10)]


def test_what_was_withdrawn_keeps_nothing_idle_going():
    clock, log = IdleClock(), []
    clock.arrange(Idle(clock), (log.append,), 10, 5)
    late = Happening(clock)
    clock.arrange(late, (log.append,), 10, 9)
    clock.withdraw(late)
    clock.run()
    assert (log, clock.now) == ([], 0)


def test_nothing_withdrawn_is_left_behind():
    clock = IdleClock()
    for _ in range(1000):
        event = Happening(clock)
        clock.arrange(event, (), 10, 10**9)
        clock.withdraw(event)
    assert len(clock._queue) < 100


STEPS = st.lists(st.tuples(st.integers(0, 5), st.integers(10, 12), st.booleans(), st.booleans()), max_size=200)


@given(STEPS)
def test_it_does_what_the_plain_clock_does(steps):
    assert log_of(Clock(), steps) == log_of(IdleClock(), steps)


def log_of(clock, steps):
    """Return what happens where each happening arranges others, and may withdraw them, as *steps* say."""
    log: list[tuple[int, int]] = []
    left = iter(steps)

    def step(_):
        for delay_ns, key, withdraws, goes_on in left:
            event = Happening(clock)
            clock.arrange(event, (lambda _, key=key: log.append((clock.now, key)), step), key, delay_ns)
            if withdraws:
                clock.withdraw(event)
            if not goes_on:
                return

    clock.arrange(Happening(clock), (step,), 10, 0)
    clock.run()
    return log, clock.now


def test_many_withdrawals_leave_the_others_in_order():
    clock, log = IdleClock(), []
    delays = np.random.default_rng(0).permutation(1000).tolist()
    events = [Happening(clock) for _ in delays]
    for event, delay_ns in zip(events, delays, strict=True):
        clock.arrange(event, (lambda _: log.append(clock.now),), 10, delay_ns)
    clock.withdraw(*events[100:])
    clock.run()
    assert log == sorted(delays[:100])
