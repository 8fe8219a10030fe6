"""Draw latency and accuracy of policies against the load, from saved results. It never simulates.

    python plots/load.py results/load-* --out load.pdf

The results differ in `workload.rate` and `policy` alone; those with `policy.use=fixed` say what a rate loads the
uplink with. Beside the picture, a PNG and the plotted numbers are written.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import ddnnsim
from ddnnsim.errors import UserError
from ddnnsim.plot import save
from ddnnsim.plot.load import HEIGHT_IN, WIDTH_IN, draw_load, load_data


def main() -> None:
    """Draw what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", nargs="+", type=Path, help="folders of results")
    parser.add_argument("--out", type=Path, default=Path("load.pdf"), help="the picture, a PDF")
    arguments = parser.parse_args()
    try:
        data = load_data(map(ddnnsim.load_result, arguments.results))
        save(arguments.out, data, draw_load, WIDTH_IN, HEIGHT_IN)
    except (UserError, OSError) as error:
        raise SystemExit(str(error)) from None


if __name__ == "__main__":
    main()
