"""Jobs that fail, workers that die, disks that are full: each is told, and takes nothing else with it."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from pathlib import Path

import pytest
from many import SMALL, TRAINED, done, folders, job, jobs, records

from ddnnsim.results.folder import _clear
from ddnnsim.workers import LocalWorkers

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


@pytest.mark.parametrize("what", ["ValueError('of mine')", "__import__('asyncio').CancelledError('of mine')"])
@pytest.mark.parametrize("workers", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_a_job_that_fails_stops_no_other(workers: int, what: str, tmp_path: Path) -> None:
    """Also one whose user's code raises what is no Exception, such as what cancels a task."""
    todo = troubled(tmp_path, f"raise {what}")
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


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """Give a file system on which there is room for about two runs, where one may be mounted."""
    folder.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(words, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        mounted = False
    if not mounted:
        pytest.skip("nothing can be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_fails_jobs_and_leaves_nothing_half_written(tmp_path: Path) -> None:
    todo = jobs(6)
    with small_disk(tmp_path / "disk") as disk:
        outcomes = done(todo, disk / "out")
        errors = [of.error for of in outcomes if of.error is not None]
        assert 0 < len(errors) < len(todo)
        assert all("No space left on device" in error for error in errors)
        there = sorted(path.name for path in (disk / "out").iterdir())
        assert there == sorted(str(of.run) for of in outcomes if of.error is None)
        left = records(disk / "out")
    done(todo, tmp_path / "out")
    assert left.items() <= records(tmp_path / "out").items()


def test_leftovers_of_killed_processes_vanish(tmp_path: Path) -> None:
    todo = jobs(2)
    out = tmp_path / "out"
    killed = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    here, there = platform.node().replace(".", "_"), "elsewhere"
    gone, elsewhere, late, ours, old = (
        out / f".{name}"
        for name in (
            f"a-0123.{here}-{int(killed.stdout)}.part",
            f"b.x-0123.{there}-1.part",
            f"c-0123.{there}-2.part",
            f"d-0123.{here}-{os.getpid()}.part",
            f"e-0123.{here}-{int(killed.stdout)}.old",
        )
    )
    for folder in (gone, elsewhere, late, ours, old):
        folder.mkdir(parents=True)
    os.utime(late, (0, 0))
    done(todo, out)
    names = {path.name for path in out.iterdir()}
    assert names == {*folders(todo), elsewhere.name, ours.name, "e-0123"}, "who may be at work is left alone"


def test_who_puts_back_what_another_has_put_back_by_now_goes_on(tmp_path: Path) -> None:
    """Two processes list the same leftover, and the other is the first to rename it."""

    def listed() -> Iterator[Path]:
        yield tmp_path / ".taken.elsewhere-1.old"  # which is not there any more
        left = tmp_path / ".last.elsewhere-1.old"
        left.mkdir()
        os.utime(left, (0, 0))
        yield left

    _clear(listed())
    assert [path.name for path in tmp_path.iterdir()] == ["last"]


def slow(seconds: float) -> float:
    time.sleep(seconds)
    return seconds


def test_workers_that_are_no_longer_needed_are_waited_for() -> None:
    with LocalWorkers(2) as executor:
        calls = [executor.submit(slow, seconds) for seconds in (0.3, 0.6)]
    assert [call.done() and call.result() for call in calls] == [0.3, 0.6]


def test_an_error_waits_for_no_worker() -> None:
    began = time.monotonic()
    calls: list[Future[float]] = []

    def disturbed() -> None:
        with LocalWorkers(2) as executor:
            calls.extend(executor.submit(slow, 60.0) for _ in range(3))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        disturbed()
    assert all(call.cancelled() or isinstance(call.exception(), BrokenProcessPool) for call in calls)
    assert time.monotonic() - began < 30


def test_threads_that_start_workers_at_once_leave_the_script_as_it_is() -> None:
    main = sys.modules["__main__"]
    with LocalWorkers(4) as executor, ThreadPoolExecutor(4) as threads:
        calls = list(threads.map(lambda number: executor.submit(abs, -number), range(4)))
        assert [call.result() for call in calls] == [0, 1, 2, 3]
    assert sys.modules["__main__"] is main


def test_two_scenarios_of_one_folder_are_not_mixed_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twelve digits of a hash are many, and yet not all."""
    for place in ("results", "sweeps.execution"):
        monkeypatch.setattr(f"ddnnsim.{place}.folder_name", lambda scenario: scenario.name)
    outcomes = done(jobs(3), tmp_path)
    assert [of.error is None for of in outcomes] == [True, False, False]
    assert "begins like that of another one" in str(outcomes[1].error)
