"""A network of one's own: any `nn.Module`s as the sections of a DDNN.

The protocol. A section is a module that returns `(features, scores)`: what it sends up, (B, ...), and the class
scores before the softmax, (B, classes); features are None on the top level, scores None where the scenario has
no exit to read them.

- On the lowest level it is called with its view, (B, C, H, W), float32 in [0, 1].
- Above, it is called with the features of the sections below it, (B, S, ...), zeros for absent ones, and with
  `present`, (B, S), which says who is there: at least one of each sample. `Merging` is a section that joins
  them by MP or AP before a body of your own.

A section with an attribute `feature_bits` sends so many bits a value; else those of its features' dtype. Exits
join the scores of several sections by MP or AP.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeVar, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ddnnsim.dnn.merges import Average, Maximum, Merge
from ddnnsim.dnn.oracle import BLOCK, Scores, ScoreSource, Views
from ddnnsim.dnn.readings import shown
from ddnnsim.dnn.threads import torch_threads
from ddnnsim.dnn.timing import time_ns
from ddnnsim.errors import NetworkError
from ddnnsim.guest import users_code
from ddnnsim.profile import FLOAT_BYTES, Operations

if TYPE_CHECKING:
    from ddnnsim.network import Network

MOST_BITS = 64
_Seen = TypeVar("_Seen")
Output = tuple[Tensor | None, Tensor | None]
"""Features and scores."""

PLAIN_MERGES: dict[str, type[Merge]] = {"MP": Maximum, "AP": Average}
"""The aggregators that have no weights."""


class Merging(nn.Module):
    """A section that joins features from below by MP or AP for *body*, which makes features and scores of them."""

    def __init__(self, kind: str, body: nn.Module) -> None:
        super().__init__()
        self.merge = PLAIN_MERGES[kind]()
        self.body = body

    def forward(self, features: Tensor, present: Tensor) -> Output:
        """Return what the body makes of the joined *features*, (B, S, ...), of the sections in *present*, (B, S)."""
        return cast("Output", self.body(self.merge(features, present)))


class SectionCost(NamedTuple):
    """What a section costs for one sample, measured on the module."""

    operations: Operations
    parameter_bytes: int
    summary_bytes: int
    features_bytes: int


class ModuleNetwork(nn.Module):
    """*sections*, by level from the bottom and in the order of the nodes, as the network that *shape* says.

    A module may stand for several sections: then they share their weights. Raises NetworkError where the
    sections are not as many as the scenario has, or give something else than the protocol says.
    """

    def __init__(self, shape: Network, sections: Sequence[Sequence[nn.Module]]) -> None:
        super().__init__()
        sections = _by_level(sections)
        wanted = [level.sections for level in shape.levels]
        if [len(level) for level in sections] != wanted:
            names = ", ".join(f"{level.name} {level.sections}" for level in shape.levels)
            given = ", ".join(str(len(level)) for level in sections)
            raise NetworkError(f"the network has {given} sections by level, and the scenario needs {names}")
        for exit_ in shape.exits:
            if len(exit_.sections) > 1 and exit_.merge not in PLAIN_MERGES:
                raise NetworkError(f"exit {exit_.name!r} would need a trained layer to merge by CC; use MP or AP")
        self.shape = shape
        self.levels = nn.ModuleList(nn.ModuleList(level) for level in sections)

    def forward(self, pixels: Tensor, present: Tensor) -> list[Tensor]:
        """Return the scores (B, classes) of every exit.

        *pixels* are 0..255, (B, V, C, H, W); *present*, (B, V), says which views arrived. What stands for an
        exit without any view means nothing.
        """
        if self.shape.absent == "blank":
            pixels = pixels * present[:, :, None, None, None]  # (B, V, C, H, W)
            present = torch.ones_like(present)
        views = pixels.to(torch.float32) / 255
        features: list[Tensor] = []
        exits: list[Tensor] = []
        for number, level in enumerate(self.shape.levels):
            modules = cast("nn.ModuleList", self.levels[number])
            if number == 0:
                sensing = zip(level.children, modules, strict=True)
                outputs = [_output(module, views[:, view]) for (view,), module in sensing]
            else:
                outputs, present = self._ascend(level.children, modules, features, present)
            exits += self._exits(number, [scores for _, scores in outputs], present)
            features = self._features(number, [output for output, _ in outputs])
        return exits

    def _ascend(
        self,
        sections: Sequence[Sequence[int]],
        modules: nn.ModuleList,
        features: Sequence[Tensor],
        present: Tensor,
    ) -> tuple[list[Output], Tensor]:
        """Return what *sections*, given by their children, make of *features*, and which of them are there, (B, S).

        A section with no child there does not run: zeros stand for what it would give.
        """
        outputs, there = [], []
        for children, module in zip(sections, modules, strict=True):
            of_children = present[:, list(children)]  # (B, S)
            below = torch.stack([features[child] for child in children], dim=1)  # (B, S, ...)
            runs = of_children.any(dim=1)  # (B,)
            output = _output(module, _kept(below, of_children), of_children)
            outputs.append(tuple(None if tensor is None else _kept(tensor, runs) for tensor in output))
            there.append(runs)
        return cast("list[Output]", outputs), torch.stack(there, dim=1)

    def costs(self) -> list[list[SectionCost]]:
        """Return by level what each section costs: operations as torch counts them, parameters as they are stored."""
        with torch.inference_mode(), torch_threads(1), users_code("a section", NetworkError):
            return self._walk(torch.zeros(self.shape.views, *self.shape.view_shape), _cost)

    def times(self, views: NDArray[np.uint8]) -> list[list[int]]:
        """Return by level how long each section takes on this host for the sample *views*, (V, C, H, W), in ns."""
        with torch.inference_mode(), torch_threads(1), users_code("a section", NetworkError):
            return self._walk(torch.from_numpy(views).to(torch.float32) / 255, _timed)

    def _exits(self, level: int, scores: Sequence[Tensor | None], present: Tensor) -> list[Tensor]:
        """Return the scores (B, classes) of the exits over *level*."""
        joined = []
        for exit_ in (exit_ for exit_ in self.shape.exits if exit_.level == level):
            of_sections = [self._checked(exit_.name, scores[section], len(present)) for section in exit_.sections]
            merge = PLAIN_MERGES.get(exit_.merge, Maximum)()
            joined.append(merge(torch.stack(of_sections, dim=1), present[:, list(exit_.sections)]))
        return joined

    def _checked(self, name: str, scores: Tensor | None, batch: int) -> Tensor:
        if scores is None or scores.shape != (batch, self.shape.classes):
            given = "None" if scores is None else f"a tensor of shape {tuple(scores.shape)}"
            wanted = f"scores ({batch}, {self.shape.classes}) of {batch} samples"
            raise NetworkError(f"exit {name!r} needs {wanted}, and a section gives {given}")
        return scores.float()

    def _features(self, level: int, outputs: Sequence[Tensor | None]) -> list[Tensor]:
        """Return the features that the sections of *level* send up; none on the top level."""
        if level + 1 == len(self.shape.levels):
            return []
        name, features = self.shape.levels[level].name, [output for output in outputs if output is not None]
        if len(features) < len(outputs):
            raise NetworkError(f"a section of the {name} level gives no features, and there is a level above it")
        if len({(output.shape, output.dtype) for output in features}) > 1:
            shapes = ", ".join(str((*output.shape, str(output.dtype))) for output in features)
            raise NetworkError(f"the sections of the {name} level give features that differ: {shapes}")
        return features

    def _walk(self, views: Tensor, look: Callable[..., tuple[_Seen, Output]]) -> list[list[_Seen]]:
        """Return by level what *look* sees of each section and what enters it, given the sample *views*, (V, C, H, W).

        It also returns what the section gives.
        """
        features: list[Tensor] = []
        seen: list[list[_Seen]] = []
        for number, level in enumerate(self.shape.levels):
            of_level, outputs = [], []
            for children, module in zip(level.children, cast("nn.ModuleList", self.levels[number]), strict=True):
                if number == 0:
                    arguments: tuple[Tensor, ...] = (views[children[0]][None],)  # (1, C, H, W)
                else:
                    below = torch.stack([features[child] for child in children], dim=1)  # (1, S, ...)
                    arguments = below, torch.ones(1, len(children), dtype=torch.bool)
                told, (output, _) = look(module, *arguments)
                of_level.append(told)
                outputs.append(output)
            seen.append(of_level)
            features = self._features(number, outputs)
        return seen


def _cost(module: nn.Module, *arguments: Tensor) -> tuple[SectionCost, Output]:
    """Return what *module* costs, and what it gives."""
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as counter:
        output, scores = _output(module, *arguments)
    cost = SectionCost(
        operations=Operations(int(counter.get_total_flops()), 0),
        parameter_bytes=sum(p.numel() * p.element_size() for p in module.parameters()),
        summary_bytes=0 if scores is None else FLOAT_BYTES * scores.shape[1],
        features_bytes=0 if output is None else _sent_bytes(module, output),
    )
    return cost, (output, scores)


def _timed(module: nn.Module, *arguments: Tensor) -> tuple[int, Output]:
    """Return how long *module* takes, in ns, and what it gives."""
    return time_ns(module, *arguments), _output(module, *arguments)


class ModuleScores(ScoreSource):
    """What *network* says of *images*, (samples, V, C, H, W), in blocks of 64 samples and on one thread."""

    def __init__(self, network: ModuleNetwork, images: NDArray[np.uint8]) -> None:
        self._network = network.eval()
        self._images = images

    def evaluate(self, exit: int, block: int, views: Views) -> dict[int, Scores]:  # noqa: A002
        """Return by exit the scores (64, classes) of *block* from *views*: of all exits that say anything.

        Raises NetworkError where one is no number.
        """
        pixels = torch.from_numpy(shown(self._images, range(block, block + 1), views.readings))  # (64, V, C, H, W)
        there = [bool(views.mask >> view & 1) for view in range(self._network.shape.views)]
        present = torch.tensor(there).expand(BLOCK, -1)  # (64, V)
        with torch_threads(1), torch.inference_mode(), users_code("a section", NetworkError):
            exits = self._network(pixels, present)
        shape, told = self._network.shape, {}
        for number, (exit_, scores) in enumerate(zip(shape.exits, exits, strict=True)):
            if shape.answering(number, views.mask):
                wrong = ~torch.isfinite(scores[: len(self._images) - block * BLOCK]).all(dim=1)
                if wrong.any():
                    sample = block * BLOCK + int(wrong.int().argmax())
                    raise NetworkError(f"exit {exit_.name!r}: the scores of sample {sample} are not all numbers")
                told[number] = scores.numpy()
        return told


def _by_level(sections: object) -> list[list[nn.Module]]:
    """Return *sections* if they are modules, level by level."""
    levels = list(sections) if isinstance(sections, Sequence | nn.ModuleList) else None
    if not levels or not all(isinstance(level, Sequence | nn.ModuleList) for level in levels):
        what = "a list of levels, each a list of modules"
        raise NetworkError(f"the network should be {what}, and is {_kind(sections)}")
    for module in (module for level in levels for module in level):
        if not isinstance(module, nn.Module):
            raise NetworkError(f"a section should be a torch.nn.Module, and one is {_kind(module)}")
    return [list(level) for level in levels]


def _kind(value: object) -> str:
    inside = f" of {_kind(value[0])}" if isinstance(value, list | tuple) and value else ""
    return f"{type(value).__name__}{inside}"


def _output(module: nn.Module, *arguments: Tensor) -> Output:
    """Return the features and the scores that *module* gives."""
    output = module(*arguments)
    pair = isinstance(output, tuple) and len(output) == 2
    if not pair or not all(part is None or isinstance(part, Tensor) for part in output):
        name = type(module).__name__
        given = f"{len(output)} things" if isinstance(output, tuple) and not pair else _kind(output)
        raise NetworkError(f"a section should give features and scores, a pair of tensors, and {name} gives {given}")
    return cast("Output", output)


def _sent_bytes(module: nn.Module, features: Tensor) -> int:
    """Return the size of the *features* of one sample, (1, ...), as *module* sends them."""
    bits = getattr(module, "feature_bits", 8 * features.element_size())
    if not isinstance(bits, int) or isinstance(bits, bool) or not 1 <= bits <= MOST_BITS:
        raise NetworkError(f"feature_bits of {type(module).__name__} is {bits!r}; it should be 1 to {MOST_BITS}")
    return -(-features.numel() * bits // 8)


def _kept(tensor: Tensor, present: Tensor) -> Tensor:
    """Return *tensor*, (B, ..., *), with zeros where *present*, (B, ...), says that nothing is there.

    Not a product: what stands for the absent may be no number.
    """
    beside = present.reshape(present.shape + (1,) * (tensor.ndim - present.ndim))
    return torch.where(beside, tensor, torch.zeros_like(tensor))
