//! The ingress operator's own certificates: a CA, and one for each ingress controller that was given none. It makes
//! them for two years and never again (openshift/cluster-ingress-operator: `default_cert.go` and
//! `publishing_ca.go` in pkg/operator/controller/certificate, `ensureRouterCASecret`).

use super::index::Index;
use super::{Evidence, Manager, Remedy, Rotation};
use crate::certificate::Certificate;
use crate::facts::{Facts, Secret};

const CA: (&str, &str) = ("openshift-ingress-operator", "router-ca");
const ROUTERS: &str = "openshift-ingress";
const PREFIX: &str = "router-certs-";

pub(super) fn judge(index: &Index<'_>, secret: &Secret) -> Option<Rotation> {
    let place = (&*secret.namespace, &*secret.name);
    let controller = secret.name.strip_prefix(PREFIX);
    let is_default = secret.namespace.as_ref() == ROUTERS && controller.is_some();
    if place != CA && !(is_default && is_made(secret)) && !is_signed(secret) {
        return None;
    }
    let controller = match controller.filter(|_| is_default) {
        Some(controller) => controller,
        None => index
            .default_certificates
            .first()
            .copied()
            .unwrap_or("default"),
    };
    let remedy = Remedy::OwnIngressCertificate(controller.into());
    let rotation = Rotation::by(Manager::IngressOperator, None, remedy.clone());
    // Where every controller was given a certificate, the CA is there and serves nobody.
    Some(if place == CA && index.default_certificates.is_empty() {
        rotation
    } else {
        rotation.blocked(Evidence::NeverRenewed, remedy)
    })
}

/// The controllers that show a certificate of the operator's.
pub(super) fn controllers(facts: &Facts) -> impl Iterator<Item = &str> {
    let secrets = facts.secrets.iter();
    secrets
        .filter(|it| &*it.namespace == ROUTERS && is_made(it))
        .filter_map(|it| it.name.strip_prefix(PREFIX))
}

fn is_made(secret: &Secret) -> bool {
    let mut owners = secret.owners.iter();
    owners.any(|owner| owner.starts_with("Deployment/")) || is_signed(secret)
}

fn is_signed(secret: &Secret) -> bool {
    let issuer = secret.leaf().map_or("", Certificate::issuer_common_name);
    issuer.starts_with("ingress-operator@")
}
