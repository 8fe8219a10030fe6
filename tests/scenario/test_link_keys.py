"""Links and nodes in files: every key there and back, presets, and what is refused, where and with what instead."""

from __future__ import annotations

import copy
import json
import pickle
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_drawn import SAID as DRAWN
from texts import QUICKSTART, SMALL

from ddnnsim.scenario import PRESETS, Queue, dump, json_schema, load_scenario, scenario_hash
from ddnnsim.scenario.document import parse_document

SMALL_DATA = parse_document(SMALL, "small").data
SCHEMA = json_schema()
VALIDATOR = jsonschema.validators.validator_for(SCHEMA)(SCHEMA)
MS = 10**6
SCENARIOS = Path(__file__).parents[2] / "scenarios"
CLOUD = "cloud: {tier: cloud}"


def wan(**keys):
    """Return the link of the small scenario with *keys* instead of its rate and delay."""
    data = copy.deepcopy(SMALL_DATA)
    data["topology"]["links"]["wan"] = {"from": "gate", "to": "cloud", **keys}
    return load_scenario(data).topology.links["wan"]


def cloud(**keys):
    """Return the small scenario's cloud with *keys*."""
    data = copy.deepcopy(SMALL_DATA)
    data["topology"]["nodes"]["cloud"] |= keys
    return load_scenario(data).topology.nodes["cloud"]


def test_up_is_from_from_to_to():
    link = wan(rate={"up": "1 Mbit/s", "down": "2 Mbit/s"}, delay="3 ms")
    assert (link.rates.up, link.rates.down) == (10**6, 2 * 10**6)
    assert (link.delays.up, link.delays.down) == (3 * MS, 3 * MS)
    data = copy.deepcopy(SMALL_DATA)
    data["topology"]["links"]["wan"]["rate"] = {"up": "1 Mbit/s", "down": "2 Mbit/s"}
    directed = {d.name: d.rate_bps for d in load_scenario(data).topology.directed_links()}
    assert directed["gate>cloud"] == 10**6
    assert directed["cloud>gate"] == 2 * 10**6


def test_loss_of_bursts_has_their_mean_and_length():
    loss = wan(rate="1 Mbit/s", loss={"mean": "20 %", "burst": 4}).loss.up
    assert (loss.good, loss.bad, loss.to_good) == (0, 1, 0.25)
    assert loss.to_bad / (loss.to_bad + loss.to_good) == pytest.approx(0.2)
    assert wan(rate="1 Mbit/s", loss={"mean": 0, "burst": 4}) == wan(rate="1 Mbit/s", loss=0)


def test_a_queue_is_limited_in_messages_or_in_bytes():
    assert wan(rate="1 Mbit/s", queue=10).queue == Queue(10, None)
    assert wan(rate="1 Mbit/s", queue=0).queue == Queue(0, None)
    assert wan(rate="1 Mbit/s", queue="64 KiB").queue == Queue(None, 65536)


def test_a_step_may_pause_a_link():
    link = wan(rate="1 Mbit/s", steps=[{"at": "1 s", "rate": {"up": "0 bit/s", "down": "5 kbit/s"}}], repeat="2 s")
    (step,) = link.steps
    assert (step.at_ns, step.rates.up, step.rates.down, step.delays) == (10**9, 0, 5000, None)
    assert link.repeat_ns == 2 * 10**9


def test_power_is_in_whole_femtojoules_and_microwatts():
    node = cloud(power={"idle": "2 W", "compute": "1.5 mW", "send": "0.2 uJ/B", "receive": "7 fJ/B"}, battery="1 Wh")
    assert dict(node.power) == {
        "idle_uw": 2_000_000, "compute_uw": 1500, "send_fj_per_byte": 200_000_000, "receive_fj_per_byte": 7,
    }  # fmt: skip
    assert node.battery_fj == 3600 * 10**15
    assert cloud(power={}, battery="10 kJ").battery_fj == 10**19  # more than fits into 64 bits


