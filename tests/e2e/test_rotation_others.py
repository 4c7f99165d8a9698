"""Manager, due date and obstacles of certificates of other managers, and of copies."""

from certificates import DAY, HOUR, Authority, certificate, secret, unix
from managed import certrotation_secret, certrotation_signer, cluster_version, issued, issued_secret, owner
from staged import Staged

WEEKS = 20 * DAY


class Others(Staged):
    PLATFORM = "openshift-kube-apiserver"
    NAMESPACES = ("shop", PLATFORM, "openshift-config-managed")

    def test_cert_manager_renews_at_the_time_of_its_certificate(self):
        ca, ended_ca = Authority("ca", -100 * DAY, 900 * DAY), Authority("ended", -100 * DAY, -70 * DAY)

        def put(name, *wanted, ca=ca, renews=DAY, **spec):
            for certificate in wanted:
                self.put(issued("shop", certificate, f"{name}-tls", renews, **spec))
            leaf = ca.leaf("x", -60 * DAY, 30 * DAY, ["x.shop.svc"])
            return self.put(issued_secret("shop", f"{name}-tls", (*wanted, name)[0], leaf, ca.pem))

        well, unread = put("well", "well"), put("unread", "unread", renews=None)
        self.put(issued("shop", "unmarked", "unmarked-tls", 2 * DAY))
        unmarked = self.put(secret("shop", "unmarked-tls", {"tls.crt": certificate("unmarked", 9)}))
        disabled = put("disabled", "disabled", renewal={"policy": "Disabled"})
        shared, ended, gone = put("shared", "first", "second"), put("ended", "ended", ca=ended_ca), put("gone")
        scrape = self.scrape()
        due, here = unix(DAY + HOUR), "kubectl -n shop "
        self.assertRotation(scrape, well, "cert-manager", due)
        self.assertRotation(scrape, unread, "cert-manager", None)
        self.assertRotation(scrape, unmarked, "cert-manager", unix(2 * DAY + HOUR))
        renew = "cmctl renew -n shop disabled"
        self.assertRotation(scrape, disabled, "cert-manager", None, ("renewal_disabled", renew))
        show, show_all = f"{here}get certificates.cert-manager.io", "kubectl get certificates.cert-manager.io --all-namespaces"
        self.assertRotation(scrape, shared, "cert-manager", due)
        self.assertRotation(scrape, ended, "cert-manager", due, ("expired_ca", show_all))
        self.assertRotation(scrape, gone, "cert-manager", None, ("certificate_gone", show))

    def test_managers_without_known_rules_are_only_named(self):
        def put(name, **metadata):
            return self.put(secret("shop", name, {"tls.crt": certificate(name, 30)}, **metadata))

        helm = {"labels": {"app.kubernetes.io/managed-by": "Helm"}}
        helm["annotations"] = {"meta.helm.sh/release-name": "shop"}
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
            for managed in secrets:
                self.assertRotation(scrape, managed, manager, None)

    def test_a_copy_needs_no_manager(self):
        self.put(cluster_version())
        signer = certrotation_signer()
        original = self.put(certrotation_secret(self.PLATFORM, "localhost", signer, -10 * DAY, WEEKS))
        revision = {"namespace": self.PLATFORM, "name": "revision-status-7"}
        revision = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": revision}
        old = certrotation_secret(self.PLATFORM, "localhost-7", signer, -400 * DAY, -370 * DAY)
        old["metadata"]["ownerReferences"] = [owner(self.put(revision))]
        old = self.put(old)
        self.next_second()
        kept = {key: original["metadata"][key] for key in ("name", "labels", "annotations")}
        synced = self.put({**original, "metadata": {**kept, "namespace": "openshift-config-managed"}})
        scrape = self.scrape()
        self.assertRotation(scrape, original, "certrotation", unix(14 * DAY + 2.4 * DAY) + 600)
        self.assertRotation(scrape, old, "copy", None)
        self.assertRotation(scrape, synced, "copy", None)
