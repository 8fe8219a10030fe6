"""The layers: signs and their gradients, shapes, and sections that agree with themselves alone."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from ddnnsim.dnn.blocks import Classifier, ConvP, Layer, sign
from ddnnsim.dnn.training import torch_generator
from ddnnsim.scenario import Level


def test_the_sign_of_nothing_is_plus():
    assert sign(torch.tensor([-2.0, -0.0, 0.0, 1e-30, -1e-30, 3.0])).tolist() == [-1, 1, 1, 1, -1, 1]


def test_the_gradient_passes_where_the_input_is_within_one():
    x = torch.tensor([-1.001, -1.0, -0.5, 0.0, 0.5, 1.0, 1.001], requires_grad=True)
    sign(x).backward(torch.arange(1.0, 8.0))
    assert x.grad.tolist() == [0, 2, 3, 4, 5, 6, 0]


def test_a_block_is_a_convolution_a_pool_a_norm_and_a_sign():
    block = ConvP(1, 3, 4, Level(), sign, torch_generator(0, "tests"))
    x = torch.randn(5, 3, 32, 32, generator=torch_generator(1, "tests"))
    reference = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1, bias=False), nn.MaxPool2d(3, 2, 1), nn.BatchNorm2d(4))
    reference[0].weight.data = torch.where(block.weight.data >= 0, 1.0, -1.0)
    bits = block(x)
    assert bits.shape == (5, 4, 16, 16)
    assert torch.equal(bits, torch.where(reference(x) >= 0, 1.0, -1.0))


def test_a_classifier_is_a_linear_layer_and_a_norm():
    layer = Classifier(1, 12, 3, "binary", torch_generator(0, "tests"))
    maps = sign(torch.randn(5, 3, 2, 2, generator=torch_generator(1, "tests")))
    weight = torch.where(layer.weight.data >= 0, 1.0, -1.0)
    expected = nn.BatchNorm1d(3)(F.linear(maps.flatten(1), weight))
    assert torch.equal(layer(maps), expected.unsqueeze(1))


def test_weights_start_on_both_sides_of_zero_and_from_their_generator_alone():
    torch.manual_seed(0)
    before = torch.random.get_rng_state()
    weight = Layer("binary", (64, 64), 64, torch_generator(0, "tests")).weight
    assert torch.equal(torch.random.get_rng_state(), before)
    assert 0.45 < (weight >= 0).float().mean() < 0.55
    assert torch.equal(weight, Layer("binary", (64, 64), 64, torch_generator(0, "tests")).weight)


@pytest.mark.parametrize("training", [False, True])
def test_sections_side_by_side_equal_each_section_alone(network, training):
    network.train(training)
    pixels = torch.randint(256, (8, 3, 2, 9, 7), generator=torch_generator(2, "tests"), dtype=torch.uint8)
    level = network.levels[0]
    alone = [level.alone(section) for section in range(3)]
    features, scores = network.sense(pixels)
    assert (features.shape, scores.shape) == ((8, 3, 2, 3, 2), (8, 3, 5))
    maps = pixels.float().mul(2).sub(255).div(256)
    for section, one in enumerate(alone):
        bits, score = one(maps[:, section : section + 1])
        assert torch.equal(bits[:, 0], features[:, section])
        torch.testing.assert_close(score[:, 0], scores[:, section], rtol=1e-6, atol=1e-6)
    assert len({tuple(one.classifier.weight.flatten().tolist()) for one in alone}) == 3