def test_speed_ups_are_exact():
    assert cloud(batch={"max": 8, "speed_up": {8: 4, 2: 1.9}}).batch.speed_up[0][1] * 10 == 19
    assert [size for size, _ in cloud(batch={"max": 8, "speed_up": {"8": 4, "2": 1.9}}).batch.speed_up] == [2, 8]


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_a_whole_link_with_a_source(name):
    data = copy.deepcopy(SMALL_DATA)
    data["topology"]["links"]["wan"] = {"from": "gate", "to": "cloud", "preset": name}
    jsonschema.validate(data, SCHEMA)
    scenario = load_scenario(data)
    assert "preset" not in dump(scenario)
    assert load_scenario(parse_document(dump(scenario), "dump").data) == scenario
    written = copy.deepcopy(SMALL_DATA)
    written["topology"]["links"]["wan"] = {"from": "gate", "to": "cloud", **PRESETS[name].values}
    assert scenario_hash(load_scenario(written)) == scenario_hash(scenario)
    assert len(PRESETS[name].source) > 20
    assert scenario.topology.links["wan"].mtu_bytes is not None
    assert any(word in PRESETS[name].source for word in ("sec.", "table", "abstract")), "where in the source"


def cell(value):
    """Return *value* as the table of presets in the documentation has it."""
    if isinstance(value, dict):
        return ", ".join(f"{key} {cell(item)}" for key, item in value.items())
    return "-" if value is None else " to ".join(value) if isinstance(value, list) else value


def test_the_documentation_has_every_preset():
    text = (QUICKSTART.parents[1] / "docs" / "scenario.md").read_text()
    for name, preset in PRESETS.items():
        keys = ("rate", "delay", "jitter", "mtu", "header", "overhead", "medium")
        assert set(preset.values) <= set(keys)
        values = " | ".join(cell(preset.values.get(key)) for key in keys)
        assert f"| `{name}` | {values} | {preset.source} |" in text


def test_what_a_link_says_itself_wins_over_its_preset():
    plain, own = wan(preset="lte"), wan(preset="lte", rate="1 Mbit/s", mtu=None, loss="1 %")
    assert (plain.rates.up, plain.rates.down) == (6 * 10**6, 13 * 10**6)
    assert (own.rates.up, own.rates.down) == (10**6, 10**6)
    assert (own.delays, own.mtu_bytes, own.loss.up.good) == (plain.delays, None, 0.01)
    assert wan(preset="lte", trace={"file": "a.csv"}).rates is None


def test_a_trace_is_looked_for_from_the_scenarios_folder(tmp_path):
    traces = "trace: {up: {file: a.csv}, down: {file: /b.csv, cyclic: true}}"
    (tmp_path / "s.yaml").write_text(SMALL.replace("rate: 10 Mbit/s", traces))
    trace = load_scenario(tmp_path / "s.yaml").topology.links["wan"].trace
    assert trace.up.file == str(tmp_path / "a.csv")
    assert (trace.down.file, trace.down.cyclic) == ("/b.csv", True)


ATTEMPTS = "'attempts' has no place under fair sharing, where all is under way at once"
QUEUED = "'queue' has no place under fair sharing, where all is under way at once"
OVER = "'overhead' has no place under fair sharing, where all is under way at once"
ONE_BATCH = "'1' is not the size of a batch; write a number from 2, as in {8: 4}"


@pytest.mark.parametrize("source", [SMALL_DATA, load_scenario(SMALL_DATA)], ids=["given", "resolved"])
def test_to_set_a_trace_is_to_drop_the_rate_and_the_other_way_round(source):
    traced = load_scenario(source, settings=["topology.links.wan.trace={file: a.csv}"])
    assert traced.topology.links["wan"].rates is None
    again = load_scenario(traced, {"topology.links.wan.rate": "10 Mbit/s"})
    assert again == load_scenario(SMALL_DATA)


