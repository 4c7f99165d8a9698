"""Manager, due date and obstacles of certificates: cases for each manager of OpenShift."""

from certificates import DAY, HOUR, Authority, certificate, rfc3339, secret, unix
from consumers import api_service, webhooks
from managed import (
    certrotation_secret, certrotation_signer, cluster_version, csv, etcd, ingress_controller, olm_secret, olm_signer,
    service, service_ca, service_ca_secret,
)
from staged import Staged

WEEKS = 20 * DAY  # how long most of these certificates have left
TEN_ERRORS = {"serving_cert_generation_error_num": "10", "serving_cert_generation_error": "secrets is forbidden"}


class Olm(Staged):
    NAMESPACES = ("widgets",)
    DUE = unix(WEEKS - DAY + HOUR)

    def operator(self, deployment, *, names=3, signer=None, **state):
        """Creates an operator, and returns the secret of its webhook."""
        operator = self.put(csv("widgets", f"{deployment}.v1.4.2", deployment, **state))
        return self.put(olm_secret(operator, deployment, signer or olm_signer(WEEKS), WEEKS, names))

    def test_nothing_blocks_the_certificates_that_olm_checks_in_time(self):
        late = 700 * DAY
        fixed = self.operator("sound", rotate_at=late)
        forgetful = self.operator("forgetful")
        unfixed = self.operator("unfixed", names=2, rotate_at=WEEKS - DAY)
        early_ca = self.operator("early-ca", signer=olm_signer(10 * DAY), rotate_at=9 * DAY)
        operator = self.put(csv("widgets", "heir.v2", "heir"))
        heir = self.put(olm_secret(operator, "heir", olm_signer(WEEKS), WEEKS))
        former = self.put(olm_secret(operator, "former", olm_signer(WEEKS), WEEKS))
        scrape = self.scrape()
        for sound in (fixed, forgetful, unfixed, heir):
            self.assertRotation(scrape, sound, "olm", self.DUE)
        # Its operator exists, but without such a deployment.
        look = "kubectl -n widgets get clusterserviceversions,deployments"
        self.assertRotation(scrape, former, "olm", None, ("operator_gone", look))
        self.assertRotation(scrape, early_ca, "olm", unix(9 * DAY + HOUR))

    def test_a_certificate_that_olm_will_not_renew_has_a_reason_and_a_remedy(self):
        late = 700 * DAY
        skewed = self.operator("skewed", names=2, rotate_at=late)
        unset = self.operator("unset", names=2)
        waits = self.operator("waits", names=2, phase="Pending", reason="RequirementsNotMet", rotate_at=late)
        stuck = self.operator("stuck", names=2, phase="Installing", rotate_at=late)
        alone = self.operator("alone", phase="Failed", reason="NoOperatorGroup", rotate_at=WEEKS - DAY)
        self.put(csv("widgets", "bare.v1.4.2", "bare"))
        scrape = self.scrape()
        here = "kubectl -n widgets "
        delete, describe = here + "delete secret {}-service-cert", here + "describe clusterserviceversion {}.v1.4.2"
        self.assertRotation(scrape, skewed, "olm", self.DUE, ("rotate_at_too_late", delete.format("skewed")))
        self.assertRotation(scrape, unset, "olm", self.DUE, ("rotate_at_absent", delete.format("unset")))
        self.assertRotation(scrape, waits, "olm", self.DUE, ("requirements_not_met", describe.format("waits")))
        self.assertRotation(scrape, stuck, "olm", self.DUE, ("installing", delete.format("stuck")))
        groups = f"{here}get operatorgroups,clusterserviceversions"
        self.assertRotation(scrape, alone, "olm", self.DUE, ("operator_group", groups))
        [missing] = scrape.all("cert_rotation_blocked", cert_namespace="widgets", reason="secret_missing")
        labels = [missing.labels[label] for label in ("name", "key", "position", "manager", "remedy")]
        self.assertEqual(labels, ["bare-service-cert", "tls.crt", "0", "olm", describe.format("bare")])
        self.assertTypes(missing.labels["remedy"])

    def test_without_its_operator_a_certificate_is_not_renewed(self):
        operator = self.put(csv("widgets", "past.v1", "past"))
        past = self.put(olm_secret(operator, "past", olm_signer(WEEKS), WEEKS))
        self.assertRotation(self.scrape(), past, "olm", self.DUE)
        self.delete(operator)
        remedy = "kubectl -n widgets get clusterserviceversions,deployments"
        self.assertRotation(self.scrape(), past, "olm", None, ("operator_gone", remedy))

    def test_a_client_that_does_not_trust_the_ca_blocks_the_certificate(self):
        signer, other = olm_signer(WEEKS), olm_signer(30 * DAY)
        trusted = self.operator("trusted", signer=signer)
        watched, served = self.operator("watched", signer=signer), self.operator("served", signer=signer)
        self.put(webhooks("trusted", "widgets", "trusted-service", other.pem + signer.pem, "example.com"))
        self.put(webhooks("watched", "widgets", "watched-service", other.pem, "example.com"))
        self.put(api_service("served.example.com", "widgets", "served-service", other.pem))
        scrape = self.scrape()
        self.assertRotation(scrape, trusted, "olm", self.DUE)
        remedy = "kubectl get pods --all-namespaces --selector=app=olm-operator"
        self.assertRotation(scrape, watched, "olm", self.DUE, ("ca_bundle_differs", remedy))
        self.assertRotation(scrape, served, "olm", self.DUE, ("ca_bundle_differs", remedy))


