//! The cases of Services that request a certificate.

use notafter::rotation::Evidence;
use notafter_simulator::Cluster;
use serde_json::Value;

use super::super::Case;
use crate::managed::{ServiceCa, WEB, given_up, service};
use crate::world::{DAY, THEN};

pub(super) fn cases() -> Vec<Case> {
    let of_web = |evidence, remedy, blocked, healthy| {
        let (manager, place) = ("service-ca", WEB);
        Case {
            evidence,
            manager,
            place,
            remedy,
            blocked,
            healthy,
        }
    };
    let describe = "kubectl -n app describe service web";
    let delete = "kubectl -n app delete secret web-tls";
    let healthy = |cluster: &Cluster| served(cluster, |service| service);
    vec![
        of_web(
            Evidence::GaveUp,
            "kubectl -n app annotate service web \
             service.beta.openshift.io/serving-cert-generation-error- \
             service.beta.openshift.io/serving-cert-generation-error-num- \
             service.alpha.openshift.io/serving-cert-generation-error- \
             service.alpha.openshift.io/serving-cert-generation-error-num-",
            |cluster| served(cluster, |service| given_up(service, "10")),
            |cluster| served(cluster, |service| given_up(service, "9")),
        ),
        of_web(
            Evidence::ServiceGone,
            "kubectl -n app get services",
            |cluster| {
                served(cluster, |service| service);
                cluster.delete("Service", "app", "web");
            },
            healthy,
        ),
        of_web(
            Evidence::OtherService,
            delete,
            |cluster| {
                served(cluster, |service| service);
                cluster.delete("Service", "app", "web");
                cluster.apply(service("web", "web-tls"));
            },
            healthy,
        ),
        of_web(
            Evidence::NotRequested,
            describe,
            |cluster| {
                served(cluster, |service| service);
                cluster.apply(service("web", "other-tls"));
            },
            healthy,
        ),
        of_web(
            Evidence::OldCa,
            "kubectl -n openshift-service-ca get deployments,pods",
            |cluster| {
                served(cluster, |service| service);
                ServiceCa::since(THEN + 395 * DAY).install(cluster);
            },
            healthy,
        ),
    ]
}

/// Applies the Service `web`, modified by `change`, and its certificate from the current CA.
fn served(cluster: &Cluster, change: impl FnOnce(Value) -> Value) {
    let ca = ServiceCa::since(THEN);
    ca.install(cluster);
    cluster.apply(change(service("web", "web-tls")));
    ca.serve(cluster, "web", THEN);
}
