"""A PrometheusRule in the format of Prometheus, as shipped and as a shared Prometheus changes it."""

import subprocess

import yaml

from prometheus import FOLDERS


def of(path):
    """Returns the groups of a PrometheusRule."""
    return yaml.safe_load(path.read_text())["spec"]


def each(spec):
    """Returns the rules of all groups."""
    return [rule for group in spec["groups"] for rule in group["rules"]]


def alerts(spec):
    """Returns the alerting rules of all groups."""
    return [rule for rule in each(spec) if "alert" in rule]


def enforced(spec, namespace):
    """Returns the rules as user-workload monitoring enforces a namespace on their series and alerts."""
    def confined(rule):
        query = [FOLDERS[0] / "promtool", "--experimental", "promql", "label-matchers", "set", rule["expr"]]
        done = subprocess.run([*query, "namespace", namespace], check=True, capture_output=True, text=True)
        return rule | {"expr": done.stdout, "labels": rule.get("labels", {}) | {"namespace": namespace}}

    return {"groups": [group | {"rules": list(map(confined, group["rules"]))} for group in spec["groups"]]}
