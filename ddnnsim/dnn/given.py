"""A network that a user gives instead of one to be trained: modules by the name of a function, with their weights."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ddnnsim.dnn.data.datasets import Dataset, load_dataset
from ddnnsim.dnn.data.splits import SplitName
from ddnnsim.dnn.oracle import TrainedOracle
from ddnnsim.errors import NetworkError

if TYPE_CHECKING:
    from torch import nn

    from ddnnsim.dnn.modules import ModuleNetwork
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
        """Return the network in evaluation mode. Raises NetworkError where it cannot be built."""
        from ddnnsim.dnn.modules import ModuleNetwork

        sections = self._built() if self._sections is None else self._sections
        network = ModuleNetwork(self._shape, sections)
        if self._plan.weights is not None:
            _load(network, Path(self._plan.weights))
        return network.eval()

    def oracle(self, split: SplitName = "test") -> TrainedOracle:
        """Return what the exits say of *split*."""
        if split not in self._oracles:
            self._oracles[split] = self._oracle(split)
        return self._oracles[split]

    def raw_bytes(self, split: SplitName = "test") -> NDArray[np.int64]:
        """Return the size of each view of *split* as it is, (samples, views)."""
        return self.dataset.splits[split].raw_bytes

    def profiles(self) -> Profiles:
        """Return by level what each section costs, measured on the modules."""
        return self.model.costs()

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
        build = _function(name)
        try:
            sections: Sequence[Sequence[nn.Module]] = build(
                views=self._shape.views,
                view_shape=self._shape.view_shape,
                classes=self._shape.classes,
                **self._plan.arguments,
            )
        except TypeError as error:
            raise NetworkError(f"model.module: {name} cannot be called: {error}") from error
        return sections


def network_files(plan: GivenModel) -> list[Path]:
    """Return the files that *plan* names. Raises NetworkError where one is missing."""
    where = plan.module.rpartition(":")[0]
    named = [where] if where.endswith(".py") else []
    files = [Path(name) for name in (*named, *([] if plan.weights is None else [plan.weights]))]
    for path in files:
        if not path.is_file():
            raise NetworkError(f"{path}: no such file")
    return files


def _function(name: str) -> Callable[..., Any]:
    """Return the function *name*: `path/to/file.py:function`, or `package.module:function`."""
    where, _, attribute = name.rpartition(":")
    try:
        module = _from_file(Path(where)) if where.endswith(".py") else importlib.import_module(where)
    except ImportError as error:
        raise NetworkError(f"model.module: {where} cannot be imported: {error}") from error
    except FileNotFoundError:
        raise NetworkError(f"model.module: {where}: no such file") from None
    found = getattr(module, attribute, None)
    if not callable(found):
        raise NetworkError(f"model.module: {where} has no function {attribute!r}")
    return found  # type: ignore[no-any-return]


def _from_file(path: Path) -> Any:  # noqa: ANN401
    """Return the module in the file *path*; what stands beside it can be imported from it."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(path)
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(path.parent))
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(path.parent))
    return module


def _load(network: nn.Module, path: Path) -> None:
    """Put the weights in the file *path* (safetensors, or a state dict that torch saved) into *network*."""
    import pickle

    import torch
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        if path.suffix == ".safetensors":
            state = load_file(path)
        else:
            state = torch.load(path, map_location="cpu", weights_only=True)
        network.load_state_dict(state)
    except FileNotFoundError:
        raise NetworkError(f"{path}: no such file; model.weights names the network's state dict") from None
    except (SafetensorError, RuntimeError, pickle.UnpicklingError, TypeError) as error:
        raise NetworkError(f"{path}: not the state dict of this network: {error}") from None
