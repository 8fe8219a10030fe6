"""Draw accuracy and bytes against the local exit's threshold, from saved results. It never simulates.

    python plots/threshold.py results/quickstart-* --out threshold.pdf

The results differ in `exits.local.threshold` alone. Beside the picture, the plotted numbers are written as CSV.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.style import context

import ddnnsim
from ddnnsim.plot.style import TIER_COLOURS, paper_style


def points(folders: list[Path]) -> pd.DataFrame:
    """Return a row for each result, by threshold."""
    rows = []
    for folder in folders:
        result = ddnnsim.load_result(folder)
        summary = result.summary
        rows.append(
            {
                "threshold": result.scenario.exits["local"].threshold,
                "local_share": summary.exits["local"].share,
                "accuracy": summary.accuracy,
                "bytes_per_sample_per_device": summary.bytes.per_sample_per_device,
            }
        )
    return pd.DataFrame(rows).sort_values("threshold")


def main() -> None:
    """Draw what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", nargs="+", type=Path, help="folders of results")
    parser.add_argument("--out", type=Path, default=Path("threshold.pdf"), help="the picture: .pdf, .png, ...")
    arguments = parser.parse_args()
    data = points(arguments.results)
    data.to_csv(arguments.out.with_suffix(".csv"), index=False, lineterminator="\n")
    with context(paper_style()):
        figure = Figure()
        FigureCanvasAgg(figure)
        left = figure.subplots()
        right = left.twinx()
        lines = [
            *left.plot(data["threshold"], 100 * data["accuracy"], "o-", color=TIER_COLOURS["cloud"], markersize=3.5),
            *left.plot(
                data["threshold"], 100 * data["local_share"], "s--", color=TIER_COLOURS["device"], markersize=3.5
            ),
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
        figure.savefig(arguments.out)


if __name__ == "__main__":
    main()
