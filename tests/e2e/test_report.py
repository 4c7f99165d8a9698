"""The report that is posted without a Prometheus: its pods, its rights, and what a chat and a mail server receive."""

import copy
import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

import yaml

from certificates import secret
from control_plane import ROOT, shared
from objects import create
from posted import NAMESPACE, TOKEN, Chat, MailServer, Pod
from restricted import objections
from sections import sections

WAYS = ("chat", "mail")
# Both reports are about the same moment.
AT = {"NOTAFTER_AT": "2026-12-01T07:00:00Z"}


def built(plane, way, *components):
    """Returns the objects of a report, with components, by kind."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="report-", dir=plane.folder))
    manifests = os.path.relpath(ROOT / "manifests/report", os.path.realpath(folder))
    kustomization = {
        "resources": [f"{manifests}/{way}"], "components": [f"{manifests}/{component}" for component in components],
    }
    (folder / "kustomization.yaml").write_text(yaml.safe_dump(kustomization))
    text = plane.kubectl("kustomize", str(folder))
    return {object["kind"]: object for object in yaml.safe_load_all(text)}


def template(objects):
    return objects["CronJob"]["spec"]["jobTemplate"]["spec"]["template"]


def settings(name):
    """Returns the curl.conf of the quickstart."""
    for language, text in sections("docs/quickstart.md")["Without Prometheus"]:
        if language == "text" and text.startswith(f"# {name}\n"):
            return text
    raise AssertionError(name)


class Report(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.plane = plane = shared()
        for way in reversed(WAYS):
            flags = ("--server-side", "--force-conflicts", "--validate=strict")
            plane.kubectl("apply", *flags, "-k", str(ROOT / f"manifests/report/{way}"))
        create(plane, secret(NAMESPACE, "odd", {"tls.crt": b"words"}))
        cls.addClassCleanup(plane.kubectl, "-n", NAMESPACE, "delete", "secret", "odd")

    def post(self, way, conf):
        """Runs the job with this curl.conf, and returns the status and the errors of its pod."""
        self.plane.kubectl("apply", "--server-side", "--force-conflicts", "-k", str(ROOT / f"manifests/report/{way}"))
        settings = {"metadata": {"name": "notafter-report"}, "stringData": {"curl.conf": conf}}
        self.plane.json("POST", f"/api/v1/namespaces/{NAMESPACE}/secrets", settings)
        self.addCleanup(self.plane.kubectl, "-n", NAMESPACE, "delete", "secret", "notafter-report")
        self.plane.kubectl("-n", NAMESPACE, "create", "job", "now", "--from=cronjob/notafter-report")
        self.addCleanup(self.plane.kubectl, "-n", NAMESPACE, "delete", "job", "now", "--wait=false")
        return Pod(self.plane, "now").run(**AT)

    def scan(self, format):
        """Returns what the administrator sees in that format."""
        command = [os.environ["NOTAFTER"], "scan", "--kubeconfig", self.plane.kubeconfig, "--output", format]
        return subprocess.run(command, env=os.environ | AT, capture_output=True, text=True).stdout

    def test_a_chat_receives_what_an_administrator_sees(self):
        with Chat() as chat:
            conf = settings("curl.conf").replace("https://chat.example.com", f"http://127.0.0.1:{chat.port}")
            self.assertEqual(self.post("chat", conf), (0, ""))
        [(path, content, body)] = chat.posts
        self.assertEqual((path, content), ("/hooks/0000", "application/json"))
        text = json.loads(body)["text"]
        self.assertIn("notafter-report/odd", text)
        self.assertEqual(body.decode(), self.scan("webhook"))
        # The fences are all that the chat obeys; everything of the cluster is between them.
        sentence, *others = re.sub(r"^```\n.*?^```\n", "", text, flags=re.MULTILINE | re.DOTALL).splitlines()
        self.assertRegex(sentence, r"^\d+ certificates?\b.*\.$")
        self.assertLessEqual(set(others), {"Next:", "There is more: `notafter scan` shows it."})

    def test_a_mail_has_it_as_its_text(self):
        with MailServer() as mail:
            conf = settings("curl.conf of a mail")
            self.assertIn('user = "notafter:password"\n', conf)
            conf = conf.replace('user = "notafter:password"\n', "")
            conf = conf.replace("smtps://mail.example.com", f"smtp://127.0.0.1:{mail.port}")
            self.assertEqual(self.post("mail", conf), (0, ""))
        self.assertEqual(mail.envelope, ["MAIL FROM:<notafter@example.com>", "RCPT TO:<platform@example.com>"])
        [message] = mail.messages
        self.assertEqual(message["Subject"], "Certificates of the cluster production")
        self.assertEqual(message.get_body(("plain",)).get_content(), self.scan("markdown"))

    def test_a_chat_that_refuses_it_fails_the_job_with_its_answer(self):
        with Chat(403, "no such channel") as chat:
            status, errors = self.post("chat", f'url = "http://127.0.0.1:{chat.port}/hooks/0000"\n')
        self.assertEqual(status, 22)
        self.assertIn("no such channel", errors)

    def test_pods_are_admitted_where_restricted_is_enforced(self):
        for way in WAYS:
            for components in ((), ("openshift",)):
                pod = template(built(self.plane, way, *components))
                pod = {"apiVersion": "v1", "kind": "Pod", **copy.deepcopy(pod)}
                pod["metadata"]["name"] = "report"
                path = f"/api/v1/namespaces/{NAMESPACE}/pods?dryRun=All"
                status, headers, body = self.plane.request("POST", path, pod)
                with self.subTest(way=way, components=components):
                    self.assertEqual((status, headers.get("Warning")), (201, None), body)

    def test_restricted_v2_of_openshift_objects_to_nothing_but_the_user_which_the_component_removes(self):
        for way in WAYS:
            self.assertEqual(list(objections(template(built(self.plane, way)))), ["post: runAsUser"])
            self.assertEqual(list(objections(template(built(self.plane, way, "openshift")))), [])

    def test_only_the_scan_has_a_token_and_it_allows_lists_only(self):
        for way in WAYS:
            objects = built(self.plane, way)
            spec = template(objects)["spec"]
            self.assertFalse(spec["automountServiceAccountToken"])
            [scan], [post] = spec["initContainers"], spec["containers"]
            mounts = [{mount["mountPath"] for mount in container["volumeMounts"]} for container in (scan, post)]
            self.assertEqual(mounts, [{"/report", TOKEN}, {"/report", "/etc/notafter/report"}])
            verbs = {verb for rule in objects["ClusterRole"]["rules"] for verb in rule["verbs"]}
            self.assertEqual(verbs, {"list"})
            [subject] = objects["ClusterRoleBinding"]["subjects"]
            self.assertEqual((subject["namespace"], subject["name"]), (NAMESPACE, spec["serviceAccountName"]))
            self.assertEqual(objects["ServiceAccount"]["metadata"]["name"], subject["name"])
