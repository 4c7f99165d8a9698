"""A real Prometheus that scrapes notafter, and promtool beside it."""

import json
import os
import pathlib
import subprocess
import tempfile
import urllib.parse
import urllib.request

from control_plane import free_port, wait_for

# The newest, built from its module, and Debian's 2.42.
FOLDERS = [pathlib.Path(it) for it in os.environ["PROMETHEUS_FOLDERS"].split(":")]


def check_metrics(folder, text):
    """What `promtool check metrics` finds wrong with a scrape."""
    command = [folder / "promtool", "check", "metrics"]
    done = subprocess.run(command, input=text, capture_output=True, text=True)
    return done.stdout + done.stderr + (f"exit status {done.returncode}" if done.returncode else "")


class Prometheus:
    """A Prometheus that scrapes addresses every second, in some way; a context. More of its configuration can be given."""

    def __init__(self, folder, *targets, flags=(), labels=None, scrape=None, **config):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="prometheus-"))
        self.url = f"http://127.0.0.1:{free_port()}"
        config |= {
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s", "external_labels": labels or {}},
            "scrape_configs": [{"job_name": "notafter", "static_configs": [{"targets": targets}], **(scrape or {})}],
        }
        (self.folder / "prometheus.yml").write_text(json.dumps(config))
        command = [
            folder / "prometheus", f"--config.file={self.folder}/prometheus.yml",
            f"--storage.tsdb.path={self.folder}/data", f"--web.listen-address={self.url.removeprefix('http://')}",
            *flags,
        ]
        with open(self.folder / "log", "wb") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(20)

    def get(self, path, **query):
        with urllib.request.urlopen(f"{self.url}/api/v1/{path}?{urllib.parse.urlencode(query)}", timeout=10) as it:
            return json.load(it)["data"]

    def query(self, query):
        """The labels and value of every sample that a query answers with."""
        samples = self.get("query", query=query)["result"]
        return [(it["metric"], float(it["value"][1])) for it in samples]

    def forget(self, *selectors):
        """Deletes what was scraped so far: what is said again comes back, and what is not said is as if long ago."""
        query = urllib.parse.urlencode([("match[]", it) for it in selectors])
        request = urllib.request.Request(f"{self.url}/api/v1/admin/tsdb/delete_series?{query}", method="POST")
        urllib.request.urlopen(request, timeout=10).close()

    def scraped(self):
        """Waits until a scrape has succeeded."""
        wait_for("a scrape", lambda: [it for it in self.query("up") if it[1] == 1])
        return self
