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
from networks import LEVELS, digits, network_with, training

from ddnnsim.dnn.cache import weights_key
from ddnnsim.dnn.store import cache_folder
from ddnnsim.dnn.trained import Trained
from ddnnsim.scenario import Level

SMALL = {"epochs": 1, "batch": 128}
TWO = network_with(views=2)


def small(progress=None) -> Trained:
    made = Trained(digits(views=2), TWO, training(**SMALL), progress)
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
    changes = [{}, {"epochs": 51}, {"seed": 1}, {"learning_rate": 0.002}, {"batch": 65}]
    data = [digits(seed=1), digits(noise=1.0), digits(views=5)]
    data += [digits(views=7, cameras=(1, 2, 3, 4, 5, 6)), digits(cameras=(6, 5, 4, 3, 2, 1))]
    networks = [network_with(merges={"local": merge, "cloud": "MP"}) for merge in ("AP", "CC")]
    networks += [network_with(absent="blank"), network_with(merges={"cloud": "MP"}), network_with(views=5)]
    networks += [network_with(LEVELS | {"device": Level(convp=(4,), share="group")})]
    keys = [weights_key(digits(), network_with(), training(**change)) for change in changes]
    keys += [weights_key(d, network_with(), training()) for d in data]
    keys += [weights_key(digits(), network, training()) for network in networks]
    assert len(set(keys)) == len(keys)
    assert weights_key(digits(), network_with(), training()) == keys[0]
    assert weights_key(digits(cameras=(1, 2, 3, 4, 5, 6)), network_with(), training()) == keys[0]


def test_the_key_stays_with_what_is_done_to_scores_later():
    warm = network_with(temperature=2.0)
    assert weights_key(digits(), warm, training()) == weights_key(digits(), network_with(), training())


@pytest.mark.parametrize("damage", ["truncated", "empty", "flipped", "text", "other"])
def test_a_damaged_file_is_noticed_and_replaced(cache, damage):
    first = small()
    (path,) = files(cache)
    whole = path.read_bytes()
    if damage == "other":
        other = Trained(digits(views=2), TWO, training(**SMALL, seed=1))
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
from networks import digits, network_with, training
from ddnnsim.dnn.trained import Trained
again = Trained(digits(views=2), network_with(views=2), training(epochs=1, batch=128))
oracle = again.oracle("validation")
print(oracle.table(0, oracle.view_sets.id(0b11)).entropy.sum().hex(), again.cached, "torch" in sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=Path(__file__).parent, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == [table.entropy.sum().hex(), "True", "False"]


def test_damaged_answers_are_asked_again(cache):
    first = small()
    oracle = first.oracle()
    oracle.table(0, oracle.view_sets.id(1))
    first.keep_answers()
    (path,) = (cache / "scores").glob("*.safetensors")
    path.write_bytes(path.read_bytes()[:-1])
    again = Trained(digits(views=2), TWO, training(**SMALL))
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


def test_a_network_is_trained_even_where_nothing_else_is_learnt(cache):
    with torch.inference_mode():
        assert not small().cached
