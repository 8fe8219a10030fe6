"""A network of one's own: float residual sections on four cameras, two edges and a cloud.

`python residual.py` trains it in its own loop and writes `residual.safetensors`, which `residual.yaml` names.
"""

from __future__ import annotations

import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional as F

HERE = Path(__file__).parent


class Residual(nn.Module):
    """Two 3x3 convolutions beside a shortcut (He et al., CVPR 2016)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(channels),
            nn.ReLU(),
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(channels),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return the maps, (B, C, H, W), of the block."""
        return F.relu(x + self.body(x))


class Section(nn.Module):
    """Halve the picture twice or once, add a residual block, and classify: gives features and scores."""

    feature_bits = 16
    """Features are sent in half precision."""

    def __init__(self, channels: int, filters: int, side: int, classes: int, pool: int = 1) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(channels, filters, 3, stride=2, padding=1), nn.ReLU(), nn.MaxPool2d(pool))
        self.block = Residual(filters)
        self.exit = nn.Linear(filters * side**2, classes)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return features (B, filters, side, side) and scores (B, classes) of *x*, (B, C, H, W)."""
        features = self.block(self.stem(x)).half().float()
        return features, self.exit(features.flatten(1))


class Joining(nn.Module):
    """Join features from below by their mean, then do a section's work."""

    feature_bits = Section.feature_bits

    def __init__(self, section: Section) -> None:
        super().__init__()
        self.section = section

    def forward(self, features: Tensor, present: Tensor) -> tuple[Tensor, Tensor]:
        """Return features and scores of *features*, (B, S, C, H, W), of the sections in *present*, (B, S)."""
        there = present[:, :, None, None, None]  # (B, S, 1, 1, 1)
        return self.section((features * there).sum(dim=1) / there.sum(dim=1).clamp(min=1))


def build(views: int, view_shape: tuple[int, int, int], classes: int, filters: int = 4) -> list[list[nn.Module]]:
    """Return the sections by level: a camera for each view of 24x24 pixels, two edges, a cloud."""
    cameras = [Section(view_shape[0], filters, 6, classes, pool=2) for _ in range(views)]
    edges = [Joining(Section(filters, 2 * filters, 3, classes)) for _ in range(2)]
    return [[*cameras], [*edges], [Joining(Section(2 * filters, 4 * filters, 2, classes))]]


def train(epochs: int, weights: Path) -> None:
    """Train all exits together and write the weights."""
    import ddnnsim

    scenario = ddnnsim.load(HERE / "residual.yaml")
    shape = ddnnsim.network_of(scenario)
    torch.manual_seed(0)
    network = ddnnsim.ModuleNetwork(shape, build(shape.views, shape.view_shape, shape.classes))
    split = ddnnsim.load_dataset(scenario.data).splits["train"]
    images, labels = torch.from_numpy(split.images), torch.from_numpy(split.labels)
    optimizer = torch.optim.Adam(network.parameters(), lr=0.003)
    for _ in range(epochs):
        for batch in torch.randperm(len(labels)).split(64):
            exits = network(images[batch], torch.ones(len(batch), shape.views, dtype=torch.bool))
            loss = torch.stack([F.cross_entropy(scores, labels[batch]) for scores in exits]).sum()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    save_file(network.state_dict(), weights)


if __name__ == "__main__":
    train(epochs=int(sys.argv[1]) if len(sys.argv) > 1 else 15, weights=HERE / "residual.safetensors")
