"""The studies: each table and figure of the paper, the configurations side by side, and the baselines."""

from __future__ import annotations

from collections.abc import Iterator

from ddnnsim.errors import UserError
from ddnnsim.paper.measures import dead_cameras, individual, presence, simulated
from ddnnsim.paper.study import Case, Point, Study
from ddnnsim.paper.values import FIG_9_FILTERS, SEEN_AS, TABLE_1, TABLE_2
from ddnnsim.scenario.wording import did_you_mean

T = 0.8
"""The threshold of the paper's figures."""
CAMERAS = range(1, 7)
CONFIGURATIONS = "abcdef"
ENCODINGS = {
    "cloud only, raw": {"format": "raw"},
    "cloud only, PNG": {"format": "png"},
    "cloud only, JPEG 90": {"format": "jpeg", "quality": 90},
    "cloud only, JPEG 50": {"format": "jpeg", "quality": 50},
}

EXITS = ("local_accuracy", "cloud_accuracy")
BOTH = (*EXITS, "overall_accuracy")
TRAFFIC = ("local_share", "overall_accuracy", "bytes")
SEEN = tuple(f"{name}_share" for name in SEEN_AS)
ALONE = "individual_accuracy"
COSTS = ("overall_accuracy", "local_share", "edge_share", "bytes", "latency_ms", "latency_p95_ms")


def studies() -> tuple[Study, ...]:
    """Return all studies, in the order of the paper."""
    return (
        Study("table1", "Table I: schemes of merging", "scheme", EXITS, tuple(_schemes())),
        Study("table2", "Table II and Fig. 7: the threshold of the local exit", "T", TRAFFIC, (_thresholds(),)),
        Study("fig6", "Fig. 6: what each camera sees", "camera", SEEN, (_presence(),)),
        Study("fig8", "Fig. 8: devices added from the worst to the best", "devices", (ALONE, *BOTH), tuple(_devices())),
        Study("fig9", "Fig. 9: larger sections on the devices", "filters", (*BOTH, "bytes"), tuple(_filters())),
        Study("fig10", "Fig. 10: one camera failed", "camera", (*BOTH, "local_share"), tuple(_failures())),
        Study(
            "hierarchy", "Configurations (a) to (f) on one hierarchy", "configuration", COSTS, tuple(_configurations())
        ),
        Study("baselines", "Baselines", "T", COSTS, tuple(_baselines())),
    )


def studies_named(names: str | None) -> tuple[Study, ...]:
    """Return the studies that *names*, with commas between, tells, in the order of the paper; all of None."""
    known = {study.name: study for study in studies()}
    wanted = list(known) if names is None else [name.strip() for name in names.split(",")]
    for name in wanted:
        if name not in known:
            raise UserError(f"no study {name!r}; {did_you_mean(name, known)}")
    return tuple(study for name, study in known.items() if name in wanted)


def _two_thresholds(x: str, prefix: str = "") -> tuple[Point, ...]:
    """Return the points of a figure at *x*: the paper's threshold, and one chosen on the validation split."""
    return Point(f"{prefix}T = {T}", x, T), Point(f"{prefix}T chosen", x, "chosen")


def _schemes() -> Iterator[Case]:
    for scheme in TABLE_1:
        local, cloud = scheme.split("-")
        changes = {"exits.local.merge": local, "model.levels.cloud.merge": cloud}
        yield Case("table1", simulated, (Point("", scheme, T),), changes)


def _thresholds() -> Case:
    listed = (Point("", f"{threshold:g}", threshold) for threshold in TABLE_2)
    return Case("table2", simulated, (*listed, Point("", "chosen", "chosen")), {})


def _presence() -> Case:
    return Case("fig6", presence, (Point("", "", "given"),), {})


def _devices() -> Iterator[Case]:
    for count in CAMERAS:
        yield Case("fig8", simulated, _two_thresholds(f"{count}"), {"data.cameras": list(range(1, count + 1))})
    yield Case("fig8", individual, (Point("alone", "", "given"),), {})


def _filters() -> Iterator[Case]:
    for filters in FIG_9_FILTERS:
        yield Case("fig9", simulated, _two_thresholds(f"{filters}"), {"model.levels.device.convp": [4, filters]})


def _failures() -> Iterator[Case]:
    for failed in CAMERAS:
        left = [camera for camera in CAMERAS if camera != failed]
        yield Case("fig10", simulated, _two_thresholds(f"{failed}", "retrained, "), {"data.cameras": left})
    yield Case("fig10", dead_cameras, _two_thresholds("", "dead, "), {})


def _configurations() -> Iterator[Case]:
    for letter in CONFIGURATIONS:
        yield Case(f"hierarchy/{letter}", simulated, _two_thresholds(letter), {})


def _baselines() -> Iterator[Case]:
    listed = [Point("DDNN", f"{threshold:g}", threshold) for threshold in TABLE_2 if threshold < 1]
    alone = Point("device only", "1", 1.0)
    yield Case("baselines/ddnn", simulated, (*listed, Point("DDNN, T chosen", "", "chosen"), alone), {})
    yield Case("baselines/edge", simulated, (Point("edge only", "", "given"),), {})
    yield Case("baselines/split", simulated, (Point("split without exits", "", "given"),), {})
    for variant, encoding in ENCODINGS.items():
        yield Case("baselines/offload", simulated, (Point(variant, "", "given"),), {"data.encoding": encoding})
