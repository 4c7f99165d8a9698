"""What notafter says of a cluster, minute by minute, as promtool takes it.

A value is a number, or what it is from which minute on: `{0: 5, 70: 7, 90: None}`, None where nothing is told; or a
function of the minute.
"""

import itertools
import json
import random

HOUR, DAY, YEAR = 3600, 86400, 365 * 86400  # in seconds, as Prometheus has it
TARGET = {"job": "notafter", "instance": "10.128.0.7:9779"}
PHASES = ("None", "Pending", "InstallReady", "Installing", "Succeeded", "Failed", "Unknown", "Replacing", "Deleting")


def in_time(value):
    """What it is in a minute."""
    if callable(value):
        return value
    changes = value if isinstance(value, dict) else {0: value}
    return lambda minute: changes.get(max((it for it in changes if it <= minute), default=None))


def series(family, value, **labels):
    return family, labels, in_time(value)


def flat(told):
    return list(itertools.chain.from_iterable(told))


def place(name, namespace, **more):
    return {"kind": "Secret", "cert_namespace": namespace, "name": name, "key": "tls.crt", "position": "0", **more}


def certificate(name, ends, *, begins=0, due=None, manager="none", role="leaf", namespace="shop", **where):
    """A certificate; without a beginning, or a due date, if those are None."""
    labels = place(name, namespace, role=role, manager=manager) | where
    told = {"not_after": ends, "not_before": begins, "renewal_due": due}
    return [series(f"cert_{it}_seconds", value, **labels) for it, value in told.items() if value is not None]


def blocked(name, manager, reason, *, remedy="kubectl get secrets", told=1, namespace="shop"):
    labels = place(name, namespace, manager=manager, reason=reason, remedy=remedy)
    return [series("cert_rotation_blocked", told, **labels)]


def impact(name, reach, consumer, *, told=1, namespace="shop"):
    return [series("cert_impact", told, **place(name, namespace, impact=reach, consumer=consumer))]


def operator(csv, phase, *, reason="InstallSucceeded", changed=None, namespace="shop"):
    """A ClusterServiceVersion; it changes its phase when it is in another one, or as often as is said."""
    labels, phase = {"csv_namespace": namespace, "csv": csv}, in_time(phase)
    since = lambda minute: next(it for it in range(minute, -1, -1) if it == 0 or phase(it - 1) != phase(minute))
    told = [
        series("olm_csv_info", reason and 1, version="1.0.0", reason=reason, **labels),
        series("olm_csv_last_transition_seconds", changed or since, **labels),
    ]
    for it in PHASES:
        told.append(series("olm_csv_phase", lambda minute, it=it: int(phase(minute) == it), phase=it, **labels))
    return told


def looping(csv, **how):
    """One that goes through all phases eight times a second, as a look every two minutes finds it."""
    shares = {"Failed": 22, "Installing": 25, "InstallReady": 21, "Succeeded": 21, "Pending": 12}
    phases = random.Random(csv).choices(list(shares), shares.values(), k=1000)
    return operator(csv, lambda minute: phases[minute // 2], changed=lambda minute: minute // 2 * 120, **how)


def listed(resource, up=1, last=lambda minute: minute * 60, scope=""):
    """How a list of the API server fares."""
    labels = {"resource": resource, "scope": scope}
    return [
        series("notafter_list_up", up, **labels),
        series("notafter_list_last_success_timestamp_seconds", last, **labels),
    ]


def scraped(told, target=TARGET, *, since=0, until=None, gap=range(0), behind=0):
    """The series of one target: from one minute to another but for a gap, and some minutes late."""
    def seen(value, minute):
        there = since <= minute and (until is None or minute < until) and minute not in gap
        return value(max(minute - behind, 0)) if there else None
    return [(family, labels | target, lambda it, value=value: seen(value, it)) for family, labels, value in told]


def selector(family, labels):
    inner = ",".join(f"{label}={json.dumps(it, ensure_ascii=False)}" for label, it in labels.items())
    return f"{family}{{{inner}}}"


def notation(values):
    """A value a minute, as promtool writes them; what ends is stale at once."""
    words, before = [], None
    for value, run in itertools.groupby(values):
        length = len(list(run))
        if value is None and before is not None:
            words.append("stale")
            length -= 1
        if value is not None:
            words.append(f"{value}x{length - 1}")
        elif length:
            words.append(f"_x{length}")
        before = value
    return " ".join(words)
