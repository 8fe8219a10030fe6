"""What a scenario is: frozen models, resolved, in SI integers.

Names in a file are the aliases; inside, units live in the names (`rate_bps`). What loading fills in
(`defaults`) is required here, so nothing is optional without a meaning of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import (
    AliasChoices,
    ConfigDict,
    Discriminator,
    Field,
    PlainSerializer,
    PlainValidator,
    SerializerFunctionWrapHandler,
    Tag,
    WithJsonSchema,
    model_serializer,
    model_validator,
)

from .configuration import EXITS, LEVELS
from .data import Data
from .part import Part, Seed
from .part import not_required as _not_required
from .units import (
    DURATION,
    FREQUENCY,
    BinaryCompute,
    Compute,
    Duration,
    Frequency,
    QuantityError,
    Rate,
    Share,
    Size,
    format_duration,
    format_frequency,
    parse_duration,
    parse_frequency,
)
from .wording import given

MAX_COUNT = 10_000
NAME = r"^[A-Za-z0-9_][A-Za-z0-9_-]*$"
_NAME_SCHEMA = {"type": "string"}
Merge = Literal["MP", "AP", "CC"]
"""The aggregators of the paper: component-wise maximum or mean, or concatenation and a linear layer."""
Tier = Literal["device", "edge", "cloud", "gateway"]


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
_MODELS: dict[str, Any] = {"mapping": {"blocks": "#/$defs/Model", "given": "#/$defs/GivenModel"}}


class Node(Part):
    """A machine, or a group of equal machines: `camera` with count 6 is camera1 to camera6."""

    tier: Tier = Field(description="Where in the hierarchy it stands.")
    count: int | None = Field(
        None, ge=1, le=MAX_COUNT,
        description="Makes a group of so many; the only device entry has one for each view.",
    )  # fmt: skip
    compute_ops: Compute | None = Field(
        None, alias="compute", description="Speed of a processor; without it, work takes no time."
    )
    binary_ops: BinaryCompute | None = Field(
        None, alias="binary", description="Speed on binary operations; that of `compute` unless given."
    )
    servers: int = Field(1, ge=1, le=1_000_000, description="Processors that share one queue.")
    memory_bytes: Size | None = Field(
        None, alias="memory", description="Room for the parameters of the sections on it; no limit unless given."
    )


class Link(Part):
    """A link, both directions; from a group, one for each member."""

    source: str = Field(alias="from", description="A node, a group, or a member such as camera3.")
    target: str = Field(alias="to", description="A node, a group, or a member such as camera3.")
    rate_bps: Rate = Field(alias="rate", description="Data rate of each direction.")
    delay_ns: Duration = Field(0, alias="delay", description="Propagation, after the last bit is sent.")


class DirectedLink(NamedTuple):
    """One direction of a link between two nodes."""

    name: str
    """`source>target`, unique."""
    link: str
    """The link's name in the scenario."""
    source: str
    target: str
    rate_bps: int
    delay_ns: int


def members(name: str, node: Node) -> list[str]:
    """Return the names of the machines of the entry *name*: name1, name2, ... for a group, else its own."""
    return [name] if node.count is None else [f"{name}{index}" for index in range(1, node.count + 1)]


class Topology(Part):
    """Machines and the links between them."""

    nodes: Mapping[str, Node] = Field(
        description="By name; names are letters, digits, '_' and '-'.",
        json_schema_extra={"propertyNames": {"pattern": NAME}},
    )
    links: Mapping[str, Link] = Field(
        description="By name; names are letters, digits, '_' and '-'.",
        json_schema_extra={"propertyNames": {"pattern": NAME}},
    )

    def machines(self) -> dict[str, Node]:
        """Return every single machine by its name, groups expanded, in the order of the file."""
        return {name: node for entry, node in self.nodes.items() for name in members(entry, node)}

    def directed_links(self) -> list[DirectedLink]:
        """Return both directions of every link, groups expanded: there and back, in the order of the file."""
        return [
            DirectedLink(f"{source}>{target}", name, source, target, link.rate_bps, link.delay_ns)
            for name, link in self.links.items()
            for a in self._ends(link.source)
            for b in self._ends(link.target)
            for source, target in ((a, b), (b, a))
        ]

    def _ends(self, name: str) -> list[str]:
        """Return the machines that *name* (a node, a group or a member) stands for."""
        return members(name, self.nodes[name]) if name in self.nodes else [name]


