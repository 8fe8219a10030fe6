"""What a link loses: independently, or in bursts by the model of Gilbert and Elliott."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from .document import Raw
from .part import Part
from .quantities import Share
from .units import SHARE_SCHEMA, QuantityError, parse_share
from .wording import given, listed

_EXAMPLE = "write e.g. {mean: 2 %, burst: 4}"


class LossModel(Part):
    """Probabilities of loss in a good and a bad state, and of a change before each message."""

    good: Share = Field(description="Lost in the good state.")
    bad: Share = Field(description="Lost in the bad state.")
    to_bad: Share = Field(description="Of a change from good to bad.")
    to_good: Share = Field(description="Of a change from bad to good.")

    @model_validator(mode="after")
    def _changes(self) -> LossModel:
        """Refuse a link that never changes its state."""
        if not self.to_bad and not self.to_good:
            raise QuantityError("a link that never changes its state", "write one share, e.g. 'loss: 2 %'")
        return self

    @model_serializer(mode="wrap")
    def _shortest(self, serialize: SerializerFunctionWrapHandler) -> Raw:
        """Write independent loss as one share."""
        independent = (self.bad, self.to_bad, self.to_good) == (0, 0, 1)
        return self.good if independent else serialize(self)


def _read(value: object) -> object:
    """Return the four probabilities of what a file says of loss."""
    if not isinstance(value, Mapping):
        return _independent(parse_share(value))
    if value.keys().isdisjoint(("mean", "burst")):
        return value
    if set(value) != {"mean", "burst"}:
        raise QuantityError(f"loss has {listed(value)}, where a mean goes with a burst", _EXAMPLE)
    return _gilbert(parse_share(value["mean"]), value["burst"])


def _independent(share: float) -> dict[str, float]:
    return {"good": share, "bad": 0.0, "to_bad": 0.0, "to_good": 1.0}


def _gilbert(mean: float, burst: object) -> dict[str, float]:
    """Return the model that loses all in its bad state, *burst* messages in a row on average, and *mean* overall."""
    if not isinstance(burst, int | float) or isinstance(burst, bool) or not 1 <= burst <= 1e9:
        raise QuantityError(f"{given(burst)} is not the mean length of a burst", "write a number of messages, e.g. 4")
    if mean == 0:
        return _independent(0.0)
    to_good = 1 / burst
    # A share to_bad / (to_bad + to_good) of the messages meets the bad state.
    to_bad = mean * to_good / (1 - mean) if mean < 1 else 2.0
    if to_bad > 1:
        what = f"bursts of {burst:g} leave no room for so little between them that {mean:.4g} is lost"
        raise QuantityError(what, f"write a mean of at most {burst / (burst + 1):.4g}, or a longer burst")
    return {"good": 0.0, "bad": 1.0, "to_bad": to_bad, "to_good": to_good}


def _schema() -> dict[str, Any]:
    share = {"anyOf": SHARE_SCHEMA["anyOf"]}
    burst = {"type": "number", "minimum": 1}
    kinds = [{"mean": share, "burst": burst}, dict.fromkeys(("good", "bad", "to_bad", "to_good"), share)]
    mappings = [
        {"type": "object", "properties": kind, "required": list(kind), "additionalProperties": False} for kind in kinds
    ]
    return {
        "anyOf": [share, *mappings],
        "description": "Share of the transmissions that are lost: independently; in bursts, by their mean length; or "
        "by the four probabilities of Gilbert and Elliott.",
        "examples": ["1 %", "{mean: 2 %, burst: 4}"],
    }


LOSS_SCHEMA = _schema()
Loss = Annotated[LossModel, BeforeValidator(_read)]
"""What a link loses."""
