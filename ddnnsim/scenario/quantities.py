"""Quantities as pydantic knows them: what a file says in units is inside a number of base units."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, PlainSerializer, PlainValidator, WithJsonSchema
from pydantic_core import CoreSchema, core_schema

from . import units
from .units import Kind


@dataclass(frozen=True, eq=False)
class _Of:
    """Says of an integer that it is a quantity of *kind*: it is only made by reading, and written as text."""

    kind: Kind

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        writing = core_schema.plain_serializer_function_ser_schema(self.kind.text)
        return core_schema.no_info_plain_validator_function(self.kind.read, serialization=writing)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return self.kind.schema


Rate = Annotated[int, _Of(units.RATE)]
"""bit/s"""
PausingRate = Annotated[int, _Of(units.PAUSING_RATE)]
"""bit/s, or 0 for a pause"""
Duration = Annotated[int, _Of(units.DURATION)]
"""ns"""
Size = Annotated[int, _Of(units.SIZE)]
"""bytes"""
PositiveSize = Annotated[int, _Of(units.POSITIVE_SIZE)]
"""bytes, at least 1"""
Power = Annotated[int, _Of(units.POWER)]
"""microwatts"""
Energy = Annotated[int, _Of(units.ENERGY)]
"""femtojoules"""
ByteEnergy = Annotated[int, _Of(units.BYTE_ENERGY)]
"""femtojoules"""
Length = Annotated[int, _Of(units.LENGTH)]
"""m"""
Compute = Annotated[int, _Of(units.COMPUTE)]
"""operations per second"""
BinaryCompute = Annotated[int, _Of(units.BINARY_COMPUTE)]
"""operations per second"""
OperationCount = Annotated[int, _Of(units.OPERATIONS)]
BinaryOperationCount = Annotated[int, _Of(units.BINARY_OPERATIONS)]
Frequency = Annotated[
    Fraction,
    PlainValidator(units.parse_frequency),
    PlainSerializer(units.format_frequency),
    WithJsonSchema(units.FREQUENCY.schema),
]
"""per second"""
Share = Annotated[float, PlainValidator(units.parse_share), WithJsonSchema(units.SHARE_SCHEMA)]
"""in [0, 1]"""
