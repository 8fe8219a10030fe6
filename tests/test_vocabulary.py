"""Numbers and settings in words, with the units that people read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ddnnsim
from ddnnsim.scenario.settings import settings_of
from ddnnsim.sweeps.numbers import numbers_of
from ddnnsim.vocabulary import number_in_words, number_text, scale_of, setting_in_words, si_value

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(
    ("path", "words", "unit", "better"),
    [
        ("latency.p95_s", "Latency, 95th percentile", "s", "less"),
        ("accuracy_of_requests", "Accuracy of all requests", "share", "more"),
        ("exits.local.north.latency.mean_s", "Latency, mean, local.north exit", "s", "less"),
        ("exits.local.share", "Answers, local exit", "share", None),
        ("circumstances.with_faults.availability", "Availability, with faults", "share", "more"),
        ("links.camera1>gateway.utilisation", "Utilisation of camera1>gateway", "share", None),
        ("nodes.cloud.energy_j", "Energy of cloud", "J", "less"),
        ("nodes.cloud.jobs", "Jobs of cloud", "", None),
        ("bytes.carried.features", "Carried bytes, features", "B", "less"),
        ("lost.no_view", "Lost requests: no view", "", None),
        ("something.new_per_s", "Something, new", "1/s", None),
    ],
)
def test_a_number_is_called_by_what_it_is(path: str, words: str, unit: str, better: str | None) -> None:
    assert number_in_words(path) == (path, words, unit, better)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("topology.links.wan.rate", "Rate of wan"),
        ("topology.links.wan.rate.up", "Rate of wan, up"),
        ("exits.local.threshold", "Threshold, local exit"),
        ("data.views", "Views"),
        ("faults.0.mtbf", "Mean time between failures"),
        ("model.levels.device.convp", "Filters, device level"),
        ("policy.0.queue_target", "Queue target of the policy"),
        ("workload.every", "Time between requests of workload"),
    ],
)
def test_a_setting_is_called_by_its_key_and_what_has_it(path: str, words: str) -> None:
    assert setting_in_words(path).words == words


@pytest.mark.parametrize(
    ("unit", "most", "shown"),
    [
        ("s", 0.0005, "µs"), ("s", 0.001, "ms"), ("s", 9.99, "ms"), ("s", 10.0, "s"),
        ("bit/s", 999.0, "bit/s"), ("bit/s", 1e3, "kbit/s"), ("bit/s", 2.5e6, "Mbit/s"), ("bit/s", 1e12, "Tbit/s"),
        ("B", 576.0, "B"), ("B", 2e5, "kB"), ("share", 0.001, "%"), ("J", 2e-3, "mJ"), ("J/B", 2e-13, "pJ/B"),
        ("W", 0.02, "mW"), ("1/s", 1e6, "1/s"), ("", 5.0, ""), ("s", 0.0, "µs"),
    ],
)  # fmt: skip
def test_the_largest_value_says_in_which_unit_all_are_read(unit: str, most: float, shown: str) -> None:
    assert scale_of(unit, [0.0, -most, float("nan")]).unit == shown


@given(st.sampled_from(["s", "bit/s", "B", "J", "W", "FLOP/s", "share"]), st.floats(1e-9, 1e12))
def test_a_scale_never_makes_a_value_less_than_one_where_a_smaller_unit_is_there(unit: str, value: float) -> None:
    scale = scale_of(unit, [value])
    smallest = scale_of(unit, [])
    assert scale.factor * value >= 0.99 or scale == smallest


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("10 Mbit/s", (1e7, "bit/s")), ("1 min", (60.0, "s")), ("20 uJ/B", (2e-5, "J/B")), ("5 %", (0.05, "share")),
        ("10 KiB", (10240.0, "B")), ("2 /s", (2.0, "1/s")), (0.5, (0.5, "")), ("3", (3.0, "")),
        ("[4]", None), ("shared", None), ("", None), ("nan", None), (True, None), (None, None),
    ],
)  # fmt: skip
def test_a_value_of_a_file_in_si_units(text: object, value: tuple[float, str] | None) -> None:
    assert si_value(text) == value


def test_numbers_have_as_many_digits_as_asked_for_and_whole_ones_all() -> None:
    assert [number_text(x) for x in (1788.0, 1788.4, 0.31623, 3.0, -0.5)] == ["1,788", "1,788", "0.316", "3", "-0.5"]
    assert [number_text(x) for x in (999.4, 999.5, 999.6, -999.7, 99.96)] == ["999", "1,000", "1,000", "-1,000", "100"]


def test_every_number_and_setting_of_a_run_has_words_and_a_path(tmp_path: Path) -> None:
    result = ddnnsim.run(ROOT / "scenarios" / "numbers.yaml", out=tmp_path, **{"workload.requests": 20})
    numbers = numbers_of(result.summary)
    assert numbers["latency.p95_s"] == result.summary.latency.p95_s
    assert numbers["links.gateway>cloud.messages"] == result.summary.links["gateway>cloud"].messages
    assert "nodes.cloud.tier" not in numbers
    summary = json.loads((result.path / "summary.json").read_text())
    assert numbers["exits.local.share"] == summary["exits"]["local"]["share"]
    assert all(number_in_words(path).path == path and number_in_words(path).words for path in numbers)
    settings = settings_of(result.scenario)
    assert settings["topology.links.wan.rate"] == "1 Mbit/s"
    assert settings["model.exits.local.leave"] == "0.6"
    assert settings["workload.on.exponential"] == "2 s" or "exponential" in settings["workload.on"]
    assert all(setting_in_words(path).words for path in settings)
