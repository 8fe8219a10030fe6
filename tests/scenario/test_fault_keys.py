"""Faults, deadlines and recovery in files: every key there and back, and what is refused, where and with what else."""

from __future__ import annotations

import copy
import pickle
import re

import jsonschema
import numpy as np
import pytest
from texts import ALONE, FAULTY, GROUPS, QUICKSTART, SMALL, TOWER

from ddnnsim.deployment import Captures, ClosedLoop, Workload
from ddnnsim.distribution import Distribution
from ddnnsim.faults import (
    Consequence,
    Crash,
    Degradation,
    Drawn,
    Fault,
    Given,
    Misreading,
    Outage,
    Periodic,
    Slowdown,
)
from ddnnsim.probe import exit_costs
from ddnnsim.recovery import Deadline, Heartbeats, Recovery, Retries
from ddnnsim.remedies import round_up, window_of
from ddnnsim.rollout import deploy
from ddnnsim.scenario import dump, json_schema, load_scenario, scenario_hash
from ddnnsim.scenario.document import parse_document

SMALL_DATA = parse_document(SMALL, "small").data
FAULTY_DATA = parse_document(FAULTY, "faulty").data
SCHEMA = jsonschema.Draft202012Validator(json_schema())
MS, S = 10**6, 10**9


def planned(data):
    """Return the deployment of *data*, over ten samples."""
    scenario = load_scenario(data)
    return deploy(scenario, np.full((10, len(scenario.devices())), 5))


def small(**changes):
    """Return the small scenario with *changes* of its keys."""
    return copy.deepcopy(SMALL_DATA) | changes


def constant(seconds):
    return Distribution("constant", (seconds,))


def test_what_a_file_says_of_faults_comes_to_the_engine():
    deployment = planned(FAULTY_DATA)
    names = [machine.name for machine in deployment.machines]
    assert names[:5] == ["north1", "north2", "north3", "south1", "south2"]
    assert names[5:] == ["gate_n", "edge1", "edge2", "cloud", "spare"]
    links = {link.name: number for number, link in enumerate(deployment.links)}
    up, down = Distribution("exponential", (600.0,)), Distribution("weibull", (30.0, 1.5))

    def both(a, b):
        return tuple(sorted((links[f"{a}>{b}"], links[f"{b}>{a}"])))

    cells = [both(f"north{number}", "gate_n") for number in (1, 2, 3)]
    wan = (links["gate_n>edge1"], *both("edge1", "cloud"), *both("edge2", "cloud"))
    assert deployment.faults == (
        Fault("crash-north2", Crash("resume"), Given(((60 * S, 90 * S),)), machines=(1,)),
        *(
            Fault(f"outage-cell/north{number}<>gate_n", Outage("lose"), Drawn(0, up, down, None), links=cell)
            for number, cell in enumerate(cells, start=1)
        ),
        Fault("storm", Crash("lose"), Periodic(10 * S, 3600 * S, 30 * S, 36000 * S), machines=(3, 4, 7), chance=0.5),
        Fault(
            "outage-wan-gate_n-edge1",
            Outage("lose"),
            Consequence(4, constant(1.0), Distribution("exponential", (5.0,))),
            links=tuple(sorted(wan)),
        ),
        Fault("slow-cloud", Slowdown(250_000_000), Consequence(4, constant(0.0), None), machines=(8,)),
        Fault(
            "partition-west",
            Outage("lose"),
            Consequence(6, constant(2.0), None),
            links=tuple(sorted(sum(cells, ()))),
        ),
        Fault(
            "degrade-north1-gate_n",
            Degradation(100_000_000, 50 * MS, 0.05),
            Given(((10 * S, 15 * S), (20 * S, 25 * S))),
            links=cells[0],
        ),
        Fault("sensor-south-north3", Misreading("noisy", 0.2), Given(((0, None),)), machines=(2, 3, 4)),
    )


