"""Draw accuracy and bytes against the local exits' threshold, from saved results. It never simulates.

    python plots/threshold.py results/quickstart-* --out threshold.pdf

The results differ in `exits.local.threshold` alone. Beside the picture, a PNG and the plotted numbers are written.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

import ddnnsim
from ddnnsim.errors import ResultError, UserError
from ddnnsim.plot import save
from ddnnsim.plot.style import TIER_COLOURS

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def points(folders: list[Path]) -> pd.DataFrame:
    """Return a row for each result, by threshold; the local exits of groups are taken together."""
    rows = []
    for folder in folders:
        result = ddnnsim.load_result(folder)
        summary, exits = result.summary, result.scenario.exits
        if "local" not in exits:
            raise ResultError(f"{folder}: {result.scenario.name} has no local exit, and so no threshold to draw over")
        shares = [of_exit.share for name, of_exit in summary.exits.items() if name.partition(".")[0] == "local"]
        rows.append(
            {
                "threshold": exits["local"].threshold,
                "local_share": None if None in shares else sum(shares),
                "accuracy": summary.accuracy,
                "bytes_per_sample_per_device": summary.bytes.per_sample_per_device,
            }
        )
    return pd.DataFrame(rows).astype(float).sort_values("threshold")


def draw(figure: Figure, data: pd.DataFrame) -> None:
    """Draw accuracy, the share of local exits and bytes over the threshold."""
    left = figure.subplots()
    right = left.twinx()
    lines = [
        *left.plot(data["threshold"], 100 * data["accuracy"], "o-", color=TIER_COLOURS["cloud"], markersize=3.5),
        *left.plot(data["threshold"], 100 * data["local_share"], "s--", color=TIER_COLOURS["device"], markersize=3.5),
        *right.plot(data["threshold"], data["bytes_per_sample_per_device"], "^:", color="black", markersize=3.5),
    ]
    left.set_xlabel("Threshold of the local exit (normalised entropy)")
    left.set_ylabel("Samples (%)")
    left.set_ylim(0, 105)
    right.set_ylabel("Bytes per sample and device")
    right.set_ylim(bottom=0)
    right.grid(visible=False)
    right.spines["right"].set_visible(True)
    names = ["overall accuracy", "local exits", "bytes"]
    left.legend(lines, names, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, borderaxespad=0.1)


def main() -> None:
    """Draw what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", nargs="+", type=Path, help="folders of results")
    parser.add_argument("--out", type=Path, default=Path("threshold.pdf"), help="the picture, a PDF")
    arguments = parser.parse_args()
    try:
        save(arguments.out, points(arguments.results), draw)
    except (UserError, OSError) as error:
        raise SystemExit(str(error)) from None


if __name__ == "__main__":
    main()
