"""All configurations of the paper, held to a network written out by hand: section by section, merge by definition."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from models import seasoned
from networks import network_with
from torch import Tensor
from torch.nn.functional import relu

from ddnnsim.dnn.blocks import Activation, Layer, Norm, quantised, sign
from ddnnsim.dnn.merges import ScoreConcatenation
from ddnnsim.dnn.model import DDNN
from ddnnsim.dnn.oracle import TrainedOracle, Views
from ddnnsim.dnn.scores import NetworkScores
from ddnnsim.dnn.sections import Peers
from ddnnsim.dnn.training import torch_generator
from ddnnsim.network import Network
from ddnnsim.oracle import decision_table
from ddnnsim.scenario import Level

SHAPE = (2, 9, 7)
FLOAT = {"precision": "float"}
GROUPS = ((0, 3), (1, 2, 4, 5))
EQUAL = ((0, 1, 2), (3, 4, 5))


def small(devices: Level, *upper: Level, merges: dict[str, str], views: int = 6, **changes: object) -> Network:
    names = ("cloud",) if len(upper) == 1 else ("edge", "cloud")
    levels = {"device": devices} | dict(zip(names, upper, strict=True))
    return network_with(levels, merges=merges, views=views, view_shape=SHAPE, classes=4, **changes)


BITS, CLOUD, EDGE = Level(convp=(3,)), Level(convp=(4,), merge="CC"), Level(convp=(3,), merge="MP")
ALL = {"local": "MP", "edge": "AP", "cloud": "MP"}
FOREST = {"local.groups": "MP", "edge": "AP", "cloud": "MP"}
BINARY = {
    "a": small(BITS, CLOUD, merges={"cloud": "MP"}),
    "b": small(BITS, CLOUD, merges={"local": "CC", "cloud": "MP"}, views=1),
    "c": small(BITS, CLOUD, merges={"local": "MP", "cloud": "MP"}),
    "c, blank": small(BITS, CLOUD, merges={"local": "CC", "cloud": "MP"}, absent="blank"),
    "c, AP": small(BITS, Level(convp=(4,), merge="AP"), merges={"local": "AP", "cloud": "MP"}),
    "c, rows": small(Level(convp=(2,), fc=(5,)), Level(fc=(6,), merge="CC"), merges={"local": "CC", "cloud": "MP"}),
    "c, geometry": small(
        Level(convp=(3,), kernel=5, pool=2, stride=1), Level(convp=(2,), merge="MP", kernel=1, pool=1), merges=ALL
    ),
    "d": small(BITS, EDGE, CLOUD, merges=ALL, views=1),
    "e, one edge": small(BITS, Level(convp=(3,), merge="CC"), CLOUD, merges=ALL),
    "e, edges": small(BITS, Level(convp=(3,), merge="CC"), CLOUD, merges=ALL, groups=GROUPS),
    "e, shared": small(Level(convp=(3,), share="group"), EDGE, CLOUD, merges=ALL | {"edge": "CC"}, groups=GROUPS),
    "e, no exit at the edge": small(BITS, EDGE, CLOUD, merges={"local": "MP", "cloud": "MP"}, groups=EQUAL),
    "f": small(BITS, EDGE, CLOUD, merges=FOREST, groups=EQUAL),
    "f, unequal": small(BITS, CLOUD, EDGE, merges=FOREST | {"local.groups": "CC", "edge": "CC"}, groups=GROUPS),
    "f, shared": small(Level(convp=(3,), share="group"), CLOUD, CLOUD, merges=FOREST, groups=EQUAL),
    "f, blank": small(BITS, CLOUD, CLOUD, merges=FOREST, groups=GROUPS, absent="blank"),
}
NUMBERS = {
    "c, float": small(Level(convp=(3,), **FLOAT), Level(convp=(4,), **FLOAT), merges={"local": "CC", "cloud": "MP"}),
    "c, float above": small(BITS, Level(convp=(4,), fc=(5,), merge="CC", **FLOAT), merges=ALL),
    "c, float below": small(Level(convp=(3,), bits=4, **FLOAT), EDGE, CLOUD, merges=ALL),
    "e, float edges": small(BITS, Level(convp=(3,), bits=2, **FLOAT), CLOUD, merges=ALL, groups=GROUPS),
    "f, float clouds": small(
        Level(convp=(3,), share="group"), EDGE, Level(convp=(4,), merge="AP", **FLOAT), merges=FOREST, groups=GROUPS
    ),
    "f, blank floats": small(
        Level(convp=(3,), bits=8, **FLOAT), EDGE, CLOUD, merges=FOREST, groups=GROUPS, absent="blank"
    ),
}
SAMPLES = 70
"""More than a block."""
ROUNDING = 2e-6
"""A sum of floats in another order may differ by so much, and fall on the other side of a step."""


class Steps:
    """The least distance of each sample's pre-activations from a step of a sign or a quantiser, in one pass."""

    def __init__(self) -> None:
        self.distance = np.full(SAMPLES, np.inf)

    def watch(self, section: Peers) -> None:
        for block in section.blocks:
            block.norm.register_forward_hook(partial(self._see, block.activation))

    def _see(self, activation: Activation, _norm: Norm, _inputs: tuple[Tensor, ...], x: Tensor) -> None:
        if activation is sign:
            distance = x.abs()
        elif isinstance(activation, partial) and activation.func is quantised:
            levels = 2 ** activation.keywords["bits"] - 1
            step = (x * levels - 0.5).round().clamp(0, levels - 1) + 0.5  # it rounds half a level up or down
            distance = (x - step / levels).abs()
        else:
            assert activation is relu, "has no step"
            return
        self.distance = np.minimum(self.distance, distance.flatten(1).amin(dim=1).numpy())


