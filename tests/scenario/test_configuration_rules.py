"""What the six configurations have, what they fill in, and that they come back as they were."""

from __future__ import annotations

import copy
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from texts import QUICKSTART, TEXTS

from ddnnsim.errors import ScenarioError
from ddnnsim.scenario import dump, json_schema, load_scenario, pooled_side, scenario_hash
from ddnnsim.scenario.configuration import CONFIGURATIONS
from ddnnsim.scenario.document import parse_document

DATA = {letter: parse_document(text, letter).data for letter, text in TEXTS.items()}
SHIPPED = sorted((QUICKSTART.parent / "configurations").glob("*.yaml"))
SCHEMA = jsonschema.Draft202012Validator(json_schema())


def changed(base: str | dict, **changes: object) -> dict:
    """Return the small scenario of a configuration, or *base*, with values changed, or left out where None."""
    data = copy.deepcopy(DATA[base] if isinstance(base, str) else base)
    for path, value in changes.items():
        *keys, last = path.split("__")
        at = data
        for key in keys:
            at = at.setdefault(key, {})
        if value is None:
            del at[last]
        else:
            at[last] = value
    return data


def test_there_is_a_shipped_scenario_of_each_configuration():
    assert [path.stem for path in SHIPPED] == list(CONFIGURATIONS) == list(TEXTS)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_scenario_is_of_its_configuration(path: Path):
    assert path.read_text().startswith("# yaml-language-server: $schema=../scenario.schema.json\n")
    scenario = load_scenario(path)
    assert (scenario.configuration, scenario.name) == (path.stem, f"configuration-{path.stem}")
    SCHEMA.validate(yaml.safe_load(path.read_text()))
    assert load_scenario(scenario) == scenario


@pytest.mark.parametrize(
    ("letter", "levels", "places", "devices"),
    [
        ("a", ["device", "cloud"], {"cloud": "cloud"}, ["camera1", "camera2"]),
        ("b", ["device", "cloud"], {"local": "camera", "cloud": "cloud"}, ["camera"]),
        ("c", ["device", "cloud"], {"local": "gate", "cloud": "cloud"}, ["camera1", "camera2"]),
        ("d", ["device", "edge", "cloud"], {"local": "camera", "edge": "edge", "cloud": "cloud"}, ["camera"]),
        ("e", ["device", "edge", "cloud"], {"local": "gate", "edge": "edge", "cloud": "cloud"}, ["camera1", "camera2"]),
        (
            "f",
            ["device", "edge", "cloud"],
            {"local": {"n": "gate_n", "s": "edge2"}, "edge": "edge1", "cloud": "cloud"},
            ["north1", "north2", "north3", "south1", "south2"],
        ),
    ],
)
def test_what_is_left_out_is_filled_in(letter, levels, places, devices):
    scenario = load_scenario(DATA[letter])
    assert list(scenario.model.levels) == levels
    assert [level.merge for level in scenario.model.levels.values()] == [None] + ["CC"] * (len(levels) - 1)
    assert {name: exit_.at for name, exit_ in scenario.exits.items()} == places
    assert list(scenario.exits) == list(places)
    assert scenario.model.training.exit_weights == dict.fromkeys(places, 1.0)
    assert scenario.devices() == devices
    assert scenario.data.views == len(devices)


@pytest.mark.parametrize("letter", TEXTS)
def test_the_order_of_keys_does_not_matter(letter):
    data = copy.deepcopy(DATA[letter])
    for part in (data, data["model"]["levels"], data["exits"]):
        items = list(part.items())
        part.clear()
        part |= dict(reversed(items))
    scenario = load_scenario(DATA[letter])
    assert load_scenario(data) == scenario
    assert dump(load_scenario(data)) == dump(scenario)
    assert scenario_hash(load_scenario(data)) == scenario_hash(scenario)


@pytest.mark.parametrize("letter", "bcdef")
def test_lower_exits_may_be_left_out(letter):
    data = changed(letter, exits={"cloud": {}})
    scenario = load_scenario(data)
    assert list(scenario.exits) == ["cloud"]
    assert scenario.model.training.exit_weights == {"cloud": 1.0}
    assert load_scenario(scenario) == scenario
    SCHEMA.validate(data)


LEVEL = st.fixed_dictionaries(
    {},
    optional={
        "kernel": st.sampled_from([1, 3, 5, 7]),
        "pool": st.sampled_from([3, 5]),
        "stride": st.sampled_from([1, 2, 3]),
        "precision": st.just("float"),
    },
)
LOWER = st.fixed_dictionaries(
    {"threshold": st.floats(0, 1)},
    optional={
        "rule": st.sampled_from(["entropy", "probability", "margin"]),
        "temperature": st.floats(0.1, 10),
        "control": st.sampled_from(["4 B", "1.5 kB", "1 KiB"]),
        "merge": st.sampled_from(["MP", "AP", "CC"]),
    },
)


