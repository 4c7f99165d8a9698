"""A cluster with thousands of TLS secrets of two certificates each, and a fifth as many Services."""

import concurrent.futures
import os

from certificates import DAY, HOUR, Authority, certificate, secret
from managed import service
from objects import location, path

SECRETS = int(os.environ.get("NOTAFTER_SECRETS", "10000"))
SERVICES, NAMESPACES, WRITERS = SECRETS // 5, 100, 4
# What each poll of a changing cluster finds: one in a hundred of 10,000.
CHANGED = 100


class Load:
    """The secrets of a cluster, created and changed over four connections."""

    def __init__(self, plane):
        self.plane, self.intermediate = plane, Authority("intermediate")
        self.chain = certificate("intermediate", 900, kind="rsa")
        self.rounds = 0

    def fill(self):
        namespaces = [f"load-{index:03}" for index in range(NAMESPACES)]
        self.plane.create_namespaces(*namespaces)
        self.side_by_side(self.create, range(SECRETS))

    def create(self, index, connection):
        namespace, name = self.place(index)
        objects = [secret(namespace, name, self.data(index, 90 * DAY), annotations={"note": "x" * 200})]
        if index < SERVICES:
            objects.append(service(namespace, f"svc-{index}", serving_cert_secret_name=name))
        for object in objects:
            self.plane.json("POST", path(object), object, connection)

    def renew(self):
        """Renews so many certificates, and returns the label of their secrets and when they expire now."""
        self.rounds += 1
        ends = (90 + self.rounds) * DAY
        label = f"round-{self.rounds}"

        def patch(index, connection):
            namespace, name = self.place(index)
            changed = secret(namespace, name, self.data(index, ends), labels={"renewed": label})
            status, _, body = self.plane.request("PATCH", location(changed), changed, connection=connection)
            assert status == 200, body

        self.side_by_side(patch, [index * (SECRETS // CHANGED) for index in range(CHANGED)])
        return label, ends

    def data(self, index, ends):
        namespace, name = self.place(index)
        hosts = [f"svc-{index}.{namespace}.svc", f"svc-{index}.{namespace}.svc.cluster.local"]
        return {"tls.crt": self.intermediate.leaf(hosts[0], -HOUR, ends, hosts) + self.chain}

    @staticmethod
    def place(index):
        return f"load-{index % NAMESPACES:03}", f"svc-{index}-tls"

    def side_by_side(self, work, indices):
        """Does the work for every index, with a connection for each writer."""

        def share(writer):
            connection = self.plane.connect()
            for index in indices[writer::WRITERS]:
                work(index, connection)
            connection.close()

        with concurrent.futures.ThreadPoolExecutor(WRITERS) as pool:
            list(pool.map(share, range(WRITERS)))
