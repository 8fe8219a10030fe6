"""A network of one's own: any modules as sections, held to a pass written out by hand."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from ddnnsim.dnn.modules import Merging, ModuleNetwork, ModuleScores
from ddnnsim.dnn.oracle import BLOCK, TrainedOracle
from ddnnsim.errors import NetworkError
from ddnnsim.network import Network, NetworkExit, NetworkLevel
from ddnnsim.scenario import Level

CLASSES = 3


def shape(absent: str = "leave_out", merge: str = "AP") -> Network:
    """Return configuration (f) of five views in groups of two and three: eight sections, four exits."""
    layers = Level(convp=(1,))
    levels = (
        NetworkLevel("device", layers, tuple((view,) for view in range(5)), tuple(range(5))),
        NetworkLevel("edge", layers, ((0, 1), (2, 3, 4)), (0, 1)),
        NetworkLevel("cloud", layers, ((0, 1),), (0,)),
    )
    exits = (
        NetworkExit("local.a", "local", "a", 0, (0, 1), "MP", 1.0),
        NetworkExit("local.b", "local", "b", 0, (2, 3, 4), merge, 1.0),
        NetworkExit("edge", "edge", None, 1, (0, 1), "AP", 1.0),
        NetworkExit("cloud", "cloud", None, 2, (0,), "MP", 1.0),
    )
    return Network((1, 4, 4), CLASSES, levels, exits, absent)


class Sensor(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Linear(16, 5)
        self.scores = nn.Linear(5, CLASSES)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        features = torch.tanh(self.features(x.flatten(1)))
        return features, self.scores(features)


class Body(nn.Module):
    """It divides, so that what stands for an absent child would be no number."""

    def __init__(self, top: bool) -> None:
        super().__init__()
        self.scores = nn.Linear(5, CLASSES)
        self.top = top

    def forward(self, x: Tensor) -> tuple[Tensor | None, Tensor]:
        return None if self.top else x / x.norm(dim=1, keepdim=True), self.scores(x)


def sections() -> list[list[nn.Module]]:
    torch.manual_seed(3)
    return [
        [Sensor() for _ in range(5)],
        [Merging("AP", Body(top=False)), Merging("MP", Body(top=False))],
        [Merging("MP", Body(top=True))],
    ]


def by_hand(modules: list[list[nn.Module]], pixels: Tensor, views: set[int]) -> list[Tensor | None]:
    """Return the scores of each exit for one sample, (V, 1, 4, 4), in plain words; None where no view reaches it."""
    outs = {v: modules[0][v](pixels[v : v + 1].float() / 255) for v in views}

    def joined(kind: str, values: list[Tensor]) -> Tensor | None:
        stacked = torch.stack(values) if values else None
        return None if stacked is None else stacked.amax(0) if kind == "MP" else stacked.mean(0)

    groups = [[v for v in (0, 1) if v in views], [v for v in (2, 3, 4) if v in views]]
    locals_ = [joined(kind, [outs[v][1] for v in group]) for kind, group in zip(("MP", "AP"), groups, strict=True)]
    edges = [
        modules[1][e].body(joined(kind, [outs[v][0] for v in groups[e]]))
        for e, kind in enumerate(("AP", "MP"))
        if groups[e]
    ]
    edge = joined("AP", [scores for _, scores in edges])
    cloud = modules[2][0].body(joined("MP", [features for features, _ in edges]))[1]
    return [*locals_, edge, cloud]


@pytest.mark.parametrize("mask", range(1, 32))
def test_every_set_of_views_gives_what_the_sections_give_by_hand(mask):
    modules = sections()
    images = np.random.default_rng(1).integers(256, size=(3, 5, 1, 4, 4), dtype=np.uint8)
    scores = ModuleScores(ModuleNetwork(shape(), modules), images).evaluate(0, 0, mask)
    views = {v for v in range(5) if mask >> v & 1}
    for sample in range(len(images)):
        with torch.inference_mode():
            expected = by_hand(modules, torch.from_numpy(images[sample]), views)
        for number, of_exit in enumerate(expected):
            assert (number in scores) == (of_exit is not None)
            if of_exit is not None:
                assert scores[number].shape == (BLOCK, CLASSES)
                assert scores[number][sample] == pytest.approx(of_exit[0].numpy(), abs=1e-6)


def test_a_blank_view_stands_for_an_absent_one_where_the_scenario_says_so():
    network = ModuleNetwork(shape("blank"), sections())
    images = np.random.default_rng(1).integers(256, size=(3, 5, 1, 4, 4), dtype=np.uint8)
    blank = images.copy()
    blank[:, 2] = 0
    told, expected = (ModuleScores(network, i).evaluate(0, 0, m) for i, m in ((images, 0b11011), (blank, 0b11111)))
    assert all(np.array_equal(told[number], expected[number]) for number in range(4))


def test_the_oracle_asks_it_like_any_network():
    images = np.random.default_rng(1).integers(256, size=(70, 5, 1, 4, 4), dtype=np.uint8)
    network = ModuleNetwork(shape(), sections())
    oracle = TrainedOracle(np.zeros(70, np.int64), lambda: ModuleScores(network, images))
    table = oracle.table(3, oracle.view_sets.id(0b10001))
    assert [oracle.decide(3, s, oracle.view_sets.id(0b10001)) for s in range(70)] == table.rows()


def test_costs_are_those_of_the_modules():
    modules = sections()
    modules[0][0].feature_bits = 3
    costs = ModuleNetwork(shape(), modules).costs()
    assert [len(level) for level in costs] == [5, 2, 1]
    sensor = costs[0][0]
    assert sensor.operations.total == 2 * (16 * 5 + 5 * CLASSES)
    assert sensor.parameter_bytes == 4 * (16 * 5 + 5 + 5 * CLASSES + CLASSES)
    assert (sensor.summary_bytes, sensor.features_bytes) == (12, 2)
    assert costs[0][1].features_bytes == 20
    assert costs[2][0].features_bytes == 0


def test_a_shared_module_stands_for_several_sections():
    one = Sensor()
    costs = ModuleNetwork(shape(), [[one] * 5, *sections()[1:]]).costs()
    assert all(a == b for a, b in pairwise(costs[0]))


def test_what_is_not_the_protocol_is_told():
    with pytest.raises(NetworkError, match="5 sections by level, and the scenario needs device 5, edge 2, cloud 1"):
        ModuleNetwork(shape(), sections()[:1])
    with pytest.raises(NetworkError, match="merge by CC; use MP or AP"):
        ModuleNetwork(shape(merge="CC"), sections())
    silent = sections()
    silent[0][0] = nn.Flatten()
    with pytest.raises(NetworkError, match=r"features and scores"):
        ModuleNetwork(shape(), silent).costs()
    wrong = sections()
    wrong[0][0].scores = nn.Linear(5, 7)
    with pytest.raises(NetworkError, match=r"\(1, 3\) of 1 samples, and a section gives a tensor of shape \(1, 7\)"):
        ModuleNetwork(shape(), wrong)(torch.zeros(1, 5, 1, 4, 4), torch.ones(1, 5, dtype=torch.bool))


class Odd(nn.Module):
    """A device that returns what it is told to."""

    def __init__(self, give) -> None:
        super().__init__()
        self.give = give

    def forward(self, x: Tensor) -> object:
        return self.give(torch.zeros(len(x), 5), torch.zeros(len(x), CLASSES))


@pytest.mark.parametrize(
    ("give", "told"),
    [
        (lambda f, s: (f, s, s), "gives 3 things"),
        (lambda f, s: s, "gives Tensor"),
        (lambda f, s: [f, s], "gives list of Tensor"),
        (lambda f, s: (f, s.tolist()), "a pair of tensors, and Odd gives tuple"),
        (lambda f, s: (None, s), "a section of the device level gives no features, and there is a level above it"),
        (lambda f, s: (f[:, :2], s), "sections of the device level give features that differ"),
        (lambda f, s: (f.half(), s), "sections of the device level give features that differ"),
        (lambda f, s: (f, None), "exit 'local.a' needs scores .*, and a section gives None"),
        (
            lambda f, s: (f, s[:1]),
            r"of 64 samples, and a section gives a tensor of shape \(1, 3\)",
        ),
        (lambda f, s: (f, s / 0), "exit 'local.a': the scores of sample 0 are not all numbers"),
        (lambda f, s: (f, s.fill_(torch.inf)), "exit 'local.a': the scores of sample 0 are not all numbers"),
        (lambda f, s: 1 / 0, r"a section failed: ZeroDivisionError: division by zero \(.*test_modules.py:\d+\)"),
    ],
)
def test_what_a_section_gives_is_looked_at(give, told):
    odd = sections()
    odd[0][0] = Odd(give)
    images = np.zeros((3, 5, 1, 4, 4), dtype=np.uint8)
    with pytest.raises(NetworkError, match=told):
        ModuleScores(ModuleNetwork(shape(), odd), images).evaluate(0, 0, 0b11111)


def test_half_precision_scores_are_taken():
    halves = sections()
    halves[2][0] = Merging("MP", Halved(halves[2][0].body))
    images = np.zeros((3, 5, 1, 4, 4), dtype=np.uint8)
    assert ModuleScores(ModuleNetwork(shape(), halves), images).evaluate(3, 0, 31)[3].dtype == np.float32


class Halved(nn.Module):
    def __init__(self, body: nn.Module) -> None:
        super().__init__()
        self.body = body

    def forward(self, x: Tensor) -> tuple[Tensor | None, Tensor]:
        features, scores = self.body(x)
        return features, scores.to(torch.bfloat16)


@pytest.mark.parametrize("bits", [0, -8, 2.5, "x", True, 65])
def test_bits_of_features_are_a_number_of_bits(bits):
    modules = sections()
    modules[0][0].feature_bits = bits
    with pytest.raises(NetworkError, match="it should be 1 to 64"):
        ModuleNetwork(shape(), modules).costs()


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (None, "a list of levels, each a list of modules, and is NoneType"),
        ([], "a list of levels, each a list of modules, and is list"),
        ([Sensor()], "and is list of Sensor"),
        (iter([]), "and is list_iterator"),
        ([["a", "b"]], "a section should be a torch.nn.Module, and one is str"),
    ],
)
def test_the_network_is_a_list_of_levels(given, told):
    with pytest.raises(NetworkError, match=told):
        ModuleNetwork(shape(), given)


def test_an_exit_without_any_view_gives_no_answer():
    network = ModuleNetwork(shape(), sections())
    images = np.zeros((3, 5, 1, 4, 4), dtype=np.uint8)
    assert set(ModuleScores(network, images).evaluate(1, 0, 0b00100)) == {1, 2, 3}
