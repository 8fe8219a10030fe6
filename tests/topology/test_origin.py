"""What a result tells of the graph that its topology was made from."""

from __future__ import annotations

import hashlib
import json
import pickle
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import networkx as nx

import ddnnsim

NUMBERS = Path(__file__).parents[2] / "scenarios" / "numbers.yaml"
ROLES = {"cloud": {"most": "degree"}, "device": "rest"}
DEFAULTS = {"link": {"rate": "10 Mbit/s", "delay": "1 ms"}}


def star(tmp_path: Path) -> dict[str, Any]:
    """Return overrides that let the scenario be in a graph of a file: a hub and six leaves."""
    file = tmp_path / "star.graphml"
    nx.write_graphml(nx.relabel_nodes(nx.star_graph(6), lambda node: f"leaf{node}" if node else "hub"), file)
    topology = {"graph": {"kind": "file", "path": str(file)}, "roles": ROLES, "defaults": DEFAULTS}
    return {"configuration": "c", "topology": topology, "exits.local.at": "hub", "workload.requests": 20}


def test_a_run_keeps_the_recipe_and_the_hash_of_the_file(tmp_path: Path):
    changes = star(tmp_path)
    file = tmp_path / "star.graphml"
    result = ddnnsim.run(NUMBERS, out=tmp_path, **changes)
    assert result.manifest["recipe"] == changes["topology"]
    assert result.manifest["inputs_sha256"] == {str(file): hashlib.sha256(file.read_bytes()).hexdigest()}
    assert ddnnsim.run(NUMBERS, out=tmp_path, **changes).manifest == result.manifest, "finished before"
    assert ("topohub" in result.manifest["versions"]) == bool(find_spec("topohub"))


def test_what_a_scenario_was_made_from_makes_it_no_other_and_goes_with_it(tmp_path: Path):
    changes = star(tmp_path)
    made = ddnnsim.load(NUMBERS, changes)
    assert made.recipe == changes["topology"]
    for same in (made.once, pickle.loads(pickle.dumps(made)), ddnnsim.load(made, {"run.seed": 3})):
        assert same.recipe == made.recipe
    again = ddnnsim.load(NUMBERS, changes | {"topology.roles.device": {"least": "degree", "count": 6}})
    assert again == made
    assert again.recipe != made.recipe
    assert ddnnsim.load(NUMBERS).recipe is None


def test_a_sweep_keeps_them_too(tmp_path: Path, ddnnsim):
    changes = star(tmp_path)
    words = [word for key, value in changes.items() for word in ("--set", f"{key}={json.dumps(value)}")]
    done = ddnnsim("run", NUMBERS, *words, "--set", "run.replications=2", "--out", tmp_path, "--workers", 1, "--quiet")
    assert done.returncode == 0, done.stderr
    (manifest,) = (json.loads(file.read_text()) for file in tmp_path.glob("*/manifest.json"))
    assert manifest["recipe"] == changes["topology"]
    assert list(manifest["inputs_sha256"]) == [str(tmp_path / "star.graphml")]
    runs = [json.loads(file.read_text()) for file in tmp_path.glob("*/runs/*/manifest.json")]
    assert [run["recipe"] for run in runs] == [changes["topology"]] * 2
