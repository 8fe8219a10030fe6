"""How policies are made for a run: ours, users' own by name, and objects."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from ddnnsim.errors import PolicyError
from ddnnsim.guest import OBJECTS, named, users_code

from .protocol import Escalates, Exits, Observation, Policy, Verdict

if TYPE_CHECKING:
    from ddnnsim.recovery import PolicyPlan


def make(plan: PolicyPlan) -> Policy:
    """Return a new policy: what *plan* names (`file.py:name` or `package.module:name`), called with its parameters.

    Raises PolicyError where there is none, or where it does not take these parameters.
    """
    path, parameters = plan.path, plan.parameters
    if path.rpartition(":")[0] == OBJECTS:
        raise PolicyError("the policy of this scenario was given as an object: give it again, as `policy`")
    build = named("policy.use", path, "policy", PolicyError)
    try:
        inspect.signature(build).bind(**parameters)
    except TypeError as error:
        raise PolicyError(f"policy.use: {path} cannot be called: {error}") from None
    with users_code(f"policy.use: {path}", PolicyError):
        made = build(**parameters)
    return guarded(made, path)


def guarded(policy: Any, name: str) -> Policy:  # noqa: ANN401
    """Return *policy*, said to be *name*, so that what it gets wrong is told; ours gets nothing wrong."""
    if not callable(getattr(policy, "decide", None)):
        raise PolicyError(f"{name} makes {policy!r}, which has no method 'decide'")
    ours = type(policy).__module__.startswith("ddnnsim.policy.")
    return cast("Policy", policy) if ours else _Guarded(policy.decide, name)


class _Guarded:
    """A user's policy."""

    def __init__(self, decide: Callable[[Observation], object], name: str) -> None:
        self._decide = decide
        self._name = name

    def decide(self, seen: Observation) -> Verdict:
        """Return what it says. Raises PolicyError where it fails, or says what no exit can do."""
        with users_code(f"policy {self._name}", PolicyError):
            verdict = self._decide(seen)
        if isinstance(verdict, Exits):
            return verdict
        if not isinstance(verdict, Escalates):
            what = f"policy {self._name} said {verdict!r} at exit {seen.exit!r}"
            raise PolicyError(f"{what}; return ddnnsim.policy.Exits() or ddnnsim.policy.Escalates()")
        if verdict.sections is not None:
            self._check(verdict.sections, seen)
        return verdict

    def _check(self, sections: object, seen: Observation) -> None:
        known = seen.features_bytes
        if not isinstance(sections, frozenset) or not sections or not sections <= known.keys():
            what = f"policy {self._name} said to escalate with {sections!r} at exit {seen.exit!r}"
            raise PolicyError(f"{what}; name at least one, in a frozenset, of {', '.join(known)}")
