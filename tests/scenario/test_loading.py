from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from texts import QUICKSTART, SMALL

from ddnnsim.errors import ScenarioError
from ddnnsim.scenario import load_scenario, parse_override

# What to change in the small scenario, and the lines that it is then refused with, less the file's name.
REFUSED = [
    (
        "unknown key",
        [("cloud: {}", "cloud: {}\nrnu: {seed: 1}")],
        ["19:1: unknown key 'rnu'; did you mean 'run'?"],
    ),
    (
        "unknown key in a node",
        [("{tier: gateway}", "{tier: gateway, servrs: 2}")],
        ["11:27: unknown key 'servrs'; did you mean 'servers'?"],
    ),
    (
        "unknown node in a link",
        [("from: camera, to: gate,", "from: camera, to: gat,")],
        ["14:31: unknown node 'gat'; did you mean 'gate'?"],
    ),
    (
        "unknown member",
        [("from: gate, to", "from: camera3, to")],
        ["15:17: unknown node 'camera3'; did you mean 'camera'?"],
    ),
    ("unknown exit node", [("at: gate,", "at: gte,")], ["17:15: unknown node 'gte'; did you mean 'gate'?"]),
    (
        "exit on a group",
        [("at: gate,", "at: camera,")],
        ["17:15: 'camera' is a group of 2, and one node is needed; name a member such as 'camera1'"],
    ),
    (
        "exit on a device",
        [("at: gate,", "at: camera1,")],
        [
            "17:15: the local exit joins all devices in configuration c, and 'camera1' is one of them; place it on a gateway or the cloud"  # noqa: E501
        ],
    ),
    (
        "cloud exit elsewhere",
        [("cloud: {}", "cloud: {at: gate}")],
        ["18:15: the cloud exit is on the cloud node, not on 'gate'; write 'cloud', or leave 'at' out"],
    ),
    (
        "link to itself",
        [("from: gate, to: cloud", "from: gate, to: gate")],
        ["15:27: a link from 'gate' to itself; name another node"],
    ),
    (
        "member to its group",
        [("from: gate, to: cloud", "from: camera, to: camera2")],
        ["15:29: a link from 'camera' to itself; name another node"],
    ),
    (
        "same pair",
        [("exits:", "    again: {from: gate, to: camera2, rate: 1 bit/s}\nexits:")],
        ["16:5: link 'again' joins camera2 and gate, and so does 'radio'; keep one; a link goes both ways"],
    ),
    (
        "two groups",
        [("{tier: gateway}", "{tier: gateway, count: 2}"), ("at: gate,", "at: gate1,")],
        ["14:31: a link between two groups, 'camera' and 'gate'; join a group to a single node"],
    ),
    (
        "member collides",
        [("    gate:", "    camera1: {tier: gateway}\n    gate:")],
        ["11:5: 'camera1' would name a machine of 'camera1' and one of 'camera'; rename one of them"],
    ),
    (
        "names",
        [("    gate: {", "    g.x: {tier: gateway}\n    gate: {"), ("wan:", '"w n":')],
        [
            "11:5: 'g.x' is not a name; use letters, digits, '_' and '-'",
            "16:5: 'w n' is not a name; use letters, digits, '_' and '-'",
        ],
    ),
    (
        "device count",
        [("{tier: device}", "{tier: device, count: 3}")],
        ["10:35: 3 device nodes, but data.views is 2; give one device for each view"],
    ),
    (
        "too few single devices",
        [
            ("camera: {tier: device}", "a: {tier: device}\n    b: {tier: device, count: 2}"),
            ("from: camera", "from: b"),
        ],
        [
            "10:5: a has no way to 'gate', where the local exit is; add a link",
            "11:30: 3 device nodes, but data.views is 2; give one device for each view",
        ],
    ),
    (
        "no cloud",
        [
            ("    cloud: {tier: cloud}\n", ""),
            ("    wan: {from: gate, to: cloud, rate: 10 Mbit/s, delay: 20 ms}\n", ""),
        ],
        ["9:3: no node of tier cloud; add e.g. 'cloud: {tier: cloud}'"],
    ),
    (
        "two clouds",
        [
            ("{tier: cloud}", "{tier: cloud, count: 2}"),
            ("to: cloud", "to: cloud1"),
            ("cloud: {}", "cloud: {at: cloud1}"),
        ],
        ["12:5: 2 cloud nodes (cloud1 and cloud2); configuration c has one cloud: name it in placement.cloud"],
    ),
    (
        "no device",
        [
            ("    camera: {tier: device}\n", ""),
            ("    radio: {from: camera, to: gate, rate: 250 kbit/s}\n", ""),
        ],
        ["9:3: no node of tier device; add e.g. 'camera: {tier: device}'"],
    ),
    (
        "levels",
        [("    cloud: {convp: [16]}", "    edge: {convp: [16]}")],
        [
            "5:3: level 'cloud' is missing: configuration c has levels device and cloud; write e.g. 'cloud: {convp: [16]}'",  # noqa: E501
            "7:5: unknown level 'edge'; configuration c has levels device and cloud",
        ],
    ),
    (
        "merge at device",
        [("device: {convp: [4]}", "device: {convp: [4], merge: CC}")],
        ["6:26: the device level has nothing below it to merge; leave 'merge' out"],
    ),
    (
        "too many blocks",
        [("[16]", "[1, 1, 1, 1, 1]")],
        ["7:33: block 6 from the bottom would get a picture of 1x1; a view of 24x24 has room for 5 blocks"],
    ),
    (
        "exits",
        [("  cloud: {}", "  edge: {at: gate}")],
        [
            "16:1: 'cloud' is missing: the last exit always answers; write 'cloud: {}'",
            "18:3: unknown exit 'edge'; configuration c has exits local and cloud",
        ],
    ),
    (
        "no threshold",
        [(", threshold: 0.8", "")],
        ["17:3: 'threshold' is missing; write e.g. 'threshold: 0.8'"],
    ),
    (
        "disconnected device",
        [("from: camera, to: gate", "from: camera1, to: gate")],
        ["10:5: camera2 has no way to 'gate', where the local exit is; add a link"],
    ),
    (
        "disconnected cloud",
        [("    wan: {from: gate, to: cloud, rate: 10 Mbit/s, delay: 20 ms}\n", "")],
        ["10:5: no machine of 'camera' has a way to 'cloud', where features go; add a link"],
    ),
    (
        "disconnected group",
        [
            ("from: camera, to: gate", "from: cloud, to: gate"),
            ("    wan: {from: gate, to: cloud, rate: 10 Mbit/s, delay: 20 ms}\n", ""),
        ],
        ["10:5: no machine of 'camera' has a way to 'gate', where the local exit is; add a link"],
    ),
    (
        "disconnected reply",
        [("rate: 5 /s", "rate: 5 /s, reply_to: far"), ("    gate:", "    far: {tier: gateway}\n    gate:")],
        ["20:53: 'far' has no way to 'cloud', where the cloud exit is; add a link"],
    ),
    (
        "units",
        [("250 kbit/s", "250"), ("20 ms", "20"), ("5 /s", "5")],
        [
            "14:43: 250 has no unit, and a data rate needs one; write e.g. '250 Mbit/s'",
            "15:58: 20 has no unit, and a duration needs one; write e.g. '20 ms'",
            "19:37: 5 has no unit, and a frequency needs one; write e.g. '5 /s'",
        ],
    ),
    (
        "strict",
        [("views: 2", "views: 2.0"), ("[4]", "['4']"), ("name: small", "name: 5")],
        [
            "1:7: 5 is not text; write a word, in quotes if it looks like a number",
            "3:31: 2.0 is not written as a whole number; write 2",
            "6:22: '4' is not a whole number; write e.g. 1",
        ],
    ),
    ("true", [("views: 2", "views: true")], ["3:31: true is not a whole number; write e.g. 1"]),
    (
        "name",
        [("name: small", "name: a/b")],
        ["1:7: 'a/b' is not a name; use up to 100 letters, digits, '_' and '-'"],
    ),
    (
        "configuration",
        [("configuration: c", "configuration: g")],
        ["2:16: 'g' is not known here; write a, b, c, d, e or f"],
    ),
    ("arrivals", [("poisson", "poissn")], ["19:22: 'poissn' is not known here; did you mean 'poisson'?"]),
    (
        "no arrivals",
        [("arrivals: poisson, ", "")],
        ["19:1: 'arrivals' is missing; write one of bursts, closed, file, periodic or poisson"],
    ),
    (
        "every and rate",
        [("poisson, rate: 5 /s", "periodic, rate: 5 /s, every: 1 s")],
        ["19:44: 'rate' and 'every' say the same thing; keep one"],
    ),
    (
        "neither",
        [("poisson, rate: 5 /s", "periodic")],
        ["19:1: 'every' is missing: how often do requests come; write e.g. 'every: 100 ms'"],
    ),
    (
        "every unit",
        [("poisson, rate: 5 /s", "periodic, every: 10")],
        ["19:39: 10 has no unit, and a duration needs one; write e.g. '10 ms'"],
    ),
    (
        "every zero",
        [("poisson, rate: 5 /s", "periodic, every: 0 ms")],
        ["19:39: '0 ms' is no time between requests; write e.g. '100 ms'"],
    ),
    (
        "poisson every",
        [("rate: 5 /s", "rate: 5 /s, every: 1 s")],
        ["19:43: poisson arrivals have a 'rate', not 'every'; write e.g. 'rate: 5 /s'"],
    ),
    (
        "bursts",
        [("poisson, rate: 5 /s", "bursts, rate: 5 /s, every: 1 s, on: 0 s, off: {exponentia: 1 s}")],
        [
            "19:42: bursts arrivals have a 'rate', not 'every'; write e.g. 'rate: 5 /s'",
            "19:58: a source that is on for '0 s' gives nothing; write e.g. 'on: 1 s'",
            "19:68: unknown distribution 'exponentia'; did you mean 'exponential'?",
        ],
    ),
    (
        "window",
        [("rate: 5 /s", "rate: 5 /s, window: 20 ms")],
        [
            "19:43: a 'window', and captures are not put together by one; write 'capture: window', or leave it out",
        ],
    ),
    (
        "no window",
        [("rate: 5 /s", "rate: 5 /s, capture: window")],
        [
            "19:1: 'window' is missing: how long after its first capture is a request complete; "
            "write e.g. 'window: 20 ms'",
        ],
    ),
    (
        "capture",
        [("rate: 5 /s", "rate: 5 /s, capture: joined")],
        ["19:52: 'joined' is not known here; did you mean 'joint'?"],
    ),
    (
        "phases",
        [("rate: 5 /s", "rate: 5 /s, phase: {camera: 1 ms, camera1: 5, gate: 1 ms, camera3: 2 ms}")],
        [
            "19:51: 'camera' is a group of 2, and a phase is one device's; name a member such as 'camera1', "
            "or write one time for all",
            "19:74: 5 has no unit, and a duration needs one; write e.g. '5 ms'",
            "19:77: unknown device 'gate'; known: camera1, camera2",
            "19:89: unknown device 'camera3'; did you mean 'camera2'?",
        ],
    ),
    (
        "closed",
        [("poisson, rate: 5 /s", "closed, users: 0, jitter: 1 ms, capture: each")],
        [
            "19:1: 'think' is missing; write e.g. 'think: 5 ms'",
            "19:37: 0 is less than 1; write at least 1",
            "19:40: unknown key 'jitter'; known: arrivals, requests, order, reply_to, deadline, users, think",
            "19:54: unknown key 'capture'; known: arrivals, requests, order, reply_to, deadline, users, think",
        ],
    ),
    (
        "a file",
        [("poisson, rate: 5 /s", "file, rate: 5 /s")],
        [
            "19:1: 'path' is missing",
            "19:28: unknown key 'rate'; known: arrivals, requests, order, reply_to, deadline, capture, window, phase, "
            "jitter, path",
        ],
    ),
    (
        "services",
        [("{tier: cloud}", "{tier: cloud, service: 5, measured: 2}")],
        [
            "12:35: 5 has no unit, and a duration needs one; write e.g. '5 ms'",
            "12:38: the service of sections on 'cloud' is both measured and given; keep one",
        ],
    ),
    (
        "wrong shapes",
        [
            ("workload: {arrivals: poisson, rate: 5 /s}", "workload: [1]"),
            ("{tier: gateway}", "5"),
            ("  cloud: {}", "  cloud:"),
        ],
        [
            "11:11: 5 is not a mapping; write 'key: value' lines",
            "18:9: nothing is not a mapping; write 'key: value' lines",
            "19:11: a list is not a mapping; write 'key: value' lines",
        ],
    ),
    (
        "all missing",
        [("name: small\nconfiguration: c\n", ""), ("workload: {arrivals: poisson, rate: 5 /s}", "")],
        [
            "1:1: 'name' is missing",
            "1:1: 'configuration' is missing; write a, b, c, d, e or f",
            "1:1: 'workload' is missing",
        ],
    ),
    ("empty levels", [("[16]", "[]")], ["7:5: level 'cloud' has no blocks; write e.g. 'convp: [16]'"]),
    (
        "weights",
        [("topology:", "  training: {exit_weights: {edge: 1, local: -1}}\ntopology:")],
        [
            "8:29: unknown exit 'edge'; configuration c has exits local and cloud",
            "8:45: -1 is less than 0; write at least 0",
        ],
    ),
    (
        "until",
        [("name: small", "run: {until: later, seed: -1}\nname: small")],
        ["1:14: 'later' is not a duration; write e.g. '20 ms'", "1:27: -1 is less than 0; write at least 0"],
    ),
    (
        "warmup",
        [("name: small", "run: {warmup: automatic}\nname: small")],
        ["1:15: 'automatic' is not a duration; write e.g. '10 s', or auto"],
    ),
    (
        "nothing but warmup",
        [("name: small", "run: {until: 10 s, warmup: 10000 ms}\nname: small")],
        ["1:28: a warm-up of 10000 ms leaves nothing of a run until 10 s; write a time that is shorter"],
    ),
]


