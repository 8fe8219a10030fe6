"""Tables for a paper: cells, rounding, and the formats."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ddnnsim as package
from ddnnsim.report.manuscript import Manuscript, as_csv, as_latex, as_markdown, manuscript
from ddnnsim.report.rounding import rounded
from tests.known_runs import known_runs

ROOT = Path(__file__).parents[1]
RATE, THRESHOLD = "topology.links.wan.rate", "exits.local.threshold"


@pytest.mark.parametrize(
    ("mean", "half", "told"),
    [
        (45.678, 1.23, ("45.7", "1.2")), (45.678, 0.96, ("45.7", "1.0")), (45.678, 0.94, ("45.7", "0.9")),
        (45.678, 0.2, ("45.7", "0.2")), (1788, 230, ("1,800", "200")), (1788, 19.4, ("1,788", "19")),
        (0.00123, 0.0004, ("0.0012", "0.0004")), (9.9999, 0.19, ("10.00", "0.19")), (-3.04, 0.5, ("-3.0", "0.5")),
        (0.001, 0.02, ("0.00", "0.02")), (-0.001, 0.02, ("0.00", "0.02")), (5, 0.0199, ("5.00", "0.02")),
        (97.0, 0, ("97", "0")), (0.4, 1e-17, ("0.4000", "0")), (69.2849, 0, ("69.28", "0")),
        (1.23456, None, ("1.235", None)), (2000, None, ("2,000", None)), (0.5, float("nan"), ("0.5000", None)),
    ],
)  # fmt: skip
def test_a_number_has_the_digits_that_its_interval_supports(
    mean: float, half: float | None, told: tuple[str, str | None]
) -> None:
    assert rounded(mean, half) == told


@given(st.floats(-1e6, 1e6), st.floats(1e-4, 1e5))
def test_rounding_moves_a_mean_by_less_than_a_quarter_of_its_interval(mean: float, half: float) -> None:
    told = rounded(mean, half)
    assert told.half is not None
    mean_told, half_told = (Decimal(text.replace(",", "")) for text in (told.mean, told.half))
    assert abs(float(mean_told) - mean) <= 0.26 * half + 1e-9
    assert abs(float(half_told) - half) <= 0.26 * half
    assert len(told.half.replace(",", "").replace(".", "").strip("0")) <= 2


def known(values: dict, replication: int) -> dict:
    latency = (1 + 0.1 * (replication - 1)) * 1e5 / values[RATE]
    return {"latency.mean_s": latency, "accuracy": None if values[RATE] < 1e6 else 0.9512}


@pytest.fixture
def table() -> Manuscript:
    runs = known_runs({RATE: ["1 Mbit/s", "500 kbit/s"], THRESHOLD: [0.5]}, 3, known)
    return manuscript(runs, ["latency.mean_s", "accuracy"])


def test_a_row_for_each_point_with_units_and_what_differs(table: Manuscript) -> None:
    assert table.headings == ("Rate of wan (Mbit/s)", "Latency, mean (ms)", "Accuracy of answers (%)")
    # Half of the interval of 90, 100 and 110 ms is 4.303 * 10 / sqrt(3) = 24.8.
    assert table.rows == (("1", ("100", "20"), ("95.12", "0")), ("0.5", ("200", "50"), None))
    assert table.note == "mean and half of its 95 % interval over 3 replications"


def test_markdown_latex_and_csv_tell_the_same(table: Manuscript) -> None:
    assert (
        as_markdown(table)
        == """| Rate of wan (Mbit/s) | Latency, mean (ms) | Accuracy of answers (%) |
| --- | ---: | ---: |
| 1 | 100 ± 20 | 95.12 ± 0 |
| 0.5 | 200 ± 50 | - |

Numbers: mean and half of its 95 % interval over 3 replications.
"""
    )
    assert (
        as_latex(table)
        == r"""% mean and half of its 95 % interval over 3 replications
\begin{tabular}{lrr}
\toprule
Rate of wan (Mbit/s) & Latency, mean (ms) & Accuracy of answers (\%) \\
\midrule
1 & $100 \pm 20$ & $95.12 \pm 0$ \\
0.5 & $200 \pm 50$ & -- \\
\bottomrule
\end{tabular}
"""
    )
    rows = list(csv.reader(io.StringIO(as_csv(table))))
    assert rows[0][1:3] == ["Latency, mean (ms)", "± Latency, mean (ms)"]
    assert rows[1:] == [["1", "100", "20", "95.12", "0"], ["0.5", "200", "50", "", ""]]


def test_the_command_prints_a_run_in_one_format(ddnnsim, tmp_path: Path) -> None:
    path = package.run(ROOT / "scenarios" / "numbers.yaml", out=tmp_path, **{"workload.requests": 20}).path
    markdown = ddnnsim("table", path, "--of", "created,accuracy").stdout
    assert markdown.splitlines()[0] == "| Requests | Accuracy of answers (%) |"
    assert markdown.splitlines()[2].startswith("| 20 | ")
    assert markdown == ddnnsim("table", path, "--of", "created,accuracy", "--markdown").stdout
    assert r"\toprule" in ddnnsim("table", path, "--latex").stdout
    assert ddnnsim("table", path, "--csv").stdout.startswith("Accuracy of answers (%),± Accuracy")
    refused = ddnnsim("table", path, "--csv", "--latex")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "name one" in refused.stderr
    assert "did you mean 'accuracy'?" in ddnnsim("table", path, "--of", "acuracy").stderr


def test_what_latex_reads_as_something_else_is_escaped() -> None:
    runs = known_runs(
        {"topology.links.a_b.medium": ["50 % of {x} & y", r"\z"]}, 1,
        lambda values, replication: {"latency.mean_s": 1234.5678, "exits.a_b.accuracy": 0.5},
    )  # fmt: skip
    table = manuscript(runs, ["latency.mean_s", "exits.a_b.accuracy"])
    told = as_latex(table)
    assert r"Medium of a\_b & Latency, mean (s) & Accuracy of answers, a\_b exit (\%) \\" in told
    assert r"50 \% of \{x\} \& y & $1{,}235$ & $50$ \\" in told
    assert r"\textbackslash{}z" in told
    assert "one run each" in as_markdown(table)