def made(network: Network) -> DDNN:
    random = torch_generator(3, "tests")
    return seasoned(DDNN(network, random), random)


def weights(layer: Layer) -> np.ndarray:
    real = layer.weight.detach().numpy()
    return real if layer.precision == "float" else np.where(real >= 0, np.float32(1), np.float32(-1))


def naive(model: DDNN, images: np.ndarray, mask: int, steps: Steps) -> list[np.ndarray | None]:
    """Return the scores of every exit, or None, from the views in *mask*; tell *steps* what is computed."""
    network = model.network
    blank = network.absent == "blank"
    outputs: list[dict[int, tuple[np.ndarray, np.ndarray | None]]] = [{}]
    for view in range(network.views):
        there = mask >> view & 1
        if there or blank:
            pixels = images[:, view : view + 1] if there else np.zeros_like(images[:, :1])
            maps = (pixels.astype(np.float32) * 2 - 255) / 256
            outputs[0][view] = run(model, 0, view, maps, steps)
    for number, level in enumerate(network.levels[1:], start=1):
        outputs.append({})
        for section, children in enumerate(level.children):
            found = {child: outputs[-2][child][0][:, 0] for child in children if child in outputs[-2]}
            if found:
                merged = merge(model, number, section, children, found)
                outputs[-1][section] = run(model, number, section, merged[:, None], steps)
    told: list[np.ndarray | None] = []
    for number, exit_ in enumerate(network.exits):
        scores = {s: outputs[exit_.level][s][1][:, 0] for s in exit_.sections if s in outputs[exit_.level]}
        told.append(join(model, number, scores) if scores else None)
    return told


def run(model: DDNN, level: int, section: int, maps: np.ndarray, steps: Steps) -> tuple[np.ndarray, np.ndarray | None]:
    alone = model.levels[level].alone(section)
    steps.watch(alone)
    with torch.no_grad():
        features, scores = alone(torch.from_numpy(np.ascontiguousarray(maps)))
    return features.numpy(), None if scores is None else scores.numpy()