class ServiceCa(Staged):
    NAMESPACES = ("app", "openshift-service-ca")

    def serving(self, name, signer, *, begins=-100 * DAY, uid=None, **annotations):
        """Creates a Service, and returns service-ca's secret for it or for one with another UID."""
        usual = {"serving_cert_secret_name": f"{name}-tls", "serving_cert_signed_by": "signer@1795362505"}
        served = self.put(service("app", name, **(usual | annotations)))
        served["metadata"]["uid"] = uid or served["metadata"]["uid"]
        return self.put(service_ca_secret(served, f"{name}-tls", signer, begins))

    def test_a_certificate_is_renewed_while_its_own_service_requests_it(self):
        signer, elsewhere = service_ca(-100 * DAY), "00000000-0000-4000-8000-000000000000"
        key = self.put(secret("openshift-service-ca", "signing-key", {"tls.crt": signer.pem}))
        well = self.serving("well", signer)
        tried = self.serving("tried", signer, serving_cert_generation_error_num="9")
        gave_up = self.serving("gave-up", signer, **TEN_ERRORS)
        foreign = self.serving("foreign", signer, uid=elsewhere, **TEN_ERRORS)
        other = self.serving("other", signer, uid=elsewhere)
        old = self.serving("old", service_ca(-500 * DAY), begins=-400 * DAY)
        refused = self.serving("refused", signer, serving_cert_signed_by="")
        unwanted = self.serving("unwanted", signer, serving_cert_secret_name="")
        ghost = self.put(service("app", "ghost"))
        gone = self.put(service_ca_secret(ghost, "ghost-tls", signer, -100 * DAY))
        self.delete(ghost)
        scrape = self.scrape()
        # The CA and all leaves are replaced after 395 of its 790 days; leaves have a 26th of
        # 790 days more.
        due = unix(295 * DAY) + 790 * 86400 // 26
        self.assertRotation(scrape, key, "service-ca", unix(296 * DAY))
        self.assertRotation(scrape, well, "service-ca", due)
        self.assertRotation(scrape, tried, "service-ca", due)
        here, flavours = "kubectl -n app ", ("beta", "alpha")
        generation = "openshift.io/serving-cert-generation"
        marks = [f"service.{flavour}.{generation}-{end}-" for flavour in flavours for end in ("error", "error-num")]
        retry = " ".join([f"{here}annotate service {{}}", *marks])
        self.assertRotation(scrape, gave_up, "service-ca", due, ("gave_up", retry.format("gave-up")))
        both = f"{here}delete secret foreign-tls && {retry.format('foreign')}"
        self.assertRotation(scrape, foreign, "service-ca", due, ("gave_up", both))
        self.assertRotation(scrape, other, "service-ca", None, ("other_service", f"{here}delete secret other-tls"))
        # The current CA is a hundred days old; this leaf was due within a day of it.
        self.assertRotation(scrape, old, "service-ca", unix(-99 * DAY), ("old_ca", "kubectl -n openshift-service-ca get deployments,pods"))
        self.assertRotation(scrape, refused, "service-ca", due)
        self.assertRotation(scrape, unwanted, "service-ca", None, ("not_requested", f"{here}describe service unwanted"))
        self.assertRotation(scrape, gone, "service-ca", None, ("service_gone", f"{here}get services"))

    def test_without_access_to_the_ca_the_leaf_alone_decides(self):
        well = self.serving("unseen", service_ca(-100 * DAY))
        self.assertRotation(self.scrape(), well, "service-ca", unix(-100 * DAY + 430 * DAY))


