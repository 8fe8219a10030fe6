"""A sweep that is killed again and again: nothing that was finished is lost, nor done twice, and nobody works on."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from many import SMALL, TRAINED, done, folders, jobs, records

from ddnnsim.sweeps.job import Job

JOBS = 100
KILLS = 5
"""In each of six sweeps."""
MOST = 20
"""Jobs that are finished between two kills, at most."""
GRACE_S = 5.0
SCRIPT = """
import sys
from pathlib import Path
from many import done
from test_kills import todo
assert [of.error for of in done(todo(), Path(sys.argv[1]), 2)] == [None] * 100
"""
HERE = {"PYTHONPATH": os.pathsep.join(map(str, (Path(__file__).parent, Path(__file__).parents[2])))}


def todo() -> list[Job]:
    return jobs(JOBS, TRAINED, **SMALL)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return what is left by a sweep that nobody disturbs."""
    out = tmp_path_factory.mktemp("undisturbed")
    done(todo(), out)
    return records(out)


def start(out: Path) -> subprocess.Popen[bytes]:
    words = [sys.executable, "-c", SCRIPT, str(out)]
    return subprocess.Popen(words, start_new_session=True, env=os.environ | HERE)


def members(group: int) -> list[int]:
    """Return the processes of *group* that live."""
    told = subprocess.run(["ps", "-e", "-o", "pid=,pgid=,stat="], capture_output=True, text=True, check=True).stdout
    lines = [line.split() for line in told.splitlines()]
    return [int(pid) for pid, pgid, stat in lines if int(pgid) == group and not stat.startswith("Z")]


def finished(out: Path) -> dict[str, int]:
    """Return by run that is there which file tells of it: another one when it is done again."""
    return {run.name: (run / "manifest.json").stat().st_ino for run in out.glob("[!.]*")}


def kill_later(out: Path, random_: random.Random) -> None:
    """Kill a sweep after some more of its jobs, and wait for its workers to end."""
    enough = len(finished(out)) + random_.randrange(MOST)
    parent = start(out)
    while len(finished(out)) < enough and parent.poll() is None:
        time.sleep(0.005)
    time.sleep(random_.random() * (0.2 if enough else 3.0))
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    killed = time.monotonic()
    while members(parent.pid):
        assert time.monotonic() - killed < GRACE_S, "workers end with their parent"
        time.sleep(0.02)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_kills_lose_nothing_and_repeat_nothing(seed: int, undisturbed: dict[str, str], tmp_path: Path) -> None:
    random_, out = random.Random(seed), tmp_path / "out"
    out.mkdir()
    before: dict[str, int] = {}
    for _ in range(KILLS):
        kill_later(out, random_)
        now = finished(out)
        assert before.items() <= now.items(), "what was finished is there as it was"
        before = now
    assert before, "some were finished"
    assert start(out).wait() == 0
    assert before.items() <= finished(out).items()
    assert sorted(path.name for path in out.iterdir()) == sorted(folders(todo())), "and nothing else"
    assert records(out) == undisturbed
