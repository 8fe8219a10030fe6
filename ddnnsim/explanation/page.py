"""An explanation for a person at a terminal: a timeline with a bar for each step, and the parts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

    from ddnnsim.explanation.steps import Explanation, Step

MARKS = {
    "queueing": ("░", "yellow"),
    "service": ("█", "blue"),
    "serialisation": ("▓", "green"),
    "propagation": ("─", "cyan"),
    "waiting": ("·", "magenta"),
}
"""By part, the character that fills its bars, and a colour; either is enough to tell them apart."""
VERBS = {
    ("job", "queueing"): "waited",
    ("job", "service"): "ran",
    ("link", "queueing"): "waited",
    ("link", "serialisation"): "sent",
    ("link", "propagation"): "under way",
    ("gather", "waiting"): "waited",
    ("repeat", "waiting"): "waited",
    ("fallback", "waiting"): "waited",
    ("capture", "waiting"): "waited for a later capture",
}
LEAST_BAR, MOST_BAR = 16, 48
TEXT_WIDTH = 62
"""What the columns beside the bar like to have."""


def page(explanation: Explanation, width: int) -> Iterator[RenderableType]:
    """Yield *explanation* in lines and tables for a terminal of *width* columns."""
    yield _heading(explanation)
    if explanation.steps:
        yield _timeline(explanation, max(LEAST_BAR, min(MOST_BAR, width - TEXT_WIDTH)))
    yield _parts(explanation)
    if explanation.beside:
        why = "Missing" if explanation.latency_ns is None else "Beside the way"
        yield "\n".join([f"[bold]{why}[/bold]", *(f"  {_escaped(line)}" for line in explanation.beside)])


def _heading(told: Explanation) -> str:
    of = f"sample {told.sample}" + ("" if told.label is None else f" of class {told.label}")
    captured = f"captured at {told.captured_ns / 1e9:,.6f} s"
    if told.exit is None:
        came = f"{told.fate}: {told.reason}"
    else:
        came = f"answered by {told.exit} with class {told.prediction}"
        if told.latency_ns is not None:
            came += f" after {_span(told.latency_ns, *_unit(told.latency_ns))}"
            came += "" if told.reason is None else f", {told.fate}: {told.reason}"
        elif told.reason is not None:
            came += f", but {told.fate}: {told.reason}"
        else:
            came += ", which had not reached who asked when the run was over"
    return f"[bold]Request {told.request}[/bold], {of}, {captured}: {_escaped(came)}"


def _timeline(told: Explanation, bar: int) -> RenderableType:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    length_ns = max(step.at_ns + step.took_ns for step in told.steps) - told.captured_ns
    unit, divisor = _unit(length_ns)
    table.add_column(f"at, {unit}", justify="right", no_wrap=True)
    table.add_column("took", justify="right", no_wrap=True)
    table.add_column("where, and what", ratio=1)
    table.add_column("", width=bar, no_wrap=True)
    for step in told.steps:
        at, took = (_number(ns, divisor) for ns in (step.at_ns - told.captured_ns, step.took_ns))
        words = _words(step, unit, divisor)
        table.add_row(at, took if step.took_ns else "", words, _bar(step, told, length_ns, bar))
    return table


def _words(step: Step, unit: str, divisor: int) -> Text:
    from rich.text import Text

    spells = [spell for spell in step.spells if spell.end_ns > spell.begin_ns]
    times = [
        f"{VERBS[step.kind, spell.part]} {_span(spell.end_ns - spell.begin_ns, unit, divisor)}" for spell in spells
    ]
    for_others = step.kind in ("gather", "repeat", "fallback")
    what = " ".join([*times, step.what]) if for_others else step.what
    # A job that only ran is told by what it is and by how long it took.
    ran_alone = step.kind == "job" and [spell.part for spell in spells] == ["service"]
    rest = [] if for_others or ran_alone else times
    text = Text(f"{step.where}: " if step.where else "", "bold")
    return text.append(", ".join([what, *rest]), "not bold")


def _bar(step: Step, told: Explanation, length_ns: int, width: int) -> Text:
    """Return the spells of *step* to scale: what took time has a cell at least."""
    from rich.text import Text

    cells: list[tuple[str, str]] = [(" ", "")] * width
    last = 0
    for spell in step.spells:
        if spell.end_ns > spell.begin_ns:
            begin, end = (round((at - told.captured_ns) * width / length_ns) for at in spell[1:])
            first = min(max(begin, last), width - 1)
            last = max(end, first + 1)
            cells[first:last] = [MARKS[spell.part]] * (last - first)
    if not step.took_ns and step.kind in ("job", "decision", "answer") and length_ns:
        cells[min(round((step.at_ns - told.captured_ns) * width / length_ns), width - 1)] = ("◆", "bold")
    text = Text(no_wrap=True)
    for mark, colour in cells:
        text.append(mark, colour)
    return text


def _parts(told: Explanation) -> RenderableType:
    from rich import box
    from rich.table import Table

    whole = sum(told.parts.values())
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    title = "part" if told.latency_ns is not None else "so far"
    table.add_column(title, no_wrap=True)
    for heading in ("ns", "share"):
        table.add_column(heading, justify="right", no_wrap=True)
    for name, part_ns in told.parts.items():
        mark, colour = MARKS[name]
        share = f"{part_ns / whole:.1%}" if whole else "-"
        table.add_row(f"[{colour}]{mark}[/{colour}] {name}", f"{part_ns:,}", share)
    table.add_section()
    table.add_row("  latency" if told.latency_ns is not None else "  in all", f"{whole:,}", "100.0%" if whole else "-")
    return table


def _unit(longest_ns: int) -> tuple[str, int]:
    """Return the unit in which times up to *longest_ns* are told, and how many ns it has."""
    return next(((unit, ns) for unit, ns in (("ms", 10**6), ("us", 10**3)) if longest_ns >= ns), ("ns", 1))


def _number(ns: int, divisor: int) -> str:
    return f"{ns:,}" if divisor == 1 else f"{ns / divisor:,.3f}"


def _span(ns: int, unit: str, divisor: int) -> str:
    return f"{_number(ns, divisor)} {unit}"


def _escaped(text: str) -> str:
    from rich.markup import escape

    return escape(text)
