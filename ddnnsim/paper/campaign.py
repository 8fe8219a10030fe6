"""All cases of all studies, carried out: in processes side by side, and never twice."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from ddnnsim import experiment
from ddnnsim.errors import ResultError, UserError
from ddnnsim.network import network_of
from ddnnsim.paper.study import Bench, Case, Row, Study
from ddnnsim.progress import Progress, silent
from ddnnsim.scenario import Model, Scenario, scenario_hash
from ddnnsim.workers import LocalWorkers, spread

QUICK: Mapping[str, object] = {"model.training.epochs": 2}
"""What makes a case quick, and its numbers useless."""
KEPT_DATA = ("views", "cameras", "encoding")
"""What a study says of the data, whatever they are."""


class Task(NamedTuple):
    """A case with one seed, ready to be carried out."""

    study: str
    case: Case
    seed: int
    scenario: Scenario
    answer: Path
    """Where its rows are kept."""
    runs: Path


class SeedRow(NamedTuple):
    """A number that came out, with the study and the seed that it belongs to."""

    study: str
    seed: int
    row: Row


@dataclass(frozen=True)
class Campaign:
    """Studies, where their scenarios are, and where what comes out goes."""

    studies: Sequence[Study]
    scenarios: Path
    out: Path
    seeds: int
    mvmc: Path | None = None
    """The authors' data, instead of those of the scenarios."""
    quick: bool = False

    def tasks(self) -> list[Task]:
        """Return all tasks, seed by seed: with the first all figures can be drawn.

        Raise UserError where a scenario is missing or at fault; nothing is trained before that is known.
        """
        if not self.scenarios.is_dir():
            what = f"{self.scenarios}: no such folder"
            raise UserError(
                f"{what}; --scenarios names that of the paper's scenarios, scenarios/paper in the repository"
            )
        return [
            self._task(study.name, case, seed)
            for seed in range(self.seeds)
            for study in self.studies
            for case in study.cases
        ]

    def _task(self, study: str, case: Case, seed: int) -> Task:
        scenario = self._scenario(case, seed)
        told = [study, case.measure.__name__, case.points, scenario_hash(scenario), _weights(scenario)]
        key = hashlib.sha256(json.dumps(told).encode()).hexdigest()
        return Task(study, case, seed, scenario, self.out / "cases" / f"{study}-{key[:16]}.json", self.out / "runs")

    def _scenario(self, case: Case, seed: int) -> Scenario:
        path = self.scenarios / f"{case.scenario}.yaml"
        if not path.is_file():
            raise UserError(f"{path}: no such file; the paper's scenarios are not whole")
        changes = {**case.changes, **(QUICK if self.quick else {}), "model.training.seed": seed}
        data = {} if self.mvmc is None else {"data": _mvmc(path, self.mvmc)}
        return experiment.load(path, {**data, **changes})


def mvmc_file(text: str) -> Path:
    """Return the file that *text*, `mvmc=PATH`, names. Raise UserError for any other text, and where there is none."""
    source, equals, path = text.partition("=")
    if source.strip() != "mvmc" or not equals:
        raise UserError(f"--data {text}: not of the form mvmc=PATH")
    if not Path(path).is_file():
        raise UserError(f"--data {text}: {path}: no such file")
    return Path(path)


def carry_out(tasks: Sequence[Task], jobs: int, progress: Progress = silent) -> list[SeedRow]:
    """Return what came out of *tasks*, in their order; what was carried out before is only read.

    *progress* is told of the stage `cases`, and, where there is a single job, of each training.
    """
    open_tasks = [task for task in tasks if _kept(task) is None]
    done = len(tasks) - len(open_tasks)
    progress("cases", done, len(tasks))
    if jobs == 1 or len(open_tasks) < 2:
        for number, task in enumerate(open_tasks, start=done + 1):
            _carry_out(task, progress)
            progress("cases", number, len(tasks))
    else:
        with _workers(min(jobs, len(open_tasks))) as executor:
            calls = spread(_carry_out, open_tasks, executor, jobs)
            for number, (_, call) in enumerate(calls, start=done + 1):
                call.result()
                progress("cases", number, len(tasks))
    return [SeedRow(task.study, task.seed, row) for task in tasks for row in _answer(task)]


def _carry_out(task: Task, progress: Progress = silent) -> None:
    """Ask what *task* asks, and keep its rows: written beside and renamed."""
    rows = list(task.case.measure(Bench(task.runs, progress), task.scenario, task.case.points))
    put(task.answer, json.dumps({"seed": task.seed, "rows": rows}, indent=1) + "\n")


def put(path: Path, text: str) -> None:
    """Write *text* beside *path* and rename it: whoever looks finds it whole, or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _kept(task: Task) -> list[Row] | None:
    """Return the rows of *task*; None where it has not been carried out."""
    try:
        return [Row(*row) for row in json.loads(task.answer.read_text(encoding="utf-8"))["rows"]]
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        raise ResultError(f"{task.answer}: damaged; remove it to have it made anew") from None


def _answer(task: Task) -> list[Row]:
    rows = _kept(task)
    if rows is None:
        raise ResultError(f"{task.answer}: was removed meanwhile")
    return rows


@contextmanager
def _workers(count: int) -> Iterator[Executor]:
    """Give *count* processes, which are ended where what they are given for ends early."""
    try:
        with LocalWorkers(count) as executor:
            yield executor
    except BrokenProcessPool:
        raise UserError(
            "a process of the campaign was ended from outside; call again to go on, with fewer jobs"
        ) from None


def _mvmc(path: Path, file: Path) -> dict[str, object]:
    """Return the authors' data for the scenario at *path*: as many cameras, and encoded alike."""
    data = experiment.load(path).data.model_dump(mode="json", include=set(KEPT_DATA), exclude_none=True)
    return {"source": "mvmc", "path": str(file.resolve()), **data}


def _weights(scenario: Scenario) -> str:
    """Return the key of the network's weights: it tells other data under the same path, and other code."""
    from ddnnsim.dnn.cache import weights_key

    if not isinstance(scenario.model, Model):
        raise UserError(f"{scenario.name}: the paper's networks have levels, not a module")
    return weights_key(scenario.data, network_of(scenario), scenario.model.training)
