"""Policies: what the built-in ones say, and how users' own are found, checked and told."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd
import pytest

import ddnnsim
from ddnnsim.errors import PolicyError, ResultError, ScenarioError, UserError
from ddnnsim.plot.load import load_data
from ddnnsim.policy import (
    ESCALATE,
    EXIT,
    Escalates,
    Fixed,
    FollowLoad,
    MeetDeadline,
    MostUseful,
    Observation,
    Verdict,
)

MS = 10**6
ROOT = Path(__file__).parents[1]
NUMBERS = ROOT / "scenarios" / "numbers.yaml"
SEEN = Observation(
    exit="local",
    now_ns=1000 * MS,
    captured_ns=900 * MS,
    rule="entropy",
    threshold=0.5,
    entropy=0.7,
    top=0.6,
    margin=0.3,
    entropies={"a": 0.4, "b": 0.1, "c": 0.4, "d": 0.9},
    features_bytes={"a": 100, "b": 100, "c": 150, "d": 100},
    waiting=0,
    serving=0,
    backlog_bytes=0,
    rate_bps=8000.0,
    slack_ns=None,
    escalation_ns=50 * MS,
)
"""The exit is not confident; a byte takes the uplink a millisecond."""


def test_the_fixed_rule_is_that_of_the_exit_or_one_at_another_threshold() -> None:
    assert Fixed().decide(SEEN) == ESCALATE
    assert Fixed(0.8).decide(SEEN) == EXIT
    by_top, by_margin = replace(SEEN, rule="probability"), replace(SEEN, rule="margin")
    assert [Fixed().decide(of) for of in (by_top, by_margin)] == [EXIT, ESCALATE]
    assert [of.uncertainty for of in (SEEN, by_top, by_margin)] == [0.7, 0.4, 0.7]


def test_of_the_views_the_most_certain_go_up() -> None:
    assert MostUseful(2).decide(SEEN) == Escalates(frozenset("ab")), "of equals the first"
    assert MostUseful(9).decide(SEEN) == Escalates(frozenset("abcd"))
    assert MostUseful(1).decide(replace(SEEN, entropy=0.2)) == EXIT
    assert MostUseful(1).decide(replace(SEEN, entropies={})) == ESCALATE, "one at least: nothing is known of any"


def test_nothing_goes_up_that_would_be_late() -> None:
    # 50 ms at least, and before the last of the features 300 bytes of the others: 350 ms.
    on_time, late = replace(SEEN, slack_ns=350 * MS), replace(SEEN, slack_ns=350 * MS - 1)
    assert [MeetDeadline().decide(of) for of in (SEEN, on_time, late)] == [ESCALATE, ESCALATE, EXIT]
    assert MeetDeadline(MS).decide(on_time) == EXIT
    behind = replace(SEEN, slack_ns=450 * MS, backlog_bytes=100)
    assert MeetDeadline().decide(behind) == ESCALATE
    assert MeetDeadline().decide(replace(behind, backlog_bytes=101)) == EXIT
    unmeasured = replace(SEEN, slack_ns=50 * MS, rate_bps=None)
    assert [MeetDeadline().decide(of) for of in (unmeasured, replace(unmeasured, slack_ns=49 * MS))] == [ESCALATE, EXIT]
    assert MeetDeadline().decide(replace(late, entropy=0.2, slack_ns=-1)) == EXIT


def said(policy: FollowLoad, backlog_bytes: int, uncertainties: list[float], **seen: int) -> list[bool]:
    """Return of each request whether it goes up."""
    sights = (replace(SEEN, backlog_bytes=backlog_bytes, entropy=entropy, **seen) for entropy in uncertainties)
    return [policy.decide(sight) == ESCALATE for sight in sights]


def test_up_to_its_target_all_go_up_and_from_twice_that_none() -> None:
    doubtful = [0.5 + k / 200 for k in range(100)]
    for load, share in {0.0: 1.0, 0.99: 1.0, 1.0: 1.0, 2.0: 0.0, 7.0: 0.0}.items():
        up = said(FollowLoad(100 * MS), round(100 * load), doubtful)
        assert sum(up) / len(up) == share, load
    assert not any(said(FollowLoad(100 * MS), 0, [0.1, 0.49]))


@pytest.mark.parametrize("load", [1.1, 1.25, 1.5, 1.9])
def test_between_them_the_least_certain_go_up_in_the_share_that_is_left(load: float) -> None:
    mixed = [0.5 + (37 * k % 101) / 202 for k in range(1, 101)] * 6
    policy = FollowLoad(100 * MS)
    said(policy, 0, mixed)
    up = said(policy, round(100 * load), mixed)
    assert sum(up) / len(up) == pytest.approx(2 - load, abs=0.02)
    assert min(of for of, goes in zip(mixed, up, strict=True) if goes) > (
        max(of for of, goes in zip(mixed, up, strict=True) if not goes) - 0.02
    )


def test_equals_are_in_the_middle_of_each_other_and_old_ones_are_forgotten() -> None:
    policy = FollowLoad(100 * MS)
    assert said(policy, 140, [0.7] * 500) == [True] * 500
    assert said(policy, 160, [0.7] * 500) == [False] * 500
    assert said(policy, 160, [0.9]) == [True]
    said(policy, 0, [0.95] * 200)
    assert said(policy, 160, [0.9]) == [False]


def test_jobs_that_wait_are_a_load_too() -> None:
    doubtful = [0.9] * 3
    assert said(FollowLoad(100 * MS), 0, doubtful, waiting=50) == [True] * 3
    assert said(FollowLoad(100 * MS, jobs_target=10), 0, doubtful, waiting=10) == [True] * 3
    assert said(FollowLoad(100 * MS, jobs_target=10), 0, doubtful, waiting=20) == [False] * 3


def test_where_nothing_has_been_measured_the_rule_holds() -> None:
    sight = replace(SEEN, backlog_bytes=10**9, rate_bps=None)
    assert FollowLoad(MS).decide(sight) == ESCALATE


# -- users' own --------------------------------------------------------------------------------------

OWN = """
from ddnnsim.policy import Escalates, Exits
from beside import LIMIT

