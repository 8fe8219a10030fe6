"""Named random streams: one per purpose and entity, so that a new entity leaves every other draw as it was."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


def stream(seed: int, name: str) -> np.random.Generator:
    """Return the generator of *name*, such as `arrivals` or `noise/train`, under *seed*.

    The name's SHA-256, in eight words of 32 bits, is the spawn key: no two names share a stream.
    """
    import numpy as np

    digest = hashlib.sha256(name.encode()).digest()
    words = tuple(int.from_bytes(digest[i : i + 4], "little") for i in range(0, 32, 4))
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=words))
