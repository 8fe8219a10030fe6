"""Draw the curves of the scenarios in scenarios/variations, as `ddnnsim run` saved their sweeps. It never simulates.

    python plots/variations.py results/straggler-sweep-* --out straggler.pdf

Which figure it is follows from the name of the scenario. Beside the picture, a PNG and the plotted numbers are written.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from ddnnsim import ResultSet
from ddnnsim.curves import curve, open_runs
from ddnnsim.errors import ResultError, UserError
from ddnnsim.plot.curves import save_curve


class Drawing(NamedTuple):
    """What is drawn of a sweep."""

    x: str
    y: tuple[str, ...]
    by: str
    words: Mapping[str, str]
    """What settings are called, where their paths do not say it well."""


MEAN, P95 = "latency.mean_s", "latency.p95_s"
RIGHT, SENT = "accuracy_of_requests", "bytes.per_sample_per_device"
RADIO, WAN, RATE = "topology.links.radio.delay", "topology.links.wan.rate", "workload.rate"
SLOW, MTBF, MTTR = "topology.nodes.slow.compute", "faults.0.mtbf", "faults.0.mttr"
UPLINK = "links.hub>cloud.utilisation"
THRESHOLD = "exits.local.threshold"
DRAWINGS = {
    "gateway": Drawing(RADIO, (MEAN, P95), THRESHOLD, {RADIO: "Delay from the cameras to the gateway"}),
    "groups": Drawing("label", (MEAN, P95, UPLINK), RATE, {"label": "Groups, each with an edge"}),
    "uplink": Drawing(RATE, (MEAN, P95), "label", {"label": "Radio link"}),
    "straggler": Drawing(SLOW, (P95, RIGHT, "exits.local.share"), "label",
                         {"label": "Exits", SLOW: "Speed of the slow camera"}),
    "load_curve": Drawing(RATE, (MEAN, P95, "accuracy"), THRESHOLD, {}),
    "bandwidth": Drawing(WAN, (RIGHT, P95, "fates.degraded"), THRESHOLD, {WAN: "Rate of the uplink"}),
    "repairs": Drawing(MTBF, (RIGHT, "availability", P95, SENT), MTTR, {}),
}  # fmt: skip
"""By the name of the scenario."""


def main() -> None:
    """Draw what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", type=Path, help="the folder of a sweep")
    parser.add_argument("--out", type=Path, help="the picture, a PDF")
    arguments = parser.parse_args()
    try:
        name = ResultSet.load(arguments.results).scenario.name
        if name not in DRAWINGS:
            raise ResultError(f"{arguments.results}: a sweep of {name}; known are {', '.join(DRAWINGS)}")
        drawing = DRAWINGS[name]
        runs = open_runs([arguments.results]).called(drawing.words)
        picture = arguments.out or Path(f"{name}.pdf")
        save_curve(curve(runs, drawing.x, [drawing.by], drawing.y), picture)
    except (UserError, OSError) as error:
        raise SystemExit(str(error)) from None


if __name__ == "__main__":
    main()
