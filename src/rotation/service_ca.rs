//! service-ca: the serving certificates that Services of OpenShift ask for, and the CA that signs them.
//!
//! (openshift/service-ca-operator: pkg/controller/servingcert/controller/, pkg/operator/rotate.go.) The CA is
//! replaced when half of its life is over, and every leaf with it, so a healthy leaf is never much older than that.
//! Where a leaf was issued by an older key, its manager has left it behind.

use super::index::{Index, SIGNING_KEY};
use super::{Evidence, Manager, Remedy, Rotation};
use crate::certificate::Certificate;
use crate::facts::{SERVICES, Secret, Service, mark};

/// It tries no more after so many errors (`secret_creating_controller.go`, `maxRetries`).
const MOST_ERRORS: u64 = 10;

/// It issues again when less is left (servingcert/starter/starter.go, `minTimeLeftForCert`), at a resync that comes
/// every 20 minutes.
const LAST_HOUR: i64 = 3600;
const SLACK: i64 = 1800;

pub(super) fn judge(index: &Index<'_>, secret: &Secret) -> Option<Rotation> {
    if (&*secret.namespace, &*secret.name) == SIGNING_KEY {
        let due = secret.leaf().and_then(due_of_ca);
        return Some(Rotation::by(Manager::ServiceCa, due, Remedy::ServiceCaLog));
    }
    let issuer = secret.leaf().map_or("", Certificate::issuer_common_name);
    let name = secret.marks.either(mark::SERVICE_NAME);
    if name.is_none() && !issuer.starts_with("openshift-service-serving-signer@") {
        return None;
    }
    // One that lost the name still belongs to the Service that asks for it.
    let service = match name {
        Some(name) => index.service(&secret.namespace, name),
        None => index.asking(&secret.namespace, &secret.name),
    };
    let due = secret.leaf().and_then(|leaf| due(index, leaf));
    let rotation = Rotation::by(Manager::ServiceCa, due, Remedy::DeleteSecret);
    let Some(service) = service else {
        if !index.facts.knows(SERVICES, &secret.namespace) {
            let remedy = Remedy::DescribeSecret;
            return Some(Rotation { remedy, ..rotation });
        }
        let evidence = if name.is_some() {
            Evidence::ServiceGone
        } else {
            Evidence::NotRequested
        };
        return Some(rotation.lost(evidence, Remedy::ShowServices));
    };
    Some(match against(index, secret, service) {
        Some((evidence, remedy)) if evidence.is_orphaned() => rotation.lost(evidence, remedy),
        Some((evidence, remedy)) => rotation.blocked(evidence, remedy),
        None => rotation,
    })
}

/// What shows that service-ca will not issue it again (`isSecretValidForService`, `getNumFailures`).
fn against(index: &Index<'_>, secret: &Secret, service: &Service) -> Option<(Evidence, Remedy)> {
    let is_its = secret.marks.either(mark::SERVICE_UID) == Some(&service.uid);
    let describe = || Remedy::DescribeService(service.name.clone());
    if service.wants() != Some(&secret.name) {
        return Some((Evidence::NotRequested, describe()));
    }
    if errors(service) >= MOST_ERRORS {
        let remedy = Remedy::RetryService {
            service: service.name.clone(),
            is_foreign: !is_its,
        };
        return Some((Evidence::GaveUp, remedy));
    }
    if !is_its {
        return Some((Evidence::OtherService, Remedy::DeleteSecret));
    }
    if service.marks.either(mark::SIGNED_BY).is_none() {
        return Some((Evidence::NeverSigned, describe()));
    }
    let signed_by = secret.leaf()?.authority_key?;
    let signs_now = index.service_ca?.subject_key?;
    (signed_by != signs_now).then_some((Evidence::OldCa, Remedy::DeleteSecret))
}

/// What is no number counts as none.
fn errors(service: &Service) -> u64 {
    let number = service.marks.either(mark::ERRORS);
    number.and_then(|it| it.parse().ok()).unwrap_or(0)
}

/// The CA is replaced once less than half of its 790 days is left (pkg/operator/starter.go,
/// `minimumTrustDuration`), with a day of grace. Fractions, because test clusters rotate in hours.
fn due_of_ca(ca: &Certificate) -> Option<i64> {
    let (from, life) = life(ca)?;
    Some(from + life / 2 + life / 790)
}

/// A leaf of today's CA is issued again together with it. It is given a month more, so that a CA that is late is one
/// alert and not one for every Service. A leaf of an older CA is late as soon as all have had their turn: 1.3 a
/// second were measured. Where the CA cannot be seen, 300 of 730 days are fewer than a healthy leaf ever has.
fn due(index: &Index<'_>, leaf: &Certificate) -> Option<i64> {
    let (from, life_of_leaf) = life(leaf)?;
    let last = from + life_of_leaf - LAST_HOUR + SLACK;
    let Some(ca) = index.service_ca else {
        return Some(from + life_of_leaf * 430 / 730);
    };
    let (ca_from, life_of_ca) = life(ca)?;
    let is_current = leaf.authority_key.is_none() || leaf.authority_key == ca.subject_key;
    let turn = if is_current {
        ca_from + life_of_ca / 2 + life_of_ca / 26
    } else {
        ca_from + life_of_ca / 790
    };
    Some(turn.min(last))
}

/// When it begins and how long it is valid, in seconds.
fn life(certificate: &Certificate) -> Option<(i64, i64)> {
    let (from, until) = (certificate.not_before?, certificate.not_after?);
    Some((from, until.checked_sub(from).filter(|life| *life > 0)?))
}
