"""The drawing of a network, and what decides which: rows of boxes by tier, or a map of nodes and links."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ddnnsim.plot import beside, save
from ddnnsim.plot.folding import folded, tells_all, uncrossed
from ddnnsim.plot.map import Map
from ddnnsim.plot.rows import Rows
from ddnnsim.plot.sites import sites_of
from ddnnsim.plot.style import PAGE_IN

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from ddnnsim.overview import Overview


def draw_overview(shown: Overview, folder: Path) -> list[Path]:
    """Draw the network of *shown* as NAME.pdf and .png in *folder*, with its links as .csv; return the files."""
    import pandas as pd

    drawing = drawing_of(shown)
    columns = ("link", "source", "target", "rate", "delay")
    data = pd.DataFrame([[getattr(link, name) for name in columns] for link in shown.links], columns=list(columns))
    with beside(folder) as part:
        save(part / shown.name, data, partial(_draw, drawing), PAGE_IN, drawing.height_in)
        names = [file.name for file in sorted(part.iterdir())]
    return [folder / name for name in names if not name.endswith(".csv")] + [folder / f"{shown.name}.csv"]


def drawing_of(shown: Overview) -> Rows | Map:
    """Return the drawing of *shown*: rows, unless they would not tell all links and a map has place for its nodes."""
    rows = uncrossed(folded(shown.nodes, shown.links), shown.links)
    sites = None if tells_all(rows, shown.links) else sites_of(shown)
    return Rows(shown) if sites is None else Map(sites)


def _draw(drawing: Rows | Map, figure: Figure, _: pd.DataFrame) -> None:
    figure.set_layout_engine("none")  # every place is known
    drawing.on(figure.add_axes((0, 0, 1, 1)))
