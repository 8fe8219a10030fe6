"""Policies against the fixed threshold over the load of the busiest link: latency and accuracy, side by side."""

from __future__ import annotations

from collections.abc import Iterable
from math import floor, log10
from typing import TYPE_CHECKING

from ddnnsim.errors import ResultError
from ddnnsim.plot.marks import SIZE, Look, key
from ddnnsim.plot.style import IEEE_COLUMN_IN, OVERALL, TIER_COLOURS

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from ddnnsim.results import Result

WIDTH_IN, HEIGHT_IN = 2 * IEEE_COLUMN_IN, 2.5
FIXED = "fixed"
"""The policy that all others are compared with; no policy is the same."""
POLICIES = {
    FIXED: Look("fixed threshold", TIER_COLOURS["edge"], "s", "--"),
    "follow_load": Look("threshold that follows the load", OVERALL, "o", "-"),
    "meet_deadline": Look("only if the deadline can be met", TIER_COLOURS["device"], "^", "-."),
    "most_useful": Look("the most useful views", "#666666", "v", ":"),
}


def load_data(results: Iterable[Result]) -> pd.DataFrame:
    """Return a row for each of *results*, by load, then policy.

    The results are of one scenario that differ in `workload.rate` and in the policy of one exit. The load is what the
    fixed threshold puts on its busiest link at that rate, over what the link can send. Raises ResultError where there
    is no result with the fixed threshold at a rate.
    """
    import pandas as pd

    rows = pd.DataFrame([_row(result) for result in results]).sort_values("rate_per_s")
    fixed = rows[rows["policy"] == FIXED]
    if fixed.empty:
        raise ResultError("no result with the fixed threshold to compare with; add those of 'policy.use=fixed'")
    busiest = fixed.iloc[-1]["busy_s"]
    link = max(busiest, key=busiest.__getitem__)
    loads = {row["rate_per_s"]: row["rate_per_s"] * row["busy_s"][link] for _, row in fixed.iterrows()}
    alone = sorted(set(rows["rate_per_s"]) - set(loads))
    if alone:
        raise ResultError(f"no result with the fixed threshold at a rate of {alone[0]:g} /s; add it")
    rows["load"] = rows["rate_per_s"].map(loads)
    return rows.drop(columns="busy_s").sort_values(["load", "policy"], ignore_index=True)


def _row(result: Result) -> dict[str, object]:
    summary, scenario = result.summary, result.scenario
    rate = getattr(scenario.workload, "rate", None)
    if rate is None or summary.latency.p95_s is None or summary.accuracy is None:
        raise ResultError(f"{result.path}: no arrivals at a rate, or no answers, to draw")
    busy_s = {
        name: (link.utilisation or 0.0) * summary.simulated_s / summary.captured for name, link in summary.links.items()
    }
    return {
        "rate_per_s": float(rate),
        "policy": scenario.policy[0].use if scenario.policy else FIXED,
        "latency_p95_ms": 1000 * summary.latency.p95_s,
        "accuracy": summary.accuracy,
        "busy_s": busy_s,  # of each link, for one request
    }


def draw_load(figure: Figure, data: pd.DataFrame) -> None:
    """Draw *data*, as `load_data` gives it: latency on a logarithmic axis, and accuracy."""
    latency, accuracy = figure.subplots(1, 2)
    handles = []
    for number, (policy, of) in enumerate(data.groupby("policy", sort=False)):
        look = POLICIES.get(str(policy), Look(str(policy), "#8a8d91", "PDX*"[number % 4], "-."))
        for ax, values in ((latency, of["latency_p95_ms"]), (accuracy, 100 * of["accuracy"])):
            ax.plot(of["load"], values, color=look.colour, marker=look.marker, linestyle=look.line, markersize=SIZE)
        handles.append(key(look))
    latency.set_yscale("log")
    latency.set_ylim(bottom=10 ** floor(log10(data["latency_p95_ms"].min())))
    latency.yaxis.set_major_formatter("{x:,.0f}")
    latency.set_ylabel("Latency, 95th percentile (ms)")
    accuracy.set_ylabel("Accuracy (%)")
    lowest = 100 * data["accuracy"].min()
    accuracy.set_ylim(max(0.0, 5 * (lowest // 5) - 5 * (lowest % 5 < 1)), 100)
    for ax in (latency, accuracy):
        ax.axvline(1.0, color="#8a8d91", linewidth=0.8, linestyle=(0, (1, 2)))
        ax.set_xlabel("Load of the uplink under the fixed threshold")
    figure.legend(handles=handles, loc="outside upper center", ncols=len(handles))
