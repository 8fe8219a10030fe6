"""Draw configurations (a) to (f) side by side, from what `ddnnsim paper` saved. It never simulates.

    python plots/hierarchy.py results/paper --out hierarchy.pdf

Beside the picture, a PNG and the plotted numbers are written.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from ddnnsim.errors import UserError
from ddnnsim.plot.studies import draw_saved


def main() -> None:
    """Draw what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", type=Path, help="the folder that `ddnnsim paper` wrote")
    parser.add_argument("--out", type=Path, default=Path("hierarchy.pdf"), help="the picture, a PDF")
    arguments = parser.parse_args()
    try:
        draw_saved("hierarchy", arguments.results, arguments.out)
    except (UserError, OSError) as error:
        raise SystemExit(str(error)) from None


if __name__ == "__main__":
    main()
