"""Parts of a sweep, and what is left of it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from many import done, job, jobs

from ddnnsim.errors import UserError
from ddnnsim.progress import silent
from ddnnsim.sweeps.cluster import dask_cluster
from ddnnsim.sweeps.forecast import Forecast, forecast
from ddnnsim.sweeps.shard import parse_shard


def test_each_job_is_in_one_shard() -> None:
    todo = jobs(10)
    parts = [[of.number for of in parse_shard(f"{i}/4").jobs(todo)] for i in (1, 2, 3, 4)]
    assert parts == [[1, 5, 9], [2, 6], [3, 7], [0, 4, 8]]
    assert parse_shard("1/1").jobs(todo) == todo


@pytest.mark.parametrize("text", ["0/4", "5/4", "1", "a/b", "1/0", "-1/4", "1/4/2", "", "١/٤"])
def test_what_is_no_shard_is_refused(text: str) -> None:
    with pytest.raises(UserError, match=r"not a part of a sweep; write e\.g\. '1/8'"):
        parse_shard(text)


def test_a_forecast_is_of_the_jobs_that_are_left(tmp_path: Path) -> None:
    todo = jobs(4)
    tried = forecast(todo, [tmp_path / "out"], 2, silent)
    assert (tried.jobs, tried.done) == (4, 0)
    assert tried.left_s > 0
    assert not (tmp_path / "out").exists(), "a trial leaves nothing"
    outcomes = done(todo[:3], tmp_path / "out")
    for outcome, seconds in zip(outcomes, (1, 2, 6), strict=True):
        manifest = tmp_path / "out" / str(outcome.run) / "manifest.json"
        told = json.loads(manifest.read_text()) | {"wall_s": {"training": 1, "simulation": seconds - 1}}
        manifest.write_text(json.dumps(told))
    assert forecast(todo, [tmp_path / "out"], 2, silent) == Forecast(4, 3, 3.0, 0)
    two = [replace(job(number), point=point) for number, point in ((0, 0), (1, 1), (2, 1), (3, 1), (4, 0))]
    assert forecast(two, [tmp_path / "out"], 1, silent) == Forecast(5, 3, (2 + 6) / 2 + 1, 0)
    assert forecast(two, [tmp_path / "out"], 8, silent).left_s == 2.5


def test_no_cluster_is_told(monkeypatch) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr("ddnnsim.sweeps.cluster.PATIENCE_S", 0.2)
    told = "--dask tcp://127.0.0.1:1: no scheduler answers: .*; write e.g. 'tcp://"
    with pytest.raises(UserError, match=told), dask_cluster("tcp://127.0.0.1:1"):
        pass
