"""Training: reproducible, alone with its randomness, and able to learn."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch
from networks import digits, network_with, training

from ddnnsim.dnn import training as training_module
from ddnnsim.dnn.data.datasets import load_dataset
from ddnnsim.dnn.data.splits import Split, as_sensed
from ddnnsim.dnn.model import DDNN
from ddnnsim.dnn.training import mini_batches, torch_generator, train, training_device, views_present
from ddnnsim.errors import UserError
from ddnnsim.scenario import Level


def part(samples: int) -> Split:
    whole = load_dataset(digits()).splits["train"]
    return as_sensed(whole.images[:samples], whole.labels[:samples], whole.seen[:samples])


def fresh(seed: int = 0) -> DDNN:
    return DDNN(network_with(), torch_generator(seed, "training/weights"))


def state(model: DDNN) -> bytes:
    return b"".join(value.numpy().tobytes() for value in model.state_dict().values())


@pytest.mark.parametrize(("samples", "batch"), [(1078, 64), (7, 3), (3, 2), (5, 1), (2, 64), (129, 64)])
def test_every_sample_is_in_one_mini_batch_and_none_is_alone(samples, batch):
    batches = mini_batches(samples, batch, torch_generator(0, "tests"))
    assert sorted(torch.cat(batches).tolist()) == list(range(samples))
    sizes = {len(b) for b in batches}
    assert min(sizes) >= 2
    assert max(sizes) <= max(batch, 3)
    assert max(sizes) - min(sizes) <= 1


def test_training_is_the_same_whatever_happened_before_and_disturbs_nothing():
    split = part(128)
    models = [fresh(), fresh()]
    threads, states = torch.get_num_threads(), []
    for model, seed in zip(models, (1, 2), strict=True):
        torch.manual_seed(seed)
        torch.set_num_threads(seed)
        before = torch.random.get_rng_state()
        train(model, split, training(epochs=1))
        assert torch.equal(torch.random.get_rng_state(), before)
        assert torch.get_num_threads() == seed
        states.append(state(model))
    torch.set_num_threads(threads)
    assert states[0] == states[1]


def test_another_process_learns_the_same_bytes():
    code = (
        "from test_training import *; m = fresh(); train(m, part(128), training(epochs=1));"
        "sys.stdout.buffer.write(state(m))"
    )
    there = subprocess.run(
        [sys.executable, "-c", code], cwd=Path(__file__).parent, capture_output=True, check=True
    ).stdout
    here = fresh()
    train(here, part(128), training(epochs=1))
    assert there == state(here)


def test_seeds_change_the_weights_and_the_order():
    assert state(fresh(0)) != state(fresh(1))
    orders = [torch.cat(mini_batches(50, 8, torch_generator(seed, "training/order"))) for seed in (0, 1)]
    assert not torch.equal(*orders)


def test_progress_is_told_of_every_epoch_and_every_loss_falls():
    told: list[tuple[int, int, tuple[float, ...]]] = []
    model = fresh()
    train(model, part(256), training(epochs=3), lambda *news: told.append(news))
    assert [(epoch, epochs, len(losses)) for epoch, epochs, losses in told] == [(1, 3, 2), (2, 3, 2), (3, 3, 2)]
    assert all(last < first for first, last in zip(told[0][2], told[-1][2], strict=True))
    assert not model.training
    assert all(weight.abs().max() <= 1 for weight in model.binary_weights())


def test_an_exit_of_no_weight_teaches_nothing():
    model = fresh()
    before = model.levels[0].peers[0].classifier.weight.detach().clone()
    train(model, part(128), training(epochs=1, exit_weights={"cloud": 1.0, "local": 0.0}))
    assert torch.equal(model.levels[0].peers[0].classifier.weight, before)
    assert not torch.equal(*(m.levels[1].peers[0].merge.layer.weight for m in (model, fresh())))


def test_view_dropout_leaves_out_its_share_but_never_all():
    present = views_present(20_000, 4, 0.3, torch_generator(0, "tests"))
    assert present.any(dim=1).all()
    left_out = 0.3 - 0.3**4 / 4  # of the samples that would lose all, one view of four is kept
    assert abs((~present).double().mean().item() - left_out) < 4 * (0.3 * 0.7 / 80_000) ** 0.5
    assert views_present(100, 3, 0.0, torch_generator(0, "tests")).all()
    assert (views_present(100, 3, 1.0, torch_generator(0, "tests")).sum(dim=1) == 1).all()


FLOAT = Level(convp=(4,), precision="float")
BITS = Level(convp=(4,))
CLOUD = {"convp": (8,), "merge": "CC"}
MIXED = {
    "float": {"device": FLOAT, "cloud": Level(**CLOUD, precision="float")},
    "float above": {"device": BITS, "cloud": Level(**CLOUD, precision="float")},
    "float below": {"device": Level(convp=(4,), precision="float", bits=4), "cloud": Level(**CLOUD)},
    "rows": {"device": BITS, "cloud": Level(fc=(32,), merge="CC", precision="float")},
}


@pytest.mark.parametrize("levels", MIXED.values(), ids=MIXED)
def test_networks_with_floats_learn(levels):
    """Ten classes: a guess is right once in ten times."""
    model = DDNN(network_with(levels), torch_generator(0, "training/weights"))
    learnt = load_dataset(digits()).splits
    train(model, learnt["train"], training(epochs=3, learning_rate=0.003))
    test = learnt["test"]
    with torch.no_grad():
        exits = model(torch.from_numpy(test.images), torch.ones(test.images.shape[:2], dtype=torch.bool))
    accuracies = [float((scores.argmax(1).numpy() == test.labels).mean()) for scores in exits]
    assert min(accuracies) > 0.5
    assert accuracies[1] > 0.7


GROUPS = ((0, 3), (1, 2, 4, 5))
FOREST = {"local.groups": "MP", "edge": "MP", "cloud": "MP"}


def forest(**device: object) -> DDNN:
    levels = {"device": Level(convp=(2,), **device), "edge": Level(convp=(3,)), "cloud": Level(convp=(4,))}
    return DDNN(network_with(levels, groups=GROUPS, merges=FOREST), torch_generator(0, "training/weights"))


def test_groups_learn_though_dropout_leaves_some_without_a_view():
    model, told = forest(), []
    train(model, part(256), training(epochs=3, view_dropout=0.6), lambda *news: told.append(news[2]))
    assert len(told[0]) == 4
    assert all(last < first for first, last in zip(told[0], told[-1], strict=True))
    assert all(torch.isfinite(value).all() for value in model.state_dict().values())


def test_an_exit_learns_nothing_from_samples_of_which_it_has_no_view():
    """Whatever the labels of those samples are, the weights become the same."""
    model, other = forest(), forest()
    split = part(64)
    images = torch.from_numpy(split.images)
    present = torch.ones(64, 6, dtype=torch.bool)
    present[:32, [0, 3]] = False
    labels = torch.from_numpy(split.labels)[:, None].expand(-1, 4)  # (samples, exits)
    lies = labels.clone()
    lies[:32, 0] = 9 - lies[:32, 0]
    gradients = []
    for one, told in ((model, labels), (other, lies)):
        optimizer = torch.optim.Adam(one.parameters())
        training_module._step(one, optimizer, images, present, told, [1.0] * 4)
        gradients.append([parameter.grad for parameter in one.parameters()])
    assert all(torch.equal(a, b) for a, b in zip(*gradients, strict=True))
    assert model.levels[0].peers[0].classifier.weight.grad.abs().sum() > 0


def test_devices_of_a_group_share_their_weights():
    shared, own = forest(share="group"), forest()
    devices = [sum(p.numel() for p in m.levels[0].peers.parameters()) for m in (shared, own)]
    assert devices[0] * 3 == devices[1]
    train(shared, part(128), training(epochs=1))
    sections = [state(shared.levels[0].alone(view)) for view in range(6)]
    assert sections[0] == sections[3] != sections[1]
    assert len({sections[view] for view in (1, 2, 4, 5)}) == 1


def test_a_gpu_that_is_not_there_is_refused(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert training_device(training()).type == training_device(training(device="cpu")).type == "cpu"
    with pytest.raises(UserError, match="write 'auto' or 'cpu'"):
        training_device(training(device="cuda"))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA here")
def test_a_gpu_trains_and_gives_the_weights_back():
    model = forest(share="group")
    train(model, part(128), training(epochs=1, device="cuda"))
    assert {value.device.type for value in model.state_dict().values()} == {"cpu"}
