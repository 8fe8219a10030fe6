from __future__ import annotations

import json

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from texts import QUICKSTART, SMALL

from ddnnsim.scenario import dump, json_schema, load_scenario, scenario_hash
from ddnnsim.scenario.document import parse_document

SCHEMA = jsonschema.Draft202012Validator(json_schema())
SMALL_DATA = parse_document(SMALL, "small").data
NAMES = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,8}", fullmatch=True)
LATER = st.integers(1, 10**6).map("{} us".format)
DURATIONS = st.builds("{} {}".format, st.integers(0, 10**4), st.sampled_from(["ns", "us", "ms", "s", "min", "h"]))
RATES = st.builds("{} {}".format, st.integers(1, 10**6), st.sampled_from(["bit/s", "kbit/s", "Gbit/s"]))
FREQUENCIES = st.builds("{} {}".format, st.decimals("0.001", "1000", places=3), st.sampled_from(["/s", "/h", "kHz"]))
SHARES = st.floats(0, 1) | st.builds("{} %".format, st.integers(0, 100))
LASTING = DURATIONS.filter(lambda d: d[:2] != "0 ")
EXPONENTIAL = st.fixed_dictionaries({"exponential": LASTING})
DRAWN = LASTING | EXPONENTIAL | st.fixed_dictionaries({"gamma": st.tuples(LASTING, LASTING)})
SCENES = st.one_of(
    st.fixed_dictionaries({"arrivals": st.just("poisson"), "rate": FREQUENCIES}),
    st.fixed_dictionaries({"arrivals": st.just("periodic"), "rate": FREQUENCIES}),
    st.fixed_dictionaries({"arrivals": st.just("periodic"), "every": LASTING}),
    st.fixed_dictionaries({"arrivals": st.just("bursts"), "rate": FREQUENCIES, "on": DRAWN, "off": DRAWN}),
    st.fixed_dictionaries({"arrivals": st.just("file"), "path": st.just("times.csv")}),
)
LATE = st.fixed_dictionaries({}, optional={"phase": DURATIONS, "jitter": DRAWN, "deadline": DURATIONS})
CAPTURES = st.sampled_from([{}, {"capture": "each"}, {"capture": "joint"}, {"capture": "window", "window": "20 ms"}])
ARRIVALS = st.builds(lambda *parts: parts[0] | parts[1] | parts[2], SCENES, LATE, CAPTURES) | st.fixed_dictionaries(
    {"arrivals": st.just("closed"), "users": st.integers(1, 10**6), "think": DRAWN}
)
SERVICES = st.just({}) | st.fixed_dictionaries({"service": DRAWN}) | st.just({"measured": 2.5})


@st.composite
def scenario_data(draw):
    camera, gate, cloud = draw(st.permutations(["camera", "on", "1e3", "null", "0x1F", "_-"]))[:3]
    return {
        "name": draw(NAMES),
        "description": draw(st.text()),
        "configuration": "c",
        "data": {"source": "digits", "views": draw(st.integers(1, 8)), "noise": draw(st.floats(0, 255))},
        "model": {
            "levels": {"cloud": {"convp": draw(st.lists(st.integers(1, 64), min_size=1, max_size=2))},
                       "device": {"convp": draw(st.lists(st.integers(1, 64), min_size=1, max_size=3))}},
            "training": {"learning_rate": draw(st.floats(0, 1, exclude_min=True)),
                         "exit_weights": draw(st.dictionaries(st.sampled_from(["local", "cloud"]), st.floats(0, 9)))},
        },
        "topology": {
            "nodes": {camera: {"tier": "device"} | draw(SERVICES), gate: {"tier": "gateway"},
                      cloud: {"tier": "cloud", "servers": draw(st.integers(1, 9)), "compute": "1.5 GFLOP/s"}},
            "links": {"no": {"from": camera, "to": gate, "rate": draw(RATES), "delay": draw(DURATIONS)},
                      "12": {"from": cloud, "to": gate, "rate": draw(RATES)}},
        },
        "exits": {"local": {"at": gate, "threshold": draw(SHARES), "control": "1.5 kB"}, "cloud": {}},
        "workload": draw(ARRIVALS) | draw(st.sampled_from([{}, {"reply_to": gate, "requests": 5}])),
        "run": {"seed": draw(st.integers(0, 2**63 - 1)), "until": draw(LATER | st.just("drained"))}
        | draw(st.sampled_from([{}, {"warmup": "auto"}, {"warmup": "0 s"}, {"warmup": "1 ns"}])),
    }  # fmt: skip


@pytest.mark.parametrize("text", ["\x85", "a\u2028b", "\u2029", "a\rb", "a\n\nb", " a ", "\t", "\ufeff", "no", "1e3"])
def test_any_description_comes_back(text):
    scenario = load_scenario(SMALL_DATA | {"description": text})
    assert load_scenario(parse_document(dump(scenario), "dump").data).description == text


