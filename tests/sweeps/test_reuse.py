"""What is done somewhere is not done again, as long as it is of the same files and the same code."""

from __future__ import annotations

import json
import shutil
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path

import pytest
from many import NUMBERS, records

import ddnnsim
from ddnnsim.errors import UserError
from ddnnsim.sweeps import Outcome, carry_out, load_plan, parse_shard

FEW = {"workload.requests": 40}
RATE, LEAVE = "topology.links.wan.rate", "model.exits.local.leave"


def carried_out(out: Path, leave: list[float], **more: object) -> tuple[ddnnsim.ResultSet, list[bool]]:
    """Return the result set of a sweep over *leave*, and by job whether it was run now."""
    told: list[Outcome] = []
    plan = load_plan(NUMBERS, {**FEW, f"sweep.grid.{LEAVE}": leave, **more})
    result_set = carry_out(plan, out, None, 1, tell=lambda _job, outcome: told.append(outcome))
    return result_set, [of.wall_s > 0 for of in sorted(told, key=lambda of: of.job)]


def test_a_sweep_with_one_more_value_runs_what_is_new(tmp_path: Path) -> None:
    before, now = carried_out(tmp_path / "out", [0.3, 0.6])
    assert now == [True, True]
    ddnnsim.run(NUMBERS, out=tmp_path / "out", **FEW, **{LEAVE: 0.5})
    after, now = carried_out(tmp_path / "out", [0.3, 0.4, 0.5, 0.6])
    assert now == [False, True, False, False]
    shutil.rmtree(before.path)
    fresh, _ = carried_out(tmp_path / "fresh", [0.3, 0.4, 0.5, 0.6])
    assert records(after.path / "runs") == records(fresh.path / "runs")
    assert (after.path / "results.csv").read_bytes() == (fresh.path / "results.csv").read_bytes()


def test_what_is_damaged_elsewhere_is_run(tmp_path: Path) -> None:
    before, _ = carried_out(tmp_path, [0.3, 0.6])
    for run, name in zip(before.jobs["run"], ("links.parquet", "manifest.json"), strict=True):
        (before.path / "runs" / run / name).write_text("{") if name == "manifest.json" else (
            before.path / "runs" / run / name
        ).unlink()
    after, now = carried_out(tmp_path, [0.3, 0.5, 0.6])
    assert now == [True, True, True]
    assert not after.failed.size


def test_a_result_of_another_simulator_is_not_taken(tmp_path: Path) -> None:
    result = ddnnsim.run(NUMBERS, out=tmp_path, **FEW)
    told = json.loads((result.path / "manifest.json").read_text())
    (result.path / "manifest.json").write_text(json.dumps(told | {"code_sha256": "0" * 64}))
    assert ddnnsim.run(NUMBERS, out=tmp_path, **FEW).manifest["code_sha256"] == told["code_sha256"]


def test_parts_are_even_with_a_precision_too() -> None:
    precision = {"of": "latency.mean_s", "within": "1 %", "least": 5}
    plan = load_plan(NUMBERS, {**FEW, f"sweep.grid.{LEAVE}": [0.3, 0.4, 0.5, 0.6], "run.precision": precision})
    parts = [parse_shard(f"{number}/10").jobs(plan.first_jobs) for number in range(1, 11)]
    assert [len(part) for part in parts] == [2] * 10
    assert {job.number for part in parts for job in part} == {job.number for job in plan.first_jobs}


def test_somebody_elses_executor_tells_how_many_it_has(tmp_path: Path) -> None:
    class Bare(Executor):
        """One that does not."""

    with pytest.raises(UserError, match="workers=None: how many jobs are done side by side"):
        ddnnsim.sweep(NUMBERS, {LEAVE: [0.3]}, out=tmp_path, executor=Bare(), **FEW)
    for number in (0, -1):
        with pytest.raises(UserError, match=f"workers={number}"):
            ddnnsim.sweep(NUMBERS, {LEAVE: [0.3]}, out=tmp_path, workers=number, **FEW)
    assert not any(tmp_path.iterdir())
    with ThreadPoolExecutor(2) as executor:
        assert len(ddnnsim.sweep(NUMBERS, {LEAVE: [0.3, 0.4]}, out=tmp_path, executor=executor, **FEW).jobs) == 2


@pytest.mark.parametrize("name", ["manifest.json", "summary.json", "scenario.yaml", "requests.parquet"])
def test_a_run_that_is_damaged_is_run_again(name: str, tmp_path: Path) -> None:
    before, _ = carried_out(tmp_path / "out", [0.3, 0.6])
    whole = records(before.path / "runs")
    with (before.path / "runs" / before.jobs["run"][1] / name).open("r+b") as file:
        file.truncate(50)
    after, now = carried_out(tmp_path / "out", [0.3, 0.6])
    assert now == [False, True]
    assert records(after.path / "runs") == whole
