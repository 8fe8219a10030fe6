"""Absent views: left out of MP, zeros in CC."""

from __future__ import annotations

import torch

from ddnnsim.dnn.blocks import sign
from ddnnsim.dnn.merges import Average, Concatenation, Maximum, ScoreConcatenation, feature_merge, score_merge
from ddnnsim.dnn.training import torch_generator
from ddnnsim.profile import MapShape


def test_the_greatest_score_is_that_of_the_views_present():
    scores = torch.tensor([[[1.0, -5.0], [2.0, -6.0], [9.0, 9.0]]]).expand(3, -1, -1)
    present = torch.tensor([[True, True, True], [True, True, False], [False, True, False]])
    assert Maximum().join(scores, present).tolist() == [[9, 9], [2, -5], [2, -6]]


def test_the_mean_is_that_of_the_views_present():
    scores = torch.tensor([[[1.0, -5.0], [2.0, -6.0], [9.0, 8.0]]]).expand(3, -1, -1)
    present = torch.tensor([[True, True, True], [True, True, False], [False, True, False]])
    assert Average().join(scores, present).tolist() == [[4, -1], [1.5, -5.5], [2, -6]]


def test_maximum_and_mean_of_bits_are_taken_pixel_by_pixel():
    bits = torch.tensor([[[[[1.0, -1.0]]], [[[-1.0, -1.0]]], [[[1.0, 1.0]]]]])  # (1, 3, 1, 1, 2)
    present = torch.tensor([[True, True, False]])
    assert Maximum().join(bits, present).tolist() == [[[[1, -1]]]]
    assert Average().join(bits, present).tolist() == [[[[0, -1]]]]


def test_an_absent_view_is_zeros_in_the_concatenation_of_scores():
    random = torch_generator(1, "tests")
    merge = ScoreConcatenation(3, 4, "binary", random).eval()
    scores = torch.randn(5, 3, 4, generator=random)
    present = torch.rand(5, 3, generator=random) < 0.5
    weight = torch.where(merge.layer.weight.data >= 0, 1.0, -1.0)  # (4, 12)
    expected = (scores * present[:, :, None]).flatten(1) @ weight.T / (1 + merge.layer.norm.eps) ** 0.5
    torch.testing.assert_close(merge.join(scores, present), expected, rtol=1e-6, atol=1e-6)


def test_merges_have_the_names_of_the_paper():
    random, shape = torch_generator(2, "tests"), MapShape(2, 3, 3)
    kinds = ("MP", "AP", "CC")
    assert [type(score_merge(kind, 3, 4, "binary", random)) for kind in kinds] == [Maximum, Average, ScoreConcatenation]
    assert [type(feature_merge(kind, 1, 3, shape, "binary", random)) for kind in kinds] == [
        Maximum,
        Average,
        Concatenation,
    ]


def test_an_absent_view_is_zeros_in_the_concatenation():
    random = torch_generator(0, "tests")
    merge = Concatenation(1, 3, MapShape(2, 4, 5), "binary", random)
    maps = sign(torch.randn(6, 3, 2, 4, 5, generator=random))
    present = torch.rand(6, 3, generator=random) < 0.5
    weight = torch.where(merge.layer.weight.data >= 0, 1.0, -1.0).view(3, 2, 20, 20)
    zeroed = maps.clone()
    zeroed[~present] = 0
    expected = torch.einsum("bvfp,vfpq->bfq", zeroed.flatten(3), weight)
    merged = merge(maps[:, None], present[:, None])[:, 0]
    assert merged.shape == (6, 2, 4, 5)
    assert torch.equal(merged.flatten(2), expected)
    assert torch.equal(merge(zeroed[:, None], torch.ones_like(present)[:, None])[:, 0], merged)


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
    assert torch.equal(network.joins[0](scores, present), local)
    top = network.levels[1].alone(0)
    _, score = top(top.merge(features[:, None], present[:, None]))
    assert torch.equal(score[:, 0], cloud)
