"""The simulator answers as the real API server does: the same requests to both, the same kind of answers."""

import http.client
import json
import os
import signal
import ssl
import subprocess
import unittest
import urllib.parse

import managed
from answer import PROTOBUF, Answer
from certificates import certificate, secret
from consumers import api_server, api_service, converted, ingress, route, webhooks
from control_plane import shared, wait_for
from staged import path as path_of
from test_inventory import operator, put

NAMESPACE = "conformance"
METADATA = ";as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
SECRETS = "/api/v1/secrets"
HERE = f"/api/v1/namespaces/{NAMESPACE}/secrets"
CLIENT_CA = f"/api/v1/namespaces/{NAMESPACE}/configmaps"
REVIEWS = {
    "/apis/authentication.k8s.io/v1/tokenreviews": {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "spec": {
        "token": "made-up",
    }},
    "/apis/authorization.k8s.io/v1/subjectaccessreviews": {
        "apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": {
            "user": "nobody", "nonResourceAttributes": {"path": "/metrics", "verb": "get"},
        },
    },
}
OPERATORS = "/apis/operators.coreos.com/v1alpha1/clusterserviceversions"

REQUESTS = [
    (HERE, {}, "application/json"),
    (HERE, {}, PROTOBUF),
    (HERE, {}, PROTOBUF + METADATA),
    (HERE, {}, "application/json" + METADATA),
    (HERE, {}, PROTOBUF + ", application/json"),
    (HERE, {}, "*/*"),
    (HERE, {}, "text/html"),
    (HERE, {"fieldSelector": "type=kubernetes.io/tls"}, PROTOBUF),
    (HERE, {"fieldSelector": "type!=kubernetes.io/tls"}, PROTOBUF),
    (HERE, {"fieldSelector": "metadata.name=web-007,type=kubernetes.io/tls"}, PROTOBUF),
    (HERE, {"fieldSelector": "metadata.name=opaque,type=kubernetes.io/tls"}, PROTOBUF),
    (HERE, {"fieldSelector": "metadata.name=nobody"}, PROTOBUF),
    (HERE, {"fieldSelector": "spec.colour=blue"}, PROTOBUF),
    (HERE, {"fieldSelector": "metadata.name"}, PROTOBUF),
    (HERE, {"labelSelector": "!notafter"}, PROTOBUF),
    (HERE, {"labelSelector": "notafter"}, "application/json"),
    (HERE, {"labelSelector": "notafter!=conformance"}, "application/json"),
    (HERE, {"labelSelector": "!!"}, "application/json"),
    (HERE, {"limit": "50"}, PROTOBUF),
    (HERE, {"limit": "50", "fieldSelector": "type=kubernetes.io/tls"}, PROTOBUF),
    (HERE, {"limit": "5000"}, PROTOBUF),
    (HERE, {"limit": "0"}, PROTOBUF + METADATA),
    (HERE, {"limit": "-1"}, PROTOBUF + METADATA),
    (HERE, {"limit": "many"}, PROTOBUF),
    (HERE, {"limit": "100", "resourceVersion": "0"}, PROTOBUF + METADATA),
    (HERE, {"resourceVersion": "0", "resourceVersionMatch": "NotOlderThan"}, PROTOBUF + METADATA),
    (HERE, {"resourceVersion": "1", "resourceVersionMatch": "NotOlderThan"}, PROTOBUF + METADATA),
    (HERE, {"resourceVersion": "1000000000", "resourceVersionMatch": "NotOlderThan"}, PROTOBUF + METADATA),
    (HERE, {"resourceVersion": "1000000000", "resourceVersionMatch": "NotOlderThan"}, PROTOBUF),
    (HERE, {"resourceVersionMatch": "NotOlderThan"}, PROTOBUF),
    (HERE, {"resourceVersion": "latest"}, PROTOBUF),
    (HERE, {"continue": "nonsense"}, PROTOBUF),
    (HERE + "/web-007", {}, PROTOBUF),
    ("/api/v1/namespaces/nowhere/secrets", {}, PROTOBUF),
    ("/api/v1/namespaces/nowhere/secrets", {}, PROTOBUF + METADATA),
    (SECRETS, {"labelSelector": "notafter=conformance", "fieldSelector": "metadata.namespace=conformance2"}, PROTOBUF),
    (OPERATORS, {"labelSelector": "notafter=conformance,!olm.copiedFrom"}, "application/json"),
    (OPERATORS, {"labelSelector": "notafter=conformance,!olm.copiedFrom"}, PROTOBUF + METADATA),
    (OPERATORS, {"labelSelector": "notafter=conformance", "limit": "1"}, "application/json"),
    (OPERATORS, {"labelSelector": "notafter=conformance", "fieldSelector": "metadata.name=gadgets.v2"}, "application/json"),
    (OPERATORS, {"fieldSelector": "type=kubernetes.io/tls"}, "application/json"),
    (OPERATORS, {}, PROTOBUF),
    (CLIENT_CA, {"fieldSelector": "metadata.name=nobody"}, "application/json"),
    (CLIENT_CA, {"fieldSelector": "metadata.name=nobody"}, PROTOBUF + METADATA),
    ("/apis/example.com/v1/things", {}, PROTOBUF),
]


