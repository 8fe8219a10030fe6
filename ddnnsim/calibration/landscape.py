"""What thresholds come to: one outcome, or that of each of many vectors of thresholds in columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Outcome:
    """What thresholds come to on one split, every sample once, without queueing."""

    accuracy: float
    shares: dict[str, float]
    """By exit, the share of all samples that leave there."""
    bytes_per_sample_per_device: float
    """What a device puts on its first hop: c of eq. (1), ICDCS 2017, sec. III-E."""
    latency_ms: float
    """The mean over samples, each as if alone in the system."""


@dataclass(frozen=True, slots=True)
class Landscape:
    """Outcomes of many vectors of thresholds on one split, a row each."""

    keys: tuple[str, ...]
    """The exits that have a threshold, by their names in the scenario, from the bottom up."""
    exits: tuple[tuple[str, str], ...]
    """Name and key of all exits, from the bottom up."""
    thresholds: NDArray[np.float64]
    """(rows, keys)"""
    right: NDArray[np.int64]
    """How many samples are answered rightly, (rows,)."""
    answers: NDArray[np.int64]
    """How many samples leave at each exit, (rows, exits): all samples in a row."""
    latency_ns: NDArray[np.int64]
    """Of leaving at each exit, (exits,)."""
    bytes_per_device: NDArray[np.float64]
    """Of leaving at each exit, (exits,)."""

    @property
    def samples(self) -> int:
        """Return how many samples the split has."""
        return int(self.answers[0].sum())

    @property
    def mean_bytes(self) -> NDArray[np.float64]:
        """Return the bytes per sample and device, (rows,)."""
        return self.answers @ self.bytes_per_device / self.samples

    @property
    def mean_latency_ns(self) -> NDArray[np.float64]:
        """Return the mean latency, (rows,)."""
        return self.answers @ self.latency_ns / self.samples

    def count(self, key: str) -> NDArray[np.int64]:
        """Return how many samples leave at the exits of *key*, (rows,)."""
        columns = [number for number, (_, its_key) in enumerate(self.exits) if its_key == key]
        counts: NDArray[np.int64] = self.answers[:, columns].sum(axis=1)
        return counts

    def early(self) -> NDArray[np.int64]:
        """Return how many samples leave before the last exit, (rows,)."""
        return self.samples - self.answers[:, -1]

    def chosen(self, row: int) -> dict[str, float]:
        """Return the thresholds of *row* by key."""
        return dict(zip(self.keys, self.thresholds[row].tolist(), strict=True))

    def outcome(self, row: int) -> Outcome:
        """Return what the thresholds of *row* come to."""
        shares = (self.answers[row] / self.samples).tolist()
        return Outcome(
            accuracy=int(self.right[row]) / self.samples,
            shares={name: share for (name, _), share in zip(self.exits, shares, strict=True)},
            bytes_per_sample_per_device=float(self.mean_bytes[row]),
            latency_ms=float(self.mean_latency_ns[row]) / 1e6,
        )
