"""Tables as Parquet files: codes are written as what they stand for, and found again by it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ddnnsim.trace import FATES, OUTCOMES, REASONS, VERDICTS

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from ddnnsim.trace import Column

KNOWN_NAMES = {"fate": FATES, "reason": REASONS, "outcome": OUTCOMES, "verdict": VERDICTS}
"""By column, names whose codes are the same in every run."""
_SAME = {"source": "node", "target": "node", "parent": "section", "coordinator": "exit"}
"""Columns whose codes are those of another."""


def write_table(file: Path, columns: Mapping[str, Column], names: Mapping[str, Sequence[str]]) -> None:
    """Write *columns* as *file*; those that *names* has are codes, and written as the names that they stand for."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.table({name: _arrow(column, names.get(name)) for name, column in columns.items()})
    pq.write_table(table, file, compression="zstd")


def _arrow(column: Column, names: Sequence[str] | None) -> pa.Array:
    """Return *column* for a table: nulls where it is masked, and the *names* of its codes where it has some."""
    import pyarrow as pa

    mask = np.ma.getmaskarray(column)
    values = np.ma.getdata(column)
    if names is None or values.dtype.kind == "U":  # texts stand for themselves, whatever their column is called
        return pa.array(values, mask=mask)
    codes = pa.array(values.astype(np.int32), mask=mask)
    return pa.DictionaryArray.from_arrays(codes, pa.array(names, pa.string()))


def read_names(file: Path, column: str) -> list[str]:
    """Return the names in *column* of *file*, row by row."""
    import pyarrow.parquet as pq

    return pq.read_table(file, columns=[column])[column].to_pylist()  # type: ignore[no-any-return]


def read_table(file: Path, names: dict[str, list[str]]) -> dict[str, Column]:
    """Return the columns of *file* as they were written: masked where null, names as codes.

    A code is the place of a name in *names*, to which those that are not in it yet are added.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pq.read_table(file)
    columns: dict[str, Column] = {}
    for name in table.column_names:
        values = table[name].combine_chunks()
        if pa.types.is_dictionary(values.type):
            known = names.setdefault(name, names.setdefault(_SAME[name], []) if name in _SAME else [])
            columns[name] = _column(values.indices, _codes(values.dictionary.to_pylist(), known))
        else:
            columns[name] = _column(values, None)
    return columns


def _codes(found: list[str], names: list[str]) -> NDArray[np.int64]:
    """Return the places in *names* of those that are *found*; those that are not in it yet are added."""
    names += [name for name in found if name not in names]
    return np.array([names.index(name) for name in found], np.int64)


def _column(values: pa.Array, codes: NDArray[np.int64] | None) -> Column:
    """Return *values*, masked where null; where there are *codes*, values are places in these."""
    whole = values.fill_null(0) if values.null_count else values  # texts are never missing
    column = whole.to_numpy(zero_copy_only=False)
    missing = values.is_null().to_numpy(zero_copy_only=False)
    if codes is not None:
        column = codes[column] if len(codes) else np.zeros(len(column), np.int64)
    return np.ma.array(column, mask=missing) if missing.any() else column
