"""How tables and numbers of a report look."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

    from ddnnsim.metrics import Summary

NONE = "-"
MOST_ROWS = 12
"""How many exits, links or nodes a table names."""
MOST_ANSWERS = "with most answers"
Rank = tuple[float, ...]


def new_table(title: str, caption: str = "") -> Table:
    """Return an empty table, whose cells are shown as they are, square brackets, too: names and labels are a user's."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    class Plain(Table):
        """A table without markup in its cells."""

        def add_row(self, *cells: RenderableType | None, **said: Any) -> None:  # noqa: ANN401
            super().add_row(*(Text(cell) if isinstance(cell, str) else cell for cell in cells), **said)

    return Plain(
        box=box.SIMPLE_HEAD,
        title=title,
        title_justify="left",
        title_style="bold",
        caption=caption or None,
        caption_justify="left",
        padding=(0, 1, 0, 0),  # ten columns go into a terminal of 80
        pad_edge=False,
    )


def add_numbers(table: Table, heading: str) -> None:
    """Give *table* a column that keeps its width where there is little room: names can be broken, numbers cannot."""
    table.add_column(heading, justify="right", no_wrap=True)


def add_names(table: Table, heading: str) -> None:
    """Give *table* a column that folds where there is little room."""
    table.add_column(heading, overflow="fold")


def answers_by_exit(summary: Summary) -> dict[str, Rank]:
    """Return how many answers each exit gave."""
    return {name: (of_exit.answers,) for name, of_exit in summary.exits.items()}


def percent(share: float | None) -> str:
    """Return *share* in percent."""
    return NONE if share is None else f"{share:.1%}"


def milliseconds(seconds: float | None) -> str:
    """Return *seconds* in ms."""
    return NONE if seconds is None else f"{seconds * 1e3:,.1f}"


def foremost(ranks: Mapping[str, Rank], most: int = MOST_ROWS) -> list[str]:
    """Return the names of the highest of *ranks*, so many at most, in their order."""
    kept = set(sorted(ranks, key=lambda name: ranks[name], reverse=True)[:most])
    return [name for name in ranks if name in kept]


def caption(words: str, ranks: Mapping[str, Rank], why: str) -> str:
    """Return *words*, and *why* some of *ranks* are shown where not all are."""
    some = f"the {MOST_ROWS} of {len(ranks):,} {why}, all in summary.json" if len(ranks) > MOST_ROWS else ""
    return "; ".join(filter(None, (words, some)))