@given(scenario_data())
def test_what_is_dumped_loads_as_the_same_scenario(data):
    scenario = load_scenario(data)
    again = load_scenario(parse_document(dump(scenario), "dump").data)
    assert again == scenario
    assert scenario_hash(again) == scenario_hash(scenario)
    SCHEMA.validate(parse_document(dump(scenario), "dump").data)


def test_the_shipped_scenario_survives_a_dump(tmp_path):
    scenario = load_scenario(QUICKSTART)
    path = tmp_path / "again.yaml"
    path.write_text(dump(scenario))
    assert load_scenario(path) == scenario
    assert dump(load_scenario(path)) == dump(scenario)
    radio = "radio: {from: camera, to: gateway, rate: 250 kbit/s, delay: 5 ms, "
    assert f"{radio}attempts: 1, header: 0 B, overhead: 0 ms, medium: dedicated, sharing: fifo}}" in dump(scenario)


def test_the_hash_sees_results_and_not_spelling():
    base = scenario_hash(load_scenario(SMALL_DATA))
    assert len(base) == 64
    assert int(base, 16)
    same = [
        {"name": "other", "description": "x", "source": "y"},
        {"topology.links.wan.delay": "0.02 s"},
        {"exits.local.threshold": "80 %"},
        {"exits": dict(reversed(SMALL_DATA["exits"].items()))},
        {"data.views": 2, "topology.nodes.camera.count": 2},
    ]
    for changes in same:
        assert scenario_hash(load_scenario(SMALL_DATA, changes)) == base
    turned = {part: dict(reversed(SMALL_DATA["topology"][part].items())) for part in ("nodes", "links")}
    different = [
        {"run.seed": 1},
        {"topology.links.wan.delay": "21 ms"},
        {"exits.local.threshold": 0.81},
        {"topology.nodes": turned["nodes"]},
        {"topology.links": turned["links"]},
    ]
    for changes in different:
        assert scenario_hash(load_scenario(SMALL_DATA, changes)) != base


def test_the_shipped_json_schema_is_current():
    shipped = json.loads((QUICKSTART.parent / "scenario.schema.json").read_text())
    assert shipped == json_schema()
    jsonschema.Draft202012Validator.check_schema(shipped)
    assert QUICKSTART.read_text().startswith("# yaml-language-server: $schema=./scenario.schema.json\n")


def test_the_json_schema_says_durations_once():
    text = json.dumps(json_schema())
    assert text.count("min|ns|us") == 1
    assert text.count('"exponential": {') == 1
    for name in json_schema()["$defs"]:
        assert f'"#/$defs/{name}"' in text, name


def test_the_json_schema_describes_every_key():
    schema = json_schema()
    for part in (schema, *schema["$defs"].values()):
        for name, field in part.get("properties", {}).items():
            assert "description" in field or "$ref" in field, name


SHIPPED = [QUICKSTART.with_stem(name) for name in ("quickstart", "numbers", "closed_loop")]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_the_json_schema_accepts_shipped_scenarios(path):
    SCHEMA.validate(parse_document(path.read_text(), path.stem).data)
    SCHEMA.validate(SMALL_DATA)


@pytest.mark.parametrize(
    "changes",
    [
        ("topology", "links", "wan", "rate", 10),
        ("topology", "links", "wan", "rate", "10 MB/s"),
        ("topology", "links", "wan", "dely", "1 ms"),
        ("topology", "nodes", "a.b", {"tier": "gateway"}),
        ("exits", "local", "threshold", 2),
        ("exits", "local", "threshold", "0.8"),
        ("model", "levels", "edge", {"convp": [4]}),
        ("model", "levels", "device", {"convp": []}),
        ("workload", {"arrivals": "periodic"}),
        ("workload", {"arrivals": "periodic", "rate": "1 /s", "every": "1 s"}),
        ("workload", {"arrivals": "poisson", "every": "1 s"}),
        ("workload", {"arrivals": "poisson", "rate": "1 /s", "capture": "window"}),
        ("workload", {"arrivals": "poisson", "rate": "1 /s", "window": "1 s"}),
        ("workload", {"arrivals": "periodic", "rate": "1 /s", "capture": "window"}),
        ("workload", {"arrivals": "closed", "users": 3, "think": "1 s", "jitter": "1 ms"}),
        ("workload", {"arrivals": "bursts", "rate": "1 /s", "on": "1 s"}),
        ("workload", {"arrivals": "file"}),
        ("exits", "local", {"at": "gate"}),
        ("model", {"sections": {}, "exits": {"cloud": {"accuracy": 1.0}}}),
        ("data", "views", 0),
    ],
    ids=str,
)
def test_the_json_schema_refuses_wrong_files(changes):
    *keys, last, value = changes
    data = at = json.loads(json.dumps(SMALL_DATA))
    for key in keys:
        at = at[key]
    at[last] = value
    with pytest.raises(jsonschema.ValidationError):
        SCHEMA.validate(data)