def test_what_a_file_says_of_recovery_and_deadlines_comes_to_the_engine():
    deployment = planned(FAULTY_DATA)
    beats, retries = Heartbeats(S, 3 * S, 16), Retries(3, 50 * MS, 2.0)
    assert deployment.recovery == Recovery(beats, "best_effort", True, 2 * S, retries, True)
    told = {exit_.name: exit_.deadline for exit_ in deployment.exits}
    local = Deadline(200 * MS, "capture")
    assert told == {
        "local.n": local, "local.s": local, "edge": Deadline(400 * MS, "capture"), "cloud": Deadline(S, "capture"),
    }  # fmt: skip
    edge, cloud = deployment.exits[2:]
    assert [stand_in.machine for stand_in in edge.stand_ins] == [7]
    assert [stand_in.machine for stand_in in cloud.stand_ins] == [9, 7]
    assert [exit_.policy is not None for exit_ in deployment.exits] == [False, False, True, False]
    assert deployment.window_ns == 10 * S


def test_a_scenario_without_faults_has_none():
    deployment = planned(SMALL_DATA | {"workload": SMALL_DATA["workload"] | {"deadline": "1 s"}})
    assert (deployment.faults, deployment.recovery, deployment.window_ns) == ((), Recovery(), None)
    assert (deployment.blanks, deployment.routing, deployment.deadline_ns) == (False, "delay", S)
    assert planned(small(model=SMALL_DATA["model"] | {"absent": "blank"})).blanks


def test_a_single_consequence_follows_each_of_its_causes():
    storm = {"crash": "camera", "mtbf": "1 s", "mttr": "2 s", "each": True, "then": [{"outage": "wan", "each": True}]}
    made = planned(small(faults=[storm])).faults
    assert [fault.name for fault in made] == [
        "crash-camera/camera1", "outage-wan/camera1/gate<>cloud", "crash-camera/camera2",
        "outage-wan/camera2/gate<>cloud",
    ]  # fmt: skip
    assert [fault.spells.cause for fault in made[1::2]] == [0, 2]


def test_one_direction_of_a_link_fails_alone():
    faults = [{"outage": ["camera1>gate", "cloud>gate"], "each": True}, {"outage": "camera>gate"}]
    deployment = planned(small(faults=faults))
    hit = [(fault.name, [deployment.links[link].name for link in fault.links]) for fault in deployment.faults]
    assert hit == [
        ("outage-camera1-gate-cloud-gate/camera1>gate", ["camera1>gate"]),
        ("outage-camera1-gate-cloud-gate/cloud>gate", ["cloud>gate"]),
        ("outage-camera-gate", ["camera1>gate", "camera2>gate"]),
    ]


def test_a_region_stands_for_its_nodes_their_links_and_their_sensors():
    data = copy.deepcopy(SMALL_DATA)
    data["topology"]["regions"] = {"yard": ["camera2", "gate"]}
    data["faults"] = [{"crash": "yard"}, {"sensor": "yard", "kind": "blank"}, {"outage": "yard"}, {"partition": "yard"}]
    deployment = planned(data)
    assert [fault.machines for fault in deployment.faults] == [(1, 2), (1,), (), ()]
    names = [[deployment.links[link].name for link in fault.links] for fault in deployment.faults]
    assert len(names[2]) == len(deployment.links)
    assert names[3] == ["camera1>gate", "gate>camera1", "gate>cloud", "cloud>gate"]


def test_faults_are_called_by_what_they_are_and_whom_they_hit():
    crash, other = {"crash": "camera1"}, {"crash": ["camera1"], "from": "1 s"}
    named = {"name": "crash-camera1-2", "slow": "cloud", "speed": 0.5}
    assert names_of([crash]) == ["crash-camera1"]
    assert names_of([crash, other]) == ["crash-camera1", "crash-camera1-2"]
    assert names_of([crash, other, named]) == ["crash-camera1", "crash-camera1-3", "crash-camera1-2"]
    assert names_of([{"outage": "camera1<>gate"}, {"outage": "camera1>gate"}]) == [
        "outage-camera1-gate", "outage-camera1-gate-2",
    ]  # fmt: skip


