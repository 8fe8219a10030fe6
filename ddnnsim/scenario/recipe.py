"""A topology that is made: which graph, who is what in it, and what its nodes and links have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from .document import Raw
from .node import MAX_COUNT, Tier
from .part import Names, Part, Seed
from .quantities import Length, Share
from .units import QuantityError
from .wording import given, listed

MAX_NODES = 20_000
MAX_LINKS = 50_000
MAX_COORDINATE = 1_000_000_000_000
REST = "rest"
DISTANCE = "distance"
_Count = Annotated[int, Field(ge=1, le=MAX_COUNT)]


class _WithDevices(Part):
    """A graph on whose nodes devices hang."""

    devices: int = Field(0, ge=0, le=MAX_COUNT, description="How many devices hang on each edge, or else gateway.")


class Star(Part):
    """A node in the middle, and leaves around it."""

    kind: Literal["star"] = Field(description="Which graph: star.")
    leaves: _Count = Field(description="How many nodes hang on the one in the middle.")


class Tree(Part):
    """A tree in which all nodes of a level have as many children."""

    kind: Literal["tree"] = Field(description="Which graph: tree.")
    fan_out: Annotated[tuple[_Count, ...], Field(min_length=1, max_length=8, strict=False)] = Field(
        description="Children of each node, from the root down.", examples=["[50, 20]"]
    )


class Ring(Part):
    """A ring, some of whose nodes have a link to the one above it, and each of which has leaves."""

    kind: Literal["ring"] = Field(description="Which graph: ring.")
    edges: int = Field(ge=3, le=MAX_COUNT, description="Nodes of the ring.")
    devices: int = Field(ge=0, le=MAX_COUNT, description="Leaves of each of them.")
    uplinks: _Count = Field(1, description="How many of them, at equal distances, are joined to the node above.")


class Campus(Part):
    """Two tiers: access nodes, each joined to all nodes of the core, and leaves of each of them."""

    kind: Literal["campus"] = Field(description="Which graph: campus.")
    cores: _Count = Field(2, description="Nodes of the core, each joined to the one node above.")
    access: _Count = Field(description="Nodes of the access tier.")
    devices: int = Field(ge=0, le=MAX_COUNT, description="Leaves of each of them.")


class Geometric(_WithDevices):
    """Nodes at random places of a square, those that are near joined."""

    kind: Literal["geometric"] = Field(description="Which graph: geometric.")
    nodes: int = Field(ge=2, le=MAX_NODES, description="How many.")
    area: Length = Field(description="Side of the square.")
    radius: Length = Field(description="Nodes that are no further apart are joined.")
    seed: Seed = Field(0, description="Fixes where they are.")


class SmallWorld(_WithDevices):
    """A ring in which near nodes are joined, some links led elsewhere: Watts and Strogatz, Nature 393, 1998."""

    kind: Literal["small_world"] = Field(description="Which graph: small_world.")
    nodes: int = Field(ge=3, le=MAX_NODES, description="How many.")
    neighbours: int = Field(ge=2, le=MAX_NODES, description="How many of the ring each is joined with: an even number.")
    rewired: Share = Field(description="Share of the links that lead elsewhere.")
    seed: Seed = Field(0, description="Fixes which.")


class ScaleFree(_WithDevices):
    """Nodes come one by one and join those that have many links: Barabasi and Albert, Science 286, 1999."""

    kind: Literal["scale_free"] = Field(description="Which graph: scale_free.")
    nodes: int = Field(ge=2, le=MAX_NODES, description="How many.")
    links: _Count = Field(description="Of each node as it comes.")
    seed: Seed = Field(0, description="Fixes to whom.")


class File(_WithDevices):
    """A graph in a file: GraphML, GML, or node-link JSON."""

    kind: Literal["file"] = Field(description="Which graph: file.")
    path: str = Field(min_length=1, description="A .graphml, .gml or .json file, from the scenario's folder.")


class Zoo(_WithDevices):
    """A graph of the Internet Topology Zoo: Knight et al., IEEE JSAC 29(9), 2011."""

    kind: Literal["zoo"] = Field(description="Which graph: zoo, of the extra `topologies`.")
    name: str = Field(min_length=1, description="Its name there.", examples=["Abilene"])


class Sndlib(_WithDevices):
    """A graph of SNDlib: Orlowski et al., Networks 55(3), 2010."""

    kind: Literal["sndlib"] = Field(description="Which graph: sndlib, of the extra `topologies`.")
    name: str = Field(min_length=1, description="Its name there.", examples=["germany50"])


Hosting = Geometric | SmallWorld | ScaleFree | File | Zoo | Sndlib
"""On whose nodes devices are hung."""
AnyGraph = Star | Tree | Ring | Campus | Geometric | SmallWorld | ScaleFree | File | Zoo | Sndlib
_Coordinate = Annotated[float, Field(ge=-MAX_COORDINATE, le=MAX_COORDINATE)]


WAYS = ("most", "least", "near", "name", "level", REST)
"""Keys of a rule that say how it chooses: one of them."""


class Rule(Part):
    """Which nodes are of a tier: some of those that no rule before has taken."""

    most: Literal["degree"] | None = Field(None, description="Those with the most links.")
    least: Literal["degree"] | None = Field(None, description="Those with the fewest links.")
    near: Annotated[tuple[_Coordinate, _Coordinate], Field(strict=False)] | None = Field(
        None,
        description="Those nearest to a place: longitude and latitude, a point of a plane, in geometric graphs shares.",
        examples=["[8.68, 50.11]"],
    )
    name: Names | None = Field(None, description="Those of these names; '*' stands for anything.")
    level: int | None = Field(None, ge=0, description="Those of a level of a star, tree, ring or campus; 0 is the top.")
    rest: Literal[True] | None = Field(None, description="All that are left; the same as the bare word.")
    count: _Count | None = Field(None, description="How many of most, least and near; one unless given.")

    @model_validator(mode="after")
    def _one_way(self) -> Rule:
        """Refuse several ways to choose, none, and a count beside one that needs none."""
        ways = [way for way in WAYS if getattr(self, way) is not None]
        if len(ways) != 1:
            what = f"{listed(ways)} in one rule" if ways else "a rule that chooses nothing"
            raise QuantityError(what, "write one of most, least, near, name and level, or rest")
        if self.count is not None and ways[0] not in COUNTED:
            raise QuantityError(f"'count' beside {ways[0]!r}, which takes all", "leave it out")
        return self


COUNTED = ("most", "least", "near")


def _rule(value: object) -> object:
    """Return a rule as a mapping."""
    if value == REST:
        return {REST: True}
    if isinstance(value, Mapping):
        return value
    raise QuantityError(f"{given(value)} is no rule", "write rest, or e.g. {most: degree}")


AnyRule = Annotated[Rule, BeforeValidator(_rule)]


class Defaults(Part):
    """What nodes have by their tier, and links."""

    device: Mapping[str, Raw] = Field({}, description="Keys of a node that devices have.")
    gateway: Mapping[str, Raw] = Field({}, description="Keys of a node that gateways have.")
    router: Mapping[str, Raw] = Field({}, description="Keys of a node that routers have.")
    edge: Mapping[str, Raw] = Field({}, description="Keys of a node that edges have.")
    cloud: Mapping[str, Raw] = Field({}, description="Keys of a node that the cloud has.")
    link: Mapping[str, Raw] = Field({}, description="Keys of a link that all links have.")
    link_from: Mapping[Tier, Mapping[str, Raw]] = Field(
        {}, description="Keys of a link that links have by the lower tier of their ends, before those of `link`."
    )


class Recipe(Part):
    """What a file says of a topology that is made, beside the nodes and links that it writes out."""

    graph: Annotated[AnyGraph, Field(discriminator="kind")] = Field(
        description="A graph by its kind, which is made into nodes and links."
    )
    roles: Mapping[Tier, AnyRule] = Field({}, description="Which nodes are of a tier, rule by rule.")
    defaults: Defaults = Field(Defaults(), description="What nodes and links have that do not say it themselves.")


RECIPE_KEYS = tuple(Recipe.model_fields)


class Origin:
    """What the nodes and links of a scenario were made from. It makes no scenario another: all are equal."""

    def __init__(self, recipe: Mapping[str, Raw] | None = None) -> None:
        self.recipe = recipe
        """As a file has it; None: they were written out."""

    def __eq__(self, other: object) -> bool:
        """Return whether *other* is an origin."""
        return isinstance(other, Origin)

    __hash__ = None  # type: ignore[assignment]  # as of all that is compared by what it holds
