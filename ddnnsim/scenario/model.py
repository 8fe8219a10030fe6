"""The network of a scenario: built of blocks and trained here, or given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import ConfigDict, Discriminator, Field, Tag

from .configuration import EXITS, LEVELS
from .drawn import Drawn
from .part import Part, Seed
from .part import not_required as _not_required
from .quantities import BinaryOperationCount, OperationCount, Share, Size

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


def _one_cost(schema: dict[str, Any]) -> None:
    """Let the JSON Schema of a section by numbers ask for one of `operations` and `service`."""
    _not_required("summary")(schema)
    schema["oneOf"] = [{"required": [key]} for key in ("operations", "service")]
    schema["dependentRequired"] = {"binary": ["operations"]}


class NumberedSection(Part):
    """What a section of one level costs for one sample: its `operations`, or its `service` time."""

    model_config = ConfigDict(json_schema_extra=_one_cost)

    operations: OperationCount | None = Field(None, description="On numbers; how long they take, its node says.")
    binary_operations: BinaryOperationCount | None = Field(
        None, alias="binary", description="On bits, beside `operations`; none unless given."
    )
    service: Drawn | None = Field(None, description="How long its job takes, whatever its node is.")
    summary_bytes: Size = Field(alias="summary", description="Size of its scores; 4 bytes a class unless given.")
    features_bytes: Size | None = Field(
        None,
        alias="features",
        description="Size of what it sends up; on the top level and in a nothing.",
    )
    parameter_bytes: Size = Field(0, alias="parameters", description="Size of its parameters, for its node's memory.")


class NumberedExit(Part):
    """What the requests at an exit come to."""

    leave: Share | None = Field(None, description="Share of those that reach it that leave there; the last has none.")
    accuracy: Share = Field(description="Share that it is right about.")


class NumberedModel(Part):
    """A network that is not there, but for the numbers that a profile of it gives."""

    sections: Mapping[str, NumberedSection] = Field(
        description="From the bottom up: device, edge, cloud.",
        json_schema_extra={"propertyNames": {"enum": list(LEVELS)}},
    )
    exits: Mapping[str, NumberedExit] = Field(
        description="By exit, from the bottom up: what its answers are.",
        json_schema_extra={"propertyNames": {"enum": list(EXITS)}, "required": [EXITS[-1]]},
    )
    absent: ClassVar[Literal["leave_out"]] = "leave_out"
    """Nothing stands for a view that did not arrive: an exit says the same of any views."""


def _kind_of_model(value: object) -> str:
    """Return which kind of model *value*, raw or read, is."""
    keys = value if isinstance(value, dict) else {}
    if isinstance(value, GivenModel) or "module" in keys:
        return "given"
    return "numbers" if isinstance(value, NumberedModel) or "sections" in keys else "blocks"


AnyModel = Annotated[
    Annotated[Model, Tag("blocks")] | Annotated[GivenModel, Tag("given")] | Annotated[NumberedModel, Tag("numbers")],
    Discriminator(_kind_of_model),
]
"""The network: built of blocks and trained here, given, or given by numbers."""
MODELS: dict[str, Any] = {
    "mapping": {
        "blocks": "#/$defs/Model",
        "given": "#/$defs/GivenModel",
        "numbers": "#/$defs/NumberedModel",
    }
}
