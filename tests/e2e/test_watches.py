"""The simulator answers watches as the real API server does."""

import contextlib
import unittest
import urllib.parse

from answer import PROTOBUF, Answer, Watched
from certificates import certificate, secret
from changes import Both
from clusters import simulated
from control_plane import shared, wait_for
from managed import issued

NAMESPACE = "watched"
JSON, STREAM = "application/json", PROTOBUF + ";stream=watch"
METADATA = ";as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
METADATA_LIST = ";as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
SECRETS, CERTIFICATES = "/api/v1/secrets", "/apis/cert-manager.io/v1/certificates"
HERE = f"/api/v1/namespaces/{NAMESPACE}/secrets"
LISTS = (SECRETS, CERTIFICATES)
FORMS = [
    JSON, JSON + METADATA, JSON + ";stream=watch", PROTOBUF, STREAM, f"{STREAM}, {PROTOBUF}, {JSON}", PROTOBUF + METADATA,
    STREAM + METADATA, PROTOBUF + METADATA_LIST, "*/*",
]
# A custom resource has no protobuf but for its metadata.
WITHOUT = {(CERTIFICATES, PROTOBUF), (CERTIFICATES, STREAM)}
SERVED = [(path, form) for path in LISTS for form in FORMS if (path, form) not in WITHOUT]
SELECTED = [
    (HERE, {"labelSelector": "colour=red"}), (HERE, {"labelSelector": "colour!=red"}),
    (HERE, {"fieldSelector": "type=kubernetes.io/tls"}), (SECRETS, {"fieldSelector": "metadata.name=web"}),
    (SECRETS, {"fieldSelector": f"metadata.namespace={NAMESPACE}", "labelSelector": "colour"}),
    (HERE, {"limit": "1"}), (HERE, {"watch": "1"}),
    ("/api/v1/namespaces/nowhere/secrets", {}), (CERTIFICATES, {"labelSelector": "colour=blue"}),
]
INVALID = [
    (HERE, {"resourceVersion": "latest"}), (HERE, {"resourceVersion": "-1"}), (HERE, {"timeoutSeconds": "many"}),
    (HERE, {"resourceVersionMatch": "NotOlderThan"}), (HERE, {"fieldSelector": "spec.colour=blue"}),
    (CERTIFICATES, {"fieldSelector": "type=kubernetes.io/tls"}), ("/apis/example.com/v1/things", {}),
]


def one(kind, name, colour, data=b""):
    """Returns a secret or a Certificate with a label."""
    if kind == "Secret":
        object = secret(NAMESPACE, name, {"tls.crt": certificate("web", 90), "note": data})
    else:
        object = issued(NAMESPACE, name, data.decode() or "tls")
        del object["status"]
    object["metadata"]["labels"] = {"colour": colour}
    return object


