"""Dashboards as Grafana and the OpenShift console read them: their queries, and the fields that they show."""

import json
import re

from control_plane import ROOT
from promtool import ALERTS

RUNBOOKS = {rule["alert"]: rule["annotations"]["runbook_url"] for rule in ALERTS}

FOLDER = ROOT / "dashboards"
GRAFANA = [FOLDER / file for file in ("notafter.json", "notafter-fleet.json", "notafter-certificate.json")]
CONSOLE = FOLDER / "console/notafter.json"
# The metrics that the store of a fleet has, as the README lists them.
FLEET = re.findall(r"^ +- (\w[\w:]+)$", (FOLDER / "README.md").read_text(), re.MULTILINE)


class Dashboard:
    """A dashboard with its panels, without rows, and its variables."""

    def __init__(self, file):
        self.json = json.loads(file.read_text())
        rows = self.json.get("rows", [])
        self.rows = rows + [panel for panel in self.json.get("panels", []) if panel["type"] == "row"]
        every = [panel for row in rows for panel in row["panels"]] + self.json.get("panels", [])
        self.panels = [Panel(panel) for panel in every if panel["type"] != "row"]
        self.variables = {variable["name"]: variable for variable in self.json["templating"]["list"]}

    def targets(self):
        """Returns every panel with each of its targets."""
        return [(panel, target) for panel in self.panels for target in panel.targets]

    def metrics(self):
        """Returns the names of all metrics in the queries."""
        asked = "\n".join(target["expr"] for _, target in self.targets())
        return set(re.findall(r"\b(?:ALERTS\w*|(?:cert|olm|process)_\w+|notafter[:_]\w+)(?=[{\[])", asked))

    def panel(self, title):
        [found] = [panel for panel in self.panels if panel.title == title]
        return found

    def __repr__(self):
        return self.json["title"]


class Panel:
    """A panel, its targets, and the columns of its table."""

    def __init__(self, panel):
        self.json, self.title, self.type, self.targets = panel, panel["title"], panel["type"], panel["targets"]
        transformations = {step["id"]: step["options"] for step in panel.get("transformations", [])}
        self.organized = transformations.get("organize")

    def fields(self, answers):
        """Returns the fields of a table, from the answers to its targets: labels, values and the time."""
        labels = {label for answer in answers.values() for metric, _ in answer for label in metric}
        values = {f"Value #{ref}" for ref, answer in answers.items() if answer}
        return labels | ({"Value"} if len(self.targets) == 1 else values) | {"Time"}

    def shown(self):
        """Returns the names of the columns by field; in the console they come from styles."""
        if "styles" in self.json:
            return {style["pattern"]: style["alias"] for style in self.json["styles"]}
        return self.organized["renameByName"]

    def hidden(self):
        return set(self.organized["excludeByName"]) if self.organized else set()

    def matches(self, shown):
        """Yields the name or pattern of every override, with the columns or series that it matches."""
        for override in self.json["fieldConfig"]["overrides"]:
            matcher = override["matcher"]
            name = re.escape(matcher["options"]) if matcher["id"] == "byName" else matcher["options"]
            yield matcher["options"], [column for column in shown if re.fullmatch(name, column)]


def interpolated(text, variables, now, step=None):
    """Returns a query as Grafana sends it when the variables have these values."""
    built_in = {
        "__rate_interval": "1m", "__from:date:seconds": str(int(now)),
        "__interval_ms": str(int(1000 * step)) if step else None,
    }
    for name, value in (variables | built_in).items():
        if value is not None:
            text = re.sub(rf"\$\{{{name}\}}|\${name}\b", lambda _: value, text)
    # Only the groups of label_replace remain.
    left = re.findall(r"\$(?!\d\b)\S*", text)
    assert not left, f"{left} have no value in {text}"
    return text


def columns(panel, answers):
    """Returns the columns of a table as displayed, including those without a name of their own."""
    named = panel.shown()
    return {named.get(field, field) for field in panel.fields(answers) - panel.hidden()}
