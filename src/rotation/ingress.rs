//! The ingress operator's own certificates: a CA, and one for each ingress controller without a
//! configured certificate. It creates them for two years and never renews them
//! (openshift/cluster-ingress-operator: `default_cert.go` and `publishing_ca.go` in
//! pkg/operator/controller/certificate, `ensureRouterCASecret`).

use super::index::Index;
use super::{Evidence, Manager, Remedy, Rotation};
use crate::certificate::Certificate;
use crate::facts::{Holder, names};

const CA: (&str, &str) = ("openshift-ingress-operator", "router-ca");

pub(super) fn judge(index: &Index<'_>, holder: &Holder) -> Option<Rotation> {
    let remedy = if let Some(controller) = controller(holder) {
        configure_certificate(controller)
    } else if holder.object.place() == CA {
        let mut holders = index.facts.holders.iter();
        let Some(controller) = holders.find_map(|holder| controller(holder)) else {
            // Every controller has a configured certificate: the CA exists and serves nothing.
            let remedy = Remedy::Nothing;
            return Some(Rotation::by(Manager::IngressOperator, None, remedy));
        };
        configure_certificate(controller)
    } else if is_signed_by_operator(holder) {
        // Copied there by hand, and to be replaced by hand.
        index.replacement(holder)
    } else {
        return None;
    };
    let rotation = Rotation::by(Manager::IngressOperator, None, Remedy::Nothing);
    Some(rotation.blocked(Evidence::NeverRenewed, remedy))
}

/// Returns the ingress controller whose default certificate the operator created in this secret.
fn controller(holder: &Holder) -> Option<&str> {
    let controller = names::router_controller(&holder.object.name)?;
    let is_created = holder.meta.is_owned_by("Deployment") || is_signed_by_operator(holder);
    (&*holder.object.namespace == names::ROUTERS && is_created).then_some(controller)
}

fn is_signed_by_operator(holder: &Holder) -> bool {
    let issuer = holder.leaf().map_or("", Certificate::issuer_common_name);
    issuer.starts_with("ingress-operator@")
}

/// Gives the controller a certificate of one's own. The routers would roll out towards a secret that
/// does not exist, so it is created by the same command, which stops if there are no files.
fn configure_certificate(controller: &str) -> Remedy {
    let name = format!("custom-certs-{controller}");
    let patch = format!(r#"{{"spec":{{"defaultCertificate":{{"name":"{name}"}}}}}}"#);
    let arguments = format!(
        "-n openshift-ingress-operator patch ingresscontroller {controller} --type=merge -p '{patch}'"
    );
    Remedy::CreateSecretAnd {
        secret: (names::ROUTERS, name.into()),
        arguments: arguments.into(),
    }
}
