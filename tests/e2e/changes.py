"""The same changes and the same requests, to the real API server and to the simulated one."""

import contextlib
import http.client
import json
import ssl

from objects import location, path


class Both:
    """A real control plane and a simulated API server."""

    def __init__(self, plane, simulator):
        self.plane, self.simulator = plane, simulator

    def apply(self, object):
        """Creates or replaces an object."""
        status, _, found = self.plane.request("GET", location(object))
        if status == 404:
            self.plane.json("POST", path(object), object)
        else:
            version = {"resourceVersion": json.loads(found)["metadata"]["resourceVersion"]}
            self.plane.json("PUT", location(object), object | {"metadata": object["metadata"] | version})
        self.simulate({"apply": object})

    def delete(self, object):
        self.plane.json("DELETE", location(object))
        metadata = object["metadata"]
        self.simulate({"delete": [object["kind"], metadata["namespace"], metadata["name"]]})

    def restart(self):
        """Restarts the API server, whose watch cache is empty afterwards."""
        self.plane.restart_api_server()
        self.simulate("forgetHistory")

    def compact(self):
        """Makes every continue token expire."""
        self.plane.compact()
        self.simulate("compact")

    def simulate(self, change):
        """Changes the cluster of the simulated API server alone."""
        with contextlib.closing(self.simulated()) as connection:
            connection.request("POST", "/changes", json.dumps(change))
            assert connection.getresponse().status == 200, change

    def versions(self, path):
        """Returns the versions of a list."""
        with contextlib.closing(self.simulated()) as connection:
            connection.request("GET", path)
            lists = [self.plane.json("GET", path), json.load(connection.getresponse())]
        return [list["metadata"]["resourceVersion"] for list in lists]

    def real(self):
        # Not the administrator's connection: a token identifies the client.
        context = ssl.create_default_context(cafile=self.plane.authority.file)
        return http.client.HTTPSConnection("127.0.0.1", self.plane.port, context=context, timeout=60)

    def simulated(self):
        return http.client.HTTPConnection(self.simulator.address, timeout=60)
