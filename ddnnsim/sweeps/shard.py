"""One of several parts of a sweep, for arrays of batch jobs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from ddnnsim.errors import UserError
from ddnnsim.sweeps.job import Job


class Shard(NamedTuple):
    """The jobs whose number, from 0, is *number* modulo *of*: with all from 1 to *of*, each job is in one."""

    number: int
    of: int

    def jobs(self, jobs: Iterable[Job]) -> list[Job]:
        """Return those of *jobs* that are in it."""
        return [job for number, job in enumerate(jobs) if number % self.of == self.number % self.of]

    def __str__(self) -> str:
        """Return it as it is written."""
        return f"{self.number}/{self.of}"


def parse_shard(text: str) -> Shard:
    """Return the shard *text*, `2/8`. Raises UserError for any other text."""
    found = re.fullmatch(r"([0-9]+)/([0-9]+)", text.strip(), re.ASCII)
    number, of = map(int, found.groups()) if found else (0, 0)
    if not 1 <= number <= of:
        raise UserError(f"--shard {text}: not a part of a sweep; write e.g. '1/8', up to '8/8'")
    return Shard(number, of)
