"""One request explained: what it waited for, step by step, and what is missing where it has no answer."""

from ddnnsim.explanation.page import page
from ddnnsim.explanation.steps import Explanation, Step, explain

__all__ = ["Explanation", "Step", "explain", "page"]
