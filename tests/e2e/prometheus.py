"""A real Prometheus that scrapes notafter."""

import json
import os
import pathlib
import tempfile
import urllib.parse
import urllib.request

from contexts import Process
from control_plane import free_port, wait_for

# The newest, built from its module, and Debian's 2.42.
FOLDERS = [pathlib.Path(folder) for folder in os.environ["PROMETHEUS_FOLDERS"].split(":")]


class Prometheus(Process):
    """A Prometheus that scrapes addresses every second until the end of a context.

    `scrape` has more fields of the scrape configuration, `config` of the whole one.
    """

    def __init__(self, folder, *targets, flags=(), labels=None, scrape=None, **config):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="prometheus-"))
        self.url = f"http://127.0.0.1:{free_port()}"
        config |= {
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s", "external_labels": labels or {}},
            "scrape_configs": [{"job_name": "notafter", "static_configs": [{"targets": targets}], **(scrape or {})}],
        }
        (self.folder / "prometheus.yml").write_text(json.dumps(config))
        super().__init__(
            folder / "prometheus", f"--config.file={self.folder}/prometheus.yml",
            f"--storage.tsdb.path={self.folder}/data", f"--web.listen-address={self.url.removeprefix('http://')}",
            *flags, log=self.folder / "log",
        )

    def get(self, path, **query):
        url = f"{self.url}/api/v1/{path}?{urllib.parse.urlencode(query)}"
        with urllib.request.urlopen(url, timeout=10) as answer:
            return json.load(answer)["data"]

    def query(self, query):
        """Returns the labels and the value of every sample in the answer to a query."""
        samples = self.get("query", query=query)["result"]
        return [(sample["metric"], float(sample["value"][1])) for sample in samples]

    def forget(self, *selectors):
        """Deletes all samples of some series; only those that are still scraped come back."""
        query = urllib.parse.urlencode([("match[]", selector) for selector in selectors])
        request = urllib.request.Request(f"{self.url}/api/v1/admin/tsdb/delete_series?{query}", method="POST")
        urllib.request.urlopen(request, timeout=10).close()

    def scraped(self):
        """Waits for a successful scrape."""
        wait_for("a scrape", lambda: self.query("up == 1"))
        return self
