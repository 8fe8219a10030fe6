"""Figures: whole or not there, and legible however many exits there are."""

from __future__ import annotations

import errno
import resource
import runpy
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

import ddnnsim
from ddnnsim.plot import save
from ddnnsim.plot.contact_sheet import draw_contact_sheet

ROOT = Path(__file__).parents[1]


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


# -- the scripts in plots/ ---------------------------------------------------------------------


def of_script(monkeypatch: pytest.MonkeyPatch, name: str, *words: str | Path) -> None:
    monkeypatch.setattr(sys, "argv", [name, *map(str, words)])
    runpy.run_path(str(ROOT / "plots" / f"{name}.py"), run_name="__main__")


@pytest.mark.parametrize("name", sorted(path.stem for path in (ROOT / "plots").glob("*.py")))
def test_a_script_tells_in_a_line_what_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    tables = [] if name == "threshold" else ["", "no,table", "study,variant,x,quantity,mean,sd,paper\na,b,c,d,e,,"]
    (tmp_path / "tables").mkdir()
    for table in [None, *tables]:
        if table is not None:
            (tmp_path / "tables" / f"{name}.csv").write_text(table)
        with pytest.raises(SystemExit) as end:
            of_script(monkeypatch, name, tmp_path, "--out", tmp_path / "f.pdf")
        assert str(end.value.code).startswith(f"{tmp_path}")
        assert "\n" not in str(end.value.code)


def test_the_local_exits_of_groups_are_drawn_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few = {"model.training.epochs": 1, "workload.requests": 100, "data.source": "digits"}
    forest = ddnnsim.run(ROOT / "scenarios" / "configurations" / "f.yaml", out=tmp_path, **few)
    of_script(monkeypatch, "threshold", forest.path, "--out", tmp_path / "f.pdf")
    (row,) = pd.read_csv(tmp_path / "f.csv").to_dict("records")
    shares = forest.requests["exit"].astype(str).str.startswith("local.")
    assert row["local_share"] == pytest.approx(shares.mean())
    raw = ddnnsim.run(ROOT / "scenarios" / "configurations" / "a.yaml", out=tmp_path, **few)
    with pytest.raises(SystemExit, match="has no local exit"):
        of_script(monkeypatch, "threshold", raw.path, "--out", tmp_path / "f.pdf")
