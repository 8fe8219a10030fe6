"""What a scenario is: frozen models, resolved, in SI integers.

Names in a file are the aliases; inside, units live in the names (`rate_bps`). What loading fills in
(`defaults`) is required here, so nothing is optional without a meaning of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, PlainSerializer, PlainValidator, PrivateAttr, WithJsonSchema

from .configuration import CONFIGURATIONS, EXITS
from .data import Data
from .document import Raw
from .fault import AnyFault
from .model import MODELS, AnyModel, Merge, NumberedModel
from .node import Tier
from .part import Part, Seed
from .part import not_required as _not_required
from .placement import PLACE_SCHEMA, Placement
from .policy import Policies
from .quantities import Share, Size
from .recipe import Origin
from .recovery import DEADLINE_SCHEMA, DeadlineOfExit, Recovery
from .spares import spare_machines
from .sweep import MOST_REPLICATIONS, Precision, Sweep
from .topology import NAME, Topology, members
from .units import DURATION, QuantityError
from .wording import given
from .workload import Workload


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
            {"anyOf": [PLACE_SCHEMA, {"type": "object", "additionalProperties": PLACE_SCHEMA, "minProperties": 1}]}
        ),
        Field(
            description="The node that joins the scores and decides, or a rule; in configuration f one for each group."
        ),
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
    deadline: Annotated[DeadlineOfExit, WithJsonSchema(DEADLINE_SCHEMA)] | None = Field(
        None, description="How long it waits for what it expects; for all of it unless given."
    )


def _until(value: object) -> int | str:
    """Return 'drained', or a time in ns, after the start."""
    if value == "drained":
        return "drained"
    until_ns = DURATION.read(value)
    if not until_ns:
        raise QuantityError(f"{value!r} is the start", "write a later time, e.g. '10 s', or drained")
    return until_ns


def _warmup(value: object) -> int | str:
    """Return 'auto', or a time in ns."""
    try:
        return "auto" if value == "auto" else DURATION.read(value)
    except QuantityError as error:
        raise QuantityError(error.what, "write e.g. '10 s', or auto") from None


def _window(value: object) -> int:
    """Return a time in ns, above 0."""
    if window_ns := DURATION.read(value):
        return window_ns
    raise QuantityError(f"{given(value)} is no width of a window", "write a longer time, e.g. '1 s'")


class Run(Part):
    """One run of the simulation."""

    seed: Seed = Field(0, description="Fixes all that is drawn while simulating.")
    replications: int | None = Field(
        None,
        ge=1,
        le=MOST_REPLICATIONS,
        description="How often each point is run, each time with other draws; once unless given.",
    )
    precision: Precision | None = Field(None, description="Run each point until a mean is known well enough.")
    record: Literal["requests", "messages"] = Field(
        "requests", description="What is written down: each request, or each message, hop, job and decision too."
    )
    until_ns: Annotated[
        int | Literal["drained"],
        PlainValidator(_until),
        PlainSerializer(lambda until: until if until == "drained" else DURATION.text(until)),
        WithJsonSchema({"anyOf": [{"const": "drained"}, DURATION.schema]}),
    ] = Field("drained", alias="until", description="When to stop: drained (nothing left to do) or a time.")
    warmup_ns: (
        Annotated[
            int | Literal["auto"],
            PlainValidator(_warmup),
            PlainSerializer(lambda warmup: warmup if warmup == "auto" else DURATION.text(warmup)),
            WithJsonSchema({"anyOf": [{"const": "auto"}, DURATION.schema]}),
        ]
        | None
    ) = Field(
        None,
        alias="warmup",
        description="When numbers of requests begin: those captured before are left out; auto finds it by MSER-5 on "
        "latencies.",
    )
    window_ns: (
        Annotated[
            int,
            PlainValidator(_window),
            PlainSerializer(DURATION.text),
            WithJsonSchema(DURATION.schema),
        ]
        | None
    ) = Field(
        None,
        alias="window",
        description="Width of the windows of the time series; with faults about a fiftieth of the time of captures "
        "unless given, else there is none.",
    )


class Scenario(Part):
    """What the user asked for: one network, its training, its placement and its work."""

    model_config = ConfigDict(json_schema_extra=_not_required("run", "data"), title="ddnnsim scenario")

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
        json_schema_extra={"discriminator": MODELS},
    )
    topology: Topology = Field(description="Machines and the links between them.")
    placement: Placement = Field(Placement(), description="Which sections are on which nodes.")
    exits: Mapping[str, Exit] = Field(
        description="Where samples may leave the network, from the bottom up: local, edge, cloud.",
        json_schema_extra={"propertyNames": {"enum": list(EXITS)}, "required": [EXITS[-1]]},
    )
    workload: Workload = Field(description="When requests come, and how many.")
    recovery: Recovery = Field(Recovery(), description="What is known of faults, and what is done about them.")
    faults: Annotated[tuple[AnyFault, ...], Field(strict=False)] = Field(
        (),
        description="What goes wrong, with whom, and when.",
        examples=["[{crash: camera1, from: 60 s, until: 90 s}]"],
    )
    policy: Policies = Field((), description="Who decides at exits, in the place of rule and threshold.")
    sweep: Sweep | None = Field(None, description="Other settings that it is run with, too.")
    run: Run = Field(description="One run of the simulation, and how often it is repeated.")
    _origin: Origin = PrivateAttr(Origin())

    @property
    def recipe(self) -> Mapping[str, Raw] | None:
        """Return what its nodes and links were made from, as a file has it; None: they were written out."""
        return self._origin.recipe

    def made_from(self, recipe: Mapping[str, Raw] | None) -> Scenario:
        """Return it as one whose nodes and links were made from *recipe*."""
        same = self.model_copy()
        same._origin = Origin(recipe)
        return same

    @property
    def is_repeated(self) -> bool:
        """Return whether it asks for more runs than one."""
        return self.sweep is not None or self.run.precision is not None or (self.run.replications or 1) > 1

    @property
    def once(self) -> Scenario:
        """Return it without what asks for more runs than one."""
        run = self.run.model_copy(update={"replications": None, "precision": None})
        return self.model_copy(update={"sweep": None, "run": run})

    def threshold(self, exit_: str) -> float | None:
        """Return the threshold of the exit that the file calls *exit_*; None of the last one.

        Of a model given by numbers: entropies are uniform in [0, 1), so as many leave as there should.
        """
        if isinstance(self.model, NumberedModel):
            return self.model.exits[exit_].leave
        return self.exits[exit_].threshold

    def devices(self) -> list[str]:
        """Return the names of the device nodes; the i-th sees view i."""
        return self.of_tier("device")

    def of_tier(self, tier: Tier) -> list[str]:
        """Return the names of the nodes of *tier* that sections or exits are at home on, in the order of the file."""
        tiers = {name: node.tier for name, node in self.topology.machines().items()}
        levels = CONFIGURATIONS[self.configuration].levels
        spares = spare_machines(tiers, self.recovery.failover, self.placement.placed(), levels)
        return [name for name, other in tiers.items() if other == tier and name not in spares]

    def machines_of(self, names: str | tuple[str, ...]) -> list[str]:
        """Return the single machines that *names* (a node, a group of nodes or several) stand for."""
        given = (names,) if isinstance(names, str) else names
        nodes = self.topology.nodes
        return [machine for name in given for machine in (members(name, nodes[name]) if name in nodes else [name])]
