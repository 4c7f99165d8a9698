//! service-ca: the serving certificates that OpenShift's Services request, and the CA that signs
//! them.
//!
//! (openshift/service-ca-operator: pkg/controller/servingcert/controller/, pkg/operator/rotate.go.)
//! The CA is replaced when half of its validity is over, and every leaf with it, so a healthy leaf
//! is never much older than that. A leaf that an older key signed was left behind.

use std::fmt::Write;

use super::index::Index;
use super::{Evidence, Manager, Remedy, Rotation};
use crate::certificate::Certificate;
use crate::facts::{Holder, SERVICES, Service, names};
use crate::object::Mark;

/// The number of errors after which service-ca no longer tries (`secret_creating_controller.go`,
/// `maxRetries`).
const MOST_ERRORS: u64 = 10;

/// service-ca reissues when less time is left (servingcert/starter/starter.go,
/// `minTimeLeftForCert`), at a resync that comes every 20 minutes.
const LAST_HOUR: i64 = 3600;
const SLACK: i64 = 1800;

/// The log of the operator. Deleting the CA would break trust until every pod was restarted.
const SHOW_LOG: Remedy =
    Remedy::ShowElsewhere("-n openshift-service-ca-operator logs deployment/service-ca-operator");

/// The controller that issues leaves. While it does not run, a deleted secret does not come back; and
/// while it does, nothing is late and no old key outlasts its queue (nine seconds).
pub(super) const SHOW_CONTROLLER: Remedy =
    Remedy::ShowElsewhere("-n openshift-service-ca get deployments,pods");

pub(super) fn judge(index: &Index<'_>, holder: &Holder) -> Option<Rotation> {
    if holder.object.place() == names::SERVICE_CA {
        let due = holder.leaf().and_then(due_of_ca);
        return Some(Rotation::by(Manager::ServiceCa, due, SHOW_LOG));
    }
    let issuer = holder.leaf().map_or("", Certificate::issuer_common_name);
    let name = holder.meta.marks.get(Mark::ServiceName);
    if name.is_none() && !issuer.starts_with("openshift-service-serving-signer@") {
        return None;
    }
    // A secret that lost the name still belongs to the Service that requests it.
    let service = match name {
        Some(name) => index.service(&holder.object.namespace, name),
        None => index.request(holder.object.place()),
    };
    let due = holder.leaf().and_then(|leaf| due(index, leaf));
    let rotation = Rotation::by(Manager::ServiceCa, due, SHOW_CONTROLLER);
    let Some(service) = service else {
        if !index.facts.knows(SERVICES, &holder.object.namespace) {
            let remedy = Remedy::DescribeSecret;
            return Some(Rotation { remedy, ..rotation });
        }
        let evidence = if name.is_some() {
            Evidence::ServiceGone
        } else {
            Evidence::NotRequested
        };
        return Some(rotation.lost(evidence, Remedy::show("get services")));
    };
    Some(match evidence(index, holder, service) {
        Some((evidence, remedy)) if evidence.is_orphaned() => rotation.lost(evidence, remedy),
        Some((evidence, remedy)) => rotation.blocked(evidence, remedy),
        None => rotation,
    })
}

/// Returns the evidence that service-ca will not reissue it (`isSecretValidForService`,
/// `getNumFailures`).
fn evidence(index: &Index<'_>, holder: &Holder, service: &Service) -> Option<(Evidence, Remedy)> {
    let is_its_own = holder.meta.marks.get(Mark::ServiceUid) == Some(&service.uid);
    let describe = || Remedy::describe("service", &service.object.name);
    if service.requested_secret() != Some(&holder.object.name) {
        return Some((Evidence::NotRequested, describe()));
    }
    if errors(service) >= MOST_ERRORS {
        return Some((Evidence::GaveUp, retry(service, !is_its_own)));
    }
    if !is_its_own {
        return Some((Evidence::OtherService, Remedy::DeleteSecret));
    }
    let signed_by = holder.leaf()?.authority_key?;
    let signs_now = index.service_ca?.subject_key?;
    (signed_by != signs_now).then_some((Evidence::OldCa, SHOW_CONTROLLER))
}

/// Returns the number of failed attempts; a text that is not a number counts as none.
fn errors(service: &Service) -> u64 {
    let number = service.marks.get(Mark::Errors);
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// Lets service-ca try again: without all four annotations (openshift/service-ca-operator:
/// pkg/controller/servingcert/controller, `getNumFailures` reads alpha where beta is absent), and
/// without the secret, where that is another Service's and so in the way.
fn retry(service: &Service, is_in_the_way: bool) -> Remedy {
    let mut command = format!("annotate service {}", service.object.name);
    for version in ["beta", "alpha"] {
        for annotation in ["error", "error-num"] {
            // A String never refuses.
            let _ = write!(
                command,
                " service.{version}.openshift.io/serving-cert-generation-{annotation}-"
            );
        }
    }
    if is_in_the_way {
        Remedy::DeleteSecretAnd(command.into())
    } else {
        Remedy::Run(command.into())
    }
}

/// The CA is replaced once less than half of its 790 days is left (pkg/operator/starter.go,
/// `minimumTrustDuration`), with a day of grace. Fractions, because test clusters rotate in hours.
fn due_of_ca(ca: &Certificate) -> Option<i64> {
    let validity = ca.validity()?;
    Some(validity.from + validity.fraction(1, 2) + validity.fraction(1, 790))
}

/// A leaf of the current CA is reissued together with it. It gets a month more, so that an overdue
/// CA is one alert and not one for every Service. A leaf of an older CA is overdue as soon as all
/// have had their turn: 1.3 a second were measured. Where the CA cannot be seen, 300 of 730 days
/// are fewer than a healthy leaf ever has.
fn due(index: &Index<'_>, leaf: &Certificate) -> Option<i64> {
    let validity = leaf.validity()?;
    let last = validity.until - LAST_HOUR + SLACK;
    let Some(ca) = index.service_ca else {
        return Some(validity.from + validity.fraction(430, 730));
    };
    let ca_validity = ca.validity()?;
    let is_current = leaf.authority_key.is_none() || leaf.authority_key == ca.subject_key;
    let turn = if is_current {
        ca_validity.from + ca_validity.fraction(1, 2) + ca_validity.fraction(1, 26)
    } else {
        ca_validity.from + ca_validity.fraction(1, 790)
    };
    Some(turn.min(last))
}
