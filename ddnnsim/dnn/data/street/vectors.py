"""Vectors in the square and on the ground, and tables of them with one row per sample or crop."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]

Table = TypeVar("Table", bound=NamedTuple)


def turned(x: Floats, y: Floats, angle: Floats) -> tuple[Floats, Floats]:
    """Return the vectors (*x*, *y*) turned left by *angle*, in radians."""
    c, s = np.cos(angle), np.sin(angle)
    return c * x - s * y, s * x + c * y


def unit(vectors: Floats) -> Floats:
    """Return *vectors*, (..., 3), at length 1."""
    lengths: Floats = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return vectors / lengths


def plane(column: Floats) -> Floats:
    """Return one number of each crop, (B,), to compute with its pixels: (B, 1)."""
    return column.astype(np.float32)[:, None]


def rows_of(table: Table, rows: NDArray[np.int64] | int) -> Table:
    """Return the *rows* of each column of a table."""
    columns: list[Any] = [c[rows] if isinstance(c, np.ndarray) else c for c in table]
    return table._make(columns)
