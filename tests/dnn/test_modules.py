"""A network of one's own: any modules as sections, held to a pass written out by hand."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from ddnnsim.dnn.modules import Merging, ModuleNetwork, ModuleScores
from ddnnsim.dnn.oracle import BLOCK, TrainedOracle, Views
from ddnnsim.errors import NetworkError
from ddnnsim.network import Network, NetworkExit, NetworkLevel
from ddnnsim.oracle import decision_table
from ddnnsim.scenario import Level

CLASSES = 3


GROUPS = ((0, 3), (1, 2, 4, 5))


class Form(NamedTuple):
    """A configuration: the children of the sections above the devices, and by exit its level, sections and merge."""

    views: int
    above: tuple[tuple[tuple[int, ...], ...], ...]
    merges: tuple[tuple[str, ...], ...]
    exits: dict[str, tuple[int, tuple[int, ...], str]]


ALL = tuple(range(6))
FORMS = {
    "a": Form(6, ((ALL,),), (("MP",),), {"cloud": (1, (0,), "MP")}),
    "b": Form(1, (((0,),),), (("AP",),), {"local": (0, (0,), "MP"), "cloud": (1, (0,), "MP")}),
    "c": Form(6, ((ALL,),), (("AP",),), {"local": (0, ALL, "AP"), "cloud": (1, (0,), "MP")}),
    "d": Form(
        1,
        (((0,),), ((0,),)),
        (("MP",), ("AP",)),
        {"local": (0, (0,), "AP"), "edge": (1, (0,), "MP"), "cloud": (2, (0,), "MP")},
    ),
    "e": Form(
        6,
        ((ALL,), ((0,),)),
        (("AP",), ("MP",)),
        {"local": (0, ALL, "MP"), "edge": (1, (0,), "MP"), "cloud": (2, (0,), "MP")},
    ),
    "f": Form(
        6,
        (GROUPS, ((0, 1),)),
        (("AP", "MP"), ("MP",)),
        {
            "local.a": (0, GROUPS[0], "MP"),
            "local.b": (0, GROUPS[1], "AP"),
            "edge": (1, (0, 1), "AP"),
            "cloud": (2, (0,), "MP"),
        },
    ),
}


def shape(absent: str = "leave_out", letter: str = "f", merge: str | None = None) -> Network:
    """Return a configuration of six views, or of one, and every exit joined by *merge*, if given."""
    form = FORMS[letter]
    children = (tuple((view,) for view in range(form.views)), *form.above)
    names = ("device", "edge", "cloud") if len(children) == 3 else ("device", "cloud")
    levels = tuple(
        NetworkLevel(name, Level(convp=(1,)), below, tuple(range(len(below))))
        for name, below in zip(names, children, strict=True)
    )
    exits = tuple(
        NetworkExit(name, name.partition(".")[0], name.partition(".")[2] or None, level, sections, merge or kind, 1.0)
        for name, (level, sections, kind) in form.exits.items()
    )
    return Network((1, 4, 4), CLASSES, levels, exits, absent)


class Sensor(nn.Module):
    """Without *read*, no exit reads its scores, and it gives none."""

    def __init__(self, read: bool = True) -> None:
        super().__init__()
        self.features = nn.Linear(16, 5)
        self.scores = nn.Linear(5, CLASSES) if read else None

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor | None]:
        features = torch.tanh(self.features(x.flatten(1)))
        return features, None if self.scores is None else self.scores(features)


class Body(nn.Module):
    """It divides, so that what stands for an absent child would be no number."""

    def __init__(self, top: bool) -> None:
        super().__init__()
        self.scores = nn.Linear(5, CLASSES)
        self.top = top

    def forward(self, x: Tensor) -> tuple[Tensor | None, Tensor]:
        return None if self.top else x / x.norm(dim=1, keepdim=True), self.scores(x)


def sections(letter: str = "f") -> list[list[nn.Module]]:
    torch.manual_seed(3)
    form = FORMS[letter]
    sensors = [Sensor(read=letter != "a") for _ in range(form.views)]
    tops = [level == len(form.merges) - 1 for level in range(len(form.merges))]
    return [sensors] + [
        [Merging(kind, Body(top)) for kind in kinds] for kinds, top in zip(form.merges, tops, strict=True)
    ]


def joined(kind: str, values: list[Tensor]) -> Tensor:
    stacked = torch.stack(values)
    return stacked.amax(0) if kind == "MP" else stacked.mean(0)


def by_hand(letter: str, modules: list[list[nn.Module]], pixels: Tensor, views: set[int]) -> dict[str, Tensor]:
    """Return the scores of each exit that any view reaches, for one sample, (V, 1, 4, 4): section by section."""
    form = FORMS[letter]
    outs = [{v: modules[0][v](pixels[v : v + 1].float() / 255) for v in views}]
    for number, (level, kinds) in enumerate(zip(form.above, form.merges, strict=True), start=1):
        outs.append({})
        for section, children in enumerate(level):
            found = [outs[-2][child][0] for child in children if child in outs[-2]]
            if found:
                outs[-1][section] = modules[number][section].body(joined(kinds[section], found))
    told = {}
    for name, (level, read, kind) in form.exits.items():
        found = [outs[level][section][1] for section in read if section in outs[level]]
        if found:
            told[name] = joined(kind, found)
    return told


@pytest.mark.parametrize(
    ("letter", "mask"), [(letter, mask) for letter, form in FORMS.items() for mask in range(1, 1 << form.views)]
)
def test_every_set_of_views_gives_what_the_sections_give_by_hand(letter, mask):
    modules, network = sections(letter), shape(letter=letter)
    images = np.random.default_rng(1).integers(256, size=(3, network.views, 1, 4, 4), dtype=np.uint8)
    scores = ModuleScores(ModuleNetwork(network, modules), images).evaluate(0, 0, Views(mask))
    named = {network.exits[number].name: of_exit for number, of_exit in scores.items()}
    for sample in range(len(images)):
        with torch.inference_mode():
            views = {v for v in range(network.views) if mask >> v & 1}
            expected = by_hand(letter, modules, torch.from_numpy(images[sample]), views)
        assert named.keys() == expected.keys()
        for name, of_exit in expected.items():
            assert named[name].shape == (BLOCK, CLASSES)
            assert named[name][sample] == pytest.approx(of_exit[0].numpy(), abs=1e-6)


@pytest.mark.parametrize("letter", FORMS)
def test_the_oracle_decides_by_the_scores_of_the_sections(letter):
    """All of the samples, more than a block of them, over every set of views."""
    modules, network = sections(letter), shape(letter=letter)
    images = np.random.default_rng(2).integers(256, size=(70, network.views, 1, 4, 4), dtype=np.uint8)
    oracle = TrainedOracle(np.zeros(70, np.int64), lambda: ModuleScores(ModuleNetwork(network, modules), images))
    for mask in range(1, 1 << network.views):
        views = {v for v in range(network.views) if mask >> v & 1}
        with torch.inference_mode():
            samples = [by_hand(letter, modules, torch.from_numpy(image), views) for image in images]
        for number, exit_ in enumerate(network.exits):
            if exit_.name not in samples[0]:
                with pytest.raises(ValueError, match="no view of exit"):
                    oracle.table(number, oracle.view_sets.id(mask))
                continue
            p = torch.cat([told[exit_.name] for told in samples]).double().softmax(dim=1).numpy()
            expected, table = decision_table(p), oracle.table(number, oracle.view_sets.id(mask))
            clear = expected.margin > 1e-5
            assert clear.mean() > 0.95
            assert np.array_equal(table.prediction[clear], expected.prediction[clear])
            assert table.entropy == pytest.approx(expected.entropy, abs=1e-5)


def test_a_blank_view_stands_for_an_absent_one_where_the_scenario_says_so():
    network = ModuleNetwork(shape("blank"), sections())
    images = np.random.default_rng(1).integers(256, size=(3, 6, 1, 4, 4), dtype=np.uint8)
    blank = images.copy()
    blank[:, 2] = 0
    told = ModuleScores(network, images).evaluate(0, 0, Views(0b111011))
    expected = ModuleScores(network, blank).evaluate(0, 0, Views(0b111111))
    assert all(np.array_equal(told[number], expected[number]) for number in range(4))


def test_the_oracle_asks_it_like_any_network():
    images = np.random.default_rng(1).integers(256, size=(70, 6, 1, 4, 4), dtype=np.uint8)
    network = ModuleNetwork(shape(), sections())
    oracle = TrainedOracle(np.zeros(70, np.int64), lambda: ModuleScores(network, images))
    table = oracle.table(3, oracle.view_sets.id(0b100001))
    assert [oracle.decide(3, s, oracle.view_sets.id(0b100001)) for s in range(70)] == table.rows()


def test_costs_are_those_of_the_modules():
    modules = sections()
    modules[0][0].feature_bits = 3
    costs = ModuleNetwork(shape(), modules).costs()
    assert [len(level) for level in costs] == [6, 2, 1]
    sensor = costs[0][0]
    assert sensor.operations.total == 2 * (16 * 5 + 5 * CLASSES)
    assert sensor.parameter_bytes == 4 * (16 * 5 + 5 + 5 * CLASSES + CLASSES)
    assert (sensor.summary_bytes, sensor.features_bytes) == (12, 2)
    assert costs[0][1].features_bytes == 20
    assert costs[2][0].features_bytes == 0


def test_a_shared_module_stands_for_several_sections():
    one = Sensor()
    costs = ModuleNetwork(shape(), [[one] * 6, *sections()[1:]]).costs()
    assert all(a == b for a, b in pairwise(costs[0]))


def test_what_is_not_the_protocol_is_told():
    with pytest.raises(NetworkError, match="6 sections by level, and the scenario needs device 6, edge 2, cloud 1"):
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
        ModuleNetwork(shape(), wrong)(torch.zeros(1, 6, 1, 4, 4), torch.ones(1, 6, dtype=torch.bool))


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
    images = np.zeros((3, 6, 1, 4, 4), dtype=np.uint8)
    with pytest.raises(NetworkError, match=told):
        ModuleScores(ModuleNetwork(shape(), odd), images).evaluate(0, 0, Views(0b111111))


def test_half_precision_scores_are_taken():
    halves = sections()
    halves[2][0] = Merging("MP", Halved(halves[2][0].body))
    images = np.zeros((3, 6, 1, 4, 4), dtype=np.uint8)
    assert ModuleScores(ModuleNetwork(shape(), halves), images).evaluate(3, 0, Views(63))[3].dtype == np.float32


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
    images = np.zeros((3, 6, 1, 4, 4), dtype=np.uint8)
    assert set(ModuleScores(network, images).evaluate(1, 0, Views(0b000100))) == {1, 2, 3}
