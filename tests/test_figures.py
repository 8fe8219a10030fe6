"""Figures: whole or not there, and legible however many exits there are."""

from __future__ import annotations

import errno
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from ddnnsim.plot import save
from ddnnsim.plot.contact_sheet import draw_contact_sheet


@contextmanager
def files_up_to(size_bytes: int) -> Iterator[None]:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def with_words(figure: Figure, data: pd.DataFrame) -> None:
    """Draw enough words to fill the buffers of a file."""
    ax = figure.subplots()
    ax.plot(data["x"])
    ax.set_xlabel("Latency (ms)")
    ax.set_ylabel("Share of answers, overall")


def test_a_full_disk_is_an_error_of_the_system(tmp_path: Path) -> None:
    with files_up_to(1000), pytest.raises(OSError) as full:  # noqa: PT011
        save(tmp_path / "line", pd.DataFrame({"x": [0, 1]}), with_words)
    assert full.value.errno == errno.EFBIG
    images = np.random.default_rng(0).integers(0, 255, (2, 1, 3, 16, 16), dtype=np.uint8)
    with files_up_to(1000), pytest.raises(OSError) as full:  # noqa: PT011
        draw_contact_sheet(images, np.array([0, 1]), ("a", "b"), tmp_path / "sheet.png")
    assert full.value.errno == errno.EFBIG
