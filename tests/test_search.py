"""Searches for places: the algorithm against brute force, and what a scenario that searches comes to."""

from __future__ import annotations

import json
from io import StringIO
from itertools import product
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from profiled import numbers
from rich.console import Console

from ddnnsim import experiment
from ddnnsim.errors import UserError
from ddnnsim.report.placing import placing_report
from ddnnsim.rollout import deploy
from ddnnsim.scenario import dump, load_scenario, searched_places
from ddnnsim.search import Trial, best, rank, search
from ddnnsim.sources import network_behind
from ddnnsim.trials import try_places

NODES = "abcdef"
slots = st.lists(st.lists(st.sampled_from(NODES), min_size=1, max_size=4, unique=True), min_size=1, max_size=4)


class Judge:
    """Costs drawn for each placement, and none for those that cannot be."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.asked: list[tuple[str, ...]] = []

    def __call__(self, places: tuple[str, ...]) -> Trial:
        self.asked.append(places)
        drawn = hash((self.seed, *map(ord, "".join(places)))) % 11  # of numbers, so the same in every process
        if drawn == 0:
            return Trial(places, None, "too large", lacks=(0, drawn % 7))
        return Trial(places, float(drawn), "", answered=1 - drawn % 3 / 4)


@given(candidates=slots, seed=st.integers(0, 1000))
def test_an_exhaustive_search_is_brute_force(candidates: list[list[str]], seed: int):
    judge = Judge(seed)
    trials = search(candidates, tuple(names[0] for names in candidates), judge, exhaustive=256)
    every = list(product(*candidates))
    assert judge.asked == [trial.places for trial in trials] == every
    possible = [trial for trial in map(Judge(seed), every) if trial.value is not None]
    assert best(trials) == (min(possible, key=lambda trial: (-trial.answered, trial.value)) if possible else None)


@given(candidates=slots, seed=st.integers(0, 1000))
def test_a_greedy_search_asks_once_ends_where_no_step_is_better_and_takes_nothing_impossible(
    candidates: list[list[str]], seed: int
):
    judge, start = Judge(seed), tuple(names[0] for names in candidates)
    trials = search(candidates, start, judge, exhaustive=0)
    assert judge.asked[0] == start
    assert len(set(judge.asked)) == len(judge.asked)
    assert all(place in names for places in judge.asked for place, names in zip(places, candidates, strict=True))
    last = min(trials, key=rank)
    again = Judge(seed)
    for slot, names in enumerate(candidates):
        for name in names:
            assert rank(again((*last.places[:slot], name, *last.places[slot + 1 :]))) >= rank(last)


sizes = st.integers(0, 9)


@given(
    candidates=slots,
    room=st.fixed_dictionaries(dict.fromkeys(NODES, sizes)),
    needs=st.lists(sizes, min_size=4),
    at=st.data(),
)
def test_a_greedy_search_finds_what_memory_has_room_for_wherever_it_starts(
    candidates: list[list[str]], room: dict[str, int], needs: list[int], at: st.DataObject
):
    """Each section lacks what it has more than its node: no one move of many that are needed mends all."""

    def judge(places: tuple[str, ...]) -> Trial:
        lacking = sum(max(need - room[place], 0) for place, need in zip(places, needs, strict=False))
        return Trial(places, None, "too large", lacks=(0, lacking)) if lacking else Trial(places, 1.0, "")

    start = tuple(at.draw(st.sampled_from(names)) for names in candidates)
    possible = any(judge(places).value is not None for places in product(*candidates))
    assert (best(search(candidates, start, judge, exhaustive=0)) is not None) == possible


def test_who_answers_more_is_better_whatever_the_value():
    few, many = Trial(("a",), 1.0, "", answered=0.05), Trial(("b",), 9.0, "", answered=0.95)
    assert best([few, many]) == many


def test_a_swap_gets_out_of_where_no_single_move_does():
    costs = {("a", "b"): 5.0, ("b", "a"): 1.0}
    judge = lambda places: Trial(places, costs.get(places), "both on one" if places not in costs else "")  # noqa: E731
    trials = search(["ab", "ab"], ("a", "b"), judge, exhaustive=0)
    assert best(trials).places == ("b", "a")


def test_of_equals_the_first_is_best():
    trials = search(["ab", "cd"], ("a", "c"), lambda places: Trial(places, 1.0, ""))
    assert best(trials).places == ("a", "c")


def test_tells_how_far_it_is():
    told: list[tuple[int, int]] = []
    search(["ab", "cde"], ("a", "c"), lambda places: Trial(places, 1.0, ""), lambda *at: told.append(at))
    assert told == [(number, 6) for number in range(1, 7)]


CHAIN = """\
name: chain
configuration: e
model:
  sections:
    device: {service: 1 ms, features: 100 B}
    edge: {service: 2 ms, features: 100 B, parameters: 1 kB}
    cloud: {service: 3 ms}
  exits: {edge: {leave: 0, accuracy: 1}, cloud: {accuracy: 1}}
