"""Distances on the earth, and how long light takes for them in a fibre."""

from __future__ import annotations

from collections.abc import Sequence
from math import asin, cos, radians, sin, sqrt

LIGHT_M_PER_S = 299_792_458
EARTH_M = 6_371_008.8
"""The mean radius of the earth: (2 a + b) / 3 of WGS 84."""

Place = Sequence[float]
"""Longitude and latitude in degrees, or a point of a plane."""


def great_circle_m(a: Place, b: Place) -> float:
    """Return the distance of two longitudes and latitudes in metres, on a sphere: by haversines."""
    (east_a, north_a), (east_b, north_b) = map(radians, a), map(radians, b)
    half = sin((north_b - north_a) / 2) ** 2 + cos(north_a) * cos(north_b) * sin((east_b - east_a) / 2) ** 2
    return 2 * EARTH_M * asin(sqrt(min(1.0, half)))


def propagation_ns(metres: float) -> int:
    """Return how long a signal at two thirds of the speed of light takes for *metres*, rounded to ns."""
    return round(metres * 1_500_000_000 / LIGHT_M_PER_S)