def merge(model: DDNN, number: int, section: int, children: tuple[int, ...], found: dict[int, np.ndarray]):
    kind = model.network.levels[number].layers.merge or "CC"
    present = list(found.values())
    if kind == "MP":
        return np.maximum.reduce(present)
    if kind == "AP":
        return sum(present) / np.float32(len(present))
    shape = present[0].shape  # (B, f, h, w)
    rows = shape[2] * shape[3] == 1
    inputs = np.stack([found.get(child, np.zeros(shape, np.float32)) for child in children], axis=1)
    inputs = inputs.reshape(shape[0], len(children), *((1, shape[1]) if rows else (shape[1], -1)))  # (B, k, f, p)
    pixels = inputs.shape[-1]
    layer = model.levels[number].alone(section).merge.layer
    weight = weights(layer).reshape(len(children), -1, pixels, pixels)
    return np.einsum("bkfp,kfpq->bfq", inputs, weight).reshape(shape).astype(np.float32)


def join(model: DDNN, exit_: int, scores: dict[int, np.ndarray]) -> np.ndarray:
    of_exit = model.network.exits[exit_]
    present = list(scores.values())
    if len(of_exit.sections) == 1:
        return present[0]
    if of_exit.merge == "MP":
        return np.maximum.reduce(present)
    if of_exit.merge == "AP":
        return sum(present) / len(present)
    layer = model.joins[exit_].layer
    row = np.concatenate([scores.get(s, np.zeros_like(present[0])) for s in of_exit.sections], axis=1)
    norm = layer.norm
    mean, var, scale, shift = (
        x.detach().numpy() for x in (norm.running_mean, norm.running_var, norm.weight, norm.bias)
    )
    return (row @ weights(layer).T - mean) / np.sqrt(var + norm.eps) * scale + shift


