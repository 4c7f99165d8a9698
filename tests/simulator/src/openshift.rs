//! The demo's OpenShift cluster: the TLS secrets of a real one, a certificate that OLM has
//! forgotten, and secrets that tenants made by hand.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::certificate::Draft;
use crate::cluster::Cluster;
use crate::object::{rfc3339, secret};
use crate::platform;

const DAY: i64 = 24 * 3600;
const OLM: &str = "openshift-operator-lifecycle-manager";

/// Returns the cluster at a time (Unix seconds): healthy but for its stories.
pub fn openshift(now: i64) -> Cluster {
    let cluster = Cluster::with_olm();
    cluster.install_openshift(true);
    cluster.apply(json!({
        "apiVersion": "config.openshift.io/v1", "kind": "ClusterVersion", "metadata": {"name": "version"},
    }));
    cluster.apply(json!({
        "apiVersion": "operator.openshift.io/v1", "kind": "IngressController", "spec": {},
        "metadata": {"namespace": "openshift-ingress-operator", "name": "default"},
    }));
    platform::install(&cluster, now);
    packageserver(&cluster, now);
    operators(&cluster, now);
    tenants(&cluster, now);
    cluster
}

/// Adds the package server: its certificate was made at an upgrade two years ago, and a later
/// upgrade moved OLM's date for the renewal behind the expiry.
fn packageserver(cluster: &Cluster, now: i64) {
    let until = now + 11 * DAY + DAY / 8;
    let from = until - 729 * DAY;
    let organization = "Red Hat, Inc.";
    let authority = Draft::of(organization, "olm-selfsigned-4b781bd09d47d1d1");
    let authority = authority.valid(from, from + 730 * DAY).authority();
    let host = format!("packageserver-service.{OLM}");
    let leaf = Draft::of(organization, &host).hosts(&[&host, &format!("{host}.svc")]);
    let pair = leaf.valid(from, until).signed_by(&authority);
    let data = [
        ("olmCAKey", authority.pair.certificate.as_str()),
        ("tls.crt", &pair.certificate),
        ("tls.key", &pair.key),
    ];
    let metadata = json!({
        "labels": {"olm.managed": "true"},
        "annotations": {"openshift.io/owning-component": "Operator Framework / operator-lifecycle-manager"},
        "ownerReferences": [operator_reference("packageserver")],
    });
    cluster.apply(secret(
        (OLM, "packageserver-service-cert"),
        &metadata,
        &data,
    ));
    let upgrade = now - 120 * DAY;
    let mut csv = operator(
        OLM,
        "packageserver",
        "0.19.0",
        ("Succeeded", "InstallSucceeded"),
        upgrade,
    );
    csv["metadata"]["labels"]["olm.clusteroperator.name"] =
        "operator-lifecycle-manager-packageserver".into();
    csv["spec"]["apiservicedefinitions"]["owned"] = json!([{"group": "packages.operators.coreos.com", "version": "v1", "deploymentName": "packageserver"}]);
    csv["status"]["certsLastUpdated"] = rfc3339(upgrade);
    csv["status"]["certsRotateAt"] = rfc3339(upgrade + 729 * DAY);
    cluster.apply(csv);
    cluster.apply(json!({
        "apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService",
        "metadata": {"name": "v1.packages.operators.coreos.com"},
        "spec": {
            "group": "packages.operators.coreos.com", "version": "v1",
            "service": {"namespace": OLM, "name": "packageserver-service", "port": 5443},
            "caBundle": STANDARD.encode(&authority.pair.certificate),
        },
    }));
}