# What to change in the small scenario, with a § at each place of a fault, and what is told there.
REFUSED = [
    (
        "wan: {from: gate, to: cloud, rate: 10 Mbit/s, ",
        "§wan: {from: gate, to: cloud, ",
        ["'rate' is missing; write e.g. 'rate: 10 Mbit/s'"],
    ),
    ("rate: 10 Mbit/s", "preset: §wify", ["'wify' is no preset; did you mean 'wifi'?"]),
    ("rate: 10 Mbit/s", "preset: §5", [f"5 is no preset; known: {', '.join(PRESETS)}"]),
    (
        "rate: 10 Mbit/s",
        "rate: {up: §10 MB/s, down: §5}",
        [
            "'10 MB/s' is not a data rate; write e.g. '10 Mbit/s'",
            "5 has no unit, and a data rate needs one; write e.g. '5 Mbit/s'",
        ],
    ),
    ("rate: 10 Mbit/s", "rate: §10 MB/s", ["'10 MB/s' is not a data rate; write e.g. '10 Mbit/s'"]),
    ("rate: 10 Mbit/s", "§rate: {up: 1 Mbit/s}", ["'down' is missing; write e.g. 'down: 10 Mbit/s'"]),
    (
        "rate: 10 Mbit/s",
        "§rate: {up: 1 Mbit/s, §donw: 1 Mbit/s}",
        ["'down' is missing; write e.g. 'down: 10 Mbit/s'", "unknown key 'donw'; did you mean 'down'?"],
    ),
    ("rate: 10 Mbit/s", "rate: §0 bit/s", ["'0 bit/s' is less than 1 bit/s; write e.g. '10 Mbit/s'"]),
    ("delay: 20 ms", "loss: §2", ["2 lies outside 0 to 1; write e.g. 0.8 or '80 %'"]),
    (
        "delay: 20 ms",
        "loss: {up: §101 %, down: {good: 0, bad: §2, to_bad: 0.1, to_good: 1}}",
        ["'101 %' lies outside 0 to 1; write e.g. 0.8 or '80 %'", "2 lies outside 0 to 1; write e.g. 0.8 or '80 %'"],
    ),
    (
        "delay: 20 ms",
        "loss: §{good: 0, bad: 1, to_bad: 0, to_good: 0 %}",
        ["a link that never changes its state; write one share, e.g. 'loss: 2 %'"],
    ),
    ("delay: 20 ms", "§loss: {good: 0, bad: 1, to_bad: 0.5}", ["'to_good' is missing"]),
    (
        "delay: 20 ms",
        "loss: §{mean: 2 %}",
        ["loss has mean, where a mean goes with a burst; write e.g. {mean: 2 %, burst: 4}"],
    ),
    (
        "delay: 20 ms",
        "loss: §{mean: 2 %, burst: 0.5}",
        ["0.5 is not the mean length of a burst; write a number of messages, e.g. 4"],
    ),
    (
        "delay: 20 ms",
        "loss: §{mean: 90 %, burst: 4}",
        [
            "bursts of 4 leave no room for so little between them that 0.9 is lost; "
            "write a mean of at most 0.8, or a longer burst"
        ],
    ),
    ("delay: 20 ms", "jitter: §{exponential: 5}", ["5 has no unit, and a duration needs one; write e.g. '5 ms'"]),
    ("delay: 20 ms", "attempts: §0", ["0 is less than 1; write at least 1"]),
    ("delay: 20 ms", "queue: §-1", ["-1 is negative; write how many messages may wait, e.g. 10"]),
    (
        "delay: 20 ms",
        "queue: §1.5",
        ["1.5 is not a limit of a queue; write e.g. '64 KiB', or 10 for as many messages"],
    ),
    ("delay: 20 ms", "queue: §64 KB", ["'64 KB' is not a size; write e.g. '64 kB'"]),
    ("delay: 20 ms", "mtu: §0 B", ["'0 B' is less than 1 B; write e.g. '16 B'"]),
    ("delay: 20 ms", "header: §8", ["8 has no unit, and a size needs one; write e.g. '8 B'"]),
    ("delay: 20 ms", "medium: §radio", ["'radio' is not known here; write dedicated or shared"]),
    (
        "delay: 20 ms",
        "sharing: fair, §attempts: 3, §queue: 10, §overhead: 5 us",
        [
            f"{ATTEMPTS}; leave it out, or 'wan' as 'sharing: fifo'",
            f"{QUEUED}; leave it out, or 'wan' as 'sharing: fifo'",
            f"{OVER}; write 'overhead: 0 us', or 'wan' as 'sharing: fifo'",
        ],
    ),
    ("delay: 20 ms", "§trace: {file: a.csv}", ["'trace' and 'rate' say the same thing; keep one"]),
    ("rate: 10 Mbit/s", "§trace: {cyclic: true}", ["'file' is missing"]),
    ("rate: 10 Mbit/s", "trace: {file: §''}", ["a path without a name; write where the file is"]),
    ("rate: 10 Mbit/s", "trace: {file: a.csv, §cylic: 1}", ["unknown key 'cylic'; did you mean 'cyclic'?"]),
    (
        "rate: 10 Mbit/s",
        "trace: {file: a.csv}, steps: [{at: 1 s, §rate: 1 Mbit/s}]",
        ["'trace' tells the rates of this link; leave 'rate' out of its steps"],
    ),
    (
        "delay: 20 ms",
        "§repeat: 5 s",
        ["there are no steps to repeat; write e.g. 'steps: [{at: 10 s, rate: 1 Mbit/s}]'"],
    ),
    ("delay: 20 ms", "steps: §[]", ["an empty list; write at least one, e.g. [{at: 10 s, rate: 1 Mbit/s}]"]),
    (
        "delay: 20 ms",
        "steps: [{at: §0 s, delay: 1 ms}, {at: 2 s, delay: 2 ms}, {at: §2 s, rate: 1 kbit/s}, §{at: 9 s}, "
        "§{rate: 1 bit/s}], repeat: §9 s",
        [
            "a step at the start; write it as the link's own rate and delay",
            "a step at 2 s, after one at 2 s; write steps in the order of their times",
            "a step that changes nothing; give it a 'rate' or a 'delay'",
            "'at' is missing; write e.g. 'at: 20 ms'",
            "the steps start again at 9 s, and the last is at 9 s; write a later time",
        ],
    ),
    (
        CLOUD,
        "cloud: {tier: cloud, §battery: 10 kJ}",
        ["'cloud' has a battery that nothing drains; give 'power', too, e.g. 'power: {idle: 2 W}'"],
    ),
    (
        CLOUD,
        "cloud: {tier: cloud, power: {idle: §2 J, send: §1 uJ}}",
        ["'2 J' is not a power; write e.g. '2 W'", "'1 uJ' is not an energy per byte; write e.g. '1 uJ/B'"],
    ),
    (CLOUD, "cloud: {tier: cloud, power: {}, battery: §0 J}", ["'0 J' is less than 1 fJ; write e.g. '10 kJ'"]),
    (CLOUD, "cloud: {tier: cloud, §batch: {wait: 5 ms}}", ["'max' is missing"]),
    (
        CLOUD,
        "cloud: {tier: cloud, batch: {max: 4, speed_up: {§8: 4}}}",
        ["a speed-up of batches of 8, and 'max' is 4; leave it out"],
    ),
    (CLOUD, "cloud: {tier: cloud, batch: {max: 4, speed_up: §{1: 4}}}", [ONE_BATCH]),
    (
        CLOUD,
        "cloud: {tier: cloud, batch: {max: 4, speed_up: §{2: 0}}}",
        ["0 is not a speed-up; write a number above 0, as in {8: 4}"],
    ),
    (CLOUD, "cloud: {tier: cloud, queue: §-1}", ["-1 is less than 0; write at least 0"]),
    (
        "{tier: gateway}",
        "{tier: router}",
        ["'gate' is a router, which only forwards; write 'tier: gateway', or place the exit elsewhere"],
    ),
    (
        "topology:\n",
        "topology:\n  routing: §fastest\n  forwarding: §packets\n",
        [
            "'fastest' is not known here; write delay, hops or transfer",
            "'packets' is not known here; did you mean 'packet'?",
        ],
    ),
    (
        "wan: {from: gate, to: cloud, rate: 10 ",
        "up: {from: gate, to: cloud, rate: §10 M",
        ["'10 MMbit/s' is not a data rate; write e.g. '10 Mbit/s'"],
    ),
]