def softmax(scores: np.ndarray) -> np.ndarray:
    powers = np.exp(scores.astype(np.float64) - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


class Compared(NamedTuple):
    """How many answers there are over all sets of views, how many differ, and how many rounding may turn instead."""

    answers: int
    different: int
    near: int


def compared(network: Network, rounding: float = 0.0) -> Compared:
    """Compare all answers of *network*, but for those with a pre-activation within *rounding* of a step."""
    model = made(network)
    images = np.random.default_rng(5).integers(256, size=(SAMPLES, network.views, *SHAPE), dtype=np.uint8)
    oracle = TrainedOracle(np.zeros(SAMPLES, dtype=np.int64), lambda: NetworkScores(model, images))
    different = answers = near = 0
    for mask in range(0 if network.absent == "blank" else 1, 1 << network.views):
        steps = Steps()
        for number, scores in enumerate(naive(model, images, mask, steps)):
            if scores is None:
                with pytest.raises(ValueError, match="no view of exit"):
                    oracle.table(number, oracle.view_sets.id(mask))
                continue
            expected, table = decision_table(softmax(scores)), oracle.table(number, oracle.view_sets.id(mask))
            near_tie = np.minimum(expected.margin, table.margin) < 1e-5
            same = (table.prediction == expected.prediction) | near_tie
            same &= np.abs(table.entropy - expected.entropy) < 1e-5
            clear = steps.distance >= rounding
            different += int((~same & clear).sum())
            near += int((~clear).sum())
            answers += len(same)
    return Compared(answers, different, near)


@pytest.mark.parametrize("network", BINARY.values(), ids=BINARY)
def test_every_exit_says_what_sections_one_by_one_say(network):
    found = compared(network)
    assert found.different == 0
    assert found.answers >= SAMPLES * ((1 << network.views) - 1)


@pytest.mark.parametrize("network", NUMBERS.values(), ids=NUMBERS)
def test_networks_with_floats_say_so_too_but_at_a_step(network):
    """A sum in another order may fall on the other side of a step of a binary or quantised activation."""
    found = compared(network, ROUNDING)
    assert found.different == 0
    assert found.near <= 0.05 * found.answers


@st.composite
def networks(draw: st.DrawFn) -> Network:
    """Any small binary network of up to three levels, with any groups of its devices."""
    views = draw(st.integers(1, 5))
    kinds = st.sampled_from(["MP", "AP", "CC"])
    of_group = draw(st.lists(st.integers(0, 2), min_size=views, max_size=views))
    groups = [[view for view, group in enumerate(of_group) if group == wanted] for wanted in sorted(set(of_group))]
    share = draw(st.sampled_from(["none", "group"]))
    devices = Level(convp=draw(st.sampled_from([(1,), (3,), (2, 2)])), share=share)
    upper = [Level(convp=(draw(st.integers(1, 3)),), merge=draw(kinds)) for _ in range(draw(st.integers(1, 2)))]
    merges = {"cloud": "MP"}
    if draw(st.booleans()):
        merges[draw(st.sampled_from(["local", "local.groups"]))] = draw(kinds)
    if len(upper) == 2 and draw(st.booleans()):
        merges["edge"] = draw(kinds)
    absent = draw(st.sampled_from(["leave_out", "blank"]))
    return small(devices, *upper, merges=merges, views=views, groups=groups, absent=absent)


@settings(max_examples=25)
@given(networks())
def test_so_says_any_network(network):
    assume(lively(network))
    assert compared(network).different == 0


def lively(network: Network) -> bool:
    """Whether every channel varies: the norm of one that does not makes differences of rounding much larger."""
    norms = (module for module in made(network).modules() if isinstance(module, Norm))
    return all(bool((norm.running_var > 0.01).all()) for norm in norms)


def exact_to_the_bit(network: Network) -> bool:
    """Whether no float is summed: then no score depends on what else is in the batch."""
    return not any(isinstance(merge, ScoreConcatenation) for merge in made(network).joins)


@pytest.mark.parametrize("network", [n for n in BINARY.values() if exact_to_the_bit(n)])
@torch.no_grad()
def test_binary_networks_give_the_same_bits_in_any_batch(network):
    model = made(network)
    random = torch_generator(1, "tests")
    pixels = torch.randint(256, (70, network.views, *SHAPE), generator=random, dtype=torch.uint8)
    present = torch.rand(70, network.views, generator=random) < 0.7
    together, answering = model(pixels, present), model.answering(present)
    for batch in (1, 7, 64):
        parts = [model(p, who) for p, who in zip(pixels.split(batch), present.split(batch), strict=True)]
        for number, scores in enumerate(together):
            apart = torch.cat([part[number] for part in parts])
            assert torch.equal(apart[answering[:, number]], scores[answering[:, number]])


@torch.no_grad()
def test_what_is_deployed_gives_the_same_bits():
    for network in (BINARY["f"], BINARY["c, rows"]):
        model = made(network)
        images = torch.randint(256, (64, 6, *SHAPE), generator=torch_generator(1, "tests"), dtype=torch.uint8)
        present = torch.ones(64, 6, dtype=torch.bool)
        straight = model(images, present)
        scores = NetworkScores(model, images.numpy())
        told = scores.evaluate(0, 0, Views(63)) | scores.evaluate(len(straight) - 1, 0, Views(63))
        assert sorted(told) == list(range(len(straight)))
        assert all(np.array_equal(told[number], exit_.numpy()) for number, exit_ in enumerate(straight))


def test_the_answering_exits_are_those_with_a_view():
    model = made(BINARY["f, unequal"])
    present = torch.tensor([[1, 0, 0, 1, 0, 0], [0, 1, 0, 0, 0, 0], [1, 1, 1, 1, 1, 1]], dtype=torch.bool)
    names = [exit_.name for exit_ in model.network.exits]
    assert names == ["local.0", "local.1", "edge", "cloud"]
    assert model.answering(present).tolist() == [[1, 0, 1, 1], [0, 1, 1, 1], [1, 1, 1, 1]]
    assert made(BINARY["f, blank"]).answering(present).all()
