"""Prometheus's form of a PrometheusRule, as it is and as the operator of a shared Prometheus changes it."""

import subprocess

import yaml

from prometheus import FOLDERS


def of(path):
    """The groups of a PrometheusRule."""
    return yaml.safe_load(path.read_text())["spec"]


def enforced(spec, namespace):
    """The same where a namespace is enforced on series, records and alerts: user-workload monitoring does that."""
    def confined(rule):
        query = [FOLDERS[0] / "promtool", "--experimental", "promql", "label-matchers", "set", rule["expr"]]
        done = subprocess.run([*query, "namespace", namespace], check=True, capture_output=True, text=True)
        return rule | {"expr": done.stdout, "labels": rule.get("labels", {}) | {"namespace": namespace}}

    return {"groups": [it | {"rules": [confined(rule) for rule in it["rules"]]} for it in spec["groups"]]}
