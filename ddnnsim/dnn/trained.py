"""A network with its training behind it: what is in the cache is taken from there, the rest is made when needed."""

from __future__ import annotations

import time
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ddnnsim.dnn.cache import keep, kept, weights_key
from ddnnsim.dnn.data.datasets import Dataset, load_dataset
from ddnnsim.dnn.data.splits import SplitName
from ddnnsim.dnn.oracle import Scores, ScoreSource, TrainedOracle
from ddnnsim.dnn.store import alone, cache_folder
from ddnnsim.network import Network
from ddnnsim.profile import raw_bytes, section_profiles
from ddnnsim.scenario import AnyData, RawEncoding, Training

if TYPE_CHECKING:
    from collections.abc import Callable

    from ddnnsim.dnn.model import DDNN
    from ddnnsim.dnn.timing import Times
    from ddnnsim.profile import Profiles

    Progress = Callable[[int, int, tuple[float, ...]], None]

_LABELS = "labels"


class Trained:
    """A *network* trained on *data*, and what its exits say of the data.

    *progress* is told of every epoch, and of none when the weights are in the cache. Nothing is trained or
    even read before it is asked for. *key* is that of the weights, where it is known.
    """

    def __init__(
        self,
        data: AnyData,
        network: Network,
        training: Training,
        progress: Progress | None = None,
        key: str | None = None,
    ) -> None:
        self.key = key or weights_key(data, network, training)
        """SHA-256, in hex, of all that determines the weights."""
        self.cached = True
        """Whether what was asked for so far came from the cache."""
        self.seconds = 0.0
        """Time that loading or training the weights has taken."""
        self.not_saved: str | None = None
        """Why the weights could not be kept; None where they are in the cache, or were not needed."""
        self._data, self._network, self._training, self._progress = data, network, training, progress
        self._oracles: dict[SplitName, TrainedOracle] = {}
        self._known: dict[SplitName, int] = {}  # by split, how many answers were found in the cache

    @cached_property
    def dataset(self) -> Dataset:
        """Return the data that the network learns from and is asked about."""
        return load_dataset(self._data)

    @property
    def is_trained(self) -> bool:
        """Return whether its weights are in the cache."""
        return self._path.is_file()

    @property
    def _path(self) -> Path:
        return cache_folder() / "weights" / f"{self.key}.safetensors"

    @cached_property
    def model(self) -> DDNN:
        """Return the network in evaluation mode, trained now unless its weights are in the cache and whole.

        Of several processes that ask for the same weights at once, one trains and the others wait for it.
        Weights that cannot be kept are no error: `not_saved` says why.
        """
        import torch

        began = time.perf_counter()
        with torch.inference_mode(mode=False), torch.enable_grad():  # whoever asks may only be looking
            model = self._model()
        self.seconds = time.perf_counter() - began
        return model

    def _model(self) -> DDNN:
        import torch

        from ddnnsim.dnn.model import DDNN
        from ddnnsim.dnn.training import torch_generator, train

        model = DDNN(self._network, torch_generator(self._training.seed, "training/weights"))
        path = self._path
        with alone(path):
            weights = kept(path, self.key)
            if weights is None:
                self.cached = False
                train(model, self.dataset.splits["train"], self._training, self._progress)
                trained_weights = {name: value.numpy() for name, value in model.state_dict().items()}
                self.not_saved = keep(path, self.key, trained_weights)
            else:
                model.load_state_dict({name: torch.from_numpy(value) for name, value in weights.items()})
                model.eval()
        return model

    def oracle(self, split: SplitName = "test") -> TrainedOracle:
        """Return what the exits say of *split*: an oracle that remembers all questions, earlier runs' and others', too.

        It has met no set of views yet: a run records those that it meets itself, whoever else asked.
        """
        if split not in self._oracles:
            self._oracles[split] = self._oracle(split)
        return self._oracles[split].afresh()

    @property
    def files(self) -> list[Path]:
        """Return the files behind the network that are not of this project: there are none."""
        return []

    @property
    def story(self) -> str:
        """Return in a few words where the weights are from."""
        return "from the cache" if self.cached else f"trained in {self.seconds:.1f} s"

    def raw_bytes(self, split: SplitName = "test") -> NDArray[np.int64]:
        """Return the size of each view of *split*, sent as it is, (samples, views)."""
        if not isinstance(self._data.encoding, RawEncoding):
            return self.dataset.splits[split].raw_bytes
        return np.full((self.oracle(split).samples, self._network.views), raw_bytes(self._data.view_shape))

    def profiles(self) -> Profiles:
        """Return by level what each section costs, by arithmetic."""
        return section_profiles(self._network)

    def section_times(self) -> Times:
        """Return by level what each section takes on this host, in ns: measured once, and kept beside the weights."""
        from ddnnsim.dnn.timing import kept_times, network_times

        names = [level.name for level in self._network.levels]
        return kept_times(self.key, names, lambda: network_times(self.model, self.dataset.splits["test"].images[0]))

    def keep_answers(self) -> None:
        """Keep what the oracles found out, for later runs; where that cannot be, those ask again."""
        for split, oracle in self._oracles.items():
            whole = oracle.whole()
            if len(whole) > self._known.get(split, 0):
                answers = {f"{exit_} {mask}": scores for (exit_, mask), scores in whole.items()}
                keep(self._answers_path(split), self.key, {_LABELS: oracle.labels, **answers})

    def _oracle(self, split: SplitName) -> TrainedOracle:
        answers = kept(self._answers_path(split), self.key)
        temperatures = tuple(exit_.temperature for exit_ in self._network.exits)
        if answers is None:
            labels = self.dataset.splits[split].labels
            return TrainedOracle(labels, lambda: self._source(split), temperatures=temperatures)
        labels = answers.pop(_LABELS).astype(np.int64)
        known: dict[tuple[int, int], Scores] = {}
        for name, scores in answers.items():
            exit_, mask = map(int, name.split())
            known[exit_, mask] = scores.astype(np.float32)
        self._known[split] = len(known)
        return TrainedOracle(labels, lambda: self._source(split), known, temperatures)

    def _answers_path(self, split: SplitName) -> Path:
        return cache_folder() / "scores" / f"{self.key}-{split}.safetensors"

    def _source(self, split: SplitName) -> ScoreSource:
        from ddnnsim.dnn.scores import NetworkScores

        return NetworkScores(self.model, self.dataset.splits[split].images)
