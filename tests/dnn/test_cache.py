"""The cache of weights: trained once, whole or not at all, and never in the way."""

from __future__ import annotations

import multiprocessing
import os
import resource
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest
import torch
from networks import digits, plan

from ddnnsim.dnn import Trained, trained
from ddnnsim.dnn.cache import weights_key
from ddnnsim.dnn.store import cache_folder

SMALL = {"epochs": 1, "batch": 128}


def small(progress=None) -> Trained:
    return trained(digits(views=2), plan(**SMALL), "MP", progress)


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
        other = trained(digits(views=2), plan(**SMALL, seed=1), "MP")
        path.write_bytes((cache / "weights" / f"{other.key}.safetensors").read_bytes())
    else:
        flipped = whole[:-100] + bytes([whole[-100] ^ 1]) + whole[-99:]
        path.write_bytes({"truncated": whole[:-1], "empty": b"", "flipped": flipped, "text": b"x" * 99}[damage])
    again = small()
    assert not again.cached
    assert same_weights(first, again)
    assert path.read_bytes() == whole
    assert small().cached


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
