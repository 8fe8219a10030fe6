"""The numbers of a summary in words, by their path."""

from __future__ import annotations

from collections.abc import Mapping

from ddnnsim.vocabulary.quantity import SHARE, Better, Quantity

Told = tuple[str, str, Better | None]
"""Words, unit, and what one wishes."""

_LATENCY = {"mean": "mean", "p50": "median", "p95": "95th percentile", "p99": "99th percentile"}
_PARTS = ("queueing", "service", "serialisation", "propagation", "waiting")
_REQUESTS: Mapping[str, Told] = {
    "accuracy": ("Accuracy of answers", SHARE, "more"),
    "accuracy_of_requests": ("Accuracy of all requests", SHARE, "more"),
    "availability": ("Availability", SHARE, "more"),
    **{f"latency.{key}_s": (f"Latency, {words}", "s", "less") for key, words in _LATENCY.items()},
    **{f"parts.{part}.mean_s": (f"Mean latency by {part}", "s", "less") for part in _PARTS},
    **{f"parts.{part}.share": (f"Share of {part} in latency", SHARE, None) for part in _PARTS},
}
_OVERALL: Mapping[str, Told] = {
    **_REQUESTS,
    "created": ("Requests", "", None),
    "simulated_s": ("Simulated time", "s", None),
    "age.mean_s": ("Age of information, mean", "s", "less"),
    "age.peak_mean_s": ("Age of information, mean peak", "s", "less"),
    "timeliness.deadline_s": ("Deadline", "s", None),
    "timeliness.in_time": ("Requests answered in time", SHARE, "more"),
    "timeliness.correct_in_time": ("Requests answered rightly in time", SHARE, "more"),
    "timeliness.goodput_per_s": ("Goodput", "1/s", "more"),
    "bytes.per_sample_per_device": ("Bytes per sample and device", "B", "less"),
    "bytes.raw_per_sample_per_device": ("Raw bytes per sample and device", "B", None),
    "bytes.captures": ("Captured views", "", None),
    "warmup.requests": ("Requests in the warm-up", "", None),
    "warmup.until_s": ("End of the warm-up", "s", None),
    "warmup.enough": ("Warm-up found", SHARE, None),
}
_EXIT: Mapping[str, Told] = {
    **_REQUESTS,
    "answers": ("Number of answers", "", None),
    "share": ("Answers", SHARE, None),
    "accuracy_all": ("Accuracy if all left", SHARE, "more"),
}
_PART: Mapping[str, Told] = {
    "utilisation": ("Utilisation", SHARE, None),
    "queue_max": ("Longest queue", "", "less"),
    "carried_bytes": ("Payload", "B", "less"),
    "header_bytes": ("Headers", "B", "less"),
    "resent_bytes": ("Bytes sent again", "B", "less"),
    "dropped_bytes": ("Dropped bytes", "B", "less"),
    "memory_max_bytes": ("Most memory", "B", "less"),
    "energy_j": ("Energy", "J", "less"),
    "down_s": ("Time down", "s", "less"),
}
_COUNTS = {
    "fates": "Requests: {}", "reasons": "Requests without a proper answer: {}", "degraded": "Degraded answers: {}",
    "lost": "Lost requests: {}",
}  # fmt: skip
_SUFFIXES = {"_per_s": "1/s", "_s": "s", "_bytes": "B", "_j": "J"}


def number_in_words(path: str) -> Quantity:
    """Return what the number at *path* of a summary is; one that is not known here goes by its path."""
    holder, _, rest = path.partition(".")
    if path in _OVERALL:
        return Quantity(path, *_OVERALL[path])
    if holder in _COUNTS and rest:
        return Quantity(path, _COUNTS[holder].format(rest.replace("_", " ")))
    if path.startswith("bytes.carried."):
        return Quantity(path, f"Carried bytes, {path.rsplit('.', 1)[1]}", "B", "less")
    if holder == "circumstances":
        when, _, inner = rest.partition(".")
        return _inside(path, inner, _REQUESTS, f"{{}}, {when.replace('_', ' ')}")
    if holder == "exits":
        return _at_exit(path, rest.split("."))
    name, _, inner = rest.rpartition(".")
    return _inside(path, inner, _PART, f"{{}} of {name}") if holder in ("links", "nodes") and name else _by_path(path)


def _at_exit(path: str, parts: list[str]) -> Quantity:
    """Return what *path* is, whose *parts* after `exits` are the name of an exit, which may have dots, and a number."""
    for cut in range(len(parts) - 1, 0, -1):
        inner = ".".join(parts[cut:])
        if inner in _EXIT:
            return _inside(path, inner, _EXIT, f"{{}}, {'.'.join(parts[:cut])} exit")
    return _by_path(path)


def _inside(path: str, inner: str, known: Mapping[str, Told], words: str) -> Quantity:
    """Return what *path* is, *inner* being the part of it that *known* may have words for."""
    told = Quantity(path, *known[inner]) if inner in known else _by_path(inner)
    return told._replace(path=path, words=words.format(told.words))


def _by_path(path: str) -> Quantity:
    """Return *path* as words, with the unit that its end tells."""
    suffix = next((suffix for suffix in _SUFFIXES if path.endswith(suffix)), "")
    words = path.removesuffix(suffix).replace(".", ", ").replace("_", " ")
    return Quantity(path, words[:1].upper() + words[1:], _SUFFIXES.get(suffix, ""))