@pytest.mark.parametrize(("edits", "lines"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_says_where_what_and_what_instead(faults, edits, lines):
    text = SMALL
    for old, new in edits:
        assert old in text
        text = text.replace(old, new, 1)
    assert faults(text) == [f"s.yaml:{line}" for line in lines]


@pytest.fixture
def small(tmp_path):
    path = tmp_path / "small.yaml"
    path.write_text(SMALL)
    return path


def test_defaults_are_resolved(small):
    scenario = load_scenario(small)
    assert scenario.topology.nodes["camera"].count == 2
    assert scenario.exits["cloud"].at == "cloud"
    assert scenario.model.levels["cloud"].merge == "CC"
    assert scenario.model.levels["device"].merge is None
    assert scenario.model.training.exit_weights == {"local": 1.0, "cloud": 1.0}
    assert (scenario.run.seed, scenario.run.until_ns) == (0, "drained")
    assert scenario.workload.requests is None
    assert scenario.devices() == ["camera1", "camera2"]
    assert list(scenario.topology.machines()) == ["camera1", "camera2", "gate", "cloud"]
    assert [link[:4] for link in scenario.topology.directed_links()] == [
        ("camera1>gate", "radio", "camera1", "gate"),
        ("gate>camera1", "radio", "gate", "camera1"),
        ("camera2>gate", "radio", "camera2", "gate"),
        ("gate>camera2", "radio", "gate", "camera2"),
        ("gate>cloud", "wan", "gate", "cloud"),
        ("cloud>gate", "wan", "cloud", "gate"),
    ]
    assert [link.rate_bps for link in scenario.topology.directed_links()] == [250_000] * 4 + [10_000_000] * 2
    assert scenario.topology.directed_links()[-1].delay_ns == 20_000_000


def test_devices_keep_the_order_of_the_file(small):
    nodes = {"b": {"tier": "device", "count": 1}, "a": {"tier": "device"}, "gate": {"tier": "gateway"}}
    links = {
        "b": {"from": "b", "to": "gate", "rate": "1 kbit/s"},
        "a": {"from": "gate", "to": "a", "rate": "1 kbit/s"},
    }
    links["wan"] = {"from": "gate", "to": "cloud", "rate": "1 kbit/s"}
    changes = {"topology.nodes": {**nodes, "cloud": {"tier": "cloud"}}, "topology.links": links}
    assert load_scenario(small, changes).devices() == ["b1", "a"]


def test_every_is_an_exact_rate(small):
    for written in ({"workload.every": "7 ms"}, {"workload.every": "0.007 s"}):
        scenario = load_scenario(small, {"workload.arrivals": "periodic", **written})
        assert scenario.workload.rate == Fraction(1000, 7)


def test_five_devices_on_a_shared_name_are_one_view_each():
    scenario = load_scenario(QUICKSTART, {"data.views": 5})
    assert scenario.devices() == [f"camera{i}" for i in range(1, 6)]


@pytest.mark.parametrize(
    ("text", "override"),
    [
        ("run.seed=3", ("run.seed", 3)),
        ("workload.rate=10 /s", ("workload.rate", "10 /s")),
        ("name=010", ("name", 10)),
        ("name='010'", ("name", "010")),
        ("workload.reply_to=", ("workload.reply_to", None)),
        ("model.levels.device.convp=[4, 8]", ("model.levels.device.convp", [4, 8])),
        ("description=a=b", ("description", "a=b")),
    ],
)
def test_reads_an_override(text, override):
    assert parse_override(text) == override


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("x", "--set x: is not of the form a.b=value; write e.g. 'exits.local.threshold=0.5'"),
        ("=3", "--set =3: is not of the form a.b=value; write e.g. 'exits.local.threshold=0.5'"),
        ("a..b=3", "--set a..b=3: is not of the form a.b=value; write e.g. 'exits.local.threshold=0.5'"),
        ("a={", "--set a={: not YAML: did not find expected node content"),
    ],
)
def test_refuses_what_is_no_override(text, line):
    with pytest.raises(ScenarioError) as refused:
        parse_override(text)
    assert str(refused.value) == line


