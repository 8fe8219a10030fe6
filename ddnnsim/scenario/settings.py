"""The settings of a resolved scenario one by one, each by its path, as a file would have them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from .document import Raw
from .schema import Scenario


def settings_of(scenario: Scenario) -> dict[str, str]:
    """Return every setting of *scenario* by its path, such as `topology.links.wan.rate`, as text.

    A list of values is one setting; of a list of mappings each item has its number in the path.
    """
    return dict(_settings(scenario.model_dump(by_alias=True, exclude_none=True), ""))


def _settings(value: Raw, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _settings(item, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list | tuple) and any(isinstance(item, Mapping) for item in value):
        for number, item in enumerate(value):
            yield from _settings(item, f"{path}.{number}")
    else:
        yield path, value_text(value)


def value_text(value: Raw) -> str:
    """Return *value* as a file would have it; nothing is an empty text."""
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key}: {value_text(item)}' for key, item in value.items())}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(value_text, value))}]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