class PlatformOperators(Staged):
    PLATFORM = "openshift-kube-apiserver"
    NAMESPACES = (PLATFORM, "openshift-etcd", "openshift-ingress", "openshift-ingress-operator")

    def test_certrotation_follows_its_annotations(self):
        self.put(cluster_version())
        signer = certrotation_signer()
        begins, ends = -10 * DAY, WEEKS

        def put(name, **changed):
            return self.put(certrotation_secret(self.PLATFORM, name, signer, begins, ends, **changed))

        refresh, until = "certificates.openshift.io/refresh-period", "auth.openshift.io/certificate-not-after"
        usual, long = put("usual"), put("long", **{refresh: "8760h0m0s"})
        refreshed = put("refreshed", **{refresh: "360h0m0s"})
        forced = put("forced", **{until: "force-regeneration"})
        bare = self.put(secret(self.PLATFORM, "bare", {"tls.crt": signer.leaf("bare", begins, ends)}))
        authority = put("authority", kind="signer")
        late = {until: rfc3339(400 * DAY)}
        wrong, wrong_signer = put("wrong", **late), put("wrong-signer", kind="signer", **late)
        scrape = self.scrape()
        # At 80 % of thirty days or after the refresh period, and a tenth of that and ten minutes, or two hours later.
        for leaf in (usual, long, forced, bare):
            self.assertRotation(scrape, leaf, "certrotation", unix(begins + 24 * DAY + 2.4 * DAY) + 600)
        self.assertRotation(scrape, refreshed, "certrotation", unix(begins + 15 * DAY + 1.5 * DAY) + 600)
        self.assertRotation(scrape, authority, "certrotation", unix(begins + 24 * DAY + 2 * HOUR))
        again = f"oc adm ocp-certificates regenerate-leaf -n {self.PLATFORM} secret/wrong"
        self.assertRotation(scrape, wrong, "certrotation", None, ("annotations_contradict", again))
        again = f"oc adm ocp-certificates regenerate-top-level -n {self.PLATFORM} secret/wrong-signer"
        self.assertRotation(scrape, wrong_signer, "certrotation", None, ("annotations_contradict", again))

    def test_without_openshift_nothing_is_regenerated(self):
        wrong = certrotation_secret("openshift-ingress", "wrong", certrotation_signer(), -10 * DAY, WEEKS,
                                    **{"auth.openshift.io/certificate-not-after": rfc3339(400 * DAY)})
        wrong, show = self.put(wrong), "kubectl -n openshift-ingress describe secret wrong"
        self.assertRotation(self.scrape(), wrong, "certrotation", None, ("annotations_contradict", show))

    def test_a_node_that_etcd_has_left_leaves_its_certificates_behind(self):
        signer = Authority("openshift-etcd_etcd-signer@1732000000", -90 * DAY, 1700 * DAY)
        put = lambda name: self.put(certrotation_secret("openshift-etcd", name, signer, -10 * DAY, 1000 * DAY))
        peer, gone, metrics = put("etcd-peer-master-0"), put("etcd-peer-bootstrap"), put("etcd-serving-metrics-master-9")
        due = unix(-10 * DAY + 808 * DAY + 80.8 * DAY) + 600
        self.assertRotation(self.scrape(), gone, "certrotation", due)
        self.put(etcd("master-0", "master-1"))
        scrape, delete = self.scrape(), "kubectl -n openshift-etcd delete secret"
        self.assertRotation(scrape, peer, "certrotation", due)
        for left in (gone, metrics):
            remedy = f"{delete} {left['metadata']['name']}"
            self.assertRotation(scrape, left, "certrotation", None, ("node_gone", remedy))

    def test_signing_requests_are_due_when_15_percent_are_left(self):
        times = {"not-before": rfc3339(-10 * DAY), "not-after": rfc3339(WEEKS)}
        annotations = {f"auth.openshift.io/certificate-{end}": time for end, time in times.items()}
        leaf = Authority("x", -10 * DAY, WEEKS).leaf("system:serviceaccount:x:y", -10 * DAY, WEEKS)
        marked = self.put(secret(self.PLATFORM, "marked", {"tls.crt": leaf}, annotations=annotations))
        leaf = Authority("kube-csr-signer_@1732000000", -10 * DAY, WEEKS).leaf("y", -10 * DAY, WEEKS)
        signed = self.put(secret(self.PLATFORM, "signed", {"tls.crt": leaf}))
        scrape = self.scrape()
        self.assertRotation(scrape, marked, "csr", unix(WEEKS - 4.5 * DAY))
        self.assertRotation(scrape, signed, "csr", unix(WEEKS - 4.5 * DAY))

    def test_the_ingress_operator_never_renews_a_certificate_in_use(self):
        controller = self.put(ingress_controller("default"))
        ca = Authority("ingress-operator@1732000000", -600 * DAY, 130 * DAY)
        authority = self.put(secret("openshift-ingress-operator", "router-ca", {"tls.crt": ca.pem}))
        deployment = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "router-default", "uid": "0"}
        leaf = {"tls.crt": ca.leaf("*.apps.example.com", -600 * DAY, 130 * DAY) + ca.pem}
        default = self.put(secret("openshift-ingress", "router-certs-default", leaf, ownerReferences=[deployment]))
        remedy = (
            "kubectl -n openshift-ingress create secret tls custom-certs-default --cert=FILE --key=FILE && "
            "kubectl -n openshift-ingress-operator patch ingresscontroller default --type=merge "
            """-p '{"spec":{"defaultCertificate":{"name":"custom-certs-default"}}}'"""
        )
        scrape = self.scrape()
        for used in (default, authority):
            self.assertRotation(scrape, used, "ingress-operator", None, ("never_renewed", remedy))
        own = self.put(secret("openshift-ingress", "own", {"tls.crt": certificate("*.apps.example.com", 300)}))
        self.edit(controller, {"spec": {"defaultCertificate": {"name": "own"}}})
        self.delete(default)
        scrape = self.scrape()
        self.assertRotation(scrape, authority, "ingress-operator", None)
        self.assertRotation(scrape, own, "none", None)
