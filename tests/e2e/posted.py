"""What receives reports: the webhook of a chat, and a mail server. And the pod that posts them, whose containers
are run as the kubelet runs them.
"""

import base64
import email
import email.policy
import os
import pathlib
import re
import socketserver
import subprocess
import tempfile
import threading

from contexts import HttpServer, SilentHandler
from exporter import ServiceAccount

NAMESPACE = "notafter-report"
TOKEN = "/var/run/secrets/kubernetes.io/serviceaccount"


class Chat(HttpServer):
    """A webhook that keeps what is posted to it, and answers with a status and a text."""

    def __init__(self, status=200, answer="ok"):
        self.posts = posts = []

        class Handler(SilentHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                posts.append((self.path, self.headers["Content-Type"], body))
                self.send_response(status)
                self.end_headers()
                self.wfile.write(answer.encode())

        super().__init__(Handler)


class MailServer(HttpServer):
    """A mail server that keeps the senders, the recipients and the messages."""

    def __init__(self):
        self.envelope, self.messages = envelope, messages = [], []

        class Handler(socketserver.StreamRequestHandler):
            def answer(self, line):
                self.wfile.write(f"{line}\r\n".encode())

            def handle(self):
                self.answer("220 mail")
                while line := self.rfile.readline().decode().strip():
                    if line == "DATA":
                        self.answer("354 send it")
                        lines = iter(self.rfile.readline, b".\r\n")
                        text = b"".join(line.removeprefix(b".") if line.startswith(b"..") else line for line in lines)
                        messages.append(email.message_from_bytes(text, policy=email.policy.default))
                    elif line.startswith(("MAIL ", "RCPT ")):
                        envelope.append(line)
                    self.answer("221 bye" if line == "QUIT" else "250 ok")

        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


class Pod:
    """The pod of a Job as the API server has it."""

    def __init__(self, plane, job):
        self.plane = plane
        self.template = plane.json("GET", f"/apis/batch/v1/namespaces/{NAMESPACE}/jobs/{job}")["spec"]["template"]
        self.spec = self.template["spec"]
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="pod-", dir=plane.folder))
        self.account = ServiceAccount(plane, self.spec["serviceAccountName"], NAMESPACE)

    def run(self, **environment):
        """Runs the containers one after the other until one fails, and returns its status and its errors."""
        volumes = {volume["name"]: self.volume(volume) for volume in self.spec["volumes"]}
        for container in (*self.spec["initContainers"], *self.spec["containers"]):
            mounted = {mount["mountPath"]: volumes[mount["name"]] for mount in container["volumeMounts"]}
            paths = re.compile("|".join(f"{path}(?=/)" for path in sorted(mounted, key=len, reverse=True)))
            arguments = [paths.sub(lambda path: str(mounted[path[0]]), argument) for argument in container["args"]]
            if container["name"] == "scan":
                assert mounted[TOKEN] == self.account.folder
                command = [*self.account.notafter(), *arguments]
            else:
                assert TOKEN not in mounted, container["name"]
                command = [*container["command"], *arguments]
            address = {"KUBERNETES_SERVICE_HOST": "127.0.0.1", "KUBERNETES_SERVICE_PORT": str(self.plane.port)}
            given = {"PATH": os.environ["PATH"], **address, **environment}
            done = subprocess.run(command, env=given, capture_output=True, text=True, timeout=60)
            if done.returncode != 0:
                return done.returncode, done.stdout + done.stderr
        return 0, ""

    def volume(self, volume):
        """Returns the folder of a volume, with what the kubelet writes into it."""
        if "projected" in volume:
            return self.account.folder
        folder = self.folder / volume["name"]
        folder.mkdir(exist_ok=True)
        if secret := volume.get("secret"):
            secret = self.plane.json("GET", f"/api/v1/namespaces/{NAMESPACE}/secrets/{secret['secretName']}")
            for name, data in secret["data"].items():
                (folder / name).write_bytes(base64.b64decode(data))
        return folder