def _devices(value: object) -> str | tuple[str, ...]:
    """Return a name, or several."""
    if isinstance(value, str):
        return value
    names = tuple(value) if isinstance(value, list | tuple) else ()
    if not names or not all(isinstance(name, str) for name in names):
        wrong = next((name for name in names if not isinstance(name, str)), value)
        what = "an empty list" if value in ([], ()) else f"{given(wrong)} is not a node"
        raise QuantityError(what, "write a group of nodes, or a list such as [camera1, camera2]")
    return names


class Group(Part):
    """Devices that share an edge and, in configuration f, a local exit."""

    devices: Annotated[
        str | tuple[str, ...],
        PlainValidator(_devices),
        WithJsonSchema({"anyOf": [_NAME_SCHEMA, {"type": "array", "items": _NAME_SCHEMA, "minItems": 1}]}),
    ] = Field(description="A group of nodes, or a list of device nodes.", examples=["camera"])
    edge: str = Field(description="The edge node that the features of these devices go to.", examples=["edge1"])


class Placement(Part):
    """Which sections are on which nodes, where the tiers do not say it."""

    groups: Mapping[str, Group] = Field(
        default={},
        description="By name, the devices of an edge; with a single edge all devices are its own. Their order counts.",
        json_schema_extra={"propertyNames": {"pattern": NAME}},
    )


def _exit_place(value: object) -> str | dict[str, str]:
    """Return a node, or a node for each group."""
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping) and all(isinstance(node, str) for node in value.values()):
        return dict(value)
    raise QuantityError(f"{given(value)} is not a node", "write its name")


class Exit(Part):
    """A classifier above a level of sections: it joins their scores, and answers if it is confident."""

    model_config = ConfigDict(json_schema_extra=_not_required("at"))

    at: Annotated[
        str | Mapping[str, str],
        PlainValidator(_exit_place),
        WithJsonSchema(
            {"anyOf": [_NAME_SCHEMA, {"type": "object", "additionalProperties": _NAME_SCHEMA, "minProperties": 1}]}
        ),
        Field(description="The node that joins the scores and decides; in configuration f one for each group."),
    ]
    merge: Merge = Field("MP", description="How scores are joined: the maximum or mean of each class, or CC.")
    rule: Literal["entropy", "probability", "margin"] = Field(
        "entropy",
        description="Leave when normalised entropy is below the threshold, or when the highest probability, or its "
        "margin over the second, is above.",
    )
    threshold: Share | None = Field(
        None, description="Of the rule; for entropy 0 never leaves and 1 always. The last exit has none."
    )
    temperature: float = Field(1.0, gt=0, description="Scores are divided by this before the softmax.")
    control_bytes: Size = Field(0, alias="control", description="Size of the order to send features up.")


class _Workload(Part):
    """What both kinds of arrivals have."""

    arrivals: str
    rate: Frequency
    """Requests per second, exactly."""
    requests: int | None = Field(
        None, ge=1, le=10**9, description="How many; one pass over the test split unless given."
    )
    order: Literal["recorded", "shuffled"] = Field(
        "recorded", description="Samples in the order of the test split, or shuffled in each pass."
    )
    reply_to: str | None = Field(None, description="The node that answers are sent to; none unless given.")


class Poisson(_Workload):
    """Requests at random, independent times."""

    arrivals: Literal["poisson"] = Field(description="Random, independent times.")
    rate: Frequency = Field(description="Requests per second, on average.")


class _Every(NamedTuple):
    """What a file gave as the time between two requests."""

    value: object


def _pace(value: object) -> Fraction:
    """Return requests per second, exactly, from a frequency or from the time between two requests."""
    if not isinstance(value, _Every):
        return parse_frequency(value)
    every_ns = parse_duration(value.value)
    if every_ns == 0:
        raise QuantityError(f"{value.value!r} is no time between requests", "write e.g. '100 ms'")
    return Fraction(10**9, every_ns)


def _either_rate_or_every(schema: dict[str, Any]) -> None:
    """Let the JSON Schema of periodic arrivals ask for one of `rate` and `every`."""
    every = dict(DURATION.schema, description="Time between two requests.", examples=["100 ms"])
    schema["properties"]["every"] = every
    schema["required"].remove("rate")
    schema["oneOf"] = [{"required": ["rate"]}, {"required": ["every"]}]