data: {source: numbers, classes: 4}
topology:
  nodes:
    camera: {tier: device, count: 2}
    gate: {tier: gateway, count: 2}
    box: {tier: edge, count: 2}
    small: {tier: edge, memory: 100 B}
    core: {tier: cloud, count: 2}
  links:
    radio: {from: camera, to: gate1, rate: 1 Mbit/s, delay: 1 ms}
    a: {from: gate1, to: gate2, rate: 1 Mbit/s, delay: 2 ms}
    box1: {from: gate1, to: box1, rate: 1 Mbit/s, delay: 8 ms}
    box2: {from: gate2, to: box2, rate: 1 Mbit/s, delay: 3 ms}
    small: {from: gate1, to: small, rate: 1 Mbit/s}
    core1: {from: gate2, to: core1, rate: 1 Mbit/s, delay: 20 ms}
    core2: {from: gate1, to: core2, rate: 1 Mbit/s, delay: 19 ms}
placement: {search: {minimise: latency_mean, requests: 10, of: {edge: all, cloud: [core1, core2]}}}
exits: {edge: {}, cloud: {}}
workload: {arrivals: periodic, every: 1 s, requests: 50}
"""


@pytest.fixture
def chain(tmp_path: Path) -> Path:
    path = tmp_path / "chain.yaml"
    path.write_text(CHAIN)
    return path


def tried(text: str, exhaustive: int = 200):
    scenario = load_scenario(yaml.safe_load(text))
    return try_places(scenario, network_behind(scenario), lambda *at: None, exhaustive=exhaustive)


def latency_ms(box: int, core: int) -> float:
    """Return what a request takes, all of which leave in the cloud: by hand.

    Each hop of 100 B takes 0.8 ms; both cameras' features are ready after 1 ms, and the second waits 0.8 ms for the
    first where they share a link. The scores of the edge are at its own exit at once.
    """
    to_box = {1: [1, 8], 2: [1, 2, 3]}[box]
    to_core = {(1, 1): [8, 2, 20], (1, 2): [8, 19], (2, 1): [3, 20], (2, 2): [3, 2, 19]}[box, core]
    return 1 + sum(0.8 + delay for delay in to_box) + 0.8 + 2 + sum(0.8 + delay for delay in to_core) + 3


def test_placements_are_worth_what_they_take_by_hand():
    found = tried(CHAIN)
    assert found.paths == ("placement.edge", "placement.cloud")
    by_places = {trial.places: trial for trial in found.trials}
    assert set(by_places) == set(product(["box1", "box2", "small"], ["core1", "core2"]))
    for box, core in product((1, 2), (1, 2)):
        value = by_places[f"box{box}", f"core{core}"].value
        assert value * 1e3 == pytest.approx(latency_ms(box, core), abs=1e-6)
    for core in ("core1", "core2"):
        assert by_places["small", core].value is None
        assert "more than its memory" in by_places["small", core].note
    assert found.best.places == ("box2", "core1")
    assert (found.scenario.placement.edge, found.scenario.exits["edge"].at) == ("box2", "box2")
    assert found.scenario.placement.search is None


def test_a_greedy_search_never_breaks_memory_and_finds_the_same_here():
    found = tried(CHAIN, exhaustive=0)
    assert found.best.places == ("box2", "core1")
    assert len(found.trials) <= 6
    started_wrong = tried(CHAIN.replace("edge: all", "edge: [small, box1, box2]"), exhaustive=0)
    assert started_wrong.trials[0].value is None
    assert started_wrong.best.places == ("box2", "core1")


def test_bytes_are_those_of_all_hops():
    found = tried(CHAIN.replace("latency_mean", "bytes"))
    by_places = {trial.places: trial.value for trial in found.trials}
    # Features: 2 x 100 B over 2 or 3 hops to the edge; 100 B over 3, 2, 2 or 3 hops to the cloud.
    assert by_places["box1", "core2"] == 2 * 100 * 2 + 100 * 2
    assert by_places["box2", "core2"] == 2 * 100 * 3 + 100 * 3
    assert found.best.places == ("box1", "core2")


def test_says_why_nothing_can_be():
    with pytest.raises(
        UserError, match="none of the 2 placements that were tried can be:\n  small, core1: the sections on 'small'"
    ):
        tried(CHAIN.replace("edge: all", "edge: small"))


def test_two_edges_too_small_at_once_are_mended_one_by_one():
    """Of fifteen edges the first twelve have no room for a section: of 225 placements six can be."""
    data = yaml.safe_load(CHAIN)
    nodes, links = data["topology"]["nodes"], data["topology"]["links"]
    nodes |= {"small": nodes["small"] | {"count": 12}, "box": {"tier": "edge", "count": 3}}
    links |= {"box3": links["box2"] | {"to": "box3"}}
    every = [f"small{number}" for number in range(1, 13)] + ["box1", "box2", "box3"]
    groups = {"a": {"devices": ["camera1"], "edge": "small1"}, "b": {"devices": ["camera2"], "edge": "small2"}}
    search_ = {"minimise": "latency_mean", "requests": 5, "of": {"groups": {"a": every, "b": every}}}
    data["placement"] = {"groups": groups, "cloud": "core1", "search": search_}
    data["exits"]["edge"] = {"at": "gate1"}
    found = tried(json.dumps(data))
    assert len(found.trials) < 200
    assert set(found.best.places) == {"box2", "box3"}


def test_an_edge_that_loses_much_is_not_the_best():
    """What most messages never reach has the fewest bytes, and is soon there for the few that it answers."""
    far = "{from: gate1, to: small, rate: 1 Mbit/s"
    text = CHAIN.replace(far, far + ", loss: 60 %").replace("memory: 100 B", "memory: 100 kB")
    for goal in ("latency_mean", "latency_p95", "bytes"):
        found = tried(text.replace("latency_mean", goal))
        assert "small" not in found.best.places
        assert found.best.answered == 1
        few = [trial for trial in found.trials if "small" in trial.places]
        assert all(0 < trial.answered < 1 and trial.value < found.best.value for trial in few)
    assert ["edge", "cloud", "bytes", "a", "request", "answered"] in rows_told(found)
    assert ["box1", "core2", "600.0", "100.0%"] in rows_told(found)
    assert ["edge", "cloud", "mean", "latency", "in", "ms"] in rows_told(tried(CHAIN))


def rows_told(found) -> list[list[str]]:
    """Return the words of each line of what `ddnnsim place` tells."""
    console = Console(width=100, file=StringIO())
    for part in placing_report(found):
        console.print(part)
    return [line.split() for line in console.file.getvalue().splitlines()]


def test_an_exit_goes_with_its_section_unless_it_is_searched_for():
    scenario = load_scenario(yaml.safe_load(CHAIN))
    assert [slot.with_it for slot in searched_places(scenario)] == [("exits.edge.at",), ("exits.cloud.at",)]
    text = CHAIN.replace("of: {edge: all,", "of: {exits: {edge: gate}, edge: all,")
    slots = searched_places(load_scenario(yaml.safe_load(text)))
    assert [slot.path for slot in slots] == ["placement.edge", "placement.cloud", "exits.edge.at"]
    assert [slot.with_it for slot in slots] == [(), ("exits.cloud.at",), ()]


def test_places_and_writes_the_scenario_by_name(ddnnsim, chain: Path):
    done = ddnnsim("place", chain, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["places"] == {"placement.edge": "box2", "placement.cloud": "core1"}
    assert told["file"] == "chain-placed.yaml"
    assert len(told["tried"]) == 6
    written = load_scenario(Path("chain-placed.yaml"))
    assert dump(written) == dump(tried(CHAIN).scenario)
    shown = ddnnsim("place", chain, "--out", "other.yaml").stdout
    assert "first 10 requests" in shown
    rows = [line.split()[:2] for line in shown.splitlines() if line.startswith((" box", " small"))]
    assert rows[:4] == [["box2", "core1"], ["box2", "core2"], ["box1", "core2"], ["box1", "core1"]]


def test_a_run_searches_first_and_says_so(chain: Path, tmp_path: Path):
    result = experiment.run(chain, out=tmp_path)
    assert result.scenario.placement.edge == "box2"
    assert result.manifest["placement"]["places"] == {"placement.edge": "box2", "placement.cloud": "core1"}
    assert len(result.manifest["placement"]["tried"]) == 6
    assert result.summary.latency.mean_s * 1e3 == pytest.approx(latency_ms(2, 1), abs=1e-6)
    again = experiment.run(tmp_path / "chain.yaml", out=tmp_path)
    assert again.path == result.path


def test_others_refuse_what_is_still_to_be_placed():
    scenario = load_scenario(yaml.safe_load(CHAIN))
    with pytest.raises(UserError, match="its places are to be searched for; run what 'ddnnsim place' writes"):
        deploy(scenario, np.full((1, 2), 1))


def test_place_refuses_what_searches_for_nothing(ddnnsim, chain: Path):
    done = ddnnsim("place", chain, "--set", "placement={edge: box1, cloud: core1}")
    assert done.returncode == 1
    assert "nothing to place: write what is searched for under placement.search" in done.stderr


def test_groups_search_for_an_edge_each_and_never_share_one():
    data = numbers("f")
    data["topology"]["nodes"]["edge"]["count"] = 3
    edges = ["edge1", "edge2", "edge3"]
    places = {"groups": {"n": edges, "s": edges}, "exits": {"local": {"n": ["gate_n", "edge1"]}}}
    data["placement"]["search"] = {"minimise": "latency_mean", "requests": 5, "of": places}
    found = tried(json.dumps(data))
    assert found.paths == ("placement.groups.n.edge", "placement.groups.s.edge", "exits.local.at.n")
    assert len(found.trials) == 3 * 3 * 2
    for trial in found.trials:
        first, second, _ = trial.places
        assert (trial.value is None) == (first == second)
        assert first != second or "is the edge of group 'n' already" in trial.note
