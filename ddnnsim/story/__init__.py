"""Stories of requests: what led to an answer, back to the capture, and the parts of the latency that follow."""

from ddnnsim.story.parts import PARTS, parts
from ddnnsim.story.path import Legs, legs
from ddnnsim.story.records import Records

__all__ = ["PARTS", "Legs", "Records", "legs", "parts"]
