"""The simulator answers as the real API server does: the same requests to both, the same kind of answers."""

import gzip
import http.client
import json
import os
import signal
import ssl
import subprocess
import unittest
import urllib.parse

from certificates import certificate, secret
from control_plane import shared, wait_for
from test_inventory import operator, put

NAMESPACE = "conformance"
PROTOBUF = "application/vnd.kubernetes.protobuf"
METADATA = ";as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
SECRETS = "/api/v1/secrets"
HERE = f"/api/v1/namespaces/{NAMESPACE}/secrets"
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
    ("/apis/example.com/v1/things", {}, PROTOBUF),
]


def fields(message):
    """The length-delimited fields of a protobuf message, by number; numbers are given as they are."""
    at, found = 0, []

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at, value, shift = at + 1, value | (byte & 0x7F) << shift, shift + 7
            if byte < 0x80:
                return value

    while at < len(message):
        key = varint()
        if key & 7 == 0:
            found.append((key >> 3, varint()))
        else:
            length = {1: 8, 2: None, 5: 4}[key & 7]
            length = varint() if length is None else length
            found.append((key >> 3, message[at:at + length]))
            at += length
    return found


def field(message, number):
    return next((value for it, value in fields(message) if it == number), b"")


def from_protobuf(body):
    """The parts of a list or a Status that are compared, as JSON would have them."""
    unknown = body.removeprefix(b"k8s\0")
    kind, raw = field(field(unknown, 1), 2).decode(), field(unknown, 2)
    meta = field(raw, 1)
    if kind == "Status":
        causes = [{"reason": field(it, 1).decode()} for number, it in fields(field(raw, 5)) if number == 4]
        details = {"causes": causes} if causes else {}
        metadata = {"continue": field(meta, 3).decode()}
        return {"kind": kind, "reason": field(raw, 4).decode(), "code": field(raw, 6), "details": details,
                "metadata": metadata}
    items = [{"metadata": {"name": field(field(it, 1), 1).decode()}} for number, it in fields(raw) if number == 2]
    metadata = {"continue": field(meta, 3).decode()}
    if remaining := field(meta, 4):
        metadata["remainingItemCount"] = remaining
    return {"kind": kind, "metadata": metadata, "items": items}


class Answer:
    """An answer as far as the two servers must agree: everything but names that they choose themselves."""

    def __init__(self, status, headers, body):
        if headers["Content-Encoding"] == "gzip":
            body = gzip.decompress(body)
        media_type = headers["Content-Type"].split(";")[0]
        self.told = {"status": status, "type": media_type, "encoding": headers["Content-Encoding"],
                     "retry-after": headers["Retry-After"]}
        if media_type == "text/plain":
            self.told["text"] = body.decode()
            return
        it = from_protobuf(body) if media_type == PROTOBUF else json.loads(body)
        self.token = it["metadata"].get("continue") or None
        self.told |= {"kind": it["kind"], "continues": self.token is not None}
        if it["kind"] == "Status":
            causes = (it.get("details") or {}).get("causes", [])
            self.told |= {"reason": it["reason"], "code": it["code"]}
            self.told |= {"causes": [cause["reason"] for cause in causes if cause["reason"] == "ResourceVersionTooLarge"]}
        else:
            names = [item["metadata"]["name"] for item in it["items"]]
            self.told["items"] = f"{len(names)}, {names[:1]} to {names[-1:]}, {hash(tuple(names))}"
            self.told["remaining"] = it["metadata"].get("remainingItemCount")


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
        program = os.environ["SIMULATOR"]
        pipe = subprocess.PIPE
        cls.simulator = subprocess.Popen([program], stdin=pipe, stdout=pipe, text=True)
        for it in secrets + operators:
            cls.simulator.stdin.write(json.dumps(it) + "\n")
        cls.simulator.stdin.close()
        cls.address = cls.simulator.stdout.readline().strip()
        token = plane.kubectl("-n", "notafter", "create", "token", "notafter")
        cls.authorization = {"Authorization": f"Bearer {token}"}
        # What is not there is only told to who might see it.
        rules = [{"apiGroups": ["example.com"], "resources": ["things"], "verbs": ["list"]}]
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
