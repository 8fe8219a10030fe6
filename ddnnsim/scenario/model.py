"""The network of a scenario: built of blocks and trained here, or given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Discriminator, Field, Tag

from .configuration import LEVELS
from .part import Part, Seed
from .part import not_required as _not_required
from .units import Share

Merge = Literal["MP", "AP", "CC"]
"""The aggregators of the paper: component-wise maximum or mean, or concatenation and a linear layer."""


class Level(Part):
    """The sections of one level of the network: a merge of what comes from below, blocks, then a classifier."""

    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [{"required": [kind], "properties": {kind: {"minItems": 1}}} for kind in ("convp", "fc")]
        }
    )

    convp: Annotated[
        tuple[Annotated[int, Field(ge=1, le=65536)], ...],
        Field(strict=False, description="Filters of each ConvP block, first block first."),
    ] = ()
    fc: Annotated[
        tuple[Annotated[int, Field(ge=1, le=65536)], ...],
        Field(strict=False, description="Nodes of each FC block after the ConvP blocks, first block first."),
    ] = ()
    kernel: Literal[1, 3, 5, 7] = Field(3, description="Height and width of the convolutions, in pixels.")
    pool: Literal[1, 2, 3, 5] = Field(3, description="Height and width of the pooling windows, in pixels.")
    stride: Literal[1, 2, 3, 4] = Field(2, description="Step of the pooling windows, in pixels.")
    merge: Merge | None = Field(
        None, description="How features from below are joined, above the device level: MP, AP or CC; CC unless given."
    )
    precision: Literal["binary", "float"] = Field("binary", description="Of weights and activations.")
    bits: int = Field(
        32, ge=1, le=32, description="Bits of each feature that a float section sends; a binary one sends 1."
    )
    share: Literal["none", "group"] = Field(
        "none", description="group: the devices of a group, or all if there are no groups, have the same weights."
    )


class Training(Part):
    """How the sections and exits are trained together."""

    model_config = ConfigDict(json_schema_extra=_not_required("exit_weights"))

    epochs: int = Field(30, ge=1, le=1_000_000, description="Passes over the training split.")
    batch: int = Field(64, ge=1, le=1_000_000, description="Samples in a batch.")
    learning_rate: float = Field(0.001, gt=0, description="Step size of the optimiser.")
    schedule: Literal["constant", "cosine"] = Field(
        "constant", description="Step size over the epochs: constant, or falling to a hundredth along a cosine."
    )
    seed: Seed = Field(0, description="Fixes the first weights and the order of the batches.")
    device: Literal["auto", "cpu", "cuda"] = Field("auto", description="What trains: auto is CUDA where there is any.")
    view_dropout: Share = Field(
        0.0, description="Probability that a view of a sample is left out while training, but never all of them."
    )
    exit_weights: Mapping[str, Annotated[float, Field(ge=0)]] = Field(
        description="Weight of each exit in the joint loss; 1 unless given."
    )


class Model(Part):
    """The network that is trained and spread over the nodes."""

    levels: Mapping[str, Level] = Field(
        description="From the bottom up: device, edge, cloud.",
        json_schema_extra={"propertyNames": {"enum": list(LEVELS)}},
    )
    absent: Literal["leave_out", "blank"] = Field(
        "leave_out",
        description="What stands for a view that did not arrive: nothing in MP and AP and zeros in CC, or a blank one.",
    )
    training: Training = Field(description="How the sections and exits are trained together.")

    model_config = ConfigDict(json_schema_extra=_not_required("training"))


class GivenModel(Part):
    """A network of the user's own, whose sections are any modules."""

    module: str = Field(
        pattern=r"^.+:[A-Za-z_]\w*$",
        description="What builds the sections: file.py:function, from the scenario's folder, or pkg.mod:function.",
        examples=["network.py:build"],
    )
    arguments: Mapping[str, str | bool | int | float] = Field(
        default={}, description="Passed on to the function by name."
    )
    weights: str | None = Field(
        None, min_length=1, description="A file with the network's state dict; relative to the scenario's folder."
    )
    absent: Literal["leave_out", "blank"] = Field(
        "leave_out", description="What stands for a view that did not arrive: nothing, or a blank one."
    )


def _kind_of_model(value: object) -> str:
    """Return which kind of model *value*, raw or read, is."""
    given = isinstance(value, GivenModel) or (isinstance(value, dict) and "module" in value)
    return "given" if given else "blocks"


AnyModel = Annotated[
    Annotated[Model, Tag("blocks")] | Annotated[GivenModel, Tag("given")],
    Discriminator(_kind_of_model),
]
"""The network: built of blocks and trained here, or given."""
MODELS: dict[str, Any] = {"mapping": {"blocks": "#/$defs/Model", "given": "#/$defs/GivenModel"}}
