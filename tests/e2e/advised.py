"""Objects in the states that commands are advised for, and the command about each."""

from certificates import DAY
from managed import csv, olm_secret, olm_signer, service, service_ca_secret
from objects import location
from staged import Staged

HERE, WEEKS = "remedies", 20 * DAY


class Advised(Staged):
    """A test that types what `cert_expiry_seconds` advises about a secret."""

    def advised(self, secret, scrape):
        """Returns the reason and the command about a secret, and whether it is a fix."""
        metadata = secret["metadata"]
        place = {"kind": "Secret", "cert_namespace": metadata["namespace"], "name": metadata["name"]}
        [expiry] = scrape.all("cert_expiry_seconds", **place)
        return expiry.labels["reason"], expiry.labels["remedy"], expiry.labels["action"] == "Fix"

    def known(self, object):
        """Returns an object as the API server has it, or nothing if it is gone."""
        status, _, _ = self.plane.request("GET", location(object))
        self.assertIn(status, (200, 404))
        return self.plane.json("GET", location(object)) if status == 200 else None

    def operator(self, deployment, *, names=2, ends=WEEKS, **state):
        """Creates an operator, and returns the secret of its webhook."""
        operator = self.put(csv(HERE, f"{deployment}.v1", deployment, **state))
        return self.put(olm_secret(operator, deployment, olm_signer(ends), ends, names))

    def serving(self, name, signer, *, uid=None, **annotations):
        """Creates a Service; returns it, and service-ca's secret for it or for one with another UID."""
        usual = {"serving_cert_secret_name": f"{name}-tls", "serving_cert_signed_by": "signer@1795362505"}
        served = self.put(service(HERE, name, **(usual | annotations)))
        requester = {**served, "metadata": served["metadata"] | ({"uid": uid} if uid else {})}
        return served, self.put(service_ca_secret(requester, f"{name}-tls", signer, -100 * DAY))