def others():
    """An object of every other resource that is polled, and of those in namespaces one more."""
    pem = certificate("ca", 90)
    called = ("conformance", NAMESPACE, "web", pem)
    objects = [
        managed.service(NAMESPACE, "web", serving_cert_secret_name="web-tls"), managed.service("conformance2", "web"),
        managed.issued(NAMESPACE, "web", "web-tls"), managed.issued("conformance2", "web", "web-tls"),
        route(NAMESPACE, "web", "web-tls"), route("conformance2", "web", "web-tls"),
        managed.ingress_controller("default"), managed.ingress_controller("internal"),
        webhooks(*called, "apps"), webhooks(*called, "apps", kind="MutatingWebhookConfiguration"),
        api_service("conformance.example.com", *called[1:]), converted("conformance.example.com", *called[1:]),
        managed.cluster_version(), api_server("api"), ingress("console"),
    ]
    for it in objects:
        it["metadata"]["labels"] = {"notafter": "conformance"}
        it["metadata"]["ownerReferences"] = [{"apiVersion": "v1", "kind": "ConfigMap", "name": "web", "uid": "0"}]
    return objects


def requests_for(it):
    """What notafter asks of a resource, and what it is told where it asks for something else."""
    here, name = path_of(it), it["metadata"]["name"]
    root, plural = here.rsplit("/", 1)
    everywhere = f"{root.split('/namespaces/')[0]}/{plural}"
    ours = {"labelSelector": "notafter=conformance"}
    for accept in (PROTOBUF + METADATA, "application/json"):
        yield everywhere, ours, accept
        yield everywhere, {**ours, "fieldSelector": f"metadata.name={name}"}, accept
        yield everywhere, {**ours, "fieldSelector": "metadata.name=nobody"}, accept
        yield everywhere, {**ours, "fieldSelector": f"metadata.namespace={NAMESPACE}"}, accept
        yield everywhere, {**ours, "fieldSelector": "type=kubernetes.io/tls"}, accept
        yield f"{here}/{name}", {}, accept
        if here != everywhere:
            yield here, ours, accept
            yield everywhere, {**ours, "limit": "1"}, accept
        elif ".openshift.io/" in here:
            # A path that leads nowhere; where Kubernetes has one of its own, the simulator refuses in other words.
            yield f"{root}/namespaces/{NAMESPACE}/{plural}", ours, accept
    yield everywhere, {**ours, "resourceVersion": "0", "resourceVersionMatch": "NotOlderThan"}, PROTOBUF + METADATA


