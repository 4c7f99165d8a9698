"""The Helm chart, as the real helm renders it."""

import os
import re
import subprocess

import yaml

from control_plane import ROOT
from overlays import Variant

CHART = ROOT / "charts/notafter"
EXAMPLES = sorted(file.stem for file in (CHART / "examples").iterdir())
# What helm finds on a cluster with the Prometheus operator.
OPERATOR = [f"--api-versions=monitoring.coreos.com/v1/{kind}" for kind in ("ServiceMonitor", "PrometheusRule")]


def helm(*arguments):
    """Runs helm, and returns the process; its notes about the links of a checkout are left out."""
    command = [os.environ["HELM"], *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True)
    done.stderr = re.sub(r"^level=INFO msg=\"found symbolic link.*\n", "", done.stderr, flags=re.MULTILINE)
    return done


def template(*arguments, chart=CHART, namespace="notafter"):
    """Returns the text of a release that is called notafter, on a cluster with the Prometheus operator."""
    done = helm("template", "notafter", chart, "--namespace", namespace, *OPERATOR, *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def example(name):
    """Returns the arguments for the values of an example; none for the values of the chart."""
    return ("--values", CHART / f"examples/{name}.yaml") if name else ()


class Rendered(Variant):
    """A release that is called notafter, and its objects; those of an example, unless their text is given."""

    def __init__(self, name, *arguments, text=None, **options):
        self.name = name or "values.yaml"
        self.text = text or template(*example(name), *arguments, **options)
        self.objects = [object for object in yaml.safe_load_all(self.text) if object]

    def scope(self):
        """Returns nothing: the namespaces are among the arguments."""
        return []


def rows(values):
    """Yields the rows of the table of values: each comment that begins with two dashes, and the value below it."""
    path, comment = [], None
    for line in values.splitlines():
        text = line.strip()
        depth = (len(line) - len(line.lstrip())) // 2
        if text.startswith("# -- "):
            comment = text.removeprefix("# -- ")
        elif text.startswith("#") and comment:
            comment += text.removeprefix("#")
        elif match := re.match(r"([\w-]+):", text):
            path = [*path[:depth], match[1]]
            if comment:
                yield list(path), comment
                comment = None


def table():
    """Returns the table of README.md, made of values.yaml."""
    text = (CHART / "values.yaml").read_text()
    lines = ["| value | default | meaning |", "|---|---|---|"]
    for path, comment in rows(text):
        value = yaml.safe_load(text)
        for key in path:
            value = value[key]
        default = yaml.safe_dump(value, default_flow_style=True, width=10_000, sort_keys=False)
        default = default.removesuffix("...\n").strip()
        lines.append(f"| `{'.'.join(path)}` | `{default}` | {comment} |")
    return "".join(f"{line}\n" for line in lines)
