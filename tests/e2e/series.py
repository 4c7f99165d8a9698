"""The series of a cluster, minute by minute, in promtool's notation.

A value is a number, or one number from each given minute on, `{0: 5, 70: 7, 90: None}`, where None is no sample; or a
function of the minute.
"""

import itertools
import json
import random

HOUR, DAY, YEAR = 3600, 86400, 365 * 86400  # seconds, as in Prometheus
TARGET = {"job": "notafter", "instance": "10.128.0.7:9779"}
SAYING = ("cert_not_after_seconds", "cert_not_before_seconds", "cert_rotation_blocked", "cert_impact")
REACH = ("cluster", "operator", "namespace")
PHASES = ("None", "Pending", "InstallReady", "Installing", "Succeeded", "Failed", "Unknown", "Replacing", "Deleting")


def in_time(value):
    """Returns the value as a function of the minute."""
    if callable(value):
        return value
    changes = value if isinstance(value, dict) else {0: value}
    return lambda minute: changes.get(max((start for start in changes if start <= minute), default=None))


def series(family, value, **labels):
    return family, labels, in_time(value)


def flat(nested):
    return list(itertools.chain.from_iterable(nested))


def place(name, namespace, **more):
    return {"kind": "Secret", "cert_namespace": namespace, "name": name, "key": "tls.crt", "position": "0", **more}


def certificate(name, not_after, *, not_before=0, due=None, manager="none", role="leaf", namespace="shop", **where):
    """Returns the series of a certificate, without those whose value is None."""
    labels = place(name, namespace, role=role, manager=manager) | where
    values = {"not_after": not_after, "not_before": not_before, "renewal_due": due}
    return [series(f"cert_{what}_seconds", value, **labels) for what, value in values.items() if value is not None]


def blocked(name, manager, reason, *, remedy="kubectl get secrets", value=1, namespace="shop", **where):
    labels = place(name, namespace, manager=manager, reason=reason, remedy=remedy) | where
    return [series("cert_rotation_blocked", value, **labels)]


def impact(name, reach, consumer, *, namespace="shop", **where):
    return [series("cert_impact", 1, **place(name, namespace, impact=reach, consumer=consumer) | where)]


def of_objects(exposed, minutes):
    """Returns the series of each object that has certificates, or evidence, among the given series of certificates."""
    states, lives = {}, {}
    for minute in range(minutes + 1):
        for place, state, expiry, life in said(exposed, minute):
            states.setdefault((*place, *state.items()), {})[minute] = expiry
            if life is not None:
                lives.setdefault(place, {})[minute] = life
    both = (("cert_expiry_seconds", states), ("cert_life_seconds", lives))
    return [
        series(family, lambda minute, values=values: values.get(minute), **dict(labels))
        for family, found in both for labels, values in found.items()
    ]


def said(exposed, minute):
    """Returns for each object in a minute the labels of its place, its state, when it expires, and its lifetime."""
    objects = {}
    for family, labels, value in exposed:
        if family in SAYING and value(minute) is not None:
            place = tuple((label, labels[label]) for label in ("kind", "cert_namespace", "name"))
            known = objects.setdefault(place, {"manager": labels.get("manager", "none"), "consumers": {}, "dates": {}})
            if family == "cert_impact":
                known["consumers"][labels["consumer"]] = labels["impact"]
            elif family == "cert_rotation_blocked":
                known |= {"manager": labels["manager"], "reason": labels["reason"], "remedy": labels["remedy"]}
            elif labels["role"] in ("leaf", "chain"):
                known["dates"].setdefault((labels["key"], labels["position"]), {})[family] = value(minute)
                if labels["role"] == "leaf":
                    known["manager"] = labels["manager"]
    return [(place, text(known), *lifetime(known["dates"].values())) for place, known in objects.items()]


def text(known):
    reason = known.get("reason", "")
    return {
        "manager": known["manager"], "impact": min(known["consumers"].values(), key=REACH.index, default=""),
        "affected": ", ".join(sorted(known["consumers"])), "reason": reason,
        "explanation": reason and f"The state is {reason}.",
        "action": "Look at", "remedy": known.get("remedy", "kubectl get secrets"),
    }


def lifetime(dates):
    """Returns when the first of some certificates expires, and the shortest lifetime among them."""
    ends = [each["cert_not_after_seconds"] for each in dates if "cert_not_after_seconds" in each]
    if not ends:
        return "NaN", None
    lives = [
        max(each["cert_not_after_seconds"] - each["cert_not_before_seconds"], 0) for each in dates if len(each) == 2
    ]
    return min(ends), min(lives, default=min(ends))


def operator(csv, phase, *, reason="InstallSucceeded", changed=None, namespace="shop"):
    """Returns the series of a ClusterServiceVersion; `changed` overrides the time of its last transition."""
    labels, phase = {"csv_namespace": namespace, "csv": csv}, in_time(phase)
    since = lambda minute: next(m for m in range(minute, -1, -1) if m == 0 or phase(m - 1) != phase(minute))
    return [
        series("olm_csv_info", reason and 1, version="1.0.0", reason=reason, **labels),
        series("olm_csv_last_transition_seconds", changed or since, **labels),
        *(series("olm_csv_phase", lambda minute, of=of: int(phase(minute) == of), phase=of, **labels) for of in PHASES),
    ]


def looping(csv, **how):
    """Returns an operator that goes through all phases eight times a second, as a poll every two minutes sees it."""
    shares = {"Failed": 22, "Installing": 25, "InstallReady": 21, "Succeeded": 21, "Pending": 12}
    phases = random.Random(csv).choices(list(shares), shares.values(), k=1000)
    return operator(csv, lambda minute: phases[minute // 2], changed=lambda minute: minute // 2 * 120, **how)


def listed(resource, up=1, last=lambda minute: minute * 60, scope=""):
    """Returns the state of a list of the API server."""
    labels = {"resource": resource, "scope": scope}
    return [
        series("notafter_list_up", up, **labels),
        series("notafter_list_last_success_timestamp_seconds", last, **labels),
    ]


def scraped(exposed, target=TARGET, *, since=0, until=None, gap=range(0), behind=0):
    """Returns the series of one target: from one minute to another except for a gap, and some minutes late."""
    def seen(value, minute):
        is_up = since <= minute and (until is None or minute < until) and minute not in gap
        return value(max(minute - behind, 0)) if is_up else None
    return [
        (family, labels | target, lambda minute, value=value: seen(value, minute)) for family, labels, value in exposed
    ]


def selector(family, labels):
    inner = ",".join(f"{label}={json.dumps(value, ensure_ascii=False)}" for label, value in labels.items())
    return f"{family}{{{inner}}}"


def notation(values):
    """Returns a value a minute in promtool's notation; a series becomes stale when it ends."""
    words, before = [], None
    for value, run in itertools.groupby(values):
        length = len(list(run))
        if value is None and before is not None:
            words.append("stale")
            length -= 1
        if value is not None:
            # NaN cannot be repeated in that notation.
            words.append(" ".join([value] * length) if value == "NaN" else f"{value}x{length - 1}")
        elif length:
            words.append(f"_x{length}")
        before = value
    return " ".join(words)
