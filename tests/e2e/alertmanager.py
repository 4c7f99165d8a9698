"""A real Alertmanager, and who receives what it sends in the end."""

import contextlib
import http.server
import json
import os
import pathlib
import subprocess
import tempfile
import threading
import urllib.request

from control_plane import free_port, wait_for

# 0.28, built from its module (0.35 has to have its user interface built before), and Debian's 0.25.
FOLDERS = [pathlib.Path(it) for it in os.environ["ALERTMANAGER_FOLDERS"].split(":")]

# Debian's reads its templates from where the package would be installed: in a mount namespace of this process alone.
INSTALLED = """
mount -t tmpfs tmpfs /usr/share && ln -s "$1/../share/prometheus" /usr/share/prometheus
shift && exec "$@"
"""


class Receivers(contextlib.AbstractContextManager):
    """A pager, a chat and webhooks, for all receivers of a configuration. `heard` has what they were sent, in its order:
    which kind, which receiver, and the message."""

    def __init__(self):
        self.heard = heard = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                _, kind, receiver = self.path.split("/")
                heard.append((kind, receiver, json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
                self.send_response(202 if kind == "pagerduty" else 200)
                self.end_headers()
                self.wfile.write(b"ok")

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def of(self, kind, receiver):
        """The messages that one was sent, in their order."""
        return [message for *to, message in list(self.heard) if to == [kind, receiver]]


def pointed_at(url, config):
    """A configuration that sends to the receivers at that URL what it would have sent elsewhere, and to a webhook as well."""
    def pointed(it):
        name = it["name"]
        slack = [_without(one, "api_url_file") | {"api_url": f"{url}/slack/{name}"} for one in it.get("slack_configs", [])]
        pagerduty = [
            _without(one, "routing_key_file") | {"routing_key": "x", "url": f"{url}/pagerduty/{name}"}
            for one in it.get("pagerduty_configs", [])
        ]
        webhook = [{"url": f"{url}/webhook/{name}"}]
        return {"name": name, "slack_configs": slack, "pagerduty_configs": pagerduty, "webhook_configs": webhook}

    return config | {"receivers": [pointed(it) for it in config["receivers"]]}


def program(folder):
    own, debians = folder / "alertmanager", folder / "prometheus-alertmanager"
    if own.exists():
        return [own]
    return ["unshare", "--map-root-user", "--mount", "sh", "-c", INSTALLED, "installed", folder, debians]


def _without(one, key):
    return {it: value for it, value in one.items() if it != key}


class Alertmanager:
    """An Alertmanager without peers; a context."""

    def __init__(self, folder, config):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="alertmanager-"))
        self.address = f"127.0.0.1:{free_port()}"
        (self.folder / "alertmanager.yml").write_text(json.dumps(config))
        command = [
            *program(folder), f"--config.file={self.folder}/alertmanager.yml", f"--storage.path={self.folder}/data",
            f"--web.listen-address={self.address}", "--cluster.listen-address=",
        ]
        with open(self.folder / "log", "wb") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(20)

    def ready(self):
        """Waits until it takes alerts."""
        def is_ready():
            with urllib.request.urlopen(f"http://{self.address}/-/ready", timeout=10) as it:
                return it.status == 200

        wait_for("Alertmanager", is_ready)
        return self

    def inhibited(self):
        """The labels of what it keeps to itself because of another alert."""
        with urllib.request.urlopen(f"http://{self.address}/api/v2/alerts", timeout=10) as it:
            return [alert["labels"] for alert in json.load(it) if alert["status"]["inhibitedBy"]]
