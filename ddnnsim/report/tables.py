"""How tables and numbers of a report look."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.table import Table

NONE = "-"


def new_table(title: str, caption: str | None = None) -> Table:
    """Return an empty table."""
    from rich import box
    from rich.table import Table

    return Table(
        box=box.SIMPLE_HEAD,
        title=title,
        title_justify="left",
        title_style="bold",
        caption=caption,
        caption_justify="left",
        padding=(0, 1, 0, 0),  # ten columns go into a terminal of 80
        pad_edge=False,
    )


def percent(share: float | None) -> str:
    """Return *share* in percent."""
    return NONE if share is None else f"{share:.1%}"


def milliseconds(seconds: float | None) -> str:
    """Return *seconds* in ms."""
    return NONE if seconds is None else f"{seconds * 1e3:,.1f}"
