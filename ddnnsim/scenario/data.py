"""The data sets that a scenario may name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from .part import Part, Seed
from .units import Share

MAX_VIEWS = 64


class Digits(Part):
    """Scikit-learn's handwritten digits, enlarged and seen by several cameras."""

    source: Literal["digits"] = Field(description="Which data set: digits.")
    views: int = Field(6, ge=1, le=MAX_VIEWS, description="Cameras that see each sample.")
    seed: Seed = Field(0, description="Fixes windows, noise and the split.")
    noise: float = Field(
        12.0, ge=0, le=255, description="Standard deviation of the sensors' noise, in 8-bit grey levels."
    )

    classes: ClassVar[tuple[str, ...]] = tuple("0123456789")
    view_shape: ClassVar[tuple[int, int, int]] = (1, 24, 24)
    """Channels, height, width of one view, 8 bit each."""


class Street(Part):
    """Cars, buses and persons at a crossing, drawn for this project and seen by cameras around it."""

    source: Literal["street"] = Field(description="Which data set: street.")
    views: int = Field(6, ge=1, le=MAX_VIEWS, description="Cameras that see each sample, or its blank place.")
    seed: Seed = Field(0, description="Fixes scenes, noise and the split.")
    presence: (
        Annotated[tuple[Share, ...], Field(min_length=1, strict=False, description="One share for each camera.")] | None
    ) = Field(
        None,
        description="Share of the samples that each camera sees; unless given, that of the paper's Fig. 6.",
    )
    noise: float = Field(
        28.0, ge=0, le=255, description="Standard deviation of the sensors' noise, in 8-bit grey levels."
    )

    classes: ClassVar[tuple[str, ...]] = ("car", "bus", "person")
    view_shape: ClassVar[tuple[int, int, int]] = (3, 32, 32)
    """Channels, height, width of one view, 8 bit each."""


class Mvmc(Part):
    """The paper's multi-camera data set, from a file in its authors' layout."""

    source: Literal["mvmc"] = Field(description="Which data set: mvmc.")
    path: str = Field(min_length=1, description="An npz file with X and y; relative to the scenario's folder.")
    views: int = Field(6, ge=1, le=MAX_VIEWS, description="Cameras that see each sample: the first of the file.")

    classes: ClassVar[tuple[str, ...]] = ("car", "bus", "person")
    view_shape: ClassVar[tuple[int, int, int]] = (3, 32, 32)
    """Channels, height, width of one view, 8 bit each."""


AnyData = Digits | Street | Mvmc
Data = Annotated[AnyData, Field(discriminator="source")]
"""One of the data sets."""
DATA_SETS: Mapping[str, type[AnyData]] = {"digits": Digits, "street": Street, "mvmc": Mvmc}
"""The data sets by their `source`."""
