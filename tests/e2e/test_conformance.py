"""The simulator gives the same answers as the real API server to the same requests."""

import json
import unittest
import urllib.parse

import managed
from answer import PROTOBUF, Answer
from certificates import certificate, secret
from changes import Both
from clusters import simulated
from consumers import api_server, api_service, converted, ingress, route, webhooks
from control_plane import shared
from objects import create, location, path

NAMESPACE = "conformance"
PAGES = {"limit": "100", "fieldSelector": "type=kubernetes.io/tls"}
METADATA = ";as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
SECRETS = "/api/v1/secrets"
HERE = f"/api/v1/namespaces/{NAMESPACE}/secrets"
CLIENT_CA = f"/api/v1/namespaces/{NAMESPACE}/configmaps"
REVIEWS = {
    "/apis/authentication.k8s.io/v1/tokenreviews": {
        "apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "spec": {"token": "made-up"},
    },
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
    (OPERATORS, {"labelSelector": "notafter", "fieldSelector": "metadata.name=gadgets.v2"}, "application/json"),
    (OPERATORS, {"fieldSelector": "type=kubernetes.io/tls"}, "application/json"),
    (OPERATORS, {}, PROTOBUF),
    (CLIENT_CA, {"fieldSelector": "metadata.name=nobody"}, "application/json"),
    (CLIENT_CA, {"fieldSelector": "metadata.name=nobody"}, PROTOBUF + METADATA),
    ("/apis/example.com/v1/things", {}, PROTOBUF),
]


def others():
    """Returns an object of every other polled resource, and a second one where it is namespaced."""
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
    for object in objects:
        object["metadata"]["labels"] = {"notafter": "conformance"}
        object["metadata"]["ownerReferences"] = [{"apiVersion": "v1", "kind": "ConfigMap", "name": "web", "uid": "0"}]
    return objects


def requests_for(object):
    """Yields notafter's requests for the resource of an object, and requests that are refused."""
    here, name = path(object), object["metadata"]["name"]
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
            # An invalid path. For Kubernetes' own resources, the texts of the two answers differ.
            yield f"{root}/namespaces/{NAMESPACE}/{plural}", ours, accept
    yield everywhere, {**ours, "resourceVersion": "0", "resourceVersionMatch": "NotOlderThan"}, PROTOBUF + METADATA


class Conformance(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        plane = shared()
        # Without this feature, continue tokens expire at a compaction: see test_failures.
        plane.restart_api_server("--feature-gates=ListFromCacheSnapshot=false")
        cls.addClassCleanup(plane.restart_api_server)
        pem = certificate("web", 90)
        labels = {"labels": {"notafter": "conformance"}, "annotations": {"note": "x" * 400}}
        secrets = [secret(NAMESPACE, f"web-{index:03}", {"tls.crt": pem}, **labels) for index in range(350)]
        secrets += [
            secret(NAMESPACE, "opaque", {"tls.crt": pem}, type="Opaque", **labels),
            secret(NAMESPACE, "unlabelled", {"tls.crt": pem}),
            secret("conformance2", "web", {"tls.crt": pem}, **labels),
        ]
        label = {"notafter": "conformance"}
        operators = [managed.csv(NAMESPACE, name, "web", labels=label) for name in ("widgets.v1", "gadgets.v2")]
        copied = label | {"olm.copiedFrom": NAMESPACE}
        operators.append(managed.csv("conformance2", "widgets.v1", "web", labels=copied))
        plane.create_namespaces(NAMESPACE, "conformance2", "openshift-ingress-operator")
        cls.others = others()
        for object in secrets + operators + cls.others:
            create(plane, object)
        for object in cls.others:
            cls.addClassCleanup(plane.request, "DELETE", location(object))
        simulator = cls.enterClassContext(simulated(objects=secrets + operators + cls.others))
        cls.servers = Both(plane, simulator)
        token = plane.kubectl("-n", "notafter", "create", "token", "notafter")
        cls.authorization = {"Authorization": f"Bearer {token}"}
        # The API server answers 404 only to clients that may list the resource, and 403 to others.
        rules = [
            {"apiGroups": ["example.com"], "resources": ["things"], "verbs": ["list"]},
            {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["list"]},
        ]
        role = {"metadata": {"name": "things"}, "rules": rules}
        plane.json("POST", "/apis/rbac.authorization.k8s.io/v1/clusterroles", role)
        binding = ("--clusterrole=things", "--serviceaccount=notafter:notafter")
        plane.kubectl("create", "clusterrolebinding", "things", *binding)

    def ask(self, connection, path, query, accept, encoding="identity"):
        target = f"{path}?{urllib.parse.urlencode(query)}" if query else path
        connection.request("GET", target, headers={"Accept": accept, "Accept-Encoding": encoding, **self.authorization})
        answer = connection.getresponse()
        answer = Answer(answer.status, answer.headers, answer.read())
        connection.close()  # the next request opens it again
        return answer

    def both(self, path, query, accept, encoding="identity", tokens=({}, {})):
        """Returns the two answers after asserting that they are equal."""
        answers = [
            self.ask(connection, path, query | token, accept, encoding)
            for connection, token in zip((self.servers.real(), self.servers.simulated()), tokens)
        ]
        self.assertEqual(answers[0].compared, answers[1].compared, (path, query, accept))
        return answers

    def test_1_the_same_requests_get_the_same_answers(self):
        for path, query, accept in REQUESTS:
            for encoding in ("identity", "gzip"):
                with self.subTest(path=path, query=query, accept=accept, encoding=encoding):
                    self.both(path, query, accept, encoding)

    def test_1_lists_of_other_resources_are_equal(self):
        for path, query, accept in (request for object in self.others for request in requests_for(object)):
            with self.subTest(path=path, query=query, accept=accept):
                self.both(path, query, accept)

    def test_1_reviews_get_equal_answers(self):
        for path, review in REVIEWS.items():
            answers = []
            for connection in (self.servers.real(), self.servers.simulated()):
                headers = {"Content-Type": "application/json", **self.authorization}
                connection.request("POST", path, json.dumps(review), headers)
                answer = connection.getresponse()
                reviewed = json.load(answer)
                verdict = [bool(reviewed["status"].get(field)) for field in ("authenticated", "allowed", "denied")]
                answers.append((answer.status, reviewed["kind"], reviewed["spec"], verdict))
                connection.close()
            with self.subTest(path):
                self.assertEqual(answers[0], answers[1])
                self.assertEqual(answers[0][0], 201)

    def test_2_pages_lead_through_the_same_objects(self):
        for accept in (PROTOBUF, "application/json", PROTOBUF + METADATA):
            tokens, pages = [{}, {}], 0
            while tokens:
                answers = self.both(HERE, PAGES, accept, tokens=tokens)
                tokens = [{"continue": answer.token} for answer in answers if answer.token]
                pages += 1
            self.assertEqual(pages, 4)

    def test_3_an_expired_token_is_refused_with_another_that_works(self):
        for accept in (PROTOBUF, PROTOBUF + METADATA, "application/json"):
            tokens = [{"continue": answer.token} for answer in self.both(HERE, PAGES, accept)]
            self.servers.compact()
            for status in (410, 200, 200):
                answers = self.both(HERE, PAGES, accept, tokens=tokens)
                self.assertEqual(answers[0].status, status)
                tokens = [{"continue": answer.token} for answer in answers]