class Conformance(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.plane = plane = shared()
        plane.stop_api_server()
        plane.start_api_server("--feature-gates=ListFromCacheSnapshot=false")  # so that tokens can expire: test_trouble
        pem = certificate("web", 90)
        labels = {"labels": {"notafter": "conformance"}, "annotations": {"note": "x" * 400}}
        secrets = [secret(NAMESPACE, f"web-{index:03}", {"tls.crt": pem}, **labels) for index in range(350)]
        secrets += [
            secret(NAMESPACE, "opaque", {"tls.crt": pem}, type="Opaque", **labels),
            secret(NAMESPACE, "unlabelled", {"tls.crt": pem}),
            secret("conformance2", "web", {"tls.crt": pem}, **labels),
        ]
        operators = [operator(NAMESPACE, "widgets.v1"), operator(NAMESPACE, "gadgets.v2"), operator("conformance2", "widgets.v1")]
        for it in operators:
            it["metadata"]["labels"] = {"notafter": "conformance"}
        operators[2]["metadata"]["labels"]["olm.copiedFrom"] = NAMESPACE
        for namespace in (NAMESPACE, "conformance2"):
            plane.kubectl("create", "namespace", namespace)
        put(plane, *secrets)
        for it in operators:
            plane.json("POST", OPERATORS.replace("v1alpha1", f"v1alpha1/namespaces/{it['metadata']['namespace']}"), it)
        plane.request("POST", "/api/v1/namespaces", {"metadata": {"name": "openshift-ingress-operator"}})
        cls.others = others()
        for it in cls.others:
            plane.json("POST", path_of(it), it)
            cls.addClassCleanup(plane.request, "DELETE", f"{path_of(it)}/{it['metadata']['name']}")
        program = os.environ["SIMULATOR"]
        pipe = subprocess.PIPE
        cls.simulator = subprocess.Popen([program], stdin=pipe, stdout=pipe, text=True)
        for it in secrets + operators + cls.others:
            cls.simulator.stdin.write(json.dumps(it) + "\n")
        cls.simulator.stdin.close()
        cls.address = cls.simulator.stdout.readline().strip()
        token = plane.kubectl("-n", "notafter", "create", "token", "notafter")
        cls.authorization = {"Authorization": f"Bearer {token}"}
        # What is not there is only told to who might see it.
        rules = [
            {"apiGroups": ["example.com"], "resources": ["things"], "verbs": ["list"]},
            {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["list"]},
        ]
        plane.json("POST", "/apis/rbac.authorization.k8s.io/v1/clusterroles", {"metadata": {"name": "things"}, "rules": rules})
        binding = ("--clusterrole=things", "--serviceaccount=notafter:notafter")
        plane.kubectl("create", "clusterrolebinding", "things", *binding)

    @classmethod
    def tearDownClass(cls):
        cls.simulator.kill()
        cls.simulator.stdout.close()
        cls.simulator.wait()
        cls.plane.stop_api_server()
        cls.plane.start_api_server()

    def ask(self, connection, path, query, accept, encoding="identity"):
        target = f"{path}?{urllib.parse.urlencode(query)}" if query else path
        connection.request("GET", target, headers={"Accept": accept, "Accept-Encoding": encoding, **self.authorization})
        answer = connection.getresponse()
        told = Answer(answer.status, answer.headers, answer.read())
        connection.close()  # it is opened again by the next request
        return told

    def real(self):
        # Not the administrator's connection: the token says who asks.
        context = ssl.create_default_context(cafile=self.plane.authority.file)
        return http.client.HTTPSConnection("127.0.0.1", self.plane.port, context=context)

    def simulated(self):
        return http.client.HTTPConnection(self.address)

    def both(self, path, query, accept, encoding="identity"):
        """The two answers, once they are found to agree."""
        answers = [self.ask(it, path, query, accept, encoding) for it in (self.real(), self.simulated())]
        self.assertEqual(answers[0].told, answers[1].told, (path, query, accept))
        return answers

    def test_1_the_same_requests_get_the_same_answers(self):
        for path, query, accept in REQUESTS:
            for encoding in ("identity", "gzip"):
                with self.subTest(path=path, query=query, accept=accept, encoding=encoding):
                    self.both(path, query, accept, encoding)

    def test_1_other_resources_are_listed_as_they_are(self):
        for path, query, accept in (request for it in self.others for request in requests_for(it)):
            with self.subTest(path=path, query=query, accept=accept):
                self.both(path, query, accept)

    def test_1_reviews_are_answered_alike(self):
        for path, review in REVIEWS.items():
            told = []
            for connection in (self.real(), self.simulated()):
                headers = {"Content-Type": "application/json", **self.authorization}
                connection.request("POST", path, json.dumps(review), headers)
                answer = connection.getresponse()
                it = json.load(answer)
                verdict = [bool(it["status"].get(field)) for field in ("authenticated", "allowed", "denied")]
                told.append((answer.status, it["kind"], it["spec"], verdict))
                connection.close()
            with self.subTest(path):
                self.assertEqual(told[0], told[1])
                self.assertEqual(told[0][0], 201)

    def test_2_pages_lead_through_the_same_objects(self):
        query = {"limit": "100", "fieldSelector": "type=kubernetes.io/tls"}
        for accept in (PROTOBUF, "application/json", PROTOBUF + METADATA):
            tokens, pages = [{}, {}], 0
            while tokens:
                answers = [
                    self.ask(connection, HERE, query | token, accept)
                    for connection, token in zip((self.real(), self.simulated()), tokens)
                ]
                self.assertEqual(answers[0].told, answers[1].told)
                tokens = [{"continue": it.token} for it in answers if it.token]
                pages += 1
            self.assertEqual(pages, 4)

    def test_3_an_expired_token_is_refused_with_another_that_goes_on(self):
        query = {"limit": "100", "fieldSelector": "type=kubernetes.io/tls"}
        for accept in (PROTOBUF, PROTOBUF + METADATA, "application/json"):
            tokens = [{"continue": it.token} for it in self.both(HERE, query, accept)]
            self.plane.compact()
            self.simulator.send_signal(signal.SIGUSR1)
            connections = self.real(), self.simulated()
            wait_for("the compaction", lambda: self.ask(connections[1], HERE, query | tokens[1], accept).told["status"] == 410)
            for step in (410, 200, 200):
                answers = [self.ask(it, HERE, query | token, accept) for it, token in zip(connections, tokens)]
                self.assertEqual(answers[0].told, answers[1].told)
                self.assertEqual(answers[0].told["status"], step)
                tokens = [{"continue": it.token} for it in answers]
