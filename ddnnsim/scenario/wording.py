"""How faults speak of what was given and of what would be right."""

from __future__ import annotations

from collections.abc import Iterable


def given(value: object) -> str:
    """Return *value* as a sentence names it: text in quotes, mappings and lists by kind."""
    if isinstance(value, str):
        return repr(value if len(value) <= 60 else value[:57] + "...")
    if isinstance(value, int) and value.bit_length() > 2000:
        return "a number of hundreds of digits"
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "a mapping"
    return "a list" if isinstance(value, list | tuple) else str(value)


def listed(words: Iterable[object], last: str = "and") -> str:
    """Return 'a', 'a and b' or 'a, b and c'."""
    texts = [str(word) for word in words]
    if len(texts) < 2:
        return "".join(texts)
    return f"{', '.join(texts[:-1])} {last} {texts[-1]}"


def did_you_mean(word: object, known: Iterable[str]) -> str:
    """Return a guess at what *word* should have been: the nearest of *known*, else all of a few, else ''."""
    # Loaded only when something is wrong.
    from difflib import get_close_matches

    names = list(known)
    lower = {name.lower(): name for name in reversed(names)}
    near = get_close_matches(str(word).lower(), lower, n=1)
    if near:
        return f"did you mean {lower[near[0]]!r}?"
    if not 0 < len(names) <= 12:
        return ""
    return f"known: {', '.join(names)}" if len(names) > 1 else f"write {names[0]!r}"