def names_of(faults):
    return [fault.name for fault in load_scenario(small(faults=faults)).faults]


@pytest.mark.parametrize("text", [FAULTY, SMALL], ids=["faulty", "small"])
def test_what_is_dumped_loads_as_the_same_scenario(text):
    data = parse_document(text, "text").data
    scenario = load_scenario(data)
    written = parse_document(dump(scenario), "dump").data
    assert load_scenario(written) == scenario
    assert scenario_hash(load_scenario(written)) == scenario_hash(scenario)
    assert pickle.loads(pickle.dumps(scenario)) == scenario
    SCHEMA.validate(data)
    SCHEMA.validate(written)


SAME = [
    ({"faults": [{"crash": "camera1"}]}, {"faults": [{"crash": ["camera1"], "from": "0 s", "chance": "100 %"}]}),
    (
        {"faults": [{"outage": "wan", "mtbf": "1 min", "mttr": "1 s"}]},
        {"faults": [{"outage": "wan", "mtbf": {"exponential": "60 s"}, "mttr": "1000 ms", "then": []}]},
    ),
    ({"recovery": {"delay": "1 s"}}, {"recovery": {"detector": "immediate", "fallback": "drop", "delay": "1000 ms"}}),
    ({"exits.cloud.deadline": "1 s"}, {"exits.cloud.deadline": {"after": "1 s", "since": "capture"}}),
]


@pytest.mark.parametrize(("one", "other"), SAME, ids=lambda changes: next(iter(changes)))
def test_the_hash_sees_results_and_not_spelling(one, other):
    a, b = load_scenario(SMALL_DATA, one), load_scenario(SMALL_DATA, other)
    assert scenario_hash(a) == scenario_hash(b) != scenario_hash(load_scenario(SMALL_DATA))
    assert dump(a) == dump(b)


def test_an_override_changes_a_fault_by_its_number():
    changes = {"faults.0.until": "70 s", "faults.2.then.1.speed": 0, "recovery.delay": "3 s"}
    scenario = load_scenario(FAULTY_DATA, changes)
    assert (scenario.faults[0].until_ns, scenario.faults[2].then[1].speed) == (70 * S, 0)
    assert scenario.recovery.delay_ns == 3 * S
    assert load_scenario(scenario, {"faults": [], "policy": []}).faults == ()


def test_who_only_stands_in_counts_for_none_of_its_tier():
    data = copy.deepcopy(SMALL_DATA)
    nodes, links = data["topology"]["nodes"], data["topology"]["links"]
    nodes |= {"twin": {"tier": "cloud", "count": 2}, "fog": {"tier": "edge"}}
    links |= {name: {"from": name, "to": "gate", "rate": "1 Mbit/s"} for name in ("twin", "fog")}
    data["recovery"] = {"failover": {"cloud": ["twin2", "fog", "twin1"]}}
    scenario = load_scenario(data)
    assert scenario.exits["cloud"].at == "cloud"
    assert scenario.of_tier("cloud") == ["cloud"]
    assert [stand_in.machine for stand_in in planned(data).sections[-1].stand_ins] == [5, 6, 4]
    tower = parse_document(TOWER, "tower").data | {"recovery": {"failover": {"cloud": "edge"}}}
    assert load_scenario(tower).of_tier("edge") == ["edge"], "it has work of its own"


def test_what_an_exit_costs_is_that_without_faults():
    calm = copy.deepcopy(FAULTY_DATA) | {"recovery": {"failover": FAULTY_DATA["recovery"]["failover"]}}
    for key in ("faults", "policy", "run"):
        del calm[key]
    for exit_ in calm["exits"].values():
        del exit_["deadline"]
    assert exit_costs(planned(FAULTY_DATA), "joint") == exit_costs(planned(calm), "joint")