def test_overrides_change_what_they_name(small):
    scenario = load_scenario(
        small,
        {"exits.local.threshold": np.float64(0.5), "data.seed": np.int64(7), "run.seed": 3},
        ["topology.links.wan.rate=1 Gbit/s", "model.levels.device.convp.0=9", "run.until=10 s"],
    )
    assert scenario.exits["local"].threshold == 0.5
    assert scenario.data.seed == 7
    assert scenario.topology.links["wan"].rates.up == 10**9
    assert scenario.model.levels["device"].convp == (9,)
    assert (scenario.run.seed, scenario.run.until_ns) == (3, 10 * 10**9)


def test_an_override_changes_one_place_although_an_alias_shares_it(tmp_path):
    path = tmp_path / "s.yaml"
    path.write_text(SMALL.replace("device: {convp: [4]}", "device: {convp: &c [4]}").replace("[16]", "*c"))
    levels = load_scenario(path, {"model.levels.device.convp.0": 8}).model.levels
    assert (levels["device"].convp, levels["cloud"].convp) == ((8,), (4,))


def test_setting_every_replaces_rate(small):
    periodic = load_scenario(small, {"workload.arrivals": "periodic", "workload.every": "100 ms"})
    assert periodic.workload.rate == 10
    assert load_scenario(periodic, {"workload.rate": "3 /s"}).workload.rate == 3


