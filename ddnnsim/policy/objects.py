"""Policies that are given as classes or objects, and the names that stand for them in scenarios."""

from __future__ import annotations

import hashlib
import re
from copy import deepcopy
from typing import TYPE_CHECKING

from ddnnsim.errors import PolicyError
from ddnnsim.guest import users_code

from .making import guarded

if TYPE_CHECKING:
    from collections.abc import Callable

    from ddnnsim.recovery import PolicyPlan

    from .protocol import Policy


def making(policy: object) -> Callable[[PolicyPlan], Policy]:
    """Return what makes a new policy of *policy*: of a class an object, of an object a copy."""

    def make(plan: PolicyPlan) -> Policy:
        with users_code(f"policy {_name(policy)}", PolicyError):
            made = policy() if isinstance(policy, type) else deepcopy(policy)
        return guarded(made, _name(policy))

    return make


def policy_digest(policy: object) -> str:
    """Return 16 hex digits of what *policy* is and of what it tells of itself."""
    told = re.sub(r" at 0x[0-9a-f]+", "", repr(policy))
    return hashlib.sha256(f"{_name(policy)} {told}".encode()).hexdigest()[:16]


def _name(policy: object) -> str:
    of = policy if isinstance(policy, type) else type(policy)
    return f"{of.__module__}:{of.__qualname__}"
