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
    let controllers = &index.default_certificates;
    let remedy = if let Some(controller) = controller(secret) {
        Remedy::OwnIngressCertificate(controller.into())
    } else if place == CA {
        let Some(controller) = controllers.first() else {
            // Every controller was given a certificate: the CA is there and serves nobody.
            return Some(Rotation::by(
                Manager::IngressOperator,
                None,
                Remedy::Nothing,
            ));
        };
        Remedy::OwnIngressCertificate((*controller).into())
    } else if is_signed(secret) {
        // Somebody has put it there, and has to replace it.
        Remedy::ReplaceSecret
    } else {
        return None;
    };
    let rotation = Rotation::by(Manager::IngressOperator, None, Remedy::Nothing);
    Some(rotation.blocked(Evidence::NeverRenewed, remedy))
}

/// The controllers that show a certificate of the operator's.
pub(super) fn controllers(facts: &Facts) -> impl Iterator<Item = &str> {
    facts.secrets.iter().filter_map(|it| controller(it))
}

/// The controller that a secret of the operator's is the default certificate of.
fn controller(secret: &Secret) -> Option<&str> {
    let controller = secret.name.strip_prefix(PREFIX)?;
    let mut owners = secret.owners.iter();
    let is_owned = owners.any(|owner| owner.starts_with("Deployment/"));
    let is_made = is_owned || is_signed(secret);
    (&*secret.namespace == ROUTERS && is_made).then_some(controller)
}

fn is_signed(secret: &Secret) -> bool {
    let issuer = secret.leaf().map_or("", Certificate::issuer_common_name);
    issuer.starts_with("ingress-operator@")
}
