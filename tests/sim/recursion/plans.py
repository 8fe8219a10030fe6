"""What is planned of an escalation: over which link it leaves, and how long it takes at least."""

from __future__ import annotations

from ddnnsim.deployment import REPLY_BYTES, Deployment, Exit, Section

from .routes import best, delay_ns, transfer_ns


def uplink(deployment: Deployment, exit_: Exit, machine: int) -> int | None:
    """Return the first link from *machine*, where *exit_* is, to the home of the parent of its first section."""
    first = deployment.sections[exit_.sections[0]]
    way = _way(deployment, machine, deployment.sections[first.parent].machine, first.features_bytes)
    return way[0] if way else None


def escalation_ns(deployment: Deployment, exit_: Exit) -> int:
    """Return the longest sum of what an escalation takes over the sections of *exit_*, up to the next answer."""
    return max(
        _told_ns(deployment, exit_, section) + _up_ns(deployment, section)
        for section in (deployment.sections[i] for i in exit_.sections)
    )


def _told_ns(d: Deployment, exit_: Exit, section: Section) -> int:
    if exit_.coordinator is None:
        in_the_job = exit_.service_ns is None
        return 0 if in_the_job else _sent_ns(d, exit_.machine, section.machine, exit_.control_bytes)
    judge = d.exits[exit_.coordinator].machine
    return _sent_ns(d, exit_.machine, judge, 0) + _sent_ns(d, judge, section.machine, exit_.control_bytes)


def _up_ns(d: Deployment, section: Section) -> int:
    """Return what it takes from the sending of features of *section* to the next answer, or its reply."""
    parent = d.sections[section.parent]
    job_ns = parent.service_ns if parent.service is None else round(parent.service.mean_s * 10**9)
    took = _sent_ns(d, section.machine, parent.machine, section.features_bytes) + job_ns
    if parent.exit is None:
        return took + _up_ns(d, parent)
    exit_ = d.exits[parent.exit]
    if exit_.service_ns is not None:
        took += _sent_ns(d, parent.machine, exit_.machine, parent.summary_bytes) + exit_.service_ns
    return took if d.reply_to is None else took + _sent_ns(d, exit_.machine, d.reply_to, REPLY_BYTES)


def _sent_ns(d: Deployment, source: int, target: int, size_bytes: int) -> int:
    links = [d.links[k] for k in _way(d, source, target, size_bytes)]
    return sum(transfer_ns(link, size_bytes) + delay_ns(link) for link in links)


def _way(d: Deployment, source: int, target: int, size_bytes: int) -> list[int]:
    way = best(d, source, target, size_bytes)
    assert way is not None
    return way
