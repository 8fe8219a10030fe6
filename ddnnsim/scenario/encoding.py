"""How a view is encoded where it is sent as a picture."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from .part import Part


class RawEncoding(Part):
    """Pixels as they are sensed: a byte each, and channel."""

    format: Literal["raw"] = Field(description="Which encoding: raw.")


class PngEncoding(Part):
    """A PNG file for each view: smaller where the picture is smooth, and the same pixels again."""

    format: Literal["png"] = Field(description="Which encoding: png.")


class JpegEncoding(Part):
    """A JPEG file for each view: the network is trained and tested on what the file still shows."""

    format: Literal["jpeg"] = Field(description="Which encoding: jpeg.")
    quality: int = Field(75, ge=1, le=95, description="From 1, small, to 95, faithful.")


AnyEncoding = RawEncoding | PngEncoding | JpegEncoding
Encoding = Annotated[
    AnyEncoding, Field(discriminator="format", description="How a view is encoded where it is sent as a picture.")
]
RAW = RawEncoding(format="raw")