@st.composite
def any_configuration(draw):
    letter = draw(st.sampled_from(list(TEXTS)))
    data = copy.deepcopy(DATA[letter])
    for name, level in data["model"]["levels"].items():
        level |= draw(LEVEL)
        level |= {"share": draw(st.sampled_from(["none", "group"]))} if name == "device" else {}
        level |= {"bits": draw(st.integers(1, 32))} if "precision" in level else {}
        level |= {"fc": draw(st.lists(st.integers(1, 64), max_size=2))} if name == "cloud" and "fc" not in level else {}
    for name, exit_ in data["exits"].items():
        exit_ |= draw(LOWER) if name != "cloud" else {}
    for node in data["topology"]["nodes"].values():
        node |= draw(st.fixed_dictionaries({}, optional={"memory": st.sampled_from(["64 KiB", "1 B", "2.5 MB"])}))
        node |= draw(st.sampled_from([{}, {"compute": "1 GFLOP/s"}, {"compute": "1 GFLOP/s", "binary": "400 MOP/s"}]))
    data["model"]["absent"] = draw(st.sampled_from(["leave_out", "blank"]))
    return data


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(any_configuration())
def test_what_is_dumped_loads_as_the_same_scenario(data):
    scenario = load_scenario(data)
    again = load_scenario(parse_document(dump(scenario), "dump").data)
    assert again == scenario
    assert dump(again) == dump(scenario)
    assert scenario_hash(again) == scenario_hash(scenario)
    SCHEMA.validate(data)
    SCHEMA.validate(parse_document(dump(scenario), "dump").data)


def test_a_dump_holds_no_key_that_has_no_use():
    assert "placement" not in dump(load_scenario(DATA["e"]))
    assert "  cloud: {at: cloud, merge: MP, temperature: 1.0}" in dump(load_scenario(DATA["c"])).splitlines()
    assert "    n: {devices: north, edge: edge1}" in dump(load_scenario(DATA["f"])).splitlines()


def test_memory_and_binary_speed_are_written_with_their_units():
    nodes = {
        "camera": {"tier": "device", "compute": "1 GFLOP/s", "memory": "65536 B", "binary": "0.4 GOP/s"},
        "cloud": {"tier": "cloud"},
    }
    scenario = load_scenario(changed("b", topology__nodes=nodes))
    assert scenario.topology.nodes["camera"].memory_bytes == 64 * 1024
    assert scenario.topology.nodes["camera"].binary_ops == 400_000_000
    assert "camera: {tier: device, compute: 1 GFLOP/s, binary: 400 MOP/s, servers: 1, memory: 64 KiB}" in dump(scenario)


def test_the_hash_sees_the_order_of_groups_and_not_how_devices_are_named():
    groups = DATA["f"]["placement"]["groups"]
    base = scenario_hash(load_scenario(DATA["f"]))
    turned = dict(reversed(groups.items()))
    assert scenario_hash(load_scenario(changed("f", placement__groups=turned))) != base
    for devices in ("south", ["south2", "south1"]):
        named = groups | {"s": {"devices": devices, "edge": "edge2"}}
        assert scenario_hash(load_scenario(changed("f", placement__groups=named))) == base


