"""The paper's own numbers, to be shown beside ours.

Teerapittayanon, McDanel, Kung: *Distributed Deep Neural Networks over the Cloud, the Edge and End Devices*,
ICDCS 2017 (arXiv 1709.01921): tables from the text, figures read from their vector graphics. All are single
runs on the authors' data. Table I, Table II and Fig. 8 are of different models, and the text differs from Fig. 8
and Fig. 10 by a point or two.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

SOURCE = "Teerapittayanon, McDanel, Kung, ICDCS 2017"

RAW_BYTES = 3 * 32 * 32
"""What a device sends of a sample without a DDNN: three colours of 32x32 pixels."""

TABLE_1 = {
    "MP-MP": (95, 91), "MP-CC": (98, 98), "AP-AP": (86, 98), "AP-CC": (75, 96), "CC-CC": (85, 94), "AP-MP": (88, 93),
    "MP-AP": (89, 97), "CC-MP": (77, 87), "CC-AP": (80, 94),
}  # fmt: skip
"""By scheme, local and cloud accuracy (%)."""


class Threshold(NamedTuple):
    """A row of Table II."""

    local_share: float
    """Samples that leave at the local exit (%)."""
    overall: float
    """Accuracy (%)."""
    bytes: float
    """Per sample and device."""


TABLE_2 = {
    0.1: Threshold(0.00, 96, 140),
    0.3: Threshold(0.58, 96, 139),
    0.5: Threshold(1.75, 96, 138),
    0.6: Threshold(2.92, 96, 136),
    0.7: Threshold(22.81, 96, 111),
    0.8: Threshold(60.82, 97, 62),
    0.9: Threshold(83.04, 96, 34),
    1.0: Threshold(100.00, 92, 12),
}
"""By threshold of the local exit; f = 4, six devices, 171 samples."""

SEEN_AS = ("car", "bus", "person", "absent")
FIG_6 = (
    (78, 9, 169, 424),
    (70, 9, 181, 420),
    (212, 9, 139, 320),
    (263, 9, 119, 290),
    (207, 9, 188, 276),
    (273, 9, 229, 169),
)
"""By camera, how many of 680 training samples it sees as each of `SEEN_AS`."""

FIG_8 = {
    "individual_accuracy": (37, 37, 46, 52, 60, 73),
    "local_accuracy": (37, 43, 75, 94, 95, 97),
    "cloud_accuracy": (55, 77, 87, 95, 97, 99),
    "overall_accuracy": (58, 80, 88, 96, 99, 99),
}
"""Accuracy (%) with 1 to 6 devices, added from the worst to the best; T = 0.8."""

FIG_9_FILTERS = (1, 2, 4, 8)
FIG_9 = {
    "bytes": (14, 16, 21, 30),
    "local_accuracy": (86, 90, 90, 92),
    "cloud_accuracy": (90, 92, 92, 94),
    "overall_accuracy": (91, 95, 96, 97),
}
"""By filters of the device's second block, bytes per sample and device, and accuracy (%); T = 0.8."""

FIG_10 = {
    "local_accuracy": (92, 94, 97, 95, 96, 94),
    "cloud_accuracy": (98, 98, 98, 97, 96, 95),
    "overall_accuracy": (99, 99, 99, 99, 96, 98),
}
"""Accuracy (%) without device 1 to 6, retrained without it; T = 0.8."""


class PaperValue(NamedTuple):
    """One number of the paper, by the words of our tables."""

    study: str
    variant: str
    x: str
    quantity: str
    value: float
    """Shares and accuracies as shares of one."""


def paper_values() -> list[PaperValue]:
    """Return all numbers of the paper that a study has, too."""
    return [*_table_1(), *_table_2(), *_fig_6(), *_fig_8(), *_fig_9(), *_fig_10(), *_baselines()]


def _table_1() -> Iterator[PaperValue]:
    for scheme, (local, cloud) in TABLE_1.items():
        yield PaperValue("table1", "", scheme, "local_accuracy", local / 100)
        yield PaperValue("table1", "", scheme, "cloud_accuracy", cloud / 100)


def _table_2() -> Iterator[PaperValue]:
    for threshold, row in TABLE_2.items():
        x = f"{threshold:g}"
        yield PaperValue("table2", "", x, "local_share", row.local_share / 100)
        yield PaperValue("table2", "", x, "overall_accuracy", row.overall / 100)
        yield PaperValue("table2", "", x, "bytes", row.bytes)


def _fig_6() -> Iterator[PaperValue]:
    for camera, counts in enumerate(FIG_6, start=1):
        for seen, count in zip(SEEN_AS, counts, strict=True):
            yield PaperValue("fig6", "", f"{camera}", f"{seen}_share", count / sum(counts))


def _fig_8() -> Iterator[PaperValue]:
    for quantity, values in FIG_8.items():
        variant = "alone" if quantity == "individual_accuracy" else "T = 0.8"
        for devices, value in enumerate(values, start=1):
            yield PaperValue("fig8", variant, f"{devices}", quantity, value / 100)


def _fig_9() -> Iterator[PaperValue]:
    for quantity, values in FIG_9.items():
        for filters, value in zip(FIG_9_FILTERS, values, strict=True):
            yield PaperValue("fig9", "T = 0.8", f"{filters}", quantity, value if quantity == "bytes" else value / 100)


def _fig_10() -> Iterator[PaperValue]:
    for quantity, values in FIG_10.items():
        for camera, value in enumerate(values, start=1):
            yield PaperValue("fig10", "retrained, T = 0.8", f"{camera}", quantity, value / 100)


def _baselines() -> Iterator[PaperValue]:
    yield PaperValue("baselines", "cloud only, raw", "", "bytes", RAW_BYTES)
    for threshold, row in TABLE_2.items():
        variant = "device only" if threshold == 1 else "DDNN"
        yield PaperValue("baselines", variant, f"{threshold:g}", "overall_accuracy", row.overall / 100)
        yield PaperValue("baselines", variant, f"{threshold:g}", "bytes", row.bytes)