def test_faults_of_overrides_come_after_those_of_the_file(faults):
    assert faults(
        SMALL.replace("views: 2", "views: 2, sed: 1"),
        overrides={"topology.nodes.camer.count": 3, "exits.local.threshold": 2, "run.x": {1}},
        settings=["run.sed=3", "x", "name.first=a", "model.levels.device.convp.9=3", "workload.rate=5"],
    ) == [
        "s.yaml:3:34: unknown key 'sed'; did you mean 'seed'?",
        "topology.nodes.camer.count: unknown node 'camer'; did you mean 'camera'?",
        "exits.local.threshold: 2 lies outside 0 to 1; write e.g. 0.8 or '80 %'",
        "run.x: a value of type set cannot stand in a scenario; write text, a number, a list or a mapping",
        "--set run.sed=3: unknown key 'sed'; did you mean 'seed'?",
        "--set x: is not of the form a.b=value; write e.g. 'exits.local.threshold=0.5'",
        "--set name.first=a: 'name' is 'small' and has no 'first' in it",
        "--set model.levels.device.convp.9=3: 'model.levels.device.convp' is a list of 1, and has no item '9'; "
        "items count from 0",
        "--set workload.rate=5: 5 has no unit, and a frequency needs one; write e.g. '5 /s'",
    ]


def test_python_data_are_named_by_their_paths():
    with pytest.raises(ScenarioError) as refused:
        load_scenario({"name": "a", "configuration": "c", "data": {"source": "digits", "sed": 1}, "workload": 5})
    assert str(refused.value).splitlines()[-2:] == [
        "data.sed: unknown key 'sed'; did you mean 'seed'?",
        "workload: 5 is not a mapping; write 'key: value' lines",
    ]
