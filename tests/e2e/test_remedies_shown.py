"""Every command that only shows something, typed on a real API server: it prints the object that there is to see."""

import base64
import re
import shlex

from advised import HERE, WEEKS, Advised
from certificates import DAY, Authority, certificate, request, rfc3339, secret
from control_plane import ROOT
from managed import certrotation_secret, certrotation_signer, csv, issued, issued_secret, olm_secret, olm_signer, service_ca

DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


class Looks(Advised):
    """The commands that only show something."""

    NAMESPACES = (HERE, "openshift-service-ca", "openshift-service-ca-operator", "kube-system")

    def assertShow(self, *expected):
        """Asserts the commands about secrets, each of which prints some objects."""
        scrape = self.scrape()
        for secret, command, *objects in expected:
            with self.subTest(secret["metadata"]["name"]):
                _, advised, is_fix = self.advised(secret, scrape)
                self.assertEqual((advised, is_fix), (command, False))
                self.assertPrints(command, *objects)

    def assertPrints(self, command, *objects):
        output = self.assertTypes(command)
        for object in objects:
            self.assertRegex(output, rf"\b{re.escape(object['metadata']['name'])}\b", command)

    def test_of_olm(self):
        olm = self.put(workload("pods", HERE, "olm-operator", {"app": "olm-operator"}))
        groups = f"kubectl -n {HERE} get operatorgroups,clusterserviceversions"
        pending = self.operator("pending", phase="Pending", reason="RequirementsNotMet")
        failed = self.operator("failed", phase="Failed", reason="InstallComponentFailedNoRetry")
        alone = self.operator("alone", phase="Failed", reason="NoOperatorGroup")
        # Its operator exists, but without such a deployment.
        operator = self.put(csv(HERE, "heir.v2", "heir"))
        former = self.put(olm_secret(operator, "former", olm_signer(WEEKS), WEEKS))
        deployment = self.put(workload("deployments", HERE, "heir", {"app": "heir"}))
        named = lambda name: {"metadata": {"name": name}}
        self.assertShow(
            (self.operator("sound", names=3), "kubectl get pods --all-namespaces --selector=app=olm-operator", olm),
            (pending, f"kubectl -n {HERE} describe clusterserviceversion pending.v1", named("pending.v1")),
            (failed, f"kubectl -n {HERE} describe clusterserviceversion failed.v1", named("failed.v1")),
            (alone, groups, named("alone.v1")),
            (former, f"kubectl -n {HERE} get clusterserviceversions,deployments", operator, deployment),
        )

    def test_of_service_ca(self):
        signer, controller = service_ca(-100 * DAY), "openshift-service-ca"
        key = self.put(secret(controller, "signing-key", {"tls.crt": signer.pem}))
        running = []
        for plural in ("pods", "deployments"):
            running.append(self.put(workload(plural, controller, "service-ca", {"app": "service-ca"})))
            self.put(workload(plural, f"{controller}-operator", "service-ca-operator", {"app": "service-ca-operator"}))
        unwanted, made = self.serving("unwanted", signer, serving_cert_secret_name="")
        ghost, gone = self.serving("ghost", signer)
        self.delete(ghost)
        self.assertShow(
            (self.serving("well", signer)[1], f"kubectl -n {controller} get deployments,pods", *running),
            (made, f"kubectl -n {HERE} describe service unwanted", unwanted),
            (gone, f"kubectl -n {HERE} get services", unwanted),
            # There is no kubelet that has a log, but the Deployment and a pod of it.
            (key, f"kubectl -n {controller}-operator logs deployment/service-ca-operator"),
        )

    def test_of_cert_manager(self):
        ca, ended = Authority("ca", -100 * DAY, 900 * DAY), Authority("ended", -100 * DAY, -70 * DAY)
        well, old = self.put(issued(HERE, "well", "well-tls", DAY)), self.put(issued(HERE, "old", "old-tls", DAY))
        self.assertShow(
            (self.issue("well", ca), f"kubectl -n {HERE} describe certificate.cert-manager.io well", well),
            (self.issue("old", ended), "kubectl get certificates.cert-manager.io --all-namespaces", old, well),
            (self.issue("gone", ca), f"kubectl -n {HERE} get certificates.cert-manager.io", well),
        )

    def issue(self, name, ca):
        leaf = ca.leaf("x.shop.svc", -60 * DAY, WEEKS, ["x.shop.svc"])
        return self.put(issued_secret(HERE, f"{name}-tls", name, leaf, ca.pem))

    def test_of_a_secret_about_which_there_is_nothing_else_to_see(self):
        wrong = {"auth.openshift.io/certificate-not-after": rfc3339(400 * DAY)}
        leaf, release = {"tls.crt": certificate("x", 30)}, "meta.helm.sh/release-name"
        charted = {"labels": {"app.kubernetes.io/managed-by": "Helm"}, "annotations": {release: "not; a name"}}
        described = [self.put(made) for made in (
            secret(HERE, "by-hand", {"tls.crt": certificate("by-hand", 30)}),
            secret(HERE, "by-flux", leaf, labels={"app.kubernetes.io/managed-by": "flux"}),
            secret(HERE, "by-a-chart", leaf, **charted),
            secret(HERE, "declared", leaf, annotations={"notafter.io/renewed-before": "1d"}),
            certrotation_secret(HERE, "rotated", certrotation_signer(), -10 * DAY, WEEKS, **wrong),
        )]
        describe = f"kubectl -n {HERE} describe secret "
        self.assertShow(*((made, describe + made["metadata"]["name"], made) for made in described))

    def test_of_a_manager_as_a_whole(self):
        ca, begins = Authority("ca", -100 * DAY, 900 * DAY), -10 * DAY
        self.put(issued(HERE, "well", "well-tls", DAY))
        self.issue("well", ca)
        self.operator("sound", names=3)
        rotated = self.put(certrotation_secret(HERE, "rotated", certrotation_signer(), begins, WEEKS))
        times = {"not-before": rfc3339(begins), "not-after": rfc3339(WEEKS)}
        annotations = {f"auth.openshift.io/certificate-{end}": time for end, time in times.items()}
        requested = self.put(secret(HERE, "requested", {"tls.crt": ca.leaf("y", begins, WEEKS)}, annotations=annotations))
        self.serving("served", service_ca(-100 * DAY))
        operator = {"apiVersion": "config.openshift.io/v1", "kind": "ClusterOperator", "metadata": {"name": "etcd"}, "spec": {}}
        shown = {
            "cert-manager": workload("pods", HERE, "cert-manager", {"app.kubernetes.io/instance": "cert-manager"}),
            "olm": workload("pods", HERE, "olm-operator", {"app": "olm-operator"}),
            "service-ca": workload("deployments", "openshift-service-ca", "service-ca", {"app": "service-ca"}),
            "certrotation": operator,
            "csr": signing_request("notafter-looks-at"),
        }
        shown = {manager: self.put(object) for manager, object in shown.items()}
        managers = self.scrape().all("notafter_manager_info")
        commands = {sample.labels["manager"]: sample.labels["remedy"] for sample in managers}
        self.assertEqual(commands.keys(), shown.keys())
        for manager, object in shown.items():
            self.assertPrints(commands[manager], object)
        late = lambda manager: (commands[manager], shown[manager])
        self.assertShow((rotated, *late("certrotation")), (requested, *late("csr")))

    def test_of_each_controller_of_the_table(self):
        table = (ROOT / "src/rotation/controllers/table.rs").read_text()
        commands = sorted(set(re.findall(r'"(get \S+ --all-namespaces[^"]*)"', table)))
        self.assertGreaterEqual(len(commands), 20)
        for plural, group in (("argocds", "argoproj.io"), ("hostedclusters", "hypershift.openshift.io")):
            self.plane.json("POST", DEFINITIONS, definition(plural, group))
            self.addCleanup(self.plane.json, "DELETE", f"{DEFINITIONS}/{plural}.{group}")
            self.plane.kubectl("wait", "--for=condition=Established", f"crd/{plural}.{group}")
        for number, command in enumerate(commands):
            with self.subTest(command):
                _, plural, _, *selectors = shlex.split(command)
                selector = dict(selector.removeprefix("--").split("=", 1) for selector in selectors)
                label, _, value = selector.get("selector", "").partition("=")
                field, _, chosen = selector.get("field-selector", "").partition("=")
                name = chosen if field == "metadata.name" else f"shown-{number}"
                labels = {label: value} if label else {}
                shown = self.put(workload(plural, HERE, name, labels, **({field: chosen} if field == "reason" else {})))
                self.assertPrints(f"kubectl {command}", shown)


