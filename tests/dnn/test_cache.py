"""The cache of weights: trained once, whole or not at all, and never in the way."""

from __future__ import annotations

import multiprocessing
import os
import resource
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from networks import digits, plan

from ddnnsim.dnn.cache import weights_key
from ddnnsim.dnn.store import cache_folder
from ddnnsim.dnn.trained import Trained

SMALL = {"epochs": 1, "batch": 128}


def small(progress=None) -> Trained:
    made = Trained(digits(views=2), plan(**SMALL), "MP", progress)
    assert made.model is made.model
    return made


def same_weights(a: Trained, b: Trained) -> bool:
    pairs = zip(a.model.state_dict().values(), b.model.state_dict().values(), strict=True)
    return all(torch.equal(x, y) for x, y in pairs)


def files(cache: Path) -> list[Path]:
    return sorted(path for path in cache.rglob("*") if path.suffix in {".safetensors", ".part"})


def test_the_second_time_nothing_is_trained(cache):
    told: list[int] = []
    first = small(lambda epoch, *_: told.append(epoch))
    second = small(lambda epoch, *_: told.append(epoch))
    assert (first.cached, second.cached, told) == (False, True, [1])
    assert (first.not_saved, second.not_saved) == (None, None)
    assert first.key == second.key
    assert same_weights(first, second)
    assert not second.model.training
    assert files(cache) == [cache / "weights" / f"{first.key}.safetensors"]


def test_the_key_changes_with_what_determines_the_weights():
    plans = [plan(), plan(epochs=51), plan(seed=1), plan(learning_rate=0.002), plan(batch=65)]
    data = [digits(), digits(seed=1), digits(noise=1.0), digits(views=5)]
    keys = [weights_key(digits(), p, "MP") for p in plans] + [weights_key(d, plan(), "MP") for d in data[1:]]
    keys += [weights_key(digits(), plan(), merge) for merge in ("AP", "CC")]
    assert len(set(keys)) == len(keys)
    assert weights_key(digits(), plan(), "MP") == keys[0]


@pytest.mark.parametrize("damage", ["truncated", "empty", "flipped", "text", "other"])
def test_a_damaged_file_is_noticed_and_replaced(cache, damage):
    first = small()
    (path,) = files(cache)
    whole = path.read_bytes()
    if damage == "other":
        other = Trained(digits(views=2), plan(**SMALL, seed=1), "MP")
        assert other.model
        path.write_bytes((cache / "weights" / f"{other.key}.safetensors").read_bytes())
    else:
        flipped = whole[:-100] + bytes([whole[-100] ^ 1]) + whole[-99:]
        path.write_bytes({"truncated": whole[:-1], "empty": b"", "flipped": flipped, "text": b"x" * 99}[damage])
    again = small()
    assert not again.cached
    assert same_weights(first, again)
    assert path.read_bytes() == whole
    assert small().cached


def test_answers_are_kept_beside_the_weights_and_need_no_torch(cache):
    first = small()
    oracle = first.oracle("validation")
    table = oracle.table(0, oracle.view_sets.id(0b11))
    first.keep_answers()
    code = """
import sys
from networks import digits, plan
from ddnnsim.dnn.trained import Trained
again = Trained(digits(views=2), plan(epochs=1, batch=128), "MP")
oracle = again.oracle("validation")
print(oracle.table(0, oracle.view_sets.id(0b11)).entropy.sum().hex(), again.cached, "torch" in sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=Path(__file__).parent, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == [table.entropy.sum().hex(), "True", "False"]


def test_damaged_answers_are_asked_again(cache):
    first = small()
    first.oracle().table(0, first.oracle().view_sets.id(1))
    first.keep_answers()
    (path,) = (cache / "scores").glob("*.safetensors")
    path.write_bytes(path.read_bytes()[:-1])
    again = Trained(digits(views=2), plan(**SMALL), "MP")
    assert again.oracle().whole() == {}
    assert np.array_equal(again.oracle().labels, first.dataset.splits["test"].labels)


def test_a_folder_that_cannot_be_made_is_reported(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("DDNNSIM_CACHE", str(tmp_path / "file" / "cache"))
    result = small()
    assert not result.cached
    assert "Not a directory" in result.not_saved


def test_a_full_disk_is_reported_and_leaves_nothing(cache):
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        result = small()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert "File too large" in result.not_saved
    assert files(cache) == []


def test_the_folder_is_the_users_unless_told(monkeypatch):
    monkeypatch.delenv("DDNNSIM_CACHE", raising=False)
    assert cache_folder().name == "ddnnsim"
    monkeypatch.setenv("DDNNSIM_CACHE", "/somewhere")
    assert cache_folder() == Path("/somewhere")


def train_there(folder: str) -> bool:
    os.environ["DDNNSIM_CACHE"] = folder
    return small().cached


def test_two_processes_train_once(cache):
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        cached = list(pool.map(train_there, [str(cache)] * 2))
    assert sorted(cached) == [False, True]