class Cautious:
    def __init__(self, limit=LIMIT, loud=False):
        self.limit = limit
        if loud:
            print("made")

    def decide(self, seen):
        return Exits() if seen.entropy < self.limit else Escalates()
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A scenario with a policy in a file of its own, which imports another."""
    (tmp_path / "cautious.py").write_text(OWN)
    (tmp_path / "beside.py").write_text("LIMIT = 1.1\n")
    path, policy = tmp_path / "own.yaml", "policy: {use: 'cautious.py:Cautious', exit: local}"
    path.write_text(NUMBERS.read_text().replace("run: {seed: 1}", f"{policy}\nrun: {{seed: 1}}"))
    return path


def run(path: Path, tmp_path: Path, **more: object) -> ddnnsim.Result:
    return ddnnsim.run(path, out=tmp_path / "results", **{"workload.requests": 50, **more})


def test_a_policy_of_ones_own_stands_beside_the_scenario(own: Path, tmp_path: Path) -> None:
    result = run(own, tmp_path)
    assert result.summary.exits["local"].share == 1
    assert run(own, tmp_path).manifest == result.manifest, "nothing has changed"
    assert {Path(file).name for file in result.manifest["inputs_sha256"]} == {"cautious.py", "beside.py"}
    assert run(result.path / "scenario.yaml", tmp_path / "again").summary == result.summary
    assert run(own, tmp_path, **{"policy.limit": -1}).summary.exits["local"].share == 0
    (own.parent / "beside.py").write_text("LIMIT = -1\n")
    assert run(own, tmp_path).summary.exits["local"].share == 0, "what it imports has changed"


def test_what_a_policy_prints_goes_to_standard_error(own: Path, tmp_path: Path, capsys) -> None:
    run(own, tmp_path, **{"policy.loud": True})
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", "made\n")


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("raise KeyError('k')", r"failed: KeyError: 'k' \(.*cautious\.py:12\)"),
        ("raise SystemExit(0)", r"failed: SystemExit: 0 \(.*cautious\.py:12\)"),
        (
            "class Mute(Exception):\n            __str__ = None\n        raise Mute",
            r"failed: Mute:  \(.*cautious\.py:14\)",
        ),
        ("return True", r"said True at exit 'local'; return ddnnsim\.policy\.Exits\(\) or"),
        ("return Escalates(frozenset())", r"said to escalate with frozenset\(\) at exit 'local'; name at least one"),
        (
            "return Escalates(frozenset({'camera9'}))",
            "name at least one, in a frozenset, of camera1, ",
        ),
        ("return Escalates(['camera1'])", "in a frozenset"),
    ],
)
def test_what_a_policy_gets_wrong_is_told(own: Path, tmp_path: Path, code: str, told: str) -> None:
    file = own.parent / "cautious.py"
    file.write_text(OWN[: OWN.index("return Exits() if")] + code + "\n")
    with pytest.raises(PolicyError, match=told):
        run(own, tmp_path)
    with pytest.raises(PolicyError, match=told):  # by the clock of troubled runs, too
        run(own, tmp_path, faults=[{"crash": "camera1", "from": "1 h"}])


@pytest.mark.parametrize(
    ("use", "told"),
    [
        ("missing.py:X", r"missing\.py: no such file"),
        ("cautious.py:Missing", r"cautious\.py has no policy 'Missing'"),
        ("cautious.py:LIMIT", r"cautious\.py has no policy 'LIMIT'"),
        ("no_such_package.policies:X", "no_such_package.policies cannot be imported"),
        ("pathlib:Path", "has no method 'decide'"),
        ("objects:p0", "given as an object: give it again"),
    ],
)
def test_a_policy_that_is_not_there_is_told(own: Path, tmp_path: Path, use: str, told: str) -> None:
    own.write_text(own.read_text().replace("cautious.py:Cautious", use))
    with pytest.raises(PolicyError, match=told):
        run(own, tmp_path)


def test_parameters_that_a_policy_does_not_take_are_told(own: Path, tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="cannot be called: got an unexpected keyword argument 'limits'"):
        run(own, tmp_path, **{"policy.limits": 1})


@dataclass
class Alternating:
    """Answers every other request."""

    turn: int = 0

    def decide(self, seen: Observation) -> Verdict:
        self.turn += 1
        return EXIT if self.turn % 2 else ESCALATE


def test_a_policy_may_be_given_as_a_class_or_an_object(tmp_path: Path) -> None:
    odd, even = Alternating(), Alternating(1)
    for policy in (Alternating, odd, even):
        result = run(NUMBERS, tmp_path, policy=policy)
        assert result.summary.exits["local"].share == 0.5
        first = result.requests.iloc[0]["exit"]
        assert first == ("cloud" if policy is even else "local")
    assert (odd.turn, even.turn) == (0, 1), "it was copied"
    assert len(list((tmp_path / "results").iterdir())) == 3, "other objects have other names"
    with pytest.raises(PolicyError, match="given as an object"):
        run(result.path / "scenario.yaml", tmp_path / "again")


def test_a_result_with_an_object_is_made_anew(tmp_path: Path) -> None:
    class Counted:
        made = 0

        def __init__(self) -> None:
            Counted.made += 1

        def decide(self, seen: Observation) -> Verdict:
            return EXIT

    for made in (1, 2):
        run(NUMBERS, tmp_path, policy=Counted)
        assert Counted.made == made


def test_a_policy_as_a_file_has_it_is_an_override(tmp_path: Path) -> None:
    plain = run(NUMBERS, tmp_path)
    follows = run(NUMBERS, tmp_path, policy={"use": "follow_load", "exit": "local", "queue_target": "1 ms"})
    assert follows.scenario.policy[0].queue_target_ns == MS
    assert follows.summary.exits["local"].share >= plain.summary.exits["local"].share
    with pytest.raises(ScenarioError, match="did you mean 'queue_target'"):
        run(NUMBERS, tmp_path, policy={"use": "follow_load", "exit": "local", "queue_targt": "1 ms"})


def test_a_policy_needs_an_exit_below_the_last(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no exit below the last"):
        ddnnsim.run(
            NUMBERS.parent / "configurations" / "a.yaml", out=tmp_path, policy=Fixed, **{"workload.requests": 1}
        )


# -- what they are worth -----------------------------------------------------------------------------


def sweep(rates: tuple[int, ...], tmp_path: Path, requests: int) -> pd.DataFrame:
    """Return the data of the figure for *rates*, drawn from saved results by the script."""
    results = [
        ddnnsim.run(
            ROOT / "scenarios" / "load.yaml",
            out=tmp_path / "results",
            **{"workload.rate": f"{rate} /s", "policy.use": use, "workload.requests": requests},
        )
        for rate in rates
        for use in ("fixed", "follow_load")
    ]
    words = [sys.executable, str(ROOT / "plots" / "load.py"), *(str(result.path) for result in results)]
    subprocess.run([*words, "--out", str(tmp_path / "load.pdf")], check=True, timeout=120)
    assert (tmp_path / "load.pdf").read_bytes().startswith(b"%PDF")
    return pd.read_csv(tmp_path / "load.csv")


def check_that_it_pays(drawn: pd.DataFrame) -> None:
    fixed, follows = (drawn[drawn["policy"] == use].set_index("load") for use in ("fixed", "follow_load"))
    ratio = follows["latency_p95_ms"] / fixed["latency_p95_ms"]
    assert (ratio <= 1.05).all()
    assert (ratio[ratio.index >= 0.99] <= 0.5).all()
    near_full = abs(follows.index - 1) < 0.02
    assert (fixed["accuracy"] - follows["accuracy"])[near_full].tolist() == [pytest.approx(0, abs=0.02)]


def test_to_follow_the_load_pays(quick, tmp_path: Path) -> None:
    drawn = sweep((14, 46, 60), tmp_path, 1000)
    assert drawn["load"].unique() == pytest.approx([0.3, 1.0, 1.3], abs=0.02)
    check_that_it_pays(drawn)


@pytest.mark.slow
def test_to_follow_the_load_pays_from_0_3_to_1_3_of_the_uplink(quick, tmp_path: Path) -> None:
    drawn = sweep((14, 18, 23, 27, 32, 37, 41, 46, 50, 55, 60), tmp_path, 4000)
    assert (drawn["load"].min(), drawn["load"].max()) == pytest.approx((0.3, 1.3), abs=0.02)
    check_that_it_pays(drawn)


def test_results_that_cannot_be_compared_are_told(tmp_path: Path) -> None:
    both = [run(NUMBERS, tmp_path, policy={"use": use, "exit": "local"}) for use in ("fixed", "follow_load")]
    other = run(NUMBERS, tmp_path, **{"workload.rate": "7 /s", "policy": {"use": "follow_load", "exit": "local"}})
    assert load_data(both)["policy"].tolist() == ["fixed", "follow_load"]
    with pytest.raises(ResultError, match="no result with the fixed threshold to compare with"):
        load_data(both[1:])
    with pytest.raises(ResultError, match=r"at a rate of 7 /s; add it"):
        load_data([*both, other])


def test_the_policy_of_the_documentation_works(tmp_path: Path) -> None:
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "policies.md").read_text(), flags=re.DOTALL)
    (tmp_path / "thrifty.py").write_text(blocks[-1])
    thrifty = {"use": str(tmp_path / "thrifty.py") + ":Thrifty", "exit": "local", "views": 3}
    result = run(NUMBERS, tmp_path, policy=thrifty, **{"run.record": "messages"})
    orders = pd.read_parquet(result.path / "messages.parquet")
    told = orders[(orders["kind"] == "control") & orders["section"].notna()].groupby("request").size()
    assert set(told) == {3}
