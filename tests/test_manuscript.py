"""Tables for a paper: cells, rounding, and the formats."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from math import sqrt
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
    (_, (latency, accuracy)), (_, (longer, none)) = table.rows
    assert [settings for settings, _ in table.rows] == [("1",), ("0.5",)]
    assert (latency.rounded, longer.rounded, accuracy.rounded, none) == (
        ("100", "20"), ("200", "50"), ("95.12", "0"), None,
    )  # fmt: skip
    assert table.note == "mean and half of its 95 % interval over n = 3 replications"


def test_markdown_latex_and_csv_tell_the_same(table: Manuscript) -> None:
    assert (
        as_markdown(table)
        == """| Rate of wan (Mbit/s) | Latency, mean (ms) | Accuracy of answers (%) |
| --- | ---: | ---: |
| 1 | 100 ± 20 | 95.12 ± 0 |
| 0.5 | 200 ± 50 | - |

Numbers: mean and half of its 95 % interval over n = 3 replications.
"""
    )
    assert (
        as_latex(table)
        == r"""\begin{tabular}{lrr}
\toprule
Rate of wan (Mbit/s) & Latency, mean (ms) & Accuracy of answers (\%) \\
\midrule
1 & $100 \pm 20$ & $95.12 \pm 0$ \\
0.5 & $200 \pm 50$ & -- \\
\bottomrule
\multicolumn{3}{l}{\footnotesize Numbers: mean and half of its 95 \% interval over n = 3 replications.} \\
\end{tabular}
"""
    )
    head, fast, slow = csv.reader(io.StringIO(as_csv(table)))
    assert head == [
        "Rate of wan (Mbit/s)", "Latency, mean (ms)", "Latency, mean (ms) low", "Latency, mean (ms) high",
        "Latency, mean (ms) n", "Accuracy of answers (%)", "Accuracy of answers (%) low",
        "Accuracy of answers (%) high", "Accuracy of answers (%) n",
    ]  # fmt: skip
    half = 4.302652729911275 * 10 / sqrt(3)
    assert [float(number) for number in fast] == pytest.approx([1, 100, 100 - half, 100 + half, 3, *[95.12] * 3, 3])
    assert fast[5] == "95.12", "as it is, and not 95.12000000000001"
    assert slow[4:] == ["3", "", "", "", "0"]


def test_settings_are_as_they_are_given() -> None:
    thresholds = ["0.9", "0.9999", "0.12345", "1e-7"]
    rates = ["1234567 bit/s", "1234.5 Mbit/s", "1 Gbit/s"]
    told = known_runs({THRESHOLD: thresholds, RATE: rates, "workload.requests": [1000, 2000]}, 1,
                      lambda values, _: {"created": 1234.5})  # fmt: skip
    names = {path: list(told.parameter(path).names.values()) for path in told.parameters}
    assert names[THRESHOLD] == ["0.0000001", "0.12345", "0.9", "0.9999"]
    assert names[RATE] == ["0.001234567", "1", "1.2345"]
    assert names["workload.requests"] == ["1000", "2000"]
    assert as_csv(manuscript(told, ["created"])).splitlines()[1] == "0.9,0.001234567,1000,1234.5,,,1"


def test_what_is_no_decimal_has_the_digits_that_tell_it_apart() -> None:
    told = known_runs({"workload.rate": ["10 /min", "1 /min", "1.5 /s"]}, 1, known_rate)
    assert list(told.parameter("workload.rate").names.values()) == ["0.0166667", "0.166667", "1.5"]
    near = known_runs({"workload.rate": ["10 /min", "10.00001 /min"]}, 1, known_rate)
    assert list(near.parameter("workload.rate").names.values()) == ["0.166666666667", "0.166666833333"]
    seeds = known_runs({"model.training.seed": [2**53, 2**53 + 1]}, 1, known_rate)
    assert list(seeds.parameter("model.training.seed").names.values()) == [str(2**53), str(2**53 + 1)]


def known_rate(values: dict, replication: int) -> dict:
    return {"created": 20}


def test_n_has_a_column_where_it_is_not_the_same_for_all() -> None:
    def numbers(values: dict, replication: int) -> dict:
        few = replication > 1 and values[THRESHOLD] == 0.5
        return {"created": None if few else 20, "accuracy": 0.9}

    told = manuscript(known_runs({THRESHOLD: [0.5, 0.9]}, 3, numbers), ["created", "accuracy"])
    lines = as_markdown(told).splitlines()
    assert lines[0] == "| Threshold, local exit | n | Requests | Accuracy of answers (%) |"
    assert lines[1] == "| --- | ---: | ---: | ---: |"
    assert lines[2] == "| 0.5 | 2, 3 | 20 ± 0 | 90 ± 0 |"
    assert lines[3] == "| 0.9 | 3 | 20 ± 0 | 90 ± 0 |"
    assert lines[-1] == "Numbers: mean and half of its 95 % interval over n replications."
    assert r"\begin{tabular}{lrrr}" in as_latex(told)


def test_the_command_prints_a_run_in_one_format(ddnnsim, tmp_path: Path) -> None:
    path = package.run(ROOT / "scenarios" / "numbers.yaml", out=tmp_path, **{"workload.requests": 20}).path
    markdown = ddnnsim("table", path, "--of", "created,accuracy").stdout
    assert markdown.splitlines()[0] == "| Requests | Accuracy of answers (%) |"
    assert markdown.splitlines()[2].startswith("| 20 | ")
    assert markdown == ddnnsim("table", path, "--of", "created,accuracy", "--markdown").stdout
    assert r"\toprule" in ddnnsim("table", path, "--latex").stdout
    assert ddnnsim("table", path, "--csv").stdout.startswith("Accuracy of answers (%),Accuracy of answers (%) low,")
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
