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
from many import SMALL, TRAINED, by_number, done, folders, job, jobs, records

from ddnnsim import experiment
from ddnnsim.dnn.trained import Trained
from ddnnsim.progress import silent
from ddnnsim.sweeps.cluster import dask_cluster
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


@pytest.mark.slow
def test_eight_workers_that_go_on_leave_what_plain_runs_do(reference, tmp_path: Path) -> None:
    todo = [*jobs(20), *(job(20 + number, TRAINED, **SMALL, **CRASH) for number in range(20))]
    begun = perform(todo, tmp_path / "out", None, 2, silent)
    for _ in range(7):
        next(begun)
    begun.close()
    outcomes = done(todo, tmp_path / "out", 8)
    assert 7 <= sum(of.wall_s == 0 for of in outcomes) < 12
    assert records(tmp_path / "out") == reference(todo)


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
    outcomes = list(perform(todo, tmp_path / "out", None, 1, lambda *how_far: told.append(how_far)))
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


@pytest.mark.slow
def test_a_script_needs_no_guard(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(SCRIPT)
    subprocess.run([sys.executable, "script.py"], cwd=tmp_path, check=True, timeout=60, env=os.environ | HERE)
    assert len(list((tmp_path / "out").iterdir())) == 2


@pytest.mark.parametrize("processes", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_a_dask_cluster_leaves_what_plain_runs_do(processes: bool, reference, tmp_path: Path) -> None:
    distributed = pytest.importorskip("distributed")
    todo = jobs(4)
    expected = reference(todo)
    with (
        distributed.LocalCluster(
            n_workers=1 + processes, threads_per_worker=1, processes=processes, dashboard_address=None
        ) as cluster,
        dask_cluster(cluster.scheduler_address) as (executor, workers),
    ):
        assert workers == 1 + processes
        outcomes = by_number(perform(todo, tmp_path / "out", executor, workers, silent))
    assert [of.error for of in outcomes] == [None] * 4
    assert records(tmp_path / "out") == expected
