"""What sections cost is what their modules really do and hold."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from models import seasoned
from networks import network_with
from torch import nn

from ddnnsim.dnn.blocks import Classifier, ConvP, Layer, Norm
from ddnnsim.dnn.merges import Average, Concatenation, Maximum
from ddnnsim.dnn.model import DDNN, signal
from ddnnsim.dnn.training import torch_generator
from ddnnsim.profile import MapShape, SectionProfile, decision_operations, pooled, raw_bytes, section_profiles
from ddnnsim.scenario import Level

FLOAT = {"precision": "float"}
NETWORKS = {
    "quickstart": network_with(),
    "two blocks": network_with(
        {"device": Level(convp=(4, 2)), "cloud": Level(convp=(8,))}, view_shape=(3, 32, 32), classes=3
    ),
    "one device": network_with(
        {"device": Level(convp=(3,)), "edge": Level(convp=(2,), merge="MP"), "cloud": Level(convp=(5,), merge="CC")},
        views=1,
        view_shape=(3, 15, 9),
    ),
    "groups": network_with(
        {
            "device": Level(convp=(2,), share="group"),
            "edge": Level(convp=(4,), merge="MP"),
            "cloud": Level(convp=(3,), merge="AP"),
        },
        groups=((0, 3), (1, 2, 4, 5)),
        merges={"local.groups": "CC", "edge": "AP", "cloud": "MP"},
    ),
    "no exits below": network_with(
        {"device": Level(convp=(4,)), "cloud": Level(convp=(4,), merge="AP")}, merges={"cloud": "MP"}
    ),
    "float above": network_with({"device": Level(convp=(4,)), "cloud": Level(convp=(4,), fc=(6,), **FLOAT)}),
    "float below": network_with(
        {"device": Level(convp=(3,), bits=5, **FLOAT), "cloud": Level(convp=(4,), merge="MP", kernel=5, pool=2)}
    ),
    "rows": network_with({"device": Level(fc=(6, 5)), "cloud": Level(fc=(4,)), "edge": Level(convp=(1,), pool=1)}),
    "steps": network_with({"device": Level(convp=(2, 2), kernel=1, pool=5, stride=3), "cloud": Level(convp=(2,))}),
}


def is_bits(x: torch.Tensor) -> bool:
    return bool((x.abs() == 1).all())


class Watched:
    """What the layers of one section alone do to a sample, as hooks see it."""

    def __init__(self, section: nn.Module) -> None:
        self.binary: list[int] = []
        self.number: list[int] = []
        self.sizes: list[int] = []
        for layer in section.modules():
            if isinstance(layer, ConvP | Classifier | Concatenation | Maximum | Average):
                layer.register_forward_hook(self.see)

    def see(self, layer: nn.Module, inputs: tuple[torch.Tensor, ...], output: torch.Tensor) -> None:
        operations, bits = operations_of(layer, inputs[0]), is_bits(inputs[0])
        if isinstance(layer, ConvP | Classifier | Concatenation):
            bits &= is_bits(weights_of(layer))
        else:
            bits &= isinstance(layer, Maximum) or inputs[0].shape[2] == 1
        self.binary.append(operations if bits else 0)
        self.number.append(0 if bits else operations)
        self.sizes.append(output.numel() // len(output))


def weights_of(layer: nn.Module) -> torch.Tensor:
    return (layer.layer if isinstance(layer, Concatenation) else layer).weights()


def operations_of(layer: nn.Module, inputs: torch.Tensor) -> int:
    """Count what the layer does for one sample: weights by the places they are used at, or comparisons and sums."""
    if isinstance(layer, ConvP):  # every weight at every pixel of the input, as the convolution keeps the size
        return 2 * layer.weight.numel() * inputs.shape[-2] * inputs.shape[-1]
    if isinstance(layer, Maximum | Average):
        below, size = inputs.shape[2], inputs[0, 0, 0].numel()
        return 0 if below == 1 else (below - isinstance(layer, Maximum)) * size
    return 2 * weights_of(layer).numel()


def deployed_bytes(section: nn.Module) -> int:
    """Pack binary weights into bits, and add the floats of others and of the folded norms."""
    weights = [layer.weights().flatten() for layer in section.modules() if isinstance(layer, Layer)]
    bits = [w for w in weights if is_bits(w)]
    floats = [w for w in weights if not is_bits(w)]
    norms = [part for layer in section.modules() if isinstance(layer, Norm) for part in layer.folded()]
    packed = np.packbits(torch.cat(bits).numpy() > 0).nbytes if bits else 0
    return packed + sum(part.numpy().nbytes for part in [*floats, *norms])


@pytest.mark.parametrize("network", NETWORKS.values(), ids=NETWORKS)
@torch.no_grad()
def test_profiles_equal_what_the_modules_do(network):
    random = torch_generator(0, "tests")
    model = seasoned(DDNN(network, random), random)
    profiles = section_profiles(network)
    below = signal(torch.randint(256, (64, network.views, *network.view_shape), generator=random))
    assert len(profiles) == len(network.levels)
    for number, (level, of_level) in enumerate(zip(network.levels, profiles, strict=True)):
        assert len(of_level) == level.sections
        outputs = []
        for section, profile in enumerate(of_level):
            one = model.levels[number].alone(section)
            seen = Watched(one)
            inputs = below[:, list(level.children[section])]
            merged = one.merge(inputs[:, None], torch.ones(64, 1, inputs.shape[1], dtype=bool)) if number else inputs
            features, scores = one(merged)
            outputs.append(features)
            assert [layer.operations.binary for layer in profile.layers] == seen.binary
            assert [layer.operations.number for layer in profile.layers] == seen.number
            assert [layer.output.size for layer in profile.layers] == seen.sizes
            assert profile.operations == (sum(seen.number), sum(seen.binary))
            assert profile.parameter_bytes == deployed_bytes(one)
            assert profile.features == features.shape[2:]
            assert profile.summary_bytes == (0 if scores is None else scores[0].numpy().nbytes)
            assert profile.features_bytes == -(-features[0].numel() * bits_of(level.layers) // 8)
        below = torch.cat(outputs, dim=1)


def bits_of(layers: Level) -> int:
    return 1 if layers.precision == "binary" else layers.bits


def test_only_blocks_that_see_pixels_or_sums_work_on_numbers():
    network = network_with({"device": Level(convp=(4, 2)), "cloud": Level(convp=(16, 16))})
    kinds = {
        (level.name, layer.name): (layer.operations.number > 0, layer.operations.binary > 0)
        for level, (profile, *_) in zip(network.levels, section_profiles(network), strict=True)
        for layer in profile.layers
    }
    numbers = {place for place, kind in kinds.items() if kind == (True, False)}
    assert numbers == {("device", "convp1"), ("cloud", "convp1")}
    assert set(kinds.values()) == {(True, False), (False, True)}


def device_profile(filters: int, **shape: object) -> SectionProfile:
    network = network_with({"device": Level(convp=(filters,))}, **{"view_shape": (3, 32, 32), "classes": 3} | shape)
    return section_profiles(network)[0][0]


@pytest.mark.parametrize(("filters", "weights"), [(4, 398), (16, 1590)])
def test_a_device_of_the_paper_holds_so_many_bytes(filters, weights):
    profile = device_profile(filters)
    norms = 8 * (filters + 3)
    assert profile.parameter_bytes == weights + norms < 2048
    assert profile.features == (filters, 16, 16)


def test_a_message_of_the_paper_is_140_bytes_in_the_worst_case():
    profile = device_profile(4)
    assert profile.summary_bytes + profile.features_bytes == 140
    assert raw_bytes((3, 32, 32)) == 3072


def test_bits_that_fill_no_byte_are_rounded_up():
    profile = device_profile(1, view_shape=(1, 5, 5))
    assert (profile.features.size, profile.features_bytes) == (9, 2)


@pytest.mark.parametrize("stride", [1, 2, 3, 4])
@pytest.mark.parametrize("pool", [1, 2, 3, 5])
def test_pooling_gives_the_shape_that_torch_gives(pool, stride):
    torchs = nn.MaxPool2d(pool, stride, padding=(pool - 1) // 2)
    for side in range(pool, 14):
        expected = torchs(torch.zeros(1, side, 12)).shape[1:]
        assert pooled(MapShape(1, side, 12), 2, pool, stride) == (2, *expected)


def test_float_features_are_sent_in_their_bits():
    layers = Level(convp=(4,), precision="float", bits=5)
    profile = section_profiles(network_with({"device": layers}))[0][0]
    assert (profile.features.size, profile.features_bytes) == (576, 360)
    assert profile.parameter_bytes == 4 * (9 * 4 + 576 * 10) + 8 * (4 + 10)


def test_a_decision_counts_merge_softmax_entropy_and_comparison():
    assert [decision_operations(merge, 1, 10) for merge in ("MP", "AP", "CC")] == [79] * 3
    assert decision_operations("MP", 6, 10) == 50 + 79
    assert decision_operations("AP", 6, 10) == 60 + 79
    assert decision_operations("CC", 6, 10) == 2 * 60 * 10 + 79