class Watches(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.plane = plane = shared()
        cls.both = Both(plane, cls.enterClassContext(simulated()))
        plane.create_namespaces(NAMESPACE)
        cls.wait_for_caches()
        # The API server answers 404 only to clients with the right.
        cls.watcher = cls.account("watcher", "list", "watch")
        cls.lister = cls.account("lister", "list")

    @classmethod
    def wait_for_caches(cls):
        """Waits until the API server has its lists: right after its start it answers 429."""
        for path in LISTS:
            wait_for(f"the watch cache of {path}", lambda: cls.plane.request("GET", path)[0] == 200)

    @classmethod
    def account(cls, name, *verbs):
        """Returns the headers of a service account with such rights."""
        rules = [
            {"apiGroups": ["", "cert-manager.io", "example.com"], "resources": ["secrets", "certificates", "things"],
             "verbs": verbs},
        ]
        role = {"metadata": {"name": name}, "rules": rules}
        cls.plane.json("POST", "/apis/rbac.authorization.k8s.io/v1/clusterroles", role)
        cls.plane.kubectl("-n", NAMESPACE, "create", "serviceaccount", name)
        account = f"--serviceaccount={NAMESPACE}:{name}"
        cls.plane.kubectl("create", "clusterrolebinding", name, f"--clusterrole={name}", account)
        return {"Authorization": f"Bearer {cls.plane.kubectl('-n', NAMESPACE, 'create', 'token', name).strip()}"}

    def begun(self, path, query, accept, versions=(None, None), account=None):
        """Returns the two answers to a request, whose bodies are still to come."""
        for connection, version in zip((self.both.real(), self.both.simulated()), versions):
            given = {"watch": "true", "timeoutSeconds": "1"} | ({"resourceVersion": version} if version else {}) | query
            headers = {"Accept": accept, "Accept-Encoding": "gzip", **(account or self.watcher)}
            connection.request("GET", f"{path}?{urllib.parse.urlencode(given)}", headers=headers)
            self.addCleanup(connection.close)
            yield connection.getresponse()

    def compare(self, answers, of, kind=Watched):
        """Returns the real one of two answers after asserting that they are equal."""
        real, simulated = [kind(answer.status, answer.headers, answer.read()) for answer in answers]
        with self.subTest(of):
            self.assertEqual(real.compared, simulated.compared)
        return real

    def compare_all(self, asked, kind=Watched, since=None, account=None):
        """Compares the answers to requests that are sent together; `since` has the versions."""
        versions = lambda path: since[CERTIFICATES if path == CERTIFICATES else SECRETS] if since else (None, None)
        asked = list(asked)
        answers = [list(self.begun(*request, versions(request[0]), account)) for request in asked]
        return [self.compare(*pair, kind) for pair in zip(answers, asked)]

    def change(self):
        """Creates, replaces, deletes and creates again, in both lists."""
        for kind in ("Secret", "Certificate"):
            self.both.apply(one(kind, "web", "red"))
            self.both.apply(one(kind, "web", "red", b"changed"))
            self.both.apply(one(kind, "web", "blue", b"changed"))
            self.both.apply(one(kind, "shop", "red"))
            self.both.delete(one(kind, "web", "blue"))
            self.both.apply(one(kind, "web", "green"))

    def clean(self):
        for kind in ("Secret", "Certificate"):
            for name in ("web", "shop"):
                with contextlib.suppress(AssertionError):
                    self.both.delete(one(kind, name, "green"))

    def test_1_the_same_changes_are_the_same_events(self):
        since = dict(zip(LISTS, map(self.both.versions, LISTS)))
        self.change()
        self.addCleanup(self.clean)
        asked = [(path, {}, form) for path, form in SERVED] + [(path, query, JSON) for path, query in SELECTED]
        found = self.compare_all(asked, Watched, since)
        every = ["ADDED", "MODIFIED", "MODIFIED", "ADDED", "DELETED", "ADDED"]
        self.assertEqual([kind for kind, *_ in found[0].events], every)

    def test_2_changes_come_while_a_watch_waits_and_bookmarks_before_its_end(self):
        self.addCleanup(self.clean)
        asked = [(path, {"timeoutSeconds": "5", "allowWatchBookmarks": "true"}, form) for path, form in SERVED]
        since = dict(zip(LISTS, map(self.both.versions, LISTS)))
        answers = [list(self.begun(*request, since[request[0]])) for request in asked]
        self.change()
        found = [self.compare(*pair) for pair in zip(answers, asked)]
        self.assertEqual(len(found[0].events), 6)
        self.assertIn("bookmark", found[0].compared)

    def test_3_a_watch_without_a_version_begins_with_the_present_state(self):
        self.change()
        self.addCleanup(self.clean)
        starts = ({}, {"resourceVersion": "0"}, {"allowWatchBookmarks": "true"})
        asked = [(HERE, query, form) for query in starts for form in FORMS]
        self.compare_all(asked)

    def test_4_a_version_from_the_future_shows_nothing(self):
        future = [str(int(version) + 1000000) for version in self.both.versions(SECRETS)]
        asked = [(HERE, {"allowWatchBookmarks": "true", "timeoutSeconds": "3"}, form) for form in FORMS]
        answers = [list(self.begun(*request, future)) for request in asked]
        self.change()
        self.addCleanup(self.clean)
        for pair in zip(answers, asked):
            self.assertEqual(self.compare(*pair).events, [])

    def test_5_invalid_watches_get_the_same_answers(self):
        asked = [(path, query, form) for path, query in INVALID for form in (JSON, PROTOBUF + METADATA, PROTOBUF)]
        asked += [(HERE, {"watch": "false"}, form + METADATA) for form in (JSON, PROTOBUF)]
        asked += [(path, {}, form) for path, form in WITHOUT | {(HERE, "text/html")}]
        self.assertEqual({answer.status for answer in self.compare_all(asked, Answer)}, {400, 404, 406, 422, 500})

    def test_6_a_version_from_before_a_restart_is_too_old(self):
        since = dict(zip(LISTS, map(self.both.versions, LISTS)))
        self.change()
        self.addCleanup(self.clean)
        self.both.restart()
        self.wait_for_caches()
        for answer in self.compare_all(((path, {}, form) for path, form in SERVED), Watched, since):
            self.assertEqual([event[:3] for event in answer.events], [["ERROR", "v1", "Status"]])
        since = dict(zip(LISTS, map(self.both.versions, LISTS)))
        self.compare_all(((path, {}, form) for path, form in SERVED), Watched, since)

    def test_7_a_refused_watch_gets_the_same_answer(self):
        self.both.simulate({"refuseWatch": ["secrets", NAMESPACE]})
        self.both.simulate({"refuseWatch": ["certificates", ""]})
        asked = [(path, {}, form) for path in (HERE, CERTIFICATES) for form in FORMS]
        refused = self.compare_all(asked, Answer, account=self.lister)
        self.assertEqual({answer.status for answer in refused}, {403})
