"""Dashboards as Grafana and the OpenShift console read them: what they ask, and which fields they show."""

import json
import re

import yaml

from control_plane import ROOT

GROUPS = yaml.safe_load((ROOT / "alerts/notafter.rules.yaml").read_text())["groups"]
# The runbook of each alert.
RUNBOOKS = {
    rule["alert"]: rule["annotations"]["runbook_url"] for group in GROUPS for rule in group["rules"] if "alert" in rule
}

FOLDER = ROOT / "dashboards"
GRAFANA = [FOLDER / "notafter.json", FOLDER / "notafter-fleet.json"]
CONSOLE = FOLDER / "console/notafter.json"


class Dashboard:
    """A dashboard with its panels, rows left out, and the texts that Grafana puts the values of variables into."""

    def __init__(self, file):
        self.json = json.loads(file.read_text())
        rows = self.json.get("rows", [])
        self.rows = rows + [it for it in self.json.get("panels", []) if it["type"] == "row"]
        every = [it for row in rows for it in row["panels"]] + self.json.get("panels", [])
        self.panels = [Panel(it) for it in every if it["type"] != "row"]
        self.variables = {it["name"]: it for it in self.json["templating"]["list"]}

    def questions(self):
        """Every panel with each of its targets."""
        return [(panel, target) for panel in self.panels for target in panel.targets]

    def panel(self, title):
        [found] = [it for it in self.panels if it.title == title and it.targets]
        return found

    def __repr__(self):
        return self.json["title"]


class Panel:
    """A panel, and what its targets and its table are made of."""

    def __init__(self, it):
        self.json, self.title, self.type, self.targets = it, it["title"], it["type"], it["targets"]
        transformations = {it["id"]: it["options"] for it in it.get("transformations", [])}
        self.organized = transformations.get("organize")

    def fields(self, answers):
        """The names of a table's fields, by the answers to its targets: labels, values and the time."""
        labels = {label for answer in answers.values() for metric, _ in answer for label in metric}
        values = {f"Value #{ref}" for ref, answer in answers.items() if answer}
        return labels | ({"Value"} if len(self.targets) == 1 else values) | {"Time"}

    def shown(self):
        """The names of the columns, by the names of their fields; of the console's tables, those of their styles."""
        if "styles" in self.json:
            return {it["pattern"]: it["alias"] for it in self.json["styles"]}
        return self.organized["renameByName"]

    def hidden(self):
        return set(self.organized["excludeByName"]) if self.organized else set()

    def matches(self, shown):
        """Every override, and whether it means one of the columns or series that are shown."""
        for override in self.json["fieldConfig"]["overrides"]:
            matcher = override["matcher"]
            name = re.escape(matcher["options"]) if matcher["id"] == "byName" else matcher["options"]
            yield matcher["options"], [it for it in shown if re.fullmatch(name, it)]


def interpolated(text, variables, now, step=None):
    """A query as Grafana sends it, where the variables have these values."""
    built_in = {
        "__rate_interval": "1m", "__from:date:seconds": str(int(now)),
        "__interval_ms": str(int(1000 * step)) if step else None,
    }
    for name, value in (variables | built_in).items():
        if value is not None:
            text = re.sub(rf"\$\{{{name}\}}|\${name}\b", lambda _: value, text)
    # What is left are the groups of label_replace.
    left = re.findall(r"\$(?!\d\b)\S*", text)
    assert not left, f"{left} have no value in {text}"
    return text


def columns(panel, answers):
    """The columns of a table under the names that are shown, those that nobody named among them."""
    named = panel.shown()
    return {named.get(it, it) for it in panel.fields(answers) - panel.hidden()}
