"""Absent views: left out of MP, zeros in CC."""

from __future__ import annotations

import torch

from ddnnsim.dnn.blocks import sign
from ddnnsim.dnn.merges import Concatenation, max_of_scores
from ddnnsim.dnn.training import torch_generator
from ddnnsim.profile import MapShape


def test_the_greatest_score_is_that_of_the_views_present():
    scores = torch.tensor([[[1.0, -5.0], [2.0, -6.0], [9.0, 9.0]]]).expand(3, -1, -1)
    present = torch.tensor([[True, True, True], [True, True, False], [False, True, False]])
    assert max_of_scores(scores, present).tolist() == [[9, 9], [2, -5], [2, -6]]


def test_an_absent_view_is_zeros_in_the_concatenation():
    random = torch_generator(0, "tests")
    merge = Concatenation(3, MapShape(2, 4, 5), random)
    maps = sign(torch.randn(6, 3, 2, 4, 5, generator=random))
    present = torch.rand(6, 3, generator=random) < 0.5
    weight = torch.where(merge.weight.data >= 0, 1.0, -1.0).view(3, 2, 20, 20)
    zeroed = maps.clone()
    zeroed[~present] = 0
    expected = torch.einsum("bvfp,vfpq->bfq", zeroed.flatten(3), weight)
    merged = merge(maps, present)
    assert merged.shape == (6, 2, 4, 5)
    assert torch.equal(merged.flatten(2), expected)
    assert torch.equal(merge(zeroed, torch.ones_like(present)), merged)


def test_what_an_absent_view_would_have_said_changes_nothing(network):
    random = torch_generator(3, "tests")
    pixels = torch.randint(256, (4, 3, 2, 9, 7), generator=random, dtype=torch.uint8)
    present = torch.tensor([True, False, True]).expand(4, -1)
    other = pixels.clone()
    other[:, 1] = 255 - other[:, 1]
    for a, b in zip(network(pixels, present), network(other, present), strict=True):
        assert torch.equal(a, b)
    everything = torch.ones(4, 3, dtype=torch.bool)
    assert not torch.equal(network(pixels, everything)[1], network(other, everything)[1])


def test_sections_run_one_by_one_give_what_the_network_gives(network):
    random = torch_generator(4, "tests")
    pixels = torch.randint(256, (4, 3, 2, 9, 7), generator=random, dtype=torch.uint8)
    present = torch.tensor([[True, True, True], [False, True, True], [True, False, False], [False, True, False]])
    maps = pixels.float().mul(2).sub(255).div(256)
    outputs = [network.levels[0].alone(i)(maps[:, i : i + 1]) for i in range(3)]
    features = torch.cat([bits for bits, _ in outputs], dim=1)
    scores = torch.cat([score for _, score in outputs], dim=1)
    local, cloud = network(pixels, present)
    torch.testing.assert_close(max_of_scores(scores, present), local, rtol=1e-6, atol=1e-6)
    _, top = network.levels[1](network.merges[0](features, present).unsqueeze(1))
    torch.testing.assert_close(top[:, 0], cloud, rtol=1e-6, atol=1e-6)