/// Adds installed operators: a healthy one, its copy in a tenant's namespace, and one that waits.
fn operators(cluster: &Cluster, now: i64) {
    let (namespace, name) = ("openshift-operators", "devworkspace-operator.v0.26.0");
    let installed = now - 40 * DAY;
    let host = format!("devworkspace-controller-manager-service.{namespace}");
    let authority = Draft::of("Red Hat, Inc.", "olm-selfsigned-2c9d0b1e77aa4f10");
    let authority = authority
        .valid(installed, installed + 730 * DAY)
        .authority();
    let leaf = Draft::of("Red Hat, Inc.", &host);
    let leaf = leaf.hosts(&[
        &host,
        &format!("{host}.svc"),
        &format!("{host}.svc.cluster.local"),
    ]);
    let pair = leaf
        .valid(installed, installed + 730 * DAY)
        .signed_by(&authority);
    let data = [
        ("olmCAKey", authority.pair.certificate.as_str()),
        ("tls.crt", &pair.certificate),
        ("tls.key", &pair.key),
    ];
    let metadata =
        json!({"labels": {"olm.managed": "true"}, "ownerReferences": [operator_reference(name)]});
    let place = (namespace, "devworkspace-controller-manager-service-cert");
    cluster.apply(secret(place, &metadata, &data));

    let mut well = operator(
        namespace,
        name,
        "0.26.0",
        ("Succeeded", "InstallSucceeded"),
        installed,
    );
    well["spec"]["webhookdefinitions"] =
        json!([{"type": "ConversionWebhook", "deploymentName": "devworkspace-controller-manager"}]);
    well["status"]["certsLastUpdated"] = rfc3339(installed);
    well["status"]["certsRotateAt"] = rfc3339(installed + 729 * DAY);
    let mut copy = well.clone();
    copy["metadata"]["namespace"] = "shop".into();
    copy["metadata"]["labels"] = json!({"olm.copiedFrom": namespace});
    copy["status"]["reason"] = "Copied".into();
    let waiting = ("Pending", "RequirementsNotMet");
    cluster.apply(well);
    cluster.apply(copy);
    cluster.apply(operator(
        "openshift-local-storage",
        "local-storage-operator.v4.15.0",
        "4.15.0",
        waiting,
        now - DAY,
    ));
}

/// Adds tenants' secrets: a chain, a bundle with an expired root, and text that is no certificate.
fn tenants(cluster: &Cluster, now: i64) {
    let root = Draft::of("Example", "Example Root")
        .valid(now - 2000 * DAY, now + 1650 * DAY)
        .authority();
    let old = Draft::of("Example", "Example Root of old")
        .valid(now - 4000 * DAY, now - 350 * DAY)
        .authority();
    let leaf = Draft::named("checkout.shop.example.com").hosts(&["checkout.shop.example.com"]);
    let pair = leaf.valid(now - 340 * DAY, now + 25 * DAY).signed_by(&root);
    let chain = format!("{}{}", pair.certificate, root.pair.certificate);
    let bundle = format!("{}{}", root.pair.certificate, old.pair.certificate);
    let data = [
        ("ca.crt", bundle.as_str()),
        ("tls.crt", &chain),
        ("tls.key", &pair.key),
    ];
    cluster.apply(secret(("shop", "checkout-tls"), &json!({}), &data));
    let data = [
        ("tls.crt", "paste the certificate here\n"),
        ("tls.key", &pair.key),
    ];
    cluster.apply(secret(("shop", "legacy-tls"), &json!({}), &data));
}

fn operator(
    namespace: &str,
    name: &str,
    version: &str,
    (phase, reason): (&str, &str),
    since: i64,
) -> Value {
    json!({
        "apiVersion": "operators.coreos.com/v1alpha1", "kind": "ClusterServiceVersion",
        "metadata": {"namespace": namespace, "name": name},
        "spec": {"version": version},
        "status": {"phase": phase, "reason": reason, "lastTransitionTime": rfc3339(since)},
    })
}

fn operator_reference(name: &str) -> Value {
    json!({
        "apiVersion": "operators.coreos.com/v1alpha1", "kind": "ClusterServiceVersion", "name": name,
        "uid": "7b730372-bfd8-4182-b87b-eed48bb4f418", "controller": false, "blockOwnerDeletion": false,
    })
}