def workload(plural, namespace, name, labels, **more):
    """Returns an object of a controller."""
    spec = {"containers": [{"name": "main", "image": "example.com/main"}]}
    pod = {"metadata": {"labels": labels or {"app": name}}, "spec": spec}
    job = {"template": {**pod, "spec": {**pod["spec"], "restartPolicy": "Never"}}}
    deployment = {"selector": {"matchLabels": pod["metadata"]["labels"]}, "template": pod}
    version, kind, content = {
        "pods": ("v1", "Pod", {"spec": pod["spec"]}),
        "secrets": ("v1", "Secret", {}),
        "events": ("v1", "Event", {"involvedObject": {"kind": "Node", "namespace": namespace}, "message": name}),
        "deployments": ("apps/v1", "Deployment", {"spec": deployment}),
        "jobs": ("batch/v1", "Job", {"spec": job}),
        "cronjobs": ("batch/v1", "CronJob", {"spec": {"schedule": "0 0 1 * *", "jobTemplate": {"spec": job}}}),
        "argocds.argoproj.io": ("argoproj.io/v1", "ArgoCD", {}),
        "hostedclusters.hypershift.openshift.io": ("hypershift.openshift.io/v1", "HostedCluster", {}),
    }[plural]
    metadata = {"namespace": namespace, "name": name, "labels": labels}
    return {"apiVersion": version, "kind": kind, "metadata": metadata, **content, **more}


def definition(plural, group):
    """Returns a CRD for objects of any content."""
    kind = {"argocds": "ArgoCD", "hostedclusters": "HostedCluster"}[plural]
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    return {
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": f"{plural}.{group}"},
        "spec": {
            "group": group, "scope": "Namespaced", "names": {"plural": plural, "singular": kind.lower(), "kind": kind},
            "versions": [{"name": "v1", "served": True, "storage": True, "schema": schema}],
        },
    }


def signing_request(name):
    """Returns a request for a client certificate."""
    return {
        "apiVersion": "certificates.k8s.io/v1", "kind": "CertificateSigningRequest", "metadata": {"name": name},
        "spec": {
            "signerName": "kubernetes.io/kube-apiserver-client", "usages": ["client auth"],
            "request": base64.b64encode(request(name)).decode(),
        },
    }
