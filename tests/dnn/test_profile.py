"""What sections cost is what their modules really do and hold."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import nn

from ddnnsim.dnn.blocks import Classifier, ConvP, sign
from ddnnsim.dnn.model import DDNN
from ddnnsim.dnn.training import torch_generator
from ddnnsim.profile import MapShape, decision_operations, pooled, raw_bytes, section_profiles
from ddnnsim.scenario import Level

CASES = [
    ((1, 24, 24), 6, {"device": (4,), "cloud": (16, 16)}, 10),
    ((3, 32, 32), 6, {"device": (4, 2), "cloud": (8,)}, 3),
    ((3, 15, 9), 1, {"device": (3,), "cloud": (5,)}, 4),
    ((1, 24, 24), 2, {"device": (2,), "edge": (4,), "cloud": (3, 2)}, 10),
]


def levels_of(filters: dict[str, tuple[int, ...]]) -> dict[str, Level]:
    return {name: Level(convp=convp) for name, convp in filters.items()}


def multiplications(layer: nn.Module, inputs: torch.Tensor, sections: int) -> int:
    """Count, for one sample and one section, what the layer multiplies: weights by the places they are used at."""
    if isinstance(layer, ConvP):  # every weight at every pixel of the input, as the convolution keeps the size
        return layer.weight.numel() // sections * inputs.shape[-2] * inputs.shape[-1]
    return layer.weight.numel() // sections


def packed_bytes(layers: list[nn.Module], sections: int) -> int:
    """Pack the weights of one section into bits, and add the floats of its folded norms."""
    bits = [sign(layer.weight.detach()).unflatten(0, (sections, -1))[0].flatten() for layer in layers]
    floats = [2 * layer.norm.num_features // sections for layer in layers if hasattr(layer, "norm")]
    packed = np.packbits(torch.cat(bits).numpy() > 0)
    return packed.nbytes + np.zeros(sum(floats), dtype=np.float32).nbytes


@pytest.mark.parametrize(("shape", "views", "filters", "classes"), CASES)
@torch.no_grad()
def test_profiles_equal_what_the_modules_do(shape, views, filters, classes):
    levels = levels_of(filters)
    model = DDNN(shape, views, levels, "MP", classes, torch_generator(0, "tests")).eval()
    done: dict[nn.Module, int] = {}
    outputs: dict[nn.Module, torch.Tensor] = {}

    def watch(sections: int) -> Callable[[nn.Module, tuple[torch.Tensor, ...], torch.Tensor], None]:
        def seen(layer: nn.Module, inputs: tuple[torch.Tensor, ...], output: torch.Tensor) -> None:
            done[layer], outputs[layer] = multiplications(layer, inputs[0], sections), output

        return seen

    for level in model.levels:
        for layer in level.modules():
            if isinstance(layer, ConvP | Classifier):
                layer.register_forward_hook(watch(level.sections))
    maps, _ = model.sense(torch.zeros(1, views, *shape, dtype=torch.uint8))
    for merge, level in zip(model.merges, list(model.levels)[1:], strict=True):
        merged = merge(maps, torch.ones(maps.shape[:2], dtype=torch.bool))
        done[merge], outputs[merge] = merge.weight.numel(), merged
        maps, _ = level(merged.unsqueeze(1))

    profiles = section_profiles(shape, views, levels, classes)
    assert list(profiles) == list(filters)
    for position, (level, profile) in enumerate(zip(model.levels, profiles.values(), strict=True)):
        merges = [model.merges[position - 1]] if position else []
        layers = [*merges, *level.blocks, level.classifier]
        assert [2 * done[layer] for layer in layers] == [layer.operations.total for layer in profile.layers]
        sizes = [outputs[layer].numel() // level.sections for layer in layers]
        assert sizes == [layer.output.size for layer in profile.layers]
        assert profile.parameter_bytes == packed_bytes(layers, level.sections)
        features, scores = outputs[level.blocks[-1]], outputs[level.classifier]
        one = features.unflatten(1, (level.sections, -1))[:, 0]
        assert profile.features == one.shape[1:]
        assert profile.features_bytes == np.packbits(one.numpy() > 0).nbytes
        assert profile.summary_bytes == scores[:, 0].numpy().nbytes


def test_only_blocks_that_see_pixels_or_sums_work_on_numbers():
    profiles = section_profiles((1, 24, 24), 6, levels_of({"device": (4, 2), "cloud": (16, 16)}), 10)
    kinds = {
        (level, layer.name): (layer.operations.number > 0, layer.operations.binary > 0)
        for level, profile in profiles.items()
        for layer in profile.layers
    }
    numbers = {place for place, kind in kinds.items() if kind == (True, False)}
    assert numbers == {("device", "convp1"), ("cloud", "convp1")}
    assert set(kinds.values()) == {(True, False), (False, True)}


@pytest.mark.parametrize(("filters", "weights"), [(4, 398), (16, 1590)])
def test_a_device_of_the_paper_holds_so_many_bytes(filters, weights):
    profile = section_profiles((3, 32, 32), 6, levels_of({"device": (filters,)}), 3)["device"]
    norms = 8 * (filters + 3)
    assert profile.parameter_bytes == weights + norms < 2048
    assert profile.features == (filters, 16, 16)


def test_a_message_of_the_paper_is_140_bytes_in_the_worst_case():
    profile = section_profiles((3, 32, 32), 6, levels_of({"device": (4,)}), 3)["device"]
    assert profile.summary_bytes + profile.features_bytes == 140
    assert raw_bytes((3, 32, 32)) == 3072


def test_bits_that_fill_no_byte_are_rounded_up():
    profile = section_profiles((1, 5, 5), 1, levels_of({"device": (1,)}), 2)["device"]
    assert (profile.features.size, profile.features_bytes) == (9, 2)


@pytest.mark.parametrize("side", range(1, 12))
def test_pooling_gives_the_shape_that_torch_gives(side):
    pool = nn.MaxPool2d(3, stride=2, padding=1)
    assert pooled(MapShape(1, side, 12), 2) == (2, *pool(torch.zeros(1, side, 12)).shape[1:])


def test_a_decision_counts_merge_softmax_entropy_and_comparison():
    assert decision_operations("MP", 1, 10) == 79
    assert decision_operations("MP", 6, 10) == 50 + 79
    assert decision_operations("AP", 6, 10) == 60 + 79
    assert decision_operations("CC", 6, 10) == 2 * 60 * 10 + 79
