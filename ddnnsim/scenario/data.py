"""The data sets that a scenario may name.

Each says its `classes` and the shape of one view, so that nothing but training opens a file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import fsum
from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field, ValidationInfo, field_validator

from .encoding import RAW, Encoding, RawEncoding
from .node import MAX_COUNT
from .part import Part, Seed, not_required
from .picture import ClassNames, PictureShape, ViewShape, tile
from .quantities import Share, Size

MAX_VIEWS = 1000
MAX_CLASSES = 65536
Limit = Annotated[int, Field(ge=10)] | None
_Numbers = Annotated[
    tuple[Annotated[int, Field(ge=1, le=MAX_VIEWS)], ...],
    Field(min_length=1, strict=False, json_schema_extra={"uniqueItems": True}),
]
Cameras = Annotated[
    _Numbers | None,
    Field(
        description="Numbers, from 1, of the cameras that there are devices for, in the order of the devices; "
        "all unless given.",
        examples=[[5, 6]],
    ),
]


class Digits(Part):
    """Scikit-learn's handwritten digits, enlarged and seen by several cameras."""

    source: Literal["digits"] = Field(description="Which data set: digits.")
    views: int = Field(6, ge=1, le=MAX_VIEWS, description="Cameras that see each sample.")
    seed: Seed = Field(0, description="Fixes windows, noise and the split.")
    noise: float = Field(
        12.0, ge=0, le=255, description="Standard deviation of the sensors' noise, in 8-bit grey levels."
    )
    cameras: Cameras = None
    encoding: Encoding = RAW

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
        20.0, ge=0, le=255, description="Standard deviation of the sensors' noise, in 8-bit grey levels."
    )
    cameras: Cameras = None
    encoding: Encoding = RAW

    classes: ClassVar[tuple[str, ...]] = ("car", "bus", "person")
    view_shape: ClassVar[tuple[int, int, int]] = (3, 32, 32)
    """Channels, height, width of one view, 8 bit each."""


class Mvmc(Part):
    """The paper's multi-camera data set, from a file in its authors' layout."""

    source: Literal["mvmc"] = Field(description="Which data set: mvmc.")
    path: str = Field(min_length=1, description="An npz file with X and y; relative to the scenario's folder.")
    views: int = Field(6, ge=1, le=MAX_VIEWS, description="Cameras that see each sample: the first of the file.")
    cameras: Cameras = None
    encoding: Encoding = RAW

    classes: ClassVar[tuple[str, ...]] = ("car", "bus", "person")
    view_shape: ClassVar[tuple[int, int, int]] = (3, 32, 32)
    """Channels, height, width of one view, 8 bit each."""


class Npz(Part):
    """Anybody's multi-camera data set, from an npz file."""

    source: Literal["npz"] = Field(description="Which data set: npz.")
    path: str = Field(min_length=1, description="An npz file with X and label; relative to the scenario's folder.")
    classes: ClassNames = Field(description="Names of the classes 0, 1, ... that the file's labels tell.")
    shape: ViewShape = Field(description="Channels, 1 or 3, height and width of a view.")
    views: int = Field(ge=1, le=MAX_VIEWS, description="Cameras that see each sample: the first of the file.")
    seed: Seed = Field(0, description="Fixes what of the split the file does not tell.")
    cameras: Cameras = None
    encoding: Encoding = RAW

    @property
    def view_shape(self) -> tuple[int, int, int]:
        """Channels, height, width of one view, 8 bit each."""
        return self.shape


def padded(shape: tuple[int, int], padding: int) -> tuple[int, int]:
    """Return height and width of a picture of *shape* with *padding* pixels around it."""
    return shape[0] + 2 * padding, shape[1] + 2 * padding


