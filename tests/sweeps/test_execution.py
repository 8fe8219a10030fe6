"""Jobs on one worker or many: the same records, found again, and none in the way of another."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from many import SMALL, TRAINED, done, folders, job, jobs, records

from ddnnsim import experiment
from ddnnsim.dnn.trained import Trained
from ddnnsim.progress import silent
from ddnnsim.sweeps.execution import perform
from ddnnsim.workers import LocalWorkers, spread

LOADED = "[name for name in ('torch', 'sklearn', 'matplotlib') if name in __import__('sys').modules]"
CRASH: dict[str, Any] = {"faults": [{"crash": ["camera1"], "from": "1 s", "until": "3 s"}]}
NOISE: dict[str, Any] = {"faults": [{"sensor": "camera1", "kind": "noisy", "level": 0.3, "from": "1 s"}]}


@pytest.fixture
def reference(tmp_path: Path) -> Callable[..., dict[str, str]]:
    """Return what plain runs of jobs, one after the other, leave."""

    def run(todo) -> dict[str, str]:
        for of in todo:
            experiment.run(of.scenario, out=tmp_path / "plain")
        return records(tmp_path / "plain")

    return run


def test_workers_leave_what_plain_runs_do(reference, tmp_path: Path) -> None:
    todo = jobs(8)
    expected = reference(todo)
    for workers in (1, 2):
        outcomes = done(todo, tmp_path / str(workers), workers)
        assert [(of.job, of.run, of.error) for of in outcomes] == [
            (i, name, None) for i, name in enumerate(folders(todo))
        ]
        assert records(tmp_path / str(workers)) == expected


def test_threads_leave_what_plain_runs_do(reference, tmp_path: Path) -> None:
    todo = [*jobs(3, TRAINED, **SMALL), job(3, TRAINED, **SMALL, **CRASH), job(4, TRAINED, **SMALL, **NOISE)]
    expected = reference(todo)
    with ThreadPoolExecutor(3) as executor:
        outcomes = list(perform(todo, tmp_path / "out", executor, 3, silent))
    assert [of.error for of in outcomes] == [None] * len(todo)
    assert records(tmp_path / "out") == expected


def test_a_sweep_goes_on_where_it_was(tmp_path: Path) -> None:
    todo = jobs(6)
    begun = perform(todo, tmp_path / "out", None, 1, silent)
    first = [next(begun).run for _ in range(3)]
    begun.close()
    times = {name: (tmp_path / "out" / name).stat().st_mtime_ns for name in first}
    told: list[tuple[str, int, int]] = []
    outcomes = list(perform(todo, tmp_path / "out", None, 2, lambda *how_far: told.append(how_far)))
    assert [of.wall_s for of in outcomes[:3]] == [0.0] * 3, "they are found"
    assert all(of.wall_s > 0 for of in outcomes[3:])
    assert {name: (tmp_path / "out" / name).stat().st_mtime_ns for name in first} == times
    assert told == [("jobs", number, 6) for number in range(3, 7)]
    done(todo, tmp_path / "fresh")
    assert records(tmp_path / "out") == records(tmp_path / "fresh")


def test_a_network_is_trained_once_and_workers_load_no_torch(tmp_path: Path, monkeypatch) -> None:
    trained = []
    model = Trained._model
    monkeypatch.setattr(Trained, "_model", lambda self: trained.append(self.key) or model(self))
    todo = [
        *jobs(2, TRAINED, **SMALL, **{"model.training.seed": 7}),
        *jobs(2, TRAINED, **SMALL, **{"model.training.seed": 8, "exits.local.threshold": 0.3}),
        job(5, TRAINED, **SMALL, **{"model.training.seed": 8, "exits.local.threshold": 0.3}, **CRASH),
    ]
    with LocalWorkers(1) as worker:
        assert [of.error for of in perform(todo, tmp_path / "out", worker, 1, silent)] == [None] * len(todo)
        assert worker.submit(eval, LOADED).result() == []
    assert len(trained) == len(set(trained)) == 2
    done(todo, tmp_path / "here")
    assert records(tmp_path / "out") == records(tmp_path / "here")


def test_jobs_of_one_result_are_done_once(tmp_path: Path) -> None:
    one, other = job(0), job(0)
    outcomes = list(perform([one, other], tmp_path, None, 1, silent))
    assert [of.run for of in outcomes] == folders([one, other])
    assert outcomes[0].wall_s > 0.0 == outcomes[1].wall_s


POLICY = """
import os, signal
class Deadly:
    def decide(self, seen):
        {what}
"""


def troubled(tmp_path: Path, what: str) -> list:
    """Return jobs of which the second one does *what* at its first decision."""
    (tmp_path / "deadly.py").write_text(POLICY.format(what=what))
    trouble = job(1, **{"policy": {"use": f"{tmp_path / 'deadly.py'}:Deadly", "exit": "local"}})
    return [job(0), trouble, *(job(number) for number in range(2, 6))]


@pytest.mark.parametrize("workers", [1, 2])
def test_a_job_that_fails_stops_no_other(workers: int, tmp_path: Path) -> None:
    todo = troubled(tmp_path, "raise ValueError('of mine')")
    for _ in range(2):  # the next call tries again
        outcomes = done(todo, tmp_path / "out", workers)
        assert [of.error is None for of in outcomes] == [True, False, True, True, True, True]
        assert "of mine" in str(outcomes[1].error)
        assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(
            name for number, name in enumerate(folders(todo)) if number != 1
        )


def test_a_worker_that_dies_fails_its_job_alone(tmp_path: Path) -> None:
    todo = troubled(tmp_path, "os.kill(os.getpid(), signal.SIGKILL)")
    outcomes = done(todo, tmp_path / "out", 2)
    assert [of.error is None for of in outcomes] == [True, False, True, True, True, True]
    assert "has died" in str(outcomes[1].error)


def test_jobs_whose_network_cannot_be_made_fail_and_others_do_not(tmp_path: Path) -> None:
    (tmp_path / "data.npz").write_bytes(b"not an archive")
    shape = {"views": 6, "shape": [1, 32, 32], "classes": list("abc")}
    data = {"source": "npz", "path": str(tmp_path / "data.npz"), **shape}
    todo = [job(0, TRAINED, **SMALL, data=data), job(1), job(2, TRAINED, **SMALL, data=data)]
    outcomes = done(todo, tmp_path / "out")
    assert [of.error is None for of in outcomes] == [False, True, False]
    assert "data.npz" in str(outcomes[0].error)


def test_no_more_calls_are_with_an_executor_than_are_asked_for() -> None:
    class Counting(Executor):
        def __init__(self) -> None:
            self.inner, self.submitted = ThreadPoolExecutor(2), 0

        def submit(self, function, /, *args, **kwargs):
            self.submitted += 1
            return self.inner.submit(function, *args, **kwargs)

    with Counting() as executor:
        calls = spread(abs, range(10_000), executor, 3)
        for number in range(1, 100):
            next(calls)
            assert executor.submitted <= number + 2 * 3, "three that ended together, and three more"
        calls.close()
        executor.inner.shutdown()


SCRIPT = """
import sys
from pathlib import Path
from many import done, jobs
assert [of.error for of in done(jobs(2), Path("out"), 2)] == [None, None]
"""
HERE = {"PYTHONPATH": os.pathsep.join(map(str, (Path(__file__).parent, Path(__file__).parents[2])))}


def test_a_script_needs_no_guard(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(SCRIPT)
    subprocess.run([sys.executable, "script.py"], cwd=tmp_path, check=True, timeout=60, env=os.environ | HERE)
    assert len(list((tmp_path / "out").iterdir())) == 2
