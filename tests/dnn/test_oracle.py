"""The oracle: what the network says, whatever the order of the questions."""

from __future__ import annotations

import random
from itertools import product

import numpy as np
import pytest
import torch
from models import seasoned
from networks import LEVELS, network_with

from ddnnsim.dnn.data.datasets import Dataset
from ddnnsim.dnn.data.splits import as_sensed
from ddnnsim.dnn.model import DDNN
from ddnnsim.dnn.oracle import BLOCK, TrainedOracle
from ddnnsim.dnn.scores import RUN, NetworkScores, sums_are_exact
from ddnnsim.dnn.training import torch_generator
from ddnnsim.oracle import Oracle, decision_table

SAMPLES = 150


@pytest.fixture
def data() -> Dataset:
    draw = np.random.default_rng(5)
    images = draw.integers(256, size=(SAMPLES, 3, 2, 9, 7), dtype=np.uint8)
    labels = draw.integers(5, size=SAMPLES)
    split = as_sensed(images, labels, np.ones((SAMPLES, 3), dtype=np.bool_))
    other = as_sensed(images[:10], labels[:10], split.seen[:10])
    return Dataset("random", tuple("abcde"), {"train": split, "validation": other, "test": split})


def ask(network: DDNN, data: Dataset, split: str = "test", known=None) -> TrainedOracle:
    chosen = data.splits[split]
    return TrainedOracle(chosen.labels, lambda: NetworkScores(network, chosen.images), known)


def answers(oracle: TrainedOracle, questions: list[tuple[int, int, int]]) -> dict[tuple[int, int, int], bytes]:
    told = {}
    for exit_, sample, mask in questions:
        told[exit_, sample, mask] = np.array(oracle.decide(exit_, sample, oracle.view_sets.id(mask))).tobytes()
    return told


def test_answers_do_not_depend_on_the_order_of_questions(network, data):
    questions = list(product(range(2), range(SAMPLES), range(1, 8)))
    first = answers(ask(network, data), questions)
    for seed in range(3):
        shuffled = random.Random(seed).sample(questions, len(questions))
        assert answers(ask(network, data), shuffled) == first


def test_answers_do_not_depend_on_the_threads(network, data):
    questions = list(product(range(2), range(SAMPLES), (7, 2)))
    before, told = torch.get_num_threads(), []
    for threads in (1, 2):
        torch.set_num_threads(threads)
        told.append(answers(ask(network, data), questions))
        assert torch.get_num_threads() == threads
    torch.set_num_threads(before)
    assert told[0] == told[1]


def test_answers_are_those_of_a_straight_forward_pass(network, data):
    oracle: Oracle = ask(network, data)
    pixels = torch.from_numpy(data.splits["test"].images)
    for mask in range(1, 8):
        present = torch.tensor([bool(mask & 1), bool(mask & 2), bool(mask & 4)])
        views = oracle.view_sets.id(mask)
        for start in (0, BLOCK, 2 * BLOCK):
            block = torch.zeros(BLOCK, 3, 2, 9, 7, dtype=torch.uint8)
            real = pixels[start : start + BLOCK]
            block[: len(real)] = real
            with torch.inference_mode():
                exits = network(block, present.expand(BLOCK, -1))
            for number, scores in enumerate(exits):
                straight = decision_table(torch.softmax(scores.double(), dim=1).numpy())
                table = oracle.table(number, views)
                for column, expected in zip(table, straight, strict=True):
                    assert column[start : start + BLOCK] == pytest.approx(expected[: len(real)], abs=1e-12)


def test_tables_and_decisions_agree_and_samples_are_the_splits(network, data):
    oracle = ask(network, data)
    views = oracle.view_sets.id(0b101)
    for number in (0, 1):
        rows = oracle.table(number, views).rows()
        assert rows == [oracle.decide(number, sample, views) for sample in range(SAMPLES)]
    assert (oracle.samples, len(oracle.labels)) == (SAMPLES, SAMPLES)
    assert ask(network, data, "validation").samples == 10


