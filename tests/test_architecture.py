"""The arrows of the architecture: who may import whom, and what a light command may load."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import ddnnsim

PACKAGE = Path(ddnnsim.__file__).parent
EVERYONE = {"errors", "seeds"}
"""May be imported by all; they import nothing of the package."""
ALLOWED: dict[str, set[str]] = {
    "errors": set(),
    "seeds": set(),
    "inputs": set(),
    "provenance": set(),
    "progress": set(),
    "workers": set(),
    "statistics": set(),
    "scenario": {"routing"},
    "dijkstra": set(),
    "routing": {"dijkstra"},
    "topology": {"scenario", "deployment", "routing"},
    "network": {"scenario"},
    "profile": {"network", "scenario"},
    "oracle": set(),
    "numbers": {"scenario", "network", "profile", "oracle"},
    "placement": {"network", "numbers", "profile", "scenario"},
    "dnn": {"scenario", "network", "profile", "oracle", "inputs", "guest"},
    "distribution": set(),
    "durations": {"scenario", "distribution"},
    "faults": {"distribution"},
    "recovery": {"distribution"},
    "deployment": {"distribution", "faults", "recovery", "routing"},
    "messages": {"deployment", "recovery"},
    "escalations": {"deployment", "distribution", "routing"},
    "timetable": set(),
    "arrivals": {"scenario", "durations", "timetable"},
    "captures": {"scenario", "deployment", "durations", "timetable", "arrivals"},
    "hardware": {"scenario", "deployment", "distribution", "durations"},
    "services": {"scenario", "network", "profile", "distribution", "durations"},
    "mishaps": {"scenario", "faults", "durations"},
    "remedies": {"scenario", "deployment", "recovery"},
    "plan": {
        "scenario", "network", "topology", "profile", "placement", "deployment", "captures", "hardware", "services",
        "escalations", "messages", "mishaps", "remedies", "distribution", "durations", "faults", "recovery",
    },
    "trace": {"oracle"},
    "guest": set(),
    "policy": {"guest", "oracle", "recovery"},
    "sim": {"deployment", "distribution", "faults", "recovery", "oracle", "policy", "routing", "trace"},
    "story": {"trace"},
    "metrics": {"trace", "statistics"},
    "results": {"scenario", "trace", "metrics", "statistics"},
    "sources": {
        "provenance",
        "scenario", "network", "profile", "numbers", "dnn", "topology", "inputs", "progress", "results", "guest",
        "policy",
    },
    "rollout": {
        "scenario", "network", "placement", "profile", "plan", "topology", "deployment", "dnn", "numbers", "services",
        "sources",
    },
    "search": set(),
    "trials": {
        "scenario", "placement", "policy", "recovery", "rollout", "search", "sim", "metrics", "trace", "deployment",
        "dnn", "numbers", "progress",
    },
    "timeline": {"trace", "story"},
    "explanation": {"story", "trace"},
    "calibration": {"scenario", "oracle"},
    "excerpt": {"deployment"},
    "probe": {
        "calibration", "deployment", "distribution", "excerpt", "recovery", "oracle", "sim", "metrics", "trace",
    },
    "overview": {
        "scenario", "network", "placement", "profile", "probe", "rollout", "sources", "story", "deployment", "dnn",
        "numbers", "trace",
    },
    "vocabulary": {"scenario"},
    "plot": {"results", "metrics", "calibration", "curves", "vocabulary", "overview", "topology"},
    "report": {
        "results", "metrics", "calibration", "overview", "statistics", "trials", "search", "curves", "vocabulary",
        "comparison", "reproduction",
    },
}  # fmt: skip
ALLOWED["experiment"] = set(ALLOWED) - {
    "plot", "report", "calibration", "overview", "excerpt", "probe", "workers", "vocabulary",
}  # fmt: skip
ALLOWED["tuning"] = {
    "experiment", "rollout", "sources", "progress", "scenario", "network", "dnn", "oracle", "calibration", "probe",
}  # fmt: skip
ALLOWED["paper"] = {
    "experiment", "tuning", "progress", "scenario", "network", "dnn", "oracle", "calibration", "metrics", "results",
    "plot", "workers",
}  # fmt: skip
ALLOWED["sweeps"] = {
    "experiment", "inputs", "rollout", "sources", "progress", "provenance", "scenario", "metrics", "results", "network",
    "oracle", "workers", "statistics",
}  # fmt: skip
ALLOWED["resilience"] = {
    "experiment", "progress", "provenance", "scenario", "metrics", "results", "plot", "statistics", "sweeps",
}  # fmt: skip
ALLOWED["curves"] = {"results", "scenario", "statistics", "sweeps", "vocabulary"}
ALLOWED["comparison"] = {"curves", "experiment", "scenario", "statistics"}
ALLOWED["reproduction"] = {"experiment", "rollout", "sweeps", "inputs", "progress", "results", "services"}
ALLOWED["cli"] = set(ALLOWED)
ALLOWED["__main__"] = {"cli"}
ALLOWED["__init__"] = set(ALLOWED)
ONLY_USER = {
    "yaml": "scenario", "networkx": "topology", "topohub": "topology",
    "torch": "dnn", "PIL": "dnn", "matplotlib": "plot", "simpy": "sim", "distributed": "sweeps",
}  # fmt: skip
"""Which part alone may import a package."""


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """Yield each module that *path* imports at run time, relative ones resolved, with its line."""
    parents = path.relative_to(PACKAGE.parent).with_suffix("").parts
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for_types = {
        id(node)
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and "TYPE_CHECKING" in ast.unparse(block.test)
        for node in ast.walk(block)
    }
    for node in ast.walk(tree):
        third_party_type = id(node) in for_types
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(parents[: -node.level]) + "." if node.level else ""
            module = (base + (node.module or "")).rstrip(".")
            names = [f"{module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            if not third_party_type or name.startswith("ddnnsim"):  # a type from outside costs nothing
                yield name, node.lineno


def part_of(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


MODULES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_follow_the_table(path: Path) -> None:
    part = part_of(path)
    for name, line in imports(path):
        first, *rest = name.split(".")
        if first == "ddnnsim" and rest:
            assert rest[0] in ALLOWED[part] | EVERYONE | {part}, f"{path.name}:{line} imports {name}"
        assert ONLY_USER.get(first, part) == part, f"{path.name}:{line} imports {name}"


def test_the_table_has_no_cycle() -> None:
    done: set[str] = set()
    while todo := {part for part in ALLOWED if part not in done}:
        free = {part for part in todo if ALLOWED[part] <= done}
        assert free, f"a cycle among {sorted(todo)}"
        done |= free


def test_only_the_command_line_prints() -> None:
    for path in MODULES:
        calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
        prints = [node.lineno for node in calls if isinstance(node.func, ast.Name) and node.func.id == "print"]
        assert not prints or part_of(path) == "cli", f"{path.name}:{prints}"


HEAVY = ("torch", "networkx", "pandas", "scipy", "matplotlib", "sklearn", "simpy", "pyarrow", "PIL")


@pytest.mark.parametrize(
    "words", [["--help"], ["validate", "scenarios/quickstart.yaml"], ["schema"]], ids=lambda w: w[0]
)
def test_light_commands_load_nothing_heavy(words: list[str]) -> None:
    code = f"""
import sys
from ddnnsim.cli import main
sys.argv = ["ddnnsim", *{words!r}]
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
heavy = sorted(set({HEAVY!r}) & set(sys.modules))
assert not heavy, heavy
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=PACKAGE.parent,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
