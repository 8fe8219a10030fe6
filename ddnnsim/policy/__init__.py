"""Policies: who decides whether an exit answers, by what a real node could see."""

from __future__ import annotations

from .fixed import Fixed
from .follow_load import FollowLoad
from .meet_deadline import MeetDeadline
from .most_useful import MostUseful
from .protocol import ESCALATE, EXIT, Escalates, Exits, Observation, Policy, Verdict

__all__ = [
    "ESCALATE",
    "EXIT",
    "Escalates",
    "Exits",
    "Fixed",
    "FollowLoad",
    "MeetDeadline",
    "MostUseful",
    "Observation",
    "Policy",
    "Verdict",
]