@pytest.mark.parametrize("merge", ["MP", "CC"])
def test_blocks_together_give_the_bits_of_blocks_one_by_one(merge):
    """Several at once where all sums are integers, else never: with a merge of scores by CC."""
    draw = torch_generator(3, "tests")
    shape = network_with(LEVELS, views=3, view_shape=(2, 9, 7), classes=5, merges={"local": merge, "cloud": "MP"})
    model = seasoned(DDNN(shape, draw), draw)
    assert sums_are_exact(shape) == (merge == "MP")
    images = np.random.default_rng(5).integers(256, size=(70 + RUN * BLOCK, 3, 2, 9, 7), dtype=np.uint8)
    labels = np.zeros(len(images), np.int64)
    swept, asked = (TrainedOracle(labels, lambda: NetworkScores(model, images)) for _ in range(2))
    for mask, number in product(range(1, 8), (0, 1)):
        for oracle in (swept, asked):
            oracle.view_sets.id(mask)
        swept.table(number, swept.view_sets.id(mask))
        for sample in range(0, len(images), BLOCK):
            asked.decide(number, sample, asked.view_sets.id(mask))
    one_by_one = asked.whole()
    assert len(one_by_one) == 14
    assert all(np.array_equal(scores, one_by_one[key]) for key, scores in swept.whole().items())


def test_a_set_without_views_is_no_question_where_absent_ones_are_left_out(network, data):
    oracle = ask(network, data)
    for number in (0, 1):
        with pytest.raises(ValueError, match=f"no view of exit {number}"):
            oracle.decide(number, 0, oracle.view_sets.id(0))


def test_kept_scores_answer_alike_without_the_network(network, data):
    first = ask(network, data)
    questions = list(product(range(2), range(SAMPLES), (7, 2)))
    told = answers(first, questions)
    first.decide(1, 0, first.view_sets.id(5))  # one block of three: not kept

    def never():
        raise AssertionError("the network is not needed")

    labels = data.splits["test"].labels
    assert set(first.whole()) == set(product(range(2), (7, 2)))
    assert answers(TrainedOracle(labels, never, first.whole()), questions) == told
    with pytest.raises(AssertionError, match="not needed"):
        answers(TrainedOracle(labels, never, first.whole()), [(1, 0, 5)])


def test_a_temperature_divides_the_scores_of_its_exit(network, data):
    plain, warm = ask(network, data), ask(network, data)
    warm = TrainedOracle(warm.labels, lambda: NetworkScores(network, data.splits["test"].images), None, (1.0, 4.0))
    views = [oracle.view_sets.id(7) for oracle in (plain, warm)]
    local, cloud = (plain.table(number, views[0]) for number in (0, 1))
    same, cooled = (warm.table(number, views[1]) for number in (0, 1))
    assert all(np.array_equal(a, b) for a, b in zip(local, same, strict=True))
    assert np.array_equal(cooled.prediction, cloud.prediction)
    assert (cooled.entropy > cloud.entropy).all()
    scores = warm.whole()[1, 7].astype(np.float64) / 4
    expected = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    assert cooled.top == pytest.approx(expected.max(axis=1))
    assert all(np.array_equal(scores, warm.whole()[key]) for key, scores in plain.whole().items())


@pytest.mark.benchmark
def test_all_sets_of_six_views_on_a_thousand_samples(benchmark):
    """The network of the paper's size; its target is 1.5 s on an idle core."""
    draw = torch_generator(0, "tests")
    model = seasoned(DDNN(network_with(view_shape=(3, 32, 32), classes=3), draw), draw)
    images = np.random.default_rng(0).integers(256, size=(1000, 6, 3, 32, 32), dtype=np.uint8)

    def ask_everything() -> None:
        oracle = TrainedOracle(np.zeros(1000, dtype=np.int64), lambda: NetworkScores(model, images))
        for mask in range(1, 64):
            for number in (0, 1):
                oracle.table(number, oracle.view_sets.id(mask))

    benchmark.pedantic(ask_everything, rounds=3)
