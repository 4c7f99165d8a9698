"""A real Alertmanager, and the receivers of its notifications."""

import json
import os
import pathlib
import tempfile
import urllib.request

from contexts import HttpServer, Process, SilentHandler
from control_plane import free_port, wait_for

# 0.28, built from its module (0.35 needs its user interface to be built first), and Debian's 0.25.
FOLDERS = [pathlib.Path(folder) for folder in os.environ["ALERTMANAGER_FOLDERS"].split(":")]

# Debian's reads its templates where the package installs them. They are mounted there, in a mount
# namespace of this process alone.
INSTALLED = """
mount -t tmpfs tmpfs /usr/share && ln -s "$1/../share/prometheus" /usr/share/prometheus
shift && exec "$@"
"""


class Receivers(HttpServer):
    """A pager, a chat and a webhook for every receiver of a configuration.

    `heard` has every message in order: the kind, the receiver, and the message.
    """

    def __init__(self):
        self.heard = heard = []

        class Handler(SilentHandler):
            def do_POST(self):
                _, kind, receiver = self.path.split("/")
                message = self.rfile.read(int(self.headers["Content-Length"]))
                heard.append((kind, receiver, json.loads(message)))
                self.send_response(202 if kind == "pagerduty" else 200)
                self.end_headers()
                self.wfile.write(b"ok")

        super().__init__(Handler)
        self.url = f"http://127.0.0.1:{self.port}"

    def of(self, kind, receiver):
        """Returns the messages to one receiver, in order."""
        return [message for *to, message in list(self.heard) if to == [kind, receiver]]


def pointed_at(url, config):
    """Returns a configuration for the receivers at that URL, with a webhook for each of them."""
    def pointed(receiver):
        name = receiver["name"]
        slack = [
            _without(config, "api_url_file") | {"api_url": f"{url}/slack/{name}"}
            for config in receiver.get("slack_configs", [])
        ]
        pagerduty = [
            _without(config, "routing_key_file") | {"routing_key": "x", "url": f"{url}/pagerduty/{name}"}
            for config in receiver.get("pagerduty_configs", [])
        ]
        webhook = [{"url": f"{url}/webhook/{name}"}]
        return {"name": name, "slack_configs": slack, "pagerduty_configs": pagerduty, "webhook_configs": webhook}

    return config | {"receivers": [pointed(receiver) for receiver in config["receivers"]]}


def program(folder):
    own, debians = folder / "alertmanager", folder / "prometheus-alertmanager"
    if own.exists():
        return [own]
    return ["unshare", "--map-root-user", "--mount", "sh", "-c", INSTALLED, "installed", folder, debians]


def _without(config, field):
    return {name: value for name, value in config.items() if name != field}


class Alertmanager(Process):
    """An Alertmanager without peers, until the end of a context."""

    def __init__(self, folder, config):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="alertmanager-"))
        self.address = f"127.0.0.1:{free_port()}"
        (self.folder / "alertmanager.yml").write_text(json.dumps(config))
        super().__init__(
            *program(folder), f"--config.file={self.folder}/alertmanager.yml", f"--storage.path={self.folder}/data",
            f"--web.listen-address={self.address}", "--cluster.listen-address=", log=self.folder / "log",
        )

    def ready(self):
        """Waits until it accepts alerts."""
        def is_ready():
            with urllib.request.urlopen(f"http://{self.address}/-/ready", timeout=10) as answer:
                return answer.status == 200

        wait_for("Alertmanager", is_ready)
        return self

    def inhibited(self):
        """Returns the labels of the alerts that are inhibited by another one."""
        return [alert["labels"] for alert in self._alerts() if alert["status"]["inhibitedBy"]]

    def active(self):
        """Returns the labels of all alerts, inhibited ones included."""
        return [alert["labels"] for alert in self._alerts()]

    def _alerts(self):
        with urllib.request.urlopen(f"http://{self.address}/api/v2/alerts", timeout=10) as answer:
            return json.load(answer)
