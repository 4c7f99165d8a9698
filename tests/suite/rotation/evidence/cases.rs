//! The cases, by manager.

mod olm;
mod service_ca;

use notafter::rotation::Evidence;
use notafter_simulator::Cluster;
use notafter_simulator::certificate::{Authority, Draft};
use serde_json::{Value, json};

use super::Case;
use crate::managed::{
    TARGET, annotated, asked, cluster_version, etcd, etcd_peer, issued, owned, rfc3339, rotated,
};
use crate::world::{DAY, THEN, certificate, tls};

pub(super) fn all() -> Vec<Case> {
    let mut all = olm::olm();
    all.extend(olm::operators());
    all.extend(service_ca::cases());
    all.extend(cert_manager());
    all.push(Case {
        evidence: Evidence::AnnotationsContradict,
        manager: "certrotation",
        place: TARGET,
        remedy: "oc adm ocp-certificates regenerate-leaf -n openshift-kube-apiserver secret/aggregator-client",
        blocked: |cluster| {
            let secret = rotated(TARGET, (THEN, THEN + 30 * DAY), "360h0m0s");
            let (from, until) = (rfc3339(THEN + 20 * DAY), rfc3339(THEN + 50 * DAY));
            let secret = annotated(secret, "auth.openshift.io/certificate-not-before", &from);
            cluster.apply(annotated(secret, "auth.openshift.io/certificate-not-after", &until));
            cluster.apply(cluster_version());
        },
        healthy: |cluster| cluster.apply(rotated(TARGET, (THEN, THEN + 30 * DAY), "360h0m0s")),
    });
    all.push(Case {
        evidence: Evidence::NodeGone,
        manager: "certrotation",
        place: "openshift-etcd/etcd-peer-bootstrap",
        remedy: "kubectl -n openshift-etcd delete secret etcd-peer-bootstrap",
        blocked: |cluster| {
            cluster.apply(etcd(&["master-0"]));
            cluster.apply(etcd_peer("bootstrap"));
        },
        healthy: |cluster| {
            cluster.apply(etcd(&["master-0", "bootstrap"]));
            cluster.apply(etcd_peer("bootstrap"));
        },
    });
    all.push(Case {
        evidence: Evidence::NeverRenewed,
        manager: "ingress-operator",
        place: "openshift-ingress/router-certs-default",
        remedy: r#"kubectl -n openshift-ingress create secret tls custom-certs-default --cert=FILE --key=FILE && kubectl -n openshift-ingress-operator patch ingresscontroller default --type=merge -p '{"spec":{"defaultCertificate":{"name":"custom-certs-default"}}}'"#,
        blocked: |cluster| cluster.apply(owned(router_certificate(), "Deployment", "router-default")),
        healthy: |cluster| cluster.apply(router_certificate()),
    });
    all
}

fn cert_manager() -> Vec<Case> {
    let of_dflt = |evidence, remedy, blocked, healthy| {
        let (manager, place) = ("cert-manager", "app/dflt-tls");
        Case {
            evidence,
            manager,
            place,
            remedy,
            blocked,
            healthy,
        }
    };
    let show = "kubectl -n app get certificates.cert-manager.io";
    vec![
        of_dflt(
            Evidence::CertificateGone,
            show,
            |cluster| cluster.apply(issued("app", "dflt", &ca(3650))),
            |cluster| dflt(cluster, &ca(3650), asked("app", "dflt")),
        ),
        of_dflt(
            Evidence::RenewalDisabled,
            "cmctl renew -n app dflt",
            |cluster| dflt(cluster, &ca(3650), renewed("Disabled")),
            |cluster| dflt(cluster, &ca(3650), renewed("RenewBefore")),
        ),
        of_dflt(
            Evidence::ExpiredCa,
            "kubectl get certificates.cert-manager.io --all-namespaces",
            |cluster| dflt(cluster, &ca(-1), asked("app", "dflt")),
            |cluster| dflt(cluster, &ca(1), asked("app", "dflt")),
        ),
    ]
}

/// Applies the Certificate `dflt` and the secret issued for it.
fn dflt(cluster: &Cluster, ca: &Authority, certificate: Value) {
    cluster.apply(issued("app", "dflt", ca));
    cluster.apply(certificate);
}

fn renewed(policy: &str) -> Value {
    let mut certificate = asked("app", "dflt");
    certificate["spec"]["renewal"] = json!({"policy": policy});
    certificate
}

/// A CA that expires this many days after it issued the certificate.
fn ca(days: i64) -> Authority {
    Draft::named("ca")
        .valid(THEN - 30 * DAY, THEN + days * DAY)
        .authority()
}

fn router_certificate() -> Value {
    tls(
        "openshift-ingress",
        "router-certs-default",
        &certificate("*.apps.example.com", 730),
    )
}