def test_windows_are_about_fifty_until_the_last_capture():
    assert [round_up(n) for n in (0, 1, 2, 3, 5, 6, 99, 100, 101, 10**9)] == [1, 1, 2, 5, 5, 10, 100, 100, 200, 10**9]
    none = np.zeros(2, np.int64)
    run = load_scenario(SMALL_DATA).run
    workload = Workload(np.array([0, 60 * S]), none)
    assert window_of(run, workload, faulty=True) == 2 * S  # 1.2 s, rounded up
    assert window_of(run, workload, faulty=False) is None
    later = Captures(np.array([0, 50 * S]), none, none)
    assert window_of(run, Workload(none, none, later), faulty=True) == S
    assert window_of(run, Workload(none, none), faulty=True) == S // 1000, "all at the start: no millions of windows"
    loop = ClosedLoop(1, constant(1.0), none)
    assert window_of(run, loop, faulty=True) is None
    said = load_scenario(SMALL_DATA, {"run.window": "3 s"}).run
    assert window_of(said, loop, faulty=False) == 3 * S


def with_faults(*lines):
    return SMALL + "faults:\n" + "".join(f"  - {line}\n" for line in lines)


SHARED = SMALL.replace("rate: 250 kbit/s}", "rate: 250 kbit/s, medium: shared}")
NUMBERS = SMALL.replace("data: {source: digits, views: 2}\n", "").replace(", threshold: 0.8", "").replace(
    "  levels:\n    device: {convp: [4]}\n    cloud: {convp: [16]}\n",
    "  sections: {device: {operations: 1 FLOP, features: 1 B}, cloud: {operations: 1 FLOP}}\n"
    "  exits: {local: {leave: 1, accuracy: 1}, cloud: {accuracy: 1}}\n",
)  # fmt: skip
BEATS = "recovery: {detector: {period: 1 s, timeout: 3 s}}\n"
HELD_UP = "would stop, and hold up the others"
NO_DEADLINE = "'deadline' is missing: heartbeats do not tell all that will not come; write e.g. 'deadline: 1 s'"
REFUSED = {
    "no list": (
        SMALL + "faults: {crash: camera1}\n",
        ["20:9: a mapping is not a list; write e.g. [{crash: camera1, from: 60 s, until: 90 s}]"],
    ),
    "kinds": (
        with_faults("{}", "{crsh: cloud}", "{crash: cloud, outage: wan}", "{crash: []}"),
        [
            "21:5: what goes wrong is missing; write crash, outage, partition, slow, degrade or sensor, "
            "e.g. 'crash: camera1'",
            "22:5: what goes wrong is missing; write crash, outage, partition, slow, degrade or sensor, "
            "e.g. 'crash: camera1'",
            "22:6: unknown key 'crsh'; did you mean 'crash'?",
            "23:20: 'outage' in a fault that is of kind 'crash'; make it a fault of its own",
            "24:13: an empty list; write a name, or a list such as [camera1, camera2]",
        ],
    ),
    "words": (
        with_faults(
            "{slow: cloud}",
            "{degrade: wan}",
            "{sensor: camera, kind: noisy}",
            "{sensor: camera, kind: stuck, level: 0.1}",
            "{sensor: camera, kind: dark}",
            "{partition: camera, each: true}",
            "{crash: cloud, name: a.b}",
            "{crash: cloud, name: a}",
            "{crash: cloud, name: a, on_crash: loose}",
        ),
        [
            "21:5: 'speed' is missing; write e.g. 'speed: 0.8'",
            "22:15: nothing gets worse; write e.g. 'rate: 10 %', 'delay: 50 ms' or 'loss: 5 %'",
            "23:5: 'level' is missing: how strong is the noise; write e.g. 'level: 0.2'",
            "24:35: a sensor that is stuck has no level of noise; leave it out, or write 'kind: noisy'",
            "25:28: 'dark' is not known here; write blank, noisy or stuck",
            "26:25: a partition cuts all links between its two sides at once; leave 'each' out",
            "27:26: 'a.b' is not a name; use up to 100 letters, digits, '_' and '-'",
            "29:26: two faults are called 'a'; name each differently",
            "29:39: 'loose' is not known here; did you mean 'lose'?",
        ],
    ),
    "when": (
        with_faults(
            "{crash: cloud, at: [1 s]}",
            "{crash: cloud, every: 1 s}",
            "{crash: cloud, mtbf: 1 s}",
            "{crash: cloud, mttr: 1 s}",
            "{crash: cloud, for: 1 s}",
            "{crash: cloud, mtbf: 1 s, mttr: 1 s, for: 1 s}",
            "{crash: cloud, at: [1 s], for: 1 s, every: 2 s}",
            "{crash: cloud, at: [1 s], for: 1 s, until: 9 s}",
            "{crash: cloud, then: [{crash: gate, from: 1 s}]}",
        ),
        [
            "21:5: 'for' is missing beside 'at'; write e.g. 'for: 10 s'",
            "22:5: 'for' is missing beside 'every'; write e.g. 'for: 10 s'",
            "23:5: 'mttr' is missing beside 'mtbf'; write e.g. 'mttr: 30 s'",
            "24:5: 'mtbf' is missing beside 'mttr'; write e.g. 'mtbf: 10 min'",
            "25:20: 'for' goes with 'at' or 'every'; write 'until', or 'at' with a list of times",
            "26:42: 'mttr' says how long a spell lasts; leave it out",
            "27:41: 'at' and 'every' both say when; keep one",
            "28:41: 'at' says when spells begin; leave 'until' out",
            "29:41: unknown key 'from'; known: crash, on_crash, name, each, chance, after, for, then",
        ],
    ),
    "times": (
        with_faults(
            "{crash: cloud, until: 0 s}",
            "{crash: cloud, from: 3 s, until: 2 s}",
            "{crash: cloud, every: 1 s, for: 2 s}",
            "{crash: cloud, every: 0 s, for: 2 s}",
            "{crash: cloud, at: [1 s, 3 s, 4 s], for: 2 s}",
            "{crash: cloud, at: [], for: 0 s}",
            "{crash: cloud, mtbf: 0 s, mttr: {uniform: [0 s, 0 s]}}",
            "{crash: cloud, then: [{slow: gate, speed: 0, for: 0 s}]}",
        ),
        [
            "21:27: it is over at 0 s, and does not begin before 0 ms; write a later time",
            "22:38: it is over at 2 s, and does not begin before 3 s; write a later time",
            "23:37: spells of 2 s every 1 s overlap; write a time that is not longer",
            "24:27: a time that is always 0; write a longer one, e.g. '60 s'",
            "25:35: the spell at 4 s begins before the one at 3 s is over; write times in order, further apart than "
            "'for'",
            "26:24: an empty list; write at least one, e.g. [60 s, 120 s]",
            "26:33: a spell of no length; write a longer time, e.g. '10 s'",
            "27:26: a time that is always 0; write a longer one, e.g. '20 ms'",
            "27:37: a time that is always 0; write a longer one, e.g. '20 ms'",
            "28:55: a spell of no length; write a longer time, e.g. '10 s'",
        ],
    ),
    "victims": (
        with_faults(
            "{crash: camra}",
            "{crash: [camera1, wan]}",
            "{slow: wan, speed: 1}",
            "{outage: wn}",
            "{outage: gate}",
            "{outage: camera1>cloud}",
            "{outage: [camer>gate, gate<>cluod]}",
            "{partition: [camera, gate, cloud]}",
            "{sensor: [camera1, gate], kind: blank}",
            "{crash: cloud, then: [{degrade: wn, rate: 0}]}",
        ),
        [
            "21:13: unknown node 'camra'; did you mean 'camera'?",
            "22:23: 'wan' is a link, and a crash is of nodes; name nodes, or write 'outage: wan'",
            "23:12: 'wan' is a link, and a link is not slow but degraded; write 'degrade: wan'",
            "24:14: unknown link 'wn'; did you mean 'wan'?",
            "25:14: 'gate' is a node, and an outage is of links; name a link, such as 'gate<>camera1'",
            "26:14: no link leads from 'camera1' to 'cloud'",
            "27:15: unknown node 'camer'; did you mean 'camera'?",
            "27:27: unknown node 'cluod'; did you mean 'cloud'?",
            "28:17: no link leads from these nodes to any other; name the nodes of one side",
            "29:24: 'gate' is of tier gateway, and senses nothing; name devices",
            "30:37: unknown link 'wn'; did you mean 'wan'?",
        ],
    ),
    "regions": (
        SMALL.replace("  links:", "  regions: {yard: [camera1, gat], cloud: gate, wan: cloud, a.b: gate}\n  links:"),
        [
            "13:29: unknown node 'gat'; did you mean 'gate'?",
            "13:35: 'cloud' is the name of a node; rename the region",
            "13:48: 'wan' is the name of a link; rename the region",
            "13:60: 'a.b' is not a name; use letters, digits, '_' and '-'",
        ],
    ),
    "resume of a part of a shared medium": (
        SHARED
        + "faults:\n"
        + "  - {crash: camera1, on_crash: resume}\n"
        + "  - {outage: radio, on_outage: resume, chance: 50 %}\n"
        + "  - {outage: radio, on_outage: resume}\n"
        + "  - {crash: [camera, gate], on_crash: resume}\n"
        + "  - {partition: camera1, on_outage: resume}\n"
        + "  - {outage: camera1>gate}\n",
        [
            f"21:32: some directions of the shared medium 'radio' {HELD_UP}; "
            "write 'on_crash: lose', or let all of 'radio' fail at once",
            f"22:32: some directions of the shared medium 'radio' {HELD_UP}; "
            "write 'on_outage: lose', or let all of 'radio' fail at once",
            f"25:37: some directions of the shared medium 'radio' {HELD_UP}; "
            "write 'on_outage: lose', or let all of 'radio' fail at once",
        ],
    ),
    "sensors under a model by numbers": (
        NUMBERS.replace("rate: 5 /s", "rate: 5 /s, requests: 9") + "faults:\n  - {sensor: camera, kind: blank}\n",
        ["19:6: a model given by numbers looks at no data, whatever sensors show; leave it out"],
    ),
    "a detector": (
        SMALL + "recovery: {detector: imediate, fallback: best}\n",
        [
            "20:22: 'imediate' is not known here; did you mean 'immediate'?",
            "20:42: 'best' is not known here; write drop or best_effort",
        ],
    ),
    "heartbeats without a deadline": (
        SMALL.replace("cloud: {}", "cloud: {deadline: {after: 1 s, since: first_view}}") + BEATS,
        [
            f"17:3: {NO_DEADLINE}",
            "18:41: under heartbeats there may be no first view, and nobody knows it; write 'since: capture'",
        ],
    ),
    "heartbeats that are always late": (
        SMALL.replace("0.8}", "0.8, deadline: 1 s}").replace("cloud: {}", "cloud: {deadline: 1 s}")
        + BEATS.replace("3 s", "1 s"),
        ["20:45: all are suspected: beats come every 1 s; write more, e.g. '3 s'"],
    ),
    "a deadline where nothing is waited for": (
        ALONE.replace("0.8}", "0.8, deadline: 1 s}"),
        ["9:27: the local exit is on the device, and waits for nothing; leave it out"],
    ),
    "retries": (
        SMALL + "recovery: {retries: {attempts: 1000, backoff: 1 s, factor: 2}}\n",
        ["20:60: the last of 999 waits is longer than 146 years; write a smaller factor, or fewer attempts"],
    ),
    "stand-ins": (
        SMALL
        + "recovery: {failover: {cloud: [gate, gate, cloud, camera1, camera, clod], camera1: gate, clod: gate}}\n",
        [
            "20:37: 'gate' is named twice; name another node",
            "20:43: 'cloud' stands in for itself; name another node",
            "20:50: 'camera1' is of tier device, and computes for nobody else; name another node",
            "20:59: 'camera' is a group of 2, and one node is needed; name a member such as 'camera1'",
            "20:67: unknown node 'clod'; did you mean 'cloud'?",
            "20:74: nothing sees in the place of the device 'camera1'; leave it out",
            "20:89: unknown node 'clod'; did you mean 'cloud'?",
        ],
    ),
    "stand-ins apart": (
        GROUPS.replace("  links:\n", "    far: {tier: gateway}\n    hub: {tier: router}\n  links:\n")
        + "recovery: {failover: {edge1: far, edge2: hub, far: edge1}}\n",
        [
            "32:30: 'far' has no way to those that 'edge1' works with; add a link",
            "32:42: 'hub' is of tier router, and computes for nobody else; name another node",
            "32:47: no section and no exit is on 'far'; leave it out",
        ],
    ),
    "policies": (
        SMALL + "policy: [{use: fixed, exit: cloud}, {use: fixed, exit: local}, {use: fixed, exit: local}, "
        "{use: fixed, exit: edge}, {use: 'a:b', exit: local, k: [1]}]\n",
        [
            "20:29: the cloud exit always answers; name an exit below it",
            "20:83: two policies at the exit 'local'; keep one",
            "20:110: unknown exit 'edge'; write 'local'",
            "20:136: two policies at the exit 'local'; keep one",
            "20:146: a list is no parameter; write text, a number, true or false",
        ],
    ),
    "windows": (
        SMALL + "run: {window: 0 s}\n",
        ["20:15: '0 s' is no width of a window; write a longer time, e.g. '1 s'"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_says_where_what_and_what_instead(faults, what):
    text, lines = REFUSED[what]
    assert faults(text) == [f"s.yaml:{line}" for line in lines]


@pytest.mark.parametrize(
    "changes",
    [
        {"faults": {"crash": "camera1"}},
        {"faults": [{}]},
        {"faults": [{"crash": "camera1", "outage": "wan"}]},
        {"faults": [{"crash": "camera1", "at": ["1 s"]}]},
        {"faults": [{"crash": "camera1", "mtbf": "1 s"}]},
        {"faults": [{"crash": "camera1", "after": "1 s"}]},
        {"faults": [{"crash": "camera1", "then": [{"crash": "gate", "from": "1 s"}]}]},
        {"recovery": {"detector": {"period": "1 s"}}},
        {"recovery": {"retries": {"attempts": 1, "backoff": "1 s"}}},
        {"policy": {"exit": "local"}},
        {"run": {"window": 3}},
    ],
    ids=str,
)
def test_the_json_schema_refuses_wrong_files(changes):
    with pytest.raises(jsonschema.ValidationError):
        SCHEMA.validate(small(**changes))


def test_the_examples_of_the_documentation_load():
    text = (QUICKSTART.parents[1] / "docs" / "scenario.md").read_text()
    blocks = [parse_document(block, "docs").data for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)]
    (faults,) = (block for block in blocks if "faults" in block)
    (spare,) = (block for block in blocks if "recovery" in block and "faults" not in block)
    data = parse_document(SMALL.replace("views: 2", "views: 3"), "small").data
    topology = data["topology"]
    topology["regions"] = {"coast": "gate"}
    topology["nodes"] |= spare["nodes"]
    topology["links"]["back"] = {"from": "gate", "to": "spare", "rate": "1 Mbit/s"}
    data |= faults | {"recovery": spare["recovery"]}
    assert [fault.name for fault in load_scenario(data).faults] == [
        "outage-wan", "crash-camera", "storm", "sensor-camera3",
    ]  # fmt: skip


def test_the_documentation_has_every_key():
    text = (QUICKSTART.parents[1] / "docs" / "scenario.md").read_text()
    table = text[text.index("### `faults`") : text.index("### `recovery` and `policy`")]
    keys = {key for name, part in json_schema()["$defs"].items() if name.endswith(("Fault", "Consequence"))
            for key in part["properties"]}  # fmt: skip
    assert len(keys) == 26
    for key in keys:
        assert f"`{key}`" in table, key
