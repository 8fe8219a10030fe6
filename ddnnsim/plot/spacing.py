"""Room between the nodes of a map, and between nodes and the links of others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Places = NDArray[np.float64]

ROUNDS, GENTLE, NEARLY = 300, 0.5, 1e-3
"""Of moving what is too near: at most so many, each by so much of what is asked for, until none asks for more than so
little, in inches."""


def apart(places: Places, links: NDArray[np.int64], least: float, clear: float) -> Places:
    """Return *places* moved until, or nearly, any two are *least* apart, and all *clear* of *links* of others.

    *links*, (links, 2), are numbers of places. Each round moves all by what the places of the last one ask for.
    """
    for _ in range(ROUNDS):
        moves = _from_one_another(places, least) + _off_links(places, links, clear)
        if np.abs(moves).max(initial=0.0) < NEARLY:
            break
        places = places + moves
    return places


def _from_one_another(places: Places, least: float) -> Places:
    gaps = places[:, None] - places  # (places, places, 2)
    distances = np.hypot(gaps[..., 0], gaps[..., 1])
    np.fill_diagonal(distances, np.inf)
    missing = np.maximum(0.0, least - distances)
    moves: Places = (gaps * (missing / np.maximum(distances, 1e-6) / 2)[..., None]).sum(axis=1)
    return moves * GENTLE


def _off_links(places: Places, links: NDArray[np.int64], clear: float) -> Places:
    starts, ends = places[links[:, 0]], places[links[:, 1]]
    ways = ends - starts  # (links, 2)
    from_starts = places[:, None] - starts  # (places, links, 2)
    along = (from_starts * ways).sum(axis=-1) / np.maximum((ways**2).sum(axis=-1), 1e-12)
    off = from_starts - along[..., None] * ways
    distances = np.hypot(off[..., 0], off[..., 1])
    passed = (along > 0) & (along < 1) & (distances < clear)
    passed[links.T, np.arange(len(links))] = False  # its own
    sideways = np.stack([-ways[:, 1], ways[:, 0]], axis=-1) / np.maximum(np.hypot(*ways.T), 1e-6)[:, None]
    to = np.where(((off * sideways).sum(axis=-1) < 0)[..., None], -sideways, sideways)
    moves: Places = (to * np.where(passed, clear - distances, 0.0)[..., None]).sum(axis=1)
    return moves * GENTLE
