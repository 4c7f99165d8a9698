"""The same for managers that any cluster has, for copies, and for what nobody renews."""

from certificates import certificate, secret
from managed import certrotation_secret, cluster_version, issued, issued_secret, owner
from signer import DAY, HOUR, Signer, unix
from staged import Staged

WEEKS = 20 * DAY


class OfOthers(Staged):
    PLATFORM = "openshift-kube-apiserver"
    NAMESPACES = ("shop", PLATFORM, "openshift-config-managed")

    def test_cert_manager_renews_when_its_certificate_says(self):
        ca, ended_ca = Signer("ca", -100 * DAY, 900 * DAY), Signer("ended", -100 * DAY, -70 * DAY)

        def put(name, *wanted, ca=ca, renews=DAY, **spec):
            for it in wanted:
                self.put(issued("shop", it, f"{name}-tls", renews, **spec))
            leaf = ca.leaf("x", -60 * DAY, 30 * DAY, ["x.shop.svc"])
            return self.put(issued_secret("shop", f"{name}-tls", (*wanted, name)[0], leaf, ca.pem))

        well, unread = put("well", "well"), put("unread", "unread", renews=None)
        self.put(issued("shop", "unmarked", "unmarked-tls", 2 * DAY))
        unmarked = self.put(secret("shop", "unmarked-tls", {"tls.crt": certificate("unmarked", 9)}))
        disabled = put("disabled", "disabled", renewal={"policy": "Disabled"})
        contested, ended, gone = put("contested", "first", "second"), put("ended", "ended", ca=ended_ca), put("gone")
        scrape = self.scrape()
        due, here = unix(DAY + HOUR), "kubectl -n shop "
        self.assertIs(scrape, well, "cert-manager", due)
        self.assertIs(scrape, unread, "cert-manager", None)
        self.assertIs(scrape, unmarked, "cert-manager", unix(2 * DAY + HOUR))
        self.assertIs(scrape, disabled, "cert-manager", None, ("renewal_disabled", "cmctl renew -n shop disabled"))
        show, describe = f"{here}get certificates.cert-manager.io", f"{here}describe certificate.cert-manager.io ended"
        self.assertIs(scrape, contested, "cert-manager", due, ("contested", show))
        self.assertIs(scrape, ended, "cert-manager", due, ("expired_ca", describe))
        self.assertIs(scrape, gone, "cert-manager", None, ("certificate_gone", show))

    def test_those_whose_rules_nobody_knows_are_only_named(self):
        def put(name, **metadata):
            return self.put(secret("shop", name, {"tls.crt": certificate(name, 30)}, **metadata))

        helm = {"labels": {"app.kubernetes.io/managed-by": "Helm"}, "annotations": {"meta.helm.sh/release-name": "shop"}}
        sealed = {"apiVersion": "bitnami.com/v1alpha1", "kind": "SealedSecret", "name": "sealed", "uid": "0"}
        managers = {
            "helm": [put("helm", **helm)],
            "operator": [
                put("deployed", labels={"app.kubernetes.io/managed-by": "flux"}),
                put("external", labels={"reconcile.external-secrets.io/managed": "true"}),
                put("strimzi", labels={"strimzi.io/cluster": "kafka"}),
                put("platform", annotations={"openshift.io/owning-component": "etcd"}),
                put("sealed", ownerReferences=[sealed]),
            ],
            "none": [put("nobodys", labels={"app": "shop"})],
        }
        scrape = self.scrape()
        for manager, secrets in managers.items():
            for it in secrets:
                self.assertIs(scrape, it, manager, None)

    def test_a_copy_needs_nobody_of_its_own(self):
        self.put(cluster_version())
        signer = Signer("openshift-kube-apiserver-operator_localhost-serving-signer@1732000000", -90 * DAY, 275 * DAY)
        original = self.put(certrotation_secret(self.PLATFORM, "localhost", signer, -10 * DAY, WEEKS))
        revision = {
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"namespace": self.PLATFORM, "name": "revision-status-7"}
        }
        it = certrotation_secret(self.PLATFORM, "localhost-7", signer, -400 * DAY, -370 * DAY)
        it["metadata"]["ownerReferences"] = [owner(self.put(revision))]
        old = self.put(it)
        self.later()
        kept = {it: original["metadata"][it] for it in ("name", "labels", "annotations")}
        synced = self.put({**original, "metadata": {**kept, "namespace": "openshift-config-managed"}})
        scrape = self.scrape()
        self.assertIs(scrape, original, "certrotation", unix(14 * DAY + 2.4 * DAY))
        self.assertIs(scrape, old, "copy", None)
        self.assertIs(scrape, synced, "copy", None)
