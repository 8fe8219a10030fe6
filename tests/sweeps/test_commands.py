"""`ddnnsim run` of many runs: in parts, in advance, and where some of them fail."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from many import NUMBERS, REQUESTS, records

FEW = ("--set", f"workload.requests={REQUESTS}", "--set", "sweep.grid={workload.rate: [5 /s, 10 /s]}")
BAD = """
class Bad:
    def decide(self, seen):
        raise ValueError("of mine")
"""


@pytest.fixture
def run(ddnnsim, tmp_path: Path) -> Callable[..., Any]:
    """Run four jobs of two points, with more options, into a folder; they are done in this process."""

    def call(out: str, *words: str):
        return ddnnsim("run", NUMBERS, *FEW, "--set", "run.replications=2", "--workers", "1", "--out", out, *words)

    return call


def folder(out: str) -> Path:
    (path,) = Path(out).iterdir()
    return path


def test_parts_come_to_the_whole(run) -> None:
    for part, jobs in (("1/3", 1), ("2/3", 1), ("3/3", 2)):
        told = run("parts", "--shard", part)
        assert told.returncode == 0
        assert f"{jobs} of the {jobs} jobs of part {part} are done" in told.stdout
        assert not (folder("parts") / "jobs.csv").exists()
    ahead = json.loads(run("parts", "--dry-run", "--json").stdout)
    assert (ahead["jobs"], ahead["done"], ahead["left_s"]) == (4, 4, 0)
    before = {path: path.stat().st_ino for path in (folder("parts") / "runs").iterdir()}
    assert run("parts").returncode == run("whole").returncode == 0
    assert {path: path.stat().st_ino for path in (folder("parts") / "runs").iterdir()} == before, "none ran again"
    assert records(Path("parts")) == records(Path("whole"))


def test_a_dry_run_shows_the_points_and_leaves_nothing(run) -> None:
    told = run("out", "--dry-run")
    assert told.returncode == 0
    assert told.stdout.splitlines()[:2] == ["point 0: workload.rate: 5 /s", "point 1: workload.rate: 10 /s"]
    assert "4 jobs, 0 done; the others take about 0:00:0" in told.stdout
    assert not Path("out").exists()


def test_what_fails_is_told_and_ends_with_3(run, tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text(BAD)
    item = f"{{policy: {{use: '{tmp_path / 'bad.py'}:Bad', exit: local}}}}"
    told = run("out", "--set", f"sweep.list=[{{label: good}}, {item}]", "--quiet")
    assert told.returncode == 3
    errors = told.stderr.splitlines()
    assert len(errors) == 5
    assert all("of mine" in line for line in errors[:4])
    assert errors[0].startswith("point 1, replication 0: ")
    assert errors[4] == "4 of 8 jobs failed; the same command tries them again"
    table = pd.read_csv(folder("out") / "jobs.csv")
    assert table["error"].notna().tolist() == [False, False, True, True] * 2
    assert run("out", "--set", f"sweep.list=[{{label: good}}, {item}]", "--quiet", "--shard", "3/8").returncode == 3


def test_options_of_many_runs_are_refused_for_one(ddnnsim) -> None:
    for words in (["--dry-run"], ["--shard", "1/2"], ["--dask", "tcp://127.0.0.1:8786"]):
        told = ddnnsim("run", NUMBERS, *words)
        assert (told.returncode, "are for many runs" in told.stderr) == (1, True)