class Idx(Part):
    """Grey pictures in MNIST's file format, cut into tiles, one for each device."""

    source: Literal["idx"] = Field(description="Which data set: idx.")
    path: str = Field(
        min_length=1,
        description="The folder of train-images-idx3-ubyte and its three fellows, plain or .gz; "
        "relative to the scenario's folder.",
    )
    classes: ClassNames = Field(tuple("0123456789"), description="Names of the classes 0, 1, ... of the labels.")
    shape: PictureShape = Field((28, 28), description="Height and width of the pictures in the files.")
    padding: int = Field(2, ge=0, le=64, description="Black pixels put around each picture, before it is cut.")
    views: int = Field(6, ge=1, le=MAX_VIEWS, validate_default=True, description="Tiles of a picture, one per device.")
    seed: Seed = Field(0, description="Fixes what validates, and what `limit` leaves.")
    limit: Limit = Field(None, description="Most samples of each split; all of them unless given.")
    cameras: Cameras = None
    encoding: Encoding = RAW

    @field_validator("views")
    @classmethod
    def _tiles(cls, views: int, info: ValidationInfo) -> int:
        """Refuse more views than the picture has room for."""
        if "shape" in info.data and "padding" in info.data:  # else they are at fault
            tile(*padded(info.data["shape"], info.data["padding"]), views)
        return views

    @property
    def view_shape(self) -> tuple[int, int, int]:
        """Channels, height, width of one view, 8 bit each."""
        return 1, *tile(*padded(self.shape, self.padding), self.views)


class Cifar10(Part):
    """CIFAR-10 in its binary version, cut into tiles, one for each device."""

    source: Literal["cifar10"] = Field(description="Which data set: cifar10.")
    path: str = Field(
        min_length=1,
        description="The folder of data_batch_1.bin to data_batch_5.bin and test_batch.bin; "
        "relative to the scenario's folder.",
    )
    views: int = Field(6, ge=1, le=MAX_VIEWS, description="Tiles of a picture, one per device.")
    seed: Seed = Field(0, description="Fixes what validates, and what `limit` leaves.")
    limit: Limit = Field(None, description="Most samples of each split; all of them unless given.")
    cameras: Cameras = None
    encoding: Encoding = RAW

    classes: ClassVar[tuple[str, ...]] = (
        "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
    )  # fmt: skip
    picture_shape: ClassVar[tuple[int, int, int]] = (3, 32, 32)

    @field_validator("views")
    @classmethod
    def _tiles(cls, views: int) -> int:
        """Refuse more views than the picture has room for."""
        tile(*cls.picture_shape[1:], views)
        return views

    @property
    def view_shape(self) -> tuple[int, int, int]:
        """Channels, height, width of one view, 8 bit each."""
        channels, height, width = self.picture_shape
        return channels, *tile(height, width, self.views)


class Numbers(Part):
    """What stands for a data set under a model given by numbers: every request is a sample of its own."""

    model_config = ConfigDict(json_schema_extra=not_required("views"))

    source: Literal["numbers"] = Field(description="Which data set: numbers.")
    views: int = Field(ge=1, le=MAX_COUNT, description="How many devices there are.")
    class_count: int = Field(10, alias="classes", ge=2, le=MAX_CLASSES, description="How many classes there are.")
    raw_bytes: Size = Field(0, alias="raw", description="Size of a view as it is; configuration a sends it.")

    cameras: ClassVar[None] = None
    encoding: ClassVar[RawEncoding] = RAW

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes."""
        return tuple(map(str, range(self.class_count)))

    @property
    def view_shape(self) -> tuple[int, int, int]:
        """A view as a row of bytes."""
        return 1, 1, self.raw_bytes


AnyData = Digits | Street | Mvmc | Npz | Idx | Cifar10 | Numbers


def presence_fault(views: int, presence: Sequence[float]) -> str:
    """Return what is wrong with the shares *presence* of *views* cameras; empty where every sample can be seen."""
    if len(presence) == views and all(0 < share <= 1 for share in presence) and fsum(presence) >= 1:
        return ""
    return f"presence {list(presence)}: {views} shares in (0, 1], at least 1 in sum, are needed"


def cameras_used(data: AnyData) -> tuple[int, ...]:
    """Return by device the number of its camera, from 1, among all those of *data*."""
    return data.cameras or tuple(range(1, data.views + 1))


Data = Annotated[AnyData, Field(discriminator="source")]
"""One of the data sets."""
DATA_SETS: Mapping[str, type[AnyData]] = {
    "digits": Digits, "street": Street, "mvmc": Mvmc, "npz": Npz, "idx": Idx, "cifar10": Cifar10, "numbers": Numbers,
}  # fmt: skip
"""The data sets by their `source`."""
