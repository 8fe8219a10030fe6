"""Processes of this host that work for this one: started afresh, with one thread each, and ended with it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import count, islice
from multiprocessing import connection
from multiprocessing.connection import Connection
from types import ModuleType
from typing import ParamSpec, TypeVar

A = TypeVar("A")
P = ParamSpec("P")
T = TypeVar("T")
_MAIN = threading.Lock()


def spread(
    function: Callable[[A], T], items: Iterable[A], executor: Executor, at_once: int
) -> Iterator[tuple[A, Future[T]]]:
    """Yield each of *items* with its call of *function* by *executor*, as these end; *at_once* are with it at most."""
    left = iter(items)
    calls: dict[Future[T], A] = {}
    ended: list[tuple[A, Future[T]]] = []
    try:
        while True:
            calls |= {_submitted(executor, function, item): item for item in islice(left, at_once - len(calls))}
            yield from ended  # when others are under way already
            if not calls:
                return
            ended = [(calls.pop(call), call) for call in wait(calls, return_when=FIRST_COMPLETED).done]
    finally:
        for call in calls:
            call.cancel()


def _submitted(executor: Executor, function: Callable[[A], T], item: A) -> Future[T]:
    """Return a call that has failed where *executor* takes none any more."""
    try:
        return executor.submit(function, item)
    except BrokenExecutor as error:
        call: Future[T] = Future()
        call.set_exception(error)
        return call


class Worker:
    """One process, started when it is first given something, and another one when it has died."""

    def __init__(self, leash: Connection) -> None:
        self._leash = leash
        self._process = _process(leash)
        self._given: list[Future[object]] = []

    @property
    def idle(self) -> bool:
        """Return whether all that it was given is done."""
        return all(future.done() for future in self._given)

    def submit(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Give it a call of *function* to do after all others."""
        with _main_left_alone():
            try:
                future = self._process.submit(function, *args, **kwargs)
            except BrokenProcessPool:
                self._process = _process(self._leash)
                future = self._process.submit(function, *args, **kwargs)
        self._given = [*(given for given in self._given if not given.done()), future]  # type: ignore[list-item]
        return future

    def cancel(self) -> None:
        """Let what it has not begun never begin."""
        for future in self._given:
            future.cancel()

    def shutdown(self, wait: bool) -> None:
        """End the process, as that of an executor."""
        self._process.shutdown(wait)


class LocalWorkers(Executor):
    """An executor of *number* processes, of which one that dies takes nothing with it but what it was given.

    That fails with `BrokenProcessPool`, and another process takes its place. Who leaves its `with` by an exception does
    not wait for what they do: they end at once.
    """

    def __init__(self, number: int) -> None:
        self._held, self._leash = multiprocessing.Pipe(duplex=False)
        self._workers = [Worker(self._held) for _ in range(number)]
        self._turn = count()

    def submit(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Give a call of *function* to a process that is idle, or in turn where none is: `spread` gives no more."""
        in_turn = self._workers[next(self._turn) % len(self._workers)]
        worker = next((worker for worker in self._workers if worker.idle), in_turn)
        return worker.submit(function, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End all processes, when what they were given is done."""
        if cancel_futures:
            for worker in self._workers:
                worker.cancel()
        for worker in self._workers:
            worker.shutdown(wait)

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: object) -> None:
        """End all processes; at once if there is an *error*."""
        if kind is not None:
            self._leash.close()
        self.shutdown(cancel_futures=kind is not None)


def _process(leash: Connection) -> ProcessPoolExecutor:
    # A process that is forked after torch has run threads hangs.
    return ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), _prepare, (leash,))


@contextmanager
def _main_left_alone() -> Iterator[None]:
    """Let processes that start now not import the user's script: they need nothing of it, and it might start more."""
    with _MAIN:  # of two threads, the second would find the stand-in, and leave it for good
        main = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            yield
        finally:
            sys.modules["__main__"] = main


def _prepare(leash: Connection) -> None:
    """Make a worker of this process: it has one thread, ends silently at Ctrl-C, and with the process it works for.

    It also ends when the other end of its *leash* is let go.
    """
    os.environ["OMP_NUM_THREADS"] = "1"
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    threading.Thread(target=_follow, args=(leash,), daemon=True).start()


def _follow(leash: Connection) -> None:
    """End with the parent, or at the end of the *leash*."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel, leash])
        os._exit(1)