@pytest.mark.parametrize(
    "changes",
    [
        {"model__levels__cloud__precision": "float"},
        {"model__levels__device__share": "group"},
        {"model__levels__device__kernel": 5},
        {"model__absent": "blank"},
        {"exits__edge__rule": "margin"},
        {"exits__edge__at": "gate_n"},
        {"exits__local__temperature": 2.0},
        {"exits__local__at": {"n": "gate_n", "s": "gate_n"}},
        {"topology__nodes__cloud": {"tier": "cloud", "compute": "1 GFLOP/s", "binary": "1 GOP/s"}},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_the_hash_sees_every_result(changes):
    data = changed("f", topology__links__far={"from": "gate_n", "to": "edge2", "rate": "1 Mbit/s"})
    assert scenario_hash(load_scenario(changed(data, **changes))) != scenario_hash(load_scenario(data))


def test_several_edges_of_e_have_groups_and_one_exit():
    data = changed("f", configuration="e", exits__local__at="gate_n")
    scenario = load_scenario(data)
    assert scenario.exits["edge"].at == "edge1"
    assert scenario.machines_of(scenario.placement.groups["s"].devices) == ["south1", "south2"]
    SCHEMA.validate(data)


def test_one_edge_of_e_may_be_a_group_and_its_exit_elsewhere():
    groups = {"all": {"devices": "camera", "edge": "edge"}}
    scenario = load_scenario(changed("e", placement__groups=groups, exits__edge__at="gate"))
    assert scenario.exits["edge"].at == "gate"


def test_a_group_of_one_device_may_have_its_exit_on_it():
    nodes = DATA["f"]["topology"]["nodes"] | {"south": {"tier": "device", "count": 1}}
    groups = DATA["f"]["placement"]["groups"] | {"s": {"devices": "south", "edge": "edge2"}}
    at = {"n": "gate_n", "s": "south1"}
    data = changed("f", data__views=4, topology__nodes=nodes, placement__groups=groups, exits__local__at=at)
    assert load_scenario(data).exits["local"].at == at


def test_c_may_have_one_device():
    assert load_scenario(changed("c", data__views=1)).devices() == ["camera1"]


def test_views_given_anew_bring_the_count_that_followed_from_them():
    resolved = load_scenario(DATA["c"])
    assert resolved.topology.nodes["camera"].count == 2
    assert load_scenario(resolved, {"data.views": 4}).devices() == [f"camera{i}" for i in range(1, 5)]
    assert load_scenario(resolved, settings=["data.views=1"]).devices() == ["camera1"]
    with pytest.raises(ScenarioError, match=r"3 device nodes, but data\.views is 4"):
        load_scenario(resolved, {"data.views": 4, "topology.nodes.camera.count": 3})
    alone = load_scenario(changed("b", topology__nodes__camera__count=1))
    assert load_scenario(alone, {"data.views": 1}) == alone


def test_a_float_for_a_whole_number_is_told_as_it_should_be_written():
    with pytest.raises(ScenarioError) as refused:
        load_scenario(DATA["c"], settings=["workload.requests=1e3"])
    assert str(refused.value) == "--set workload.requests=1e3: 1000.0 is not written as a whole number; write 1000"


def test_pooling_shrinks_pictures_as_windows_fit():
    """The sides that torch's max_pool2d gives with padding (pool - 1) // 2; see tests/dnn for torch itself."""
    assert [pooled_side(side, 3, 2) for side in (32, 24, 16, 3, 2, 1)] == [16, 12, 8, 2, 1, 1]
    assert [pooled_side(side, 2, 2) for side in (32, 5, 2, 1)] == [16, 2, 1, 0]
    assert [pooled_side(side, 5, 4) for side in (32, 5, 1)] == [8, 2, 1]
    assert [pooled_side(side, 1, 1) for side in (32, 1)] == [32, 1]
    for pool in (1, 2, 3, 5):
        for stride in range(1, pool + 1):
            for side in range(1, 40):
                left = (pool - 1) // 2
                fits = [at for at in range(-left, side, stride) if at + pool <= side + left]
                assert pooled_side(side, pool, stride) == len(fits)


REFUSED_BY_SCHEMA = [
    ("a", {"exits__local": {"threshold": 0.5}}),
    ("a", {"model__levels__edge": {"convp": [4]}}),
    ("b", {"data__views": 2}),
    ("b", {"exits__local": {}}),
    ("c", {"exits__local": {"threshold": 0.5}}),
    ("c", {"exits__local__at": {"n": "gate"}}),
    ("c", {"exits__cloud": {"threshold": 0.5}}),
    ("c", {"model__levels__cloud": {}}),
    ("c", {"placement": {"groups": {"n": {"devices": "camera", "edge": "gate"}}}}),
    ("d", {"model__levels__edge": None}),
    ("e", {"exits__edge__at": 5}),
    ("f", {"placement": None}),
    ("f", {"placement__groups__s": None}),
    ("f", {"placement__groups__s__devices": []}),
    ("f", {"exits__local__at": "gate_n"}),
]


@pytest.mark.parametrize(("letter", "changes"), REFUSED_BY_SCHEMA, ids=str)
def test_the_json_schema_refuses_what_a_configuration_has_not(letter, changes):
    data = changed(letter, **changes)
    assert not SCHEMA.is_valid(data)
    with pytest.raises(ScenarioError):
        load_scenario(data)


@pytest.mark.parametrize("letter", TEXTS)
def test_the_json_schema_accepts_small_scenarios(letter):
    SCHEMA.validate(DATA[letter])


def test_a_scenario_is_loaded_without_anything_heavy():
    heavy = {"torch", "numpy", "networkx", "pandas", "simpy", "matplotlib"}
    code = (
        f"import sys, ddnnsim.scenario as s; s.load_scenario({str(SHIPPED[-1])!r}); print({heavy!r} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "set()\n"
