"""One look for every figure: sizes of printed columns, one colour per tier, readable in grey."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.typing import LineStyleType

IEEE_COLUMN_IN = 3.5
"""Width of a column of an IEEE transactions page, in inches."""
PAGE_IN = 2 * IEEE_COLUMN_IN
"""Of both columns, without what is between them."""
GOLDEN = 0.62
"""Height over width."""

FONT = "STIXGeneral"
"""Like the Times of IEEE and ACM pages, and it comes with matplotlib."""

TIER_COLOURS = {"device": "#0b3c5d", "gateway": "#8a8d91", "router": "#8a8d91", "edge": "#d98a29", "cloud": "#7fb3d5"}
"""Luminances apart as well as hues: about 0.22, 0.55, 0.62 with its hatch, 0.67 with its own."""
TIER_LINES: dict[str, LineStyleType] = {"device": "-", "gateway": ":", "router": ":", "edge": "-.", "cloud": "--"}
TIER_MARKERS = {"device": "o", "gateway": "d", "router": "P", "edge": "^", "cloud": "s"}
EXIT_TIERS = {"local": "device", "edge": "edge", "cloud": "cloud"}
"""Whose colour an exit has."""
OVERALL = "black"
PALE = "#9a9a9a"
"""Of what others are compared with."""


def exit_tier(name: str) -> str | None:
    """Return the tier whose colour the exit *name* has, such as `local` or `local.north`; None for no exit."""
    return EXIT_TIERS.get(name.partition(".")[0])


def paper_style(width_in: float = IEEE_COLUMN_IN, height_in: float | None = None) -> dict[str, Any]:
    """Return rcParams for a figure of *width_in* inches in a paper; fonts are embedded as Type 42."""
    return {
        "figure.figsize": (width_in, height_in or width_in * GOLDEN),
        "figure.constrained_layout.use": True,
        "figure.dpi": 200,
        "font.family": FONT,
        "text.parse_math": False,  # a label may have a dollar in it
        "mathtext.fontset": "stix",
        "font.size": 9,
        "axes.labelsize": 9,
        "axes.titlesize": 9,
        "legend.fontsize": 8,
        "xtick.labelsize": 8,
        "ytick.labelsize": 8,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "axes.axisbelow": True,
        "grid.linewidth": 0.4,
        "grid.color": "#d8d8d8",
        "lines.linewidth": 1.2,
        "hatch.linewidth": 0.6,
        "legend.frameon": False,
        "pdf.fonttype": 42,
        "ps.fonttype": 42,
        "savefig.bbox": None,
    }
