"""What a file of each configuration is refused with: where, what, and what instead, all at once."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from texts import FAULTY, TEXTS

from ddnnsim.errors import ScenarioError
from ddnnsim.scenario import load_scenario
from ddnnsim.scenario.document import parse_document

# A configuration, what is wrong, what to change in its small scenario, and the lines, less the file's name.
REFUSED = [
    (
        "a",
        "a local exit",
        [("exits: {cloud: {}}", "exits: {local: {at: cloud, threshold: 0.5}, cloud: {}}")],
        ["8:9: unknown exit 'local'; configuration a has the exit cloud"],
    ),
    (
        "a",
        "an edge level",
        [("cloud: {convp: [16]}}", "edge: {convp: [8]}, cloud: {convp: [16]}}")],
        ["4:40: unknown level 'edge'; configuration a has levels device and cloud"],
    ),
    (
        "a",
        "an edge node",
        [("cloud: {tier: cloud}", "cloud: {tier: cloud}, edge: {tier: edge}")],
        ["6:70: configuration a has no edge; write 'tier: gateway', or a configuration with edges: d, e or f"],
    ),
    (
        "a",
        "bits alone",
        [("cloud: {tier: cloud}", "cloud: {tier: cloud, binary: 400 MOP/s}")],
        ["6:56: 'cloud' has a speed on bits and none on numbers; give 'compute', too"],
    ),
    (
        "a",
        "no way",
        [("from: camera, to", "from: camera1, to")],
        ["6:11: camera2 has no way to 'cloud', where views go; add a link"],
    ),
    (
        "a",
        "groups",
        [("exits:", "placement: {groups: {n: {devices: camera, edge: cloud}}}\nexits:")],
        ["8:13: configuration a has no groups; leave 'groups' out, or write configuration e or f"],
    ),
    (
        "a",
        "weight of local",
        [("cloud: {convp: [16]}}}", "cloud: {convp: [16]}}, training: {exit_weights: {local: 1}}}")],
        ["4:89: unknown exit 'local'; configuration a has the exit cloud"],
    ),
    (
        "b",
        "local exit elsewhere",
        [("{threshold: 0.8}", "{at: cloud, threshold: 0.8}")],
        ["9:15: the local exit is on the device node, not on 'cloud'; write 'camera', or leave 'at' out"],
    ),
    (
        "b",
        "two devices",
        [("camera: {tier: device}", "camera: {tier: device, count: 2}")],
        ["6:11: 2 device nodes (camera1 and camera2); configuration b has one device"],
    ),
    (
        "b",
        "two views",
        [("source: digits", "source: digits, views: 2")],
        ["3:31: 2 views, but configuration b has one device, which sees one; write 1, or leave 'views' out"],
    ),
    (
        "b",
        "no threshold",
        [("{threshold: 0.8}", "{}")],
        ["9:3: 'threshold' is missing; write e.g. 'threshold: 0.8'"],
    ),
    (
        "b",
        "threshold of the last",
        [("cloud: {}", "cloud: {threshold: 0.5, rule: margin, control: 4 B}")],
        [
            "10:11: the cloud exit always answers, and has no 'threshold'; leave it out",
            "10:27: the cloud exit always answers, and has no 'rule'; leave it out",
            "10:41: the cloud exit always answers, and has no 'control'; leave it out",
        ],
    ),
    (
        "b",
        "no exits at all",
        [("  local: {threshold: 0.8}\n  cloud: {}", "  {}")],
        ["8:1: 'cloud' is missing: the last exit always answers; write 'cloud: {}'"],
    ),
    (
        "b",
        "weight of an exit left out",
        [("  local: {threshold: 0.8}\n", ""), ("fc: [16]}}}", "fc: [16]}}, training: {exit_weights: {local: 1}}}")],
        ["4:86: a weight of the exit 'local', which is not among the exits; leave it out"],
    ),
    (
        "b",
        "convp above fc",
        [("device: {convp: [4]}, cloud: {fc: [16]}", "device: {fc: [4]}, cloud: {convp: [16]}")],
        ["4:45: ConvP blocks need pictures, and the device level below ends in FC blocks; write e.g. 'fc: [64]'"],
    ),
    (
        "b",
        "one bit",
        [("device: {convp: [4]}", "device: {convp: [4], bits: 8}")],
        ["4:39: a binary section sends 1 bit of each feature; leave 'bits' out, or write 'precision: float'"],
    ),
    (
        "b",
        "stride",
        [("device: {convp: [4]}", "device: {convp: [4], stride: 4}")],
        ["4:47: windows of 3x3 pixels, 4 apart, leave pixels out; write e.g. 'stride: 3'"],
    ),
    (
        "b",
        "default stride",
        [("device: {convp: [4]}", "device: {convp: [4], pool: 1}")],
        ["4:45: windows of 1x1 pixels, 2 apart, leave pixels out; write e.g. 'stride: 1'"],
    ),
    (
        "b",
        "kernel",
        [("device: {convp: [4]}", "device: {convp: [4], kernel: 2, pool: 4, stride: 0}")],
        [
            "4:47: 2 is not known here; write 1, 3, 5 or 7",
            "4:56: 4 is not known here; write 1, 2, 3 or 5",
            "4:67: 0 is not known here; write 1, 2, 3 or 4",
        ],
    ),
    (
        "b",
        "share above",
        [("cloud: {fc: [16]}", "cloud: {fc: [16], share: group}")],
        ["4:58: sections of the cloud level do not share weights; leave 'share' out, only devices may"],
    ),
    (
        "b",
        "empty levels",
        [("{convp: [4]}", "{}"), ("{fc: [16]}", "{convp: [], fc: []}")],
        [
            "4:18: level 'device' has no blocks; write e.g. 'convp: [4]'",
            "4:30: level 'cloud' has no blocks; write e.g. 'convp: [16]'",
        ],
    ),
    (
        "b",
        "words",
        [
            ("device: {convp: [4]}", "device: {convp: [4], precision: ternary, share: all}, edg: {}"),
            ("{levels", "{absent: leaveout, levels"),
        ],
        [
            "4:17: 'leaveout' is not known here; did you mean 'leave_out'?",
            "4:68: 'ternary' is not known here; did you mean 'binary'?",
            "4:84: 'all' is not known here; write none or group",
            "4:90: unknown level 'edg'; configuration b has levels device and cloud",
        ],
    ),
    (
        "b",
        "pictures that shrink faster",
        [
            (
                "device: {convp: [4]}, cloud: {fc: [16]}",
                "device: {convp: [4], pool: 5, stride: 4}, cloud: {convp: [4, 4, 4], pool: 2}",
            )
        ],
        ["4:82: block 4 from the bottom would get a picture of 1x1; a view of 24x24 has room for 3 blocks"],
    ),
    (
        "b",
        "quantities",
        [("{tier: device}", "{tier: device, binary: 400 MFLOP/s, memory: 64}")],
        [
            "6:42: '400 MFLOP/s' is not a speed on binary operations; write e.g. '400 MOP/s'",
            "6:63: 64 has no unit, and a size needs one; write e.g. '64 B'",
        ],
    ),
    (
        "c",
        "no place",
        [("{at: gate, threshold: 0.8}", "{threshold: 0.8}")],
        ["17:3: 'at' is missing: on which node is the local exit; write e.g. 'at: gate'"],
    ),
    (
        "c",
        "a place for each group",
        [("{at: gate, threshold: 0.8}", "{at: {n: gate}, threshold: 0.8}")],
        [
            "17:15: the local exit of configuration c is on one node, not on one for each group; write e.g. 'at: gate'",
        ],
    ),
    (
        "c",
        "no node",
        [("{at: gate, threshold: 0.8}", "{at: 5, threshold: 0.8}")],
        ["17:15: 5 is not a node; write its name"],
    ),
    (
        "c",
        "an edge",
        [("{tier: gateway}", "{tier: edge}")],
        ["11:18: configuration c has no edge; write 'tier: gateway', or a configuration with edges: d, e or f"],
    ),
    (
        "d",
        "no edge",
        [
            ("    edge: {tier: edge}\n", ""),
            (
                "    radio: {from: camera, to: edge, rate: 1 Mbit/s}\n    wan: {from: edge, to:",
                "    wan: {from: camera, to:",
            ),
        ],
        ["6:3: no node of tier edge; add e.g. 'edge: {tier: edge}'"],
    ),
    (
        "d",
        "two edges",
        [("{tier: edge}", "{tier: edge, count: 2}"), ("to: edge,", "to: edge1,")],
        ["8:5: 2 edge nodes (edge1 and edge2); configuration d has one edge: name it in placement.edge"],
    ),
    (
        "d",
        "edge exit elsewhere",
        [("  edge: {threshold", "  edge: {at: cloud, threshold")],
        ["15:14: the edge exit is on the edge node, not on 'cloud'; write 'edge', or leave 'at' out"],
    ),
    (
        "d",
        "local exit on the edge",
        [("  local: {threshold", "  local: {at: edge, threshold")],
        ["14:15: the local exit is on the device node, not on 'edge'; write 'camera', or leave 'at' out"],
    ),
    (
        "d",
        "no level edge",
        [("edge: {convp: [8]}, ", "")],
        [
            "4:9: level 'edge' is missing: configuration d has levels device, edge and cloud; write e.g. 'edge: {convp: [8]}'",  # noqa: E501
        ],
    ),
    (
        "d",
        "ways",
        [("    radio: {from: camera, to: edge, rate: 1 Mbit/s}\n", "")],
        ["7:5: camera has no way to 'edge', where features go; add a link"],
    ),
    (
        "e",
        "local exit on a device",
        [("{at: gate, threshold", "{at: camera2, threshold")],
        [
            "16:15: the local exit joins all devices in configuration e, and 'camera2' is one of them; place it on a gateway, an edge or the cloud",  # noqa: E501
        ],
    ),
    (
        "e",
        "edge exit on a device",
        [("  edge: {threshold", "  edge: {at: camera2, threshold")],
        [
            "17:14: the edge exit joins the edges in configuration e, and 'camera2' is of tier device; place it on an edge or a gateway",  # noqa: E501
        ],
    ),
    (
        "e",
        "edge exit on the cloud",
        [("  edge: {threshold", "  edge: {at: cloud, threshold")],
        [
            "17:14: the edge exit joins the edges in configuration e, and 'cloud' is of tier cloud; place it on an edge or a gateway",  # noqa: E501
        ],
    ),
    (
        "e",
        "several edges, no groups",
        [("{tier: edge}", "{tier: edge, count: 2}"), ("to: edge,", "to: edge1,")],
        [
            "1:1: 'groups' is missing: which devices does each of 2 edges serve; write e.g. 'groups: {north: {devices: [camera1], edge: edge1}, ...}', or name the only one that does: 'edge: edge1'",  # noqa: E501
            "17:3: 'at' is missing: on which node is the edge exit; write e.g. 'at: edge1'",
        ],
    ),
    (
        "e",
        "edge cut off",
        [("    wan: {from: edge, to: cloud, rate: 1 Mbit/s}\n", "")],
        ["9:5: edge has no way to 'cloud', where features go; add a link"],
    ),
    (
        "e",
        "edge exit cut off",
        [("  edge: {threshold", "  edge: {at: far, threshold"), ("    gate:", "    far: {tier: gateway}\n    gate:")],
        ["10:5: edge has no way to 'far', where the edge exit is; add a link"],
    ),
    (
        "f",
        "no groups",
        [
            ("placement:\n  groups:\n", ""),
            ("    n: {devices: north, edge: edge1}\n", ""),
            ("    s: {devices: [south1, south2], edge: edge2}\n", ""),
        ],
        [
            "1:1: 'groups' is missing: configuration f has groups of devices; write e.g. 'groups: {north: {devices: [camera1], edge: edge1}, ...}'",  # noqa: E501
        ],
    ),
    (
        "f",
        "one group",
        [("    s: {devices: [south1, south2], edge: edge2}\n", ""), (", s: edge2}", "}")],
        ["22:3: one group, but configuration f has two or more; add a group, or write configuration e"],
    ),
    (
        "f",
        "unknown names",
        [
            ("[south1, south2], edge: edge2", "[south1, south3], edge: edge3"),
            ("s: edge2}", "s: gate_s}"),
            ("at: edge1", "at: edg1"),
        ],
        [
            "24:27: unknown node 'south3'; did you mean 'south'?",
            "24:42: unknown node 'edge3'; did you mean 'edge2'?",
            "26:30: unknown node 'gate_s'; did you mean 'gate_n'?",
            "27:14: unknown node 'edg1'; did you mean 'edge1'?",
        ],
    ),
    (
        "f",
        "wrong tiers",
        [
            ("[south1, south2], edge: edge2", "[south1, gate_n], edge: gate_n"),
            ("devices: north, edge: edge1", "devices: edge, edge: edge"),
        ],
        [
            "23:18: 'edge' is of tier edge, not device; name devices",
            "23:30: 'edge' is a group of 2, and one node is needed; name a member such as 'edge1'",
            "24:27: 'gate_n' is of tier gateway, not device; name devices",
            "24:42: 'gate_n' is of tier gateway, not edge; name an edge",
        ],
    ),
    (
        "f",
        "in two groups",
        [("[south1, south2]", "[south1, south2, north2]")],
        ["24:35: 'north2' is in group 'n' already; a device is in one group, once"],
    ),
    (
        "f",
        "in no group",
        [("[south1, south2]", "[south1]")],
        ["22:3: south2 is in no group; every device is in one"],
    ),
    (
        "f",
        "twice in one",
        [("[south1, south2]", "[south1, south2, south1]")],
        ["24:35: 'south1' is in group 's' already; a device is in one group, once"],
    ),
    (
        "f",
        "one edge twice",
        [("edge: edge2}\n", "edge: edge1}\n")],
        ["24:42: 'edge1' is the edge of group 'n' already; give each group an edge of its own"],
    ),
    (
        "f",
        "wrong shapes",
        [("devices: north, edge: edge1", "devices: 5, edge: [edge1]"), ("[south1, south2]", "[]")],
        [
            "23:18: 5 is not a node; write a group of nodes, or a list such as [camera1, camera2]",
            "23:27: a list is not text; write a word, in quotes if it looks like a number",
            "24:18: an empty list; write a group of nodes, or a list such as [camera1, camera2]",
        ],
    ),
    (
        "f",
        "missing keys",
        [("devices: north, edge: edge1", "edg: edge1")],
        [
            "23:5: 'devices' is missing; write e.g. 'devices: camera'",
            "23:5: 'edge' is missing; write e.g. 'edge: edge1'",
            "23:9: unknown key 'edg'; did you mean 'edge'?",
        ],
    ),
    (
        "f",
        "group names",
        [("    s: {dev", "    s s: {dev"), (", s: edge2", ", s s: edge2")],
        ["24:5: 's s' is not a name; use letters, digits, '_' and '-'"],
    ),
    (
        "f",
        "one local exit",
        [("{at: {n: gate_n, s: edge2}, ", "{at: gate_n, ")],
        ["26:15: the local exit of configuration f is on one node for each group; write 'at: {n: ..., s: ...}'"],
    ),
    (
        "f",
        "no local place",
        [("{at: {n: gate_n, s: edge2}, ", "{")],
        [
            "26:3: 'at' is missing: the local exit of configuration f is on one node for each group; write 'at: {n: ..., s: ...}'",  # noqa: E501
        ],
    ),
    (
        "f",
        "places of other groups",
        [("{n: gate_n, s: edge2}", "{n: gate_n, so: edge2}")],
        [
            "26:11: no node for group 's'; write e.g. 's: NODE'",
            "26:27: unknown group 'so'; did you mean 's'?",
        ],
    ),
    (
        "f",
        "a place that is no name",
        [("{n: gate_n, s: edge2}", "{n: gate_n, s: 5}")],
        ["26:30: 5 is not a node; write its name"],
    ),
    (
        "f",
        "local exit on a device",
        [("{n: gate_n, s: edge2}", "{n: gate_n, s: south1}")],
        [
            "26:30: the local exit of 's' joins 2 devices, and 'south1' is a device; place it on a gateway, an edge or the cloud",  # noqa: E501
        ],
    ),
    (
        "f",
        "no edge place",
        [("{at: edge1, ", "{")],
        ["27:3: 'at' is missing: on which node is the edge exit; write e.g. 'at: edge1'"],
    ),
    (
        "f",
        "edge exits of groups",
        [("{at: edge1, ", "{at: {n: edge1, s: edge2}, ")],
        [
            "27:14: the edge exit of configuration f is on one node, not on one for each group; write e.g. 'at: edge1'",
        ],
    ),
    (
        "f",
        "cut off",
        [("    street: {from: south, to: edge2, rate: 1 Mbit/s}\n", "")],
        ["12:5: no machine of 'south' has a way to 'edge2', where the local exit of 's' is; add a link"],
    ),
    (
        "f",
        "local exit cut off",
        [("n: gate_n, s", "n: far, s"), ("    gate_n:", "    far: {tier: gateway}\n    gate_n:")],
        ["11:5: no machine of 'north' has a way to 'far', where the local exit of 'n' is; add a link"],
    ),
    (
        "f",
        "edges cut off from one another",
        [("from: edge, to: cloud", "from: edge1, to: cloud")],
        ["14:5: edge2 has no way to 'edge1', where the edge exit is; add a link"],
    ),
    (
        "f",
        "devices and views",
        [("views: 5", "views: 6")],
        ["12:34: 5 device nodes, but data.views is 6; give one device for each view"],
    ),
    (
        "f",
        "many at once",
        [
            ("device: {convp: [4]}", "device: {convp: [4], merge: CC}"),
            ("devices: north", "devices: nroth"),
            ("n: gate_n, s", "n: gaten, s"),
            ("at: edge1, threshold: 0.8", "at: edge1, threshold: 80"),
            ("  cloud: {}", "  cloud: {at: edge1}"),
            ("rate: 5 /s", "rate: 5"),
        ],
        [
            "6:26: the device level has nothing below it to merge; leave 'merge' out",
            "23:18: unknown node 'nroth'; did you mean 'north'?",
            "26:19: unknown node 'gaten'; did you mean 'gate_n'?",
            "27:32: 80 lies outside 0 to 1; did you mean '80 %'?",
            "28:15: the cloud exit is on the cloud node, not on 'edge1'; write 'cloud', or leave 'at' out",
            "29:37: 5 has no unit, and a frequency needs one; write e.g. '5 /s'",
        ],
    ),
    (
        "c",
        "a user's network that would need a trained layer",
        [
            ("model:\n  levels:\n    device: {convp: [4]}\n    cloud: {convp: [16]}", "model: {module: 'net:build'}"),
            ("{at: gate,", "{at: gate, merge: CC,"),
            ("cloud: {}", "cloud: {merge: CC}"),
        ],
        ["14:28: exit 'local' would need a trained layer to merge by CC; use MP or AP"],
    ),
    (
        "f",
        "a user's network that would need trained layers",
        [
            (
                "model:\n  levels:\n    device: {convp: [4]}\n    edge: {convp: [8]}\n    cloud: {fc: [16]}",
                "model: {module: 'net:build'}",
            ),
            ("s: edge2},", "s: edge2}, merge: CC,"),
            ("{at: edge1,", "{at: edge1, merge: CC,"),
        ],
        [
            "22:45: exit 'local' would need a trained layer to merge by CC; use MP or AP",
            "23:28: exit 'edge' would need a trained layer to merge by CC; use MP or AP",
        ],
    ),
]


@pytest.mark.parametrize(
    ("letter", "edits", "lines"),
    [(letter, edits, lines) for letter, _, edits, lines in REFUSED],
    ids=[f"{letter}: {what}" for letter, what, _, _ in REFUSED],
)
def test_says_where_what_and_what_instead(faults, letter, edits, lines):
    text = TEXTS[letter]
    for old, new in edits:
        assert old in text
        text = text.replace(old, new, 1)
    assert faults(text) == [f"s.yaml:{line}" for line in lines]


def paths(data: object, keys: tuple = ()) -> list[tuple]:
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [keys, *(path for key, item in inner for path in paths(item, (*keys, key)))]


JUNK = st.sampled_from(
    [None, 0, 1, -1, 2, 5.5, 1e300, True, "", "x", "gate", "camera", "camera1", "edge1", "cloud", "none", "local", [],
     [4], [0], [[]], ["camera"], {}, {"x": 1}, {"n": "gate"}, {"at": "gate"}, {"tier": "edge"}, {"tier": 5}, "a", "f"]
)  # fmt: skip


@settings(max_examples=100)
@given(st.data())
def test_whatever_a_file_holds_is_loaded_or_refused(data):
    """Nothing but a ScenarioError leaves loading, whatever is missing or of another shape."""
    content = parse_document(data.draw(st.sampled_from([*TEXTS.values(), FAULTY])), "s").data
    for _ in range(data.draw(st.integers(1, 3))):
        *keys, last = data.draw(st.sampled_from(paths(content)[1:]))
        at = content
        for key in keys:
            at = at[key]
        if data.draw(st.booleans()):
            at[last] = copy.deepcopy(data.draw(JUNK))
        elif isinstance(at, dict) and data.draw(st.booleans()):
            at[data.draw(st.sampled_from(["edge", "local", "n", "x.y", "groups", "fc", "views"]))] = at.pop(last)
        else:
            del at[last]
        if len(paths(content)) == 1:
            break
    try:
        scenario = load_scenario(content)
    except ScenarioError:
        return
    assert load_scenario(scenario) == scenario


def test_a_users_network_may_name_any_merge_where_there_is_one_section():
    for letter in "bd":
        data = parse_document(TEXTS[letter], letter).data
        data["model"] = {"module": "net:build"}
        for spec in data["exits"].values():
            spec["merge"] = "CC"
        assert load_scenario(data).exits["local"].merge == "CC"
