"""Draw accuracy, availability, latency and bytes against what fails, as `ddnnsim failures` saved them.

    python plots/failures.py results/failures/quickstart-number-0a1b2c3d --out failures.pdf

It never simulates. Beside the picture, a PNG and the plotted numbers are written.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from ddnnsim.errors import UserError
from ddnnsim.plot.failures import save_failures
from ddnnsim.resilience import load_study


def main() -> None:
    """Draw what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", type=Path, help="the folder that `ddnnsim failures` wrote")
    parser.add_argument("--out", type=Path, default=Path("failures.pdf"), help="the picture, a PDF")
    arguments = parser.parse_args()
    try:
        save_failures(load_study(arguments.results).curve, arguments.out)
    except (UserError, OSError) as error:
        raise SystemExit(str(error)) from None


if __name__ == "__main__":
    main()
