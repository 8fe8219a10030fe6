"""The sections of one level, computed side by side: those alike in one pass of grouped layers."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor, nn

from ddnnsim.dnn.blocks import FC, Classifier, ConvP, activation
from ddnnsim.dnn.merges import Merge, feature_merge
from ddnnsim.network import Network, NetworkLevel
from ddnnsim.profile import MapShape, output_shape, pooled
from ddnnsim.scenario import Level


def assumed(present: Tensor) -> Tensor:
    """Return *present*, (..., k), with all of the k where there is none.

    What is computed of them goes nowhere, but it is of the kind that the norms know, and finite.
    """
    return present | ~present.any(dim=-1, keepdim=True)


class Peers(nn.Module):
    """Sections alike: the same layers, equally many below to merge, and equally many for each set of weights.

    Tensors carry the G sets beside each other, and the sections that share one in the batch: `B` is that of the
    samples times the sections of a set.
    """

    def __init__(
        self,
        layers: Level,
        sets: int,
        inputs: int,
        shape: MapShape,
        classes: int,
        generator: torch.Generator,
        *,
        top: bool,
    ) -> None:
        """Build *sets* of *layers* for maps of *shape*: sensed where *inputs* is 0, else those of so many below.

        *classes* is 0 where no exit reads scores; *top* says that the features go nowhere.
        """
        super().__init__()
        self._plan = layers, sets, inputs, shape, classes, top
        precision = layers.precision
        self.merge = feature_merge(layers.merge or "CC", sets, inputs, shape, precision, generator) if inputs else None
        blocks: list[nn.Module] = []
        last = len(layers.convp) + len(layers.fc) - 1
        for number, filters in enumerate(layers.convp):
            active = activation(layers, sent=number == last and not top)
            blocks.append(ConvP(sets, shape.channels, filters, layers, active, generator))
            shape = pooled(shape, filters, layers.pool, layers.stride)
        for number, nodes in enumerate(layers.fc, start=len(layers.convp)):
            active = activation(layers, sent=number == last and not top)
            blocks.append(FC(sets, shape.size, nodes, precision, active, generator))
            shape = MapShape(nodes, 1, 1)
        self.sets = sets
        self.blocks = nn.Sequential(*blocks)
        self.classifier = Classifier(sets, shape.size, classes, precision, generator) if classes else None
        self.output_shape = shape

    def forward(self, maps: Tensor) -> tuple[Tensor, Tensor | None]:
        """Return features (B, G, f, h, w), and scores (B, G, classes) if any, of *maps*, (B, G, C, H, W)."""
        x = maps.flatten(1, 2)  # (B, G*C, H, W)
        features = self.blocks(x.contiguous(memory_format=torch.channels_last))  # (B, G*f, h, w)
        each = features.unflatten(1, (self.sets, -1))  # (B, G, f, h, w)
        return each, None if self.classifier is None else self.classifier(features)

    def alone(self, number: int) -> Peers:
        """Return a copy with the set of weights *number* alone, as it runs on its own node: G = 1."""
        layers, sets, inputs, shape, classes, top = self._plan
        one = Peers(layers, 1, inputs, shape, classes, torch.Generator(), top=top)
        one.load_state_dict(
            {
                name: value.unflatten(0, (sets, -1))[number] if value.ndim else value
                for name, value in self.state_dict().items()
            }
        )
        return one.train(self.training)


class Roster:
    """Which sections of a level are alike, in the order in which `Peers` hold them, and whom they merge."""

    def __init__(self, level: NetworkLevel, members: Sequence[int], sets: int) -> None:
        self.members = tuple(members)
        """Set by set."""
        self.sets = sets
        self.each = len(self.members) // sets
        """How many sections share a set of weights."""
        children = [level.children[section] for section in members]
        self.inputs = len(children[0])
        """How many sections below each merges."""
        flat = [child for of_section in children for child in of_section]
        self._children = torch.tensor(flat)  # (N*k,)
        self._in_order = flat == list(range(len(flat)))

    def gathered(self, below: Tensor) -> Tensor:
        """Return of *below*, (B, S', ...), what each section merges, (B*n, G, k, ...)."""
        chosen = below if self._all_in_order(below) else below[:, self._children]  # (B, N*k, ...)
        return self.folded(_split(chosen, 1, self.inputs))  # (B, N*k, ...) -> (B*n, G, k, ...)

    def _all_in_order(self, below: Tensor) -> bool:
        """Return whether the sections here merge all of *below*, (B, S', ...), one after another."""
        return self._in_order and below.shape[1] == len(self._children)

    def folded(self, x: Tensor) -> Tensor:
        """Return *x*, (B, N, ...), with the n sections of each of G sets in the batch: (B*n, G, ...)."""
        if self.each == 1:
            return x
        return _split(x, 1, self.each).transpose(1, 2).flatten(0, 1)  # (B*n, G, ...)

    def unfolded(self, x: Tensor) -> Tensor:
        """Return *x*, (B*n, G, ...), by sample: (B, N, ...)."""
        if self.each == 1:
            return x
        return _split(x, 0, self.each).transpose(1, 2).flatten(1, 2)  # (B, N, ...)


class Sections(nn.Module):
    """All sections of level *number* of *network*, whose inputs have *shape*."""

    def __init__(self, network: Network, number: int, shape: MapShape, generator: torch.Generator) -> None:
        super().__init__()
        level = network.levels[number]
        classes = network.classes if any(exit_.level == number for exit_ in network.exits) else 0
        top = number + 1 == len(network.levels)
        self.rosters = rosters(level)
        self.peers = nn.ModuleList(
            Peers(
                level.layers,
                roster.sets,
                roster.inputs if number else 0,
                shape,
                classes,
                generator,
                top=top,
            )
            for roster in self.rosters
        )
        order = [section for roster in self.rosters for section in roster.members]
        self._places = None if order == sorted(order) else torch.tensor(order).argsort()
        self._children = level.children
        self.output_shape = output_shape(shape, level.layers)

    def forward(self, maps: Sequence[Tensor]) -> tuple[Tensor, Tensor | None]:
        """Return features (B, S, f, h, w), and scores (B, S, classes) if any, of *maps*, (B*n, G, C, H, W) by peers."""
        pairs = [peers(of_peers) for peers, of_peers in zip(self.peers, maps, strict=True)]
        features = self._ordered([of_peers for of_peers, _ in pairs])
        scores = [of_peers for _, of_peers in pairs if of_peers is not None]
        return features, self._ordered(scores) if scores else None

    def gathered(self, below: Tensor) -> list[Tensor]:
        """Return by peers what each section takes of *below*, (B, S', ...): (B*n, G, k, ...)."""
        return [roster.gathered(below) for roster in self.rosters]

    def parts(self, features: Tensor) -> list[Tensor]:
        """Return by peers what *features* from below, (B, S', f, h, w), bring into the merges."""
        gathered = self.gathered(features)  # (B*n, G, k, f, h, w) each
        return [self._merge(number).parts(outputs) for number, outputs in enumerate(gathered)]

    def joined(self, parts: Sequence[Tensor], present: Tensor) -> list[Tensor]:
        """Return by peers the merged maps, (B*n, G, f, h, w), given who is *present*, (B, S'), below."""
        there = [assumed(of_peers) for of_peers in self.gathered(present)]  # (B*n, G, k) each
        return [self._merge(i).join(part, who) for i, (part, who) in enumerate(zip(parts, there, strict=True))]

    def running(self, present: Tensor) -> Tensor:
        """Return which sections have anything to merge, (B, S), given who is *present*, (B, S'), below."""
        return torch.stack([present[:, list(below)].any(dim=1) for below in self._children], dim=1)  # (B, S)

    def alone(self, section: int) -> Peers:
        """Return a copy of one section, as it runs on its own node: its tensors have G = 1."""
        for roster, peers in zip(self.rosters, self.peers, strict=True):
            if section in roster.members:
                return cast("Peers", peers).alone(roster.members.index(section) // roster.each)
        raise IndexError(section)

    def _merge(self, number: int) -> Merge:
        return cast("Merge", cast("Peers", self.peers[number]).merge)

    def _ordered(self, outputs: Sequence[Tensor]) -> Tensor:
        """Return the *outputs* of all peers, (B*n, G, ...) each, in the order of the sections: (B, S, ...)."""
        unfolded = [roster.unfolded(x) for roster, x in zip(self.rosters, outputs, strict=True)]  # (B, N, ...)
        together = unfolded[0] if len(unfolded) == 1 else torch.cat(unfolded, dim=1)  # (B, S, ...)
        return together if self._places is None else together[:, self._places]


def _split(x: Tensor, dim: int, each: int) -> Tensor:
    """Return *x* with its dimension *dim* split into parts of *each*."""
    return x.view(*x.shape[:dim], -1, each, *x.shape[dim + 1 :])


def rosters(level: NetworkLevel) -> list[Roster]:
    """Return the sections of *level* by who is alike: those first that come first."""
    of_set: dict[tuple[int, int], list[int]] = defaultdict(list)
    for section, (children, weights) in enumerate(zip(level.children, level.weights, strict=True)):
        of_set[len(children), weights].append(section)
    kinds = {key: (key[0], len(members)) for key, members in of_set.items()}
    return [
        Roster(level, [s for key in of_set if kinds[key] == kind for s in of_set[key]], count)
        for kind, count in Counter(kinds.values()).items()
    ]
