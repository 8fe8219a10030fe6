"""Jobs are done: those that are finished are found, and the others spread over processes."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from pathlib import Path

from ddnnsim.errors import told
from ddnnsim.progress import Progress
from ddnnsim.results import clear_leftovers_in, folder_name
from ddnnsim.scenario import scenario_hash
from ddnnsim.sources import finished
from ddnnsim.sweeps.job import Job, Outcome
from ddnnsim.sweeps.networks import Networks, identity, prepare
from ddnnsim.sweeps.task import ENDINGS, Ending, Task, carry_out, carry_out_here
from ddnnsim.workers import LocalWorkers, spread

AHEAD = 2
"""For each worker of somebody else's executor, how many jobs it is given at once: so none waits for its next."""
NAMESAKE = "the hash of its scenario begins like that of another one, whose folder has its name; change its seed"
DIED = "the worker that did it has died: it was killed, or there was not enough memory; do it again with fewer workers"


def perform(
    jobs: Sequence[Job], out: Path, executor: Executor | None, workers: int, progress: Progress
) -> Iterator[Outcome]:
    """Yield what becomes of each of *jobs*, whose results go under *out*: first of those that are finished already.

    The others are done by *executor*, which has so many *workers*; without one by local processes, or where one is
    enough in this process itself. Each network is trained before, here. A job that fails takes no other with it.
    """
    out, networks = out.absolute(), Networks()
    left = unfinished(jobs, out, networks)
    numbers = {job.number for job in left}
    done = len(jobs) - len(left)
    progress("jobs", done, len(jobs))
    yield from (Outcome(job.number, folder_name(job.scenario), None, 0.0) for job in jobs if job.number not in numbers)
    for outcome in _done(left, out, executor, workers, networks, progress):
        done += 1
        progress("jobs", done, len(jobs))
        yield outcome


def unfinished(jobs: Iterable[Job], out: Path, networks: Networks) -> list[Job]:
    """Return those of *jobs* that are not finished under *out*."""
    return [job for job in jobs if finished(job.scenario, out, networks.behind) is None]


def _done(
    jobs: Sequence[Job], out: Path, executor: Executor | None, workers: int, networks: Networks, progress: Progress
) -> Iterator[Outcome]:
    """Yield what becomes of each of *jobs*, none of which is finished; those of one result are done once."""
    clear_leftovers_in(out)
    alike = _grouped(jobs, lambda job: scenario_hash(job.scenario))
    keys, errors = _prepared(jobs, networks, progress)
    sweep = uuid.uuid4().hex
    tasks: dict[str, Task] = {}
    for of_result in alike.values():
        scenario = of_result[0].scenario
        name, of_network = folder_name(scenario), identity(scenario)
        if of_network in errors:
            yield from _outcomes(of_result, Ending(None, errors[of_network], 0.0))
        elif name in tasks:
            yield from _outcomes(of_result, Ending(None, NAMESAKE, 0.0))
        else:
            tasks[name] = Task(name, scenario, out, keys[of_network], sweep)
    with staff(executor, min(workers, len(tasks))) as hands:
        for task, ending in _endings(list(tasks.values()), hands, workers, networks):
            yield from _outcomes(alike[scenario_hash(task.scenario)], ending)


@contextmanager
def staff(executor: Executor | None, workers: int) -> Iterator[Executor | None]:
    """Give *executor*, or where there is none so many local *workers*; None where one is enough, this process."""
    if executor is not None or workers <= 1:
        yield executor
    else:
        with LocalWorkers(workers) as local:
            yield local


def _prepared(
    jobs: Sequence[Job], networks: Networks, progress: Progress
) -> tuple[Mapping[str, str | None], Mapping[str, str]]:
    """Return the keys of the networks of *jobs*, made ready now, and what is wrong with those that cannot be."""
    keys: dict[str, str | None] = {}
    errors: dict[str, str] = {}
    for name, of_network in _grouped(jobs, lambda job: identity(job.scenario)).items():
        scenarios = [job.scenario for job in of_network]
        try:
            network = networks.behind(scenarios[0], progress)
            prepare(scenarios, network)
            keys[name] = network.key
        except ENDINGS:
            raise
        except BaseException as error:  # whatever it is, it is that of these jobs
            errors[name] = told(error)
    return keys, errors


def _endings(
    tasks: Sequence[Task], executor: Executor | None, workers: int, networks: Networks
) -> Iterator[tuple[Task, Ending]]:
    """Yield each of *tasks*, done, as they end."""
    if executor is not None:
        yield from _spread(tasks, executor, workers if isinstance(executor, LocalWorkers) else AHEAD * workers)
    else:
        for task in tasks:
            yield task, carry_out_here(networks, task)


def _spread(tasks: Sequence[Task], executor: Executor, at_once: int) -> Iterator[tuple[Task, Ending]]:
    for task, call in spread(carry_out, tasks, executor, at_once):
        try:
            yield task, call.result()
        except BrokenProcessPool:
            yield task, Ending(None, DIED, 0.0)
        except Exception as error:  # of the executor: tasks tell their own
            yield task, Ending(None, told(error), 0.0)


def _outcomes(jobs: Sequence[Job], ending: Ending) -> Iterator[Outcome]:
    """Yield what became of each of *jobs*, which have one result: the first one took its time."""
    for place, job in enumerate(jobs):
        yield Outcome(job.number, ending.run, ending.error, 0.0 if place else ending.wall_s)


def _grouped(jobs: Iterable[Job], key: Callable[[Job], str]) -> dict[str, list[Job]]:
    groups: dict[str, list[Job]] = {}
    for job in jobs:
        groups.setdefault(key(job), []).append(job)
    return groups