@pytest.mark.parametrize(("before", "after", "told"), REFUSED, ids=[after[:40] for _, after, _ in REFUSED])
def test_says_where_what_and_what_instead(faults, before, after, told):
    assert before in SMALL
    if "router" in after:
        marked = SMALL.replace(before, after).replace("at: gate", "at: §gate")
    else:
        marked = SMALL.replace(before, after, 1)
    places = []
    for number, line in enumerate(marked.splitlines(), start=1):
        *before_marks, _ = line.split("§")
        columns = [sum(map(len, before_marks[: index + 1])) + 1 for index in range(len(before_marks))]
        places += [f"s.yaml:{number}:{column}" for column in columns]
    assert faults(marked.replace("§", "")) == [f"{place}: {what}" for place, what in zip(places, told, strict=True)]


def test_fair_sharing_has_no_packets(faults):
    text = SMALL.replace("topology:\n", "topology:\n  forwarding: packet\n").replace("20 ms}", "20 ms, sharing: fair}")
    (line,) = faults(text)
    assert line.startswith("s.yaml:16:")
    assert line.endswith("fair sharing with 'forwarding: packet'; write 'sharing: fifo', or 'forwarding: message'")


def both(values):
    return values | st.fixed_dictionaries({"up": values, "down": values})


RATES = st.builds("{} {}".format, st.integers(1, 10**6), st.sampled_from(["bit/s", "kbit/s", "Gbit/s"]))
PAUSES = RATES | st.just("0 bit/s")
DELAYS = st.builds("{} {}".format, st.integers(0, 10**4), st.sampled_from(["ns", "us", "ms", "s", "min"]))
SIZES = st.builds("{} {}".format, st.integers(1, 10**4), st.sampled_from(["B", "kB", "KiB"]))
SHARES = st.floats(0, 1) | st.builds("{} %".format, st.integers(0, 100))
SOME = st.floats(0.001, 1)
LOSSES = st.one_of(
    SHARES,
    st.fixed_dictionaries({"mean": st.floats(0, 0.5), "burst": st.floats(1, 100)}),
    st.fixed_dictionaries({"good": SHARES, "bad": SHARES, "to_bad": SOME, "to_good": SHARES}),
)
STEPS = st.lists(
    st.tuples(st.integers(1, 10**9), both(PAUSES), st.none() | both(DELAYS)),
    min_size=1,
    max_size=3,
    unique_by=lambda s: s[0],
).map(
    lambda steps: [
        {"at": f"{at} ns", "rate": rate, "delay": delay} for at, rate, delay in sorted(steps, key=lambda s: s[0])
    ]
)
LINKS = st.fixed_dictionaries(
    {"rate": both(RATES)},
    optional={
        "delay": both(DELAYS),
        "steps": STEPS,
        "jitter": both(DRAWN),
        "loss": both(LOSSES),
        "attempts": st.integers(1, 9),
        "queue": st.integers(0, 99) | SIZES,
        "mtu": SIZES,
        "header": SIZES,
        "overhead": DELAYS,
        "medium": st.sampled_from(["dedicated", "shared"]),
    },
)
POWERS = st.builds("{} {}".format, st.integers(0, 10**6), st.sampled_from(["uW", "mW", "W"]))
BYTE_ENERGIES = st.builds("{} {}".format, st.integers(0, 10**6), st.sampled_from(["fJ/B", "nJ/B", "uJ/B"]))
SPEED_UPS = st.dictionaries(st.integers(2, 9).map(str), st.integers(1, 9) | st.floats(0.01, 99), min_size=1)
NODES = st.fixed_dictionaries(
    {},
    optional={
        "queue": st.integers(0, 99),
        "batch": st.fixed_dictionaries({"max": st.integers(9, 99)}, optional={"wait": DELAYS, "speed_up": SPEED_UPS}),
        "power": st.fixed_dictionaries(
            {}, optional={"idle": POWERS, "compute": POWERS, "send": BYTE_ENERGIES, "receive": BYTE_ENERGIES}
        ),
    },
)


@given(link=LINKS, node=NODES)
@settings(max_examples=60)
def test_what_is_dumped_loads_as_the_same_scenario(link, node):
    data = json.loads(json.dumps(SMALL_DATA))
    data["topology"]["links"]["wan"] = {"from": "gate", "to": "cloud", **link}
    data["topology"]["nodes"]["cloud"] |= node
    scenario = load_scenario(data)
    written = parse_document(dump(scenario), "dump").data
    again = load_scenario(written)
    assert again == scenario
    assert scenario_hash(again) == scenario_hash(scenario)
    VALIDATOR.validate(written)


def test_a_scenario_can_be_handed_to_another_process():
    scenario = load_scenario(SCENARIOS / "shared_cell.yaml")
    assert pickle.loads(pickle.dumps(scenario)) == scenario
