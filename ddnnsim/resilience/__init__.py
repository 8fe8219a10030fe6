"""How a scenario bears faults: what it comes to against what failed, how much, how often, and how long it waits."""

from .axes import AXES, Axis, Wish
from .curve import QUANTITIES, curve
from .points import Point
from .study import FIGURE, FIGURES, Study, carry_out, is_study, load_study

__all__ = [
    "AXES",
    "FIGURE",
    "FIGURES",
    "QUANTITIES",
    "Axis",
    "Point",
    "Study",
    "Wish",
    "carry_out",
    "curve",
    "is_study",
    "load_study",
]