class Periodic(_Workload):
    """Requests at equal distances; `every: 100 ms` in a file is a rate of exactly 10 per second."""

    model_config = ConfigDict(json_schema_extra=_either_rate_or_every)

    arrivals: Literal["periodic"] = Field(description="Equal distances.")
    rate: Annotated[Fraction, PlainValidator(_pace), PlainSerializer(str), WithJsonSchema(FREQUENCY.schema)] = Field(
        validation_alias=AliasChoices("rate", "every"), description="Requests per second; or give `every`."
    )
    phase_ns: Duration = Field(0, alias="phase", description="Time of the first request.")

    @model_validator(mode="before")
    @classmethod
    def _mark_every(cls, data: object) -> object:
        """Tell a time between requests from a frequency: both become `rate`."""
        return data | {"every": _Every(data["every"])} if isinstance(data, dict) and "every" in data else data

    @model_serializer(mode="wrap")
    def _shortest_pace(self, serialize: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Write a whole number of nanoseconds as `every`, else the frequency."""
        every_ns = 10**9 / self.rate
        whole = every_ns.denominator == 1
        pace = {"every": format_duration(int(every_ns))} if whole else {"rate": format_frequency(self.rate)}
        rest = {key: value for key, value in serialize(self).items() if key != "rate"}
        return {"arrivals": rest.pop("arrivals"), **pace, **rest}


Workload = Annotated[Poisson | Periodic, Field(discriminator="arrivals")]


def _until(value: object) -> int | str:
    """Return 'drained', or a time in ns, after the start."""
    if value == "drained":
        return "drained"
    until_ns = parse_duration(value)
    if not until_ns:
        raise QuantityError(f"{value!r} is the start", "write a later time, e.g. '10 s', or drained")
    return until_ns


class Run(Part):
    """One run of the simulation."""

    seed: Seed = Field(0, description="Fixes all that is drawn while simulating.")
    record: Literal["requests", "messages"] = Field(
        "requests", description="What is written down: each request, or each message, hop, job and decision too."
    )
    until_ns: Annotated[
        int | Literal["drained"],
        PlainValidator(_until),
        PlainSerializer(lambda until: until if until == "drained" else format_duration(until)),
        WithJsonSchema({"anyOf": [{"const": "drained"}, DURATION.schema]}),
    ] = Field("drained", alias="until", description="When to stop: drained (nothing left to do) or a time.")


class Scenario(Part):
    """What the user asked for: one network, its training, its placement and its work."""

    model_config = ConfigDict(json_schema_extra=_not_required("run"), title="ddnnsim scenario")

    name: str = Field(pattern=NAME, max_length=100, description="Names the folder of the results.")
    description: str = Field("", description="What the scenario shows.")
    source: str = Field("", description="Where the idea or the numbers come from.")
    configuration: Literal["a", "b", "c", "d", "e", "f"] = Field(
        description="Of Fig. 2 of the DDNN paper: a raw offload; b one device and c devices under a cloud; d, e the "
        "same with an edge between; f groups of devices, each with a local exit and an edge of its own."
    )
    data: Data = Field(description="The data set that is learnt and simulated.")
    model: AnyModel = Field(
        description="The network that is trained and spread over the nodes, or one that is given.",
        json_schema_extra={"discriminator": _MODELS},
    )
    topology: Topology = Field(description="Machines and the links between them.")
    placement: Placement = Field(Placement(), description="Which sections are on which nodes.")
    exits: Mapping[str, Exit] = Field(
        description="Where samples may leave the network, from the bottom up: local, edge, cloud.",
        json_schema_extra={"propertyNames": {"enum": list(EXITS)}, "required": [EXITS[-1]]},
    )
    workload: Workload = Field(description="When requests come, and how many.")
    run: Run = Field(description="One run of the simulation.")

    def devices(self) -> list[str]:
        """Return the names of the device nodes; the i-th sees view i."""
        return self.of_tier("device")

    def of_tier(self, tier: Tier) -> list[str]:
        """Return the names of the nodes of *tier*, in the order of the file."""
        return [name for name, node in self.topology.machines().items() if node.tier == tier]

    def machines_of(self, names: str | tuple[str, ...]) -> list[str]:
        """Return the single machines that *names* (a node, a group of nodes or several) stand for."""
        given = (names,) if isinstance(names, str) else names
        nodes = self.topology.nodes
        return [machine for name in given for machine in (members(name, nodes[name]) if name in nodes else [name])]
