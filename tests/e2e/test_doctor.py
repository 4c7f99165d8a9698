"""`kubectl notafter doctor` against a real API server, with the rights of real users, and real Prometheuses.

The commands that it advises are typed, and it is asked again.
"""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest

from control_plane import ROOT, shared, wait_for, write_kubeconfig
from exporter import Exporter, confined_account
from prometheus import FOLDERS, Prometheus

NAMESPACE = "doctor"
RULES = str(ROOT / "alerts/notafter.rules.yaml")


class Diagnosis:
    """The exit status, and the checks by their names."""

    def __init__(self, done):
        assert done.stderr == "", done.stderr
        self.status, self.checks = done.returncode, {}
        for check in json.loads(done.stdout)["checks"]:
            self.checks[check["name"]] = check

    def state(self, name):
        return self.checks[name]["state"]

    def message(self, name):
        return self.checks[name]["message"]

    def lists(self):
        """Returns the states of all lists."""
        return {name: check["state"] for name, check in self.checks.items() if name.startswith("list ")}


class Doctor(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.plane = shared()
        cls.plane.create_namespaces(NAMESPACE)
        # As a person installs the plugin.
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="doctor-"))
        (cls.folder / "kubectl").symlink_to(os.environ["KUBECTL"])
        (cls.folder / "kubectl-notafter").symlink_to(os.environ["NOTAFTER"])

    def run_as(self, kubeconfig, *command):
        environment = {"PATH": f"{self.folder}:{os.environ['PATH']}", "HOME": str(self.folder), "KUBECONFIG": str(kubeconfig)}
        return subprocess.run(command, env=environment, capture_output=True, text=True)

    def doctor(self, *flags, kubeconfig=None):
        command = ("kubectl", "notafter", "doctor", "--output=json", *flags)
        return Diagnosis(self.run_as(kubeconfig or self.plane.kubeconfig, *command))

    def type(self, command):
        """Types a command as an administrator."""
        done = self.run_as(self.plane.kubeconfig, "sh", "-euc", command)
        self.assertEqual(done.returncode, 0, f"{command}: {done.stderr}")

    def kubeconfig(self, name, **user):
        ca = {"certificate-authority": self.plane.authority.file}
        return write_kubeconfig(self.folder / name, user, server=self.plane.url, **ca)

    def test_an_administrator_may_read_everything(self):
        diagnosis = self.doctor()
        self.assertEqual(diagnosis.status, 0, diagnosis.checks)
        self.assertEqual(set(diagnosis.lists().values()), {"ok"})
        self.assertIn("v1.", diagnosis.message("API server"))
        self.assertEqual(diagnosis.message("credentials"), "authenticated as admin")
        self.assertEqual(diagnosis.state("watch"), "ok")
        self.assertEqual(diagnosis.state("Prometheus"), "not_checked")

    def test_a_service_account_with_some_rights_lacks_the_others_until_the_advice_is_followed(self):
        name, scope = "some-rights", f"--namespace={NAMESPACE}"
        account = confined_account(self.plane, name, ["secrets", "ingresses.networking.k8s.io"], NAMESPACE)
        own = self.kubeconfig(name, token=(account.folder / "token").read_text())
        user = f"system:serviceaccount:notafter:{name}"
        diagnosis = self.doctor(scope, kubeconfig=own)
        self.assertEqual(diagnosis.status, 1)
        self.assertEqual(diagnosis.message("credentials"), f"authenticated as {user}")
        lists = diagnosis.lists()
        allowed = {list for list, state in lists.items() if state == "ok"}
        self.assertEqual(allowed, {f"list {list} in {NAMESPACE}" for list in ("secrets", "ingresses.networking.k8s.io")})
        self.assertGreater(len(lists), 5)
        # An administrator who asks about the account sees the same, and so does kubectl.
        of_account = f"--service-account=notafter/{name}"
        self.assertEqual(self.doctor(scope, of_account).lists(), lists)
        for list, state in lists.items():
            resource = list.split()[1]
            said = self.plane.run_kubectl("auth", "can-i", "list", resource, scope, f"--as={user}").stdout.strip()
            self.assertEqual(said == "yes", state == "ok", list)

        # An account may not ask about another.
        diagnosis = self.doctor(scope, "--service-account=notafter/notafter", kubeconfig=own)
        self.assertEqual((diagnosis.status, diagnosis.state("lists")), (3, "unknown"))
        self.assertIn("(403)", diagnosis.message("lists"))

        [fix] = {check["fix"] for check in self.doctor(scope, kubeconfig=own).checks.values() if check["state"] == "missing"}
        self.assertTrue(fix.startswith("kubectl notafter rights "), fix)
        self.type(fix)
        wait_for("the rights", lambda: self.doctor(scope, kubeconfig=own).status == 0)

    def test_a_person_without_rights_has_them_after_following_the_advice(self):
        crt, key = self.plane.authority.pair("Jane O'Hara")
        jane = self.kubeconfig("jane", **{"client-certificate": crt, "client-key": key})
        diagnosis = self.doctor(kubeconfig=jane)
        self.assertEqual(diagnosis.status, 1)
        self.assertEqual(diagnosis.message("credentials"), "authenticated as Jane O'Hara")
        self.assertEqual(set(diagnosis.lists().values()), {"missing"})
        self.assertNotIn("watch", diagnosis.checks)
        fix = diagnosis.checks["list secrets"]["fix"]
        self.type(fix)
        wait_for("the rights", lambda: self.doctor(kubeconfig=jane).status == 0)
        # Twice is as good as once, and nobody else has got a right.
        self.type(fix)
        subjects = "jsonpath={range .items[?(@.roleRef.name=='notafter')]}{.subjects[*].name}{'\\n'}{end}"
        bound = self.plane.kubectl("get", "clusterrolebindings", "-o", subjects)
        self.assertIn("Jane O'Hara", bound)
        [name] = [line for line in self.plane.kubectl("get", "clusterrolebindings", "-o", "name").split() if "notafter-user-" in line]
        self.plane.kubectl("delete", name)

    def test_rights_for_an_account_leave_those_of_another_alone(self):
        for account in ("first", "second"):
            self.plane.kubectl("-n", NAMESPACE, "create", "serviceaccount", account)
            self.type(f"kubectl notafter rights --service-account={NAMESPACE}/{account} | kubectl apply -f -")
        for account in ("first", "second"):
            of_account = f"--service-account={NAMESPACE}/{account}"
            wait_for("the rights", lambda: self.doctor(of_account).status == 0)
            self.plane.kubectl("delete", "clusterrolebinding", f"notafter.{NAMESPACE}.{account}")

    def test_credentials_that_are_not_accepted_have_failed(self):
        diagnosis = self.doctor(kubeconfig=self.kubeconfig("stranger", token="not-a-token"))
        self.assertEqual((diagnosis.status, diagnosis.state("API server")), (1, "failed"))
        self.assertIn("rejects the credentials (401)", diagnosis.message("API server"))

    def test_a_prometheus_with_the_rules_is_ok_until_its_target_is_down(self):
        alerting = {"alertmanagers": [{"static_configs": [{"targets": ["127.0.0.1:9"]}]}]}
        for folder in FOLDERS:
            with self.subTest(folder), Exporter(self.plane).ready() as notafter:
                target = notafter.url.removeprefix("http://")
                with Prometheus(folder, target, rule_files=[RULES], alerting=alerting) as prometheus:
                    ask = lambda: self.doctor("--prometheus", prometheus.url)
                    wait_for("the first evaluation", lambda: ask().status == 0)
                    diagnosis = ask()
                    self.assertRegex(diagnosis.message("targets"), r"^1 target up, version \d")
                    self.assertRegex(diagnosis.message("rules"), r"^all \d+ alerts and \d+ recording rules are loaded, and evaluated")
                    self.assertEqual(diagnosis.message("Alertmanager"), "1 Alertmanager is configured")
                    self.assertEqual(diagnosis.state("lists read by notafter"), "ok")
                    notafter.stop()
                    wait_for("the next scrape", lambda: ask().state("targets") == "failed")
                    message = ask().message("targets")
                    self.assertIn(f"notafter {target}: ", message)
                    self.assertIn("connection refused", message)

    def test_an_alertmanager_that_is_configured_and_not_there_has_failed(self):
        always = self.folder / "always.yaml"
        always.write_text(json.dumps({"groups": [{"name": "always", "rules": [{"alert": "Always", "expr": "vector(1)"}]}]}))
        alerting = {"alertmanagers": [{"static_configs": [{"targets": ["127.0.0.1:9"]}]}]}
        resend = ("--rules.alert.resend-delay=1s",)
        for folder in FOLDERS:
            with self.subTest(folder), Prometheus(folder, rule_files=[str(always)], alerting=alerting, flags=resend) as sender:
                # Prometheus scrapes itself, or another one does.
                sender_itself = (sender.url.removeprefix("http://"),)
                with Prometheus(folder, *sender_itself, scrape={"job_name": "prometheus"}, alerting=alerting) as prometheus:
                    ask = lambda: self.doctor("--prometheus", prometheus.url)
                    wait_for("a failure", lambda: ask().checks.get("Alertmanager", {}).get("state") == "failed")
                    self.assertIn("failed in the last 15 min: http://127.0.0.1:9/api/v2/alerts", ask().message("Alertmanager"))

    def test_a_prometheus_that_knows_nothing_of_notafter_over_tls(self):
        crt, key = self.plane.authority.pair("prometheus")
        web = self.folder / "web.yaml"
        web.write_text(json.dumps({"tls_server_config": {"cert_file": crt, "key_file": key}}))
        scrape = {"job_name": "itself"}
        with Prometheus(FOLDERS[0], flags=(f"--web.config.file={web}",), scrape=scrape) as prometheus:
            url = prometheus.url.replace("http:", "https:")
            ca = ("--prometheus-ca", self.plane.authority.file)
            wait_for("Prometheus", lambda: self.doctor("--prometheus", url, *ca).state("Prometheus") == "ok")
            diagnosis = self.doctor("--prometheus", url, *ca)
            self.assertEqual(diagnosis.status, 1)
            self.assertEqual({diagnosis.state(name) for name in ("targets", "rules", "Alertmanager")}, {"missing"})
            # The advice shows that no Alertmanager is configured.
            done = self.run_as("none", "sh", "-euc", diagnosis.checks["Alertmanager"]["lookAt"])
            self.assertEqual(json.loads(done.stdout)["status"], "success", done.stderr)

            untrusted = self.doctor("--prometheus", url)
            self.assertEqual((untrusted.status, untrusted.state("Prometheus")), (1, "failed"))
            self.assertIn("its certificate is not trusted", untrusted.message("Prometheus"))
            shown = self.run_as("none", "sh", "-euc", untrusted.checks["Prometheus"]["lookAt"]).stdout
            self.assertIn("BEGIN CERTIFICATE", shown)

            plain = self.doctor("--prometheus", prometheus.url)
            self.assertIn("does its address begin with https", plain.message("Prometheus"))
