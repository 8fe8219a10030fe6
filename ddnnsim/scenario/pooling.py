"""How far the pooling of a ConvP block shrinks its picture."""

from __future__ import annotations


def pool_padding(pool: int) -> int:
    """Return how many pixels stand around a picture for windows of *pool* pixels: 0 for 1 and 2, 1 for 3, 2 for 5."""
    return (pool - 1) // 2


def pooled_side(side: int, pool: int, stride: int) -> int:
    """Return the side of a picture of *side* pixels after windows of *pool*, *stride* apart; 0 if none fits.

    The convolution before it, padded by half of its kernel, changes no side. Windows of 3 with stride 2, the
    paper's, give (side - 1) // 2 + 1.
    """
    room = side + 2 * pool_padding(pool) - pool
    return room // stride + 1 if room >= 0 else 0
