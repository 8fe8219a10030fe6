"""A network that a user gives instead of one to be trained: modules by the name of a function, with their weights."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable, Sequence
from copy import deepcopy
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from ddnnsim.dnn.data.datasets import Dataset, load_dataset
from ddnnsim.dnn.data.splits import SplitName
from ddnnsim.dnn.oracle import TrainedOracle
from ddnnsim.errors import NetworkError
from ddnnsim.guest import OBJECTS, file_of, files_behind, named, users_code

if TYPE_CHECKING:
    from torch import nn

    from ddnnsim.dnn.modules import ModuleNetwork
    from ddnnsim.dnn.timing import Times
    from ddnnsim.network import Network
    from ddnnsim.profile import Profiles
    from ddnnsim.scenario import AnyData, GivenModel


class Given:
    """The network *shape* made of a user's modules, and what its exits say of *data*.

    It answers like `trained.Trained`, but nothing is trained, and nothing kept: only its owner knows what the
    weights depend on. *sections* are the modules by level; where there are none, *plan* names what builds them.
    """

    key = None
    """There is none: the weights are not in the cache."""
    cached = False
    is_trained = True
    not_saved = None
    story = "given with the network"

    def __init__(
        self, data: AnyData, shape: Network, plan: GivenModel, sections: Sequence[Sequence[nn.Module]] | None = None
    ) -> None:
        self._data, self._shape, self._plan, self._sections = data, shape, plan, sections
        self._oracles: dict[SplitName, TrainedOracle] = {}

    @cached_property
    def dataset(self) -> Dataset:
        """Return the data that the network is asked about."""
        return load_dataset(self._data)

    @cached_property
    def model(self) -> ModuleNetwork:
        """Return the network in evaluation mode. Raises NetworkError where it cannot be built.

        Objects are copied: what runs here leaves their mode and their statistics as they are.
        """
        from ddnnsim.dnn.modules import ModuleNetwork

        sections = self._built() if self._sections is None else deepcopy(self._sections)
        network = ModuleNetwork(self._shape, sections)
        if self._plan.weights is not None:
            _load(network, Path(self._plan.weights))
        return network.eval()

    @property
    def files(self) -> list[Path]:
        """Return the files behind the network that has been built: its code, what that imports beside it, weights."""
        if self._sections is not None:
            return []
        return network_files(self._plan) + files_behind(self._plan.module)

    def oracle(self, split: SplitName = "test") -> TrainedOracle:
        """Return what the exits say of *split*: an oracle that has met no set of views, and remembers all questions."""
        if split not in self._oracles:
            self._oracles[split] = self._oracle(split)
        return self._oracles[split].afresh()

    def raw_bytes(self, split: SplitName = "test") -> NDArray[np.int64]:
        """Return the size of each view of *split* as it is, (samples, views)."""
        return self.dataset.splits[split].raw_bytes

    def profiles(self) -> Profiles:
        """Return by level what each section costs, measured on the modules."""
        return self.model.costs()

    def section_times(self) -> Times:
        """Return by level what each section takes on this host, in ns: measured once, and kept under its digest."""
        from ddnnsim.dnn.timing import kept_times

        network = self.model
        sections = [list(cast("nn.ModuleList", level)) for level in network.levels]
        names = [level.name for level in self._shape.levels]
        return kept_times(network_digest(sections), names, lambda: network.times(self.dataset.splits["test"].images[0]))

    def keep_answers(self) -> None:
        """Keep nothing."""

    def _oracle(self, split: SplitName) -> TrainedOracle:
        from ddnnsim.dnn.modules import ModuleScores

        images = self.dataset.splits[split].images
        temperatures = [exit_.temperature for exit_ in self._shape.exits]
        labels = self.dataset.splits[split].labels
        return TrainedOracle(labels, lambda: ModuleScores(self.model, images), temperatures=temperatures)

    def _built(self) -> Sequence[Sequence[nn.Module]]:
        """Return what the user's function makes of the shape of the network."""
        name = self._plan.module
        build = _builder(name)
        shape = {"views": self._shape.views, "view_shape": self._shape.view_shape, "classes": self._shape.classes}
        try:
            inspect.signature(build).bind(**shape, **self._plan.arguments)
        except TypeError as error:
            raise NetworkError(f"model.module: {name} cannot be called: {error}") from None
        with users_code(f"model.module: {name}", NetworkError):
            sections: Sequence[Sequence[nn.Module]] = build(**shape, **self._plan.arguments)
        return sections


def network_files(plan: GivenModel) -> list[Path]:
    """Return the files that *plan* names. Raises NetworkError where one is missing."""
    module = file_of(plan.module)
    files = [*([] if module is None else [module]), *([] if plan.weights is None else [Path(plan.weights)])]
    for path in files:
        if not path.is_file():
            raise NetworkError(f"{path}: no such file")
    return files


def network_digest(sections: Sequence[Sequence[nn.Module]]) -> str:
    """Return 16 hex digits of the classes, layers and weights of *sections*, by level."""
    digest = hashlib.sha256()
    for level in sections:
        for section in level:
            digest.update(f"{type(section).__module__}.{type(section).__qualname__} {section}".encode())
            for name, value in section.state_dict().items():
                digest.update(name.encode())
                digest.update(value.detach().cpu().contiguous().view(-1).numpy().tobytes())
    return digest.hexdigest()[:16]


def _builder(name: str) -> Callable[..., Any]:
    """Return the function *name* of a user's that builds the sections. Raises NetworkError where there is none."""
    if name.rpartition(":")[0] == OBJECTS:
        raise NetworkError("the network of this scenario was given as objects: give it again, as `sections`")
    return named("model.module", name, "function", NetworkError)


def _load(network: nn.Module, path: Path) -> None:
    """Put the weights in the file *path* (safetensors, or a state dict that torch saved) into *network*."""
    import pickle

    import torch
    from safetensors.torch import load_file

    if not path.is_file():
        raise NetworkError(f"{path}: no such file; model.weights names the network's state dict")
    try:
        if path.suffix == ".safetensors":
            state = load_file(path)
        else:
            state = torch.load(path, map_location="cpu", weights_only=True)
        network.load_state_dict(state)
    except pickle.UnpicklingError:
        what = "it is damaged, or holds more than tensors, and reading it could run any code"
        raise NetworkError(f"{path}: not a state dict: {what}; save network.state_dict()") from None
    except Exception as error:  # a damaged file may end in any
        raise NetworkError(f"{path}: not the state dict of this network: {_first_line(error)}") from None


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)
