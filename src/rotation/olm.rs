//! OLM: the certificates of operators' webhooks and APIServices, one secret for each deployment.
//!
//! OLM before v0.29.0, called *unfixed* here, decides by the dates in the ClusterServiceVersion's
//! status, a fixed one by the certificate, and neither renews anything unless the operator is
//! healthy (operator-framework/operator-lifecycle-manager:
//! pkg/controller/operators/olm/operator.go, `transitionCSVState`;
//! pkg/controller/install/certresources.go).

use std::collections::BTreeMap;

use super::index::Index;
use super::{Evidence, Manager, Missing, Remedy, Rotation};
use crate::certificate::Certificate;
use crate::facts::{Holder, OLM_CA, OPERATORS, Operator, Phase, SECRETS, names};
use crate::object::{Kind, Mark, ObjectRef};

/// Both kinds of OLM renew in the last day (pkg/controller/install/certresources.go,
/// `DefaultCertMinFresh`), at a resync that comes every six minutes at most.
const LAST_DAY: i64 = 24 * 3600;
const SLACK: i64 = 3600;

/// The reasons of `Failed` that concern OperatorGroups (operator-framework/api,
/// pkg/operators/v1alpha1: `clusterserviceversion_types.go`).
const OPERATOR_GROUP: [&str; 7] = [
    "NoOperatorGroup",
    "TooManyOperatorGroups",
    "UnsupportedOperatorGroup",
    "NoTargetNamespaces",
    "InvalidInstallModes",
    "InterOperatorGroupOwnerConflict",
    "CannotModifyStaticOperatorGroupProvidedAPIs",
];

/// OLM's own pods, in its namespace on OpenShift or elsewhere.
pub(super) const SHOW_OLM: Remedy =
    Remedy::ShowElsewhere("get pods --all-namespaces --selector=app=olm-operator");
const SHOW_OPERATORS: Remedy = Remedy::show("get clusterserviceversions,deployments");
const SHOW_OPERATOR_GROUPS: Remedy = Remedy::show("get operatorgroups,clusterserviceversions");

pub(super) fn judge(index: &Index<'_>, holder: &Holder) -> Option<Rotation> {
    if !is_olms(holder) {
        return None;
    }
    let certificates = [holder.leaf(), holder.first(OLM_CA)].into_iter().flatten();
    let expiry = certificates
        .filter_map(|certificate| certificate.not_after)
        .min();
    let due = expiry.map(|expiry| expiry - LAST_DAY + SLACK);
    let rotation = Rotation::by(Manager::Olm, due, Remedy::DescribeSecret);
    let Some(operator) = operator_of(index, holder) else {
        if !are_operators_known(index, &holder.object.namespace) {
            return Some(rotation);
        }
        return Some(rotation.lost(Evidence::OperatorGone, SHOW_OPERATORS));
    };
    let evidence = by_state(operator)
        .or_else(|| by_dates(operator, holder.leaf()?, expiry?))
        .or_else(|| by_trust(index, operator, holder));
    let remedy = remedy(evidence, operator);
    Some(match evidence {
        Some(evidence) => rotation.blocked(evidence, remedy),
        None => Rotation { remedy, ..rotation },
    })
}

/// Returns the secrets that operators should have and do not. During a first installation the
/// secret does not exist yet; after an upgrade it may be missing for one resync.
pub(super) fn missing(index: &Index<'_>) -> Vec<Missing> {
    let mut missing = BTreeMap::new();
    for operator in &index.facts.operators {
        let namespace = &*operator.object.namespace;
        let is_installed = matches!(operator.phase, Some(Phase::Succeeded | Phase::Installing));
        if is_installed && index.facts.knows(SECRETS, namespace) {
            for deployment in &operator.deployments {
                missing.insert((namespace, names::olm_secret(deployment)), operator);
            }
        }
    }
    for holder in &index.facts.holders {
        let (namespace, name) = holder.object.place();
        if names::olm_deployment(name).is_some() {
            missing.remove(&(namespace, name.to_owned()));
        }
    }
    let missing = missing.into_iter().map(|((namespace, name), operator)| {
        let rotation = Rotation::by(Manager::Olm, None, Remedy::Nothing);
        Missing {
            object: ObjectRef::new(Kind::Secret, namespace, name),
            rotation: rotation.blocked(Evidence::SecretMissing, describe(operator)),
        }
    });
    missing.collect()
}

/// Returns whether a secret is OLM's, by OLM's own annotation, by its owner, or by its issuer. The
/// name alone means nothing: OLM v1 uses the same names for certificates of service-ca.
fn is_olms(holder: &Holder) -> bool {
    let is_owned = || holder.meta.is_owned_by("ClusterServiceVersion");
    let is_signed = || {
        let leaf = holder.leaf();
        leaf.is_some_and(|leaf| leaf.issuer_common_name().starts_with("olm-selfsigned-"))
    };
    let is_named = names::olm_deployment(&holder.object.name).is_some();
    holder.meta.marks.get(Mark::OlmCaHash).is_some() || (is_named && (is_owned() || is_signed()))
}

/// Returns the operator whose deployment the secret is named after: for that one OLM creates it
/// again. The owner tells less; after an upgrade that kept the certificate, it no longer exists.
fn operator_of<'a>(index: &Index<'a>, holder: &Holder) -> Option<&'a Operator> {
    let deployment = names::olm_deployment(&holder.object.name)?;
    index.operator(&holder.object.namespace, deployment)
}

/// Returns whether all operators of a namespace are known with all their deployments.
fn are_operators_known(index: &Index<'_>, namespace: &str) -> bool {
    let mut invalid = index.facts.invalid_fields.iter();
    let has_unclear_spec = invalid.any(|field| {
        field.object.kind == Kind::ClusterServiceVersion
            && &*field.object.namespace == namespace
            && field.path.starts_with("spec")
    });
    index.facts.knows(OPERATORS, namespace) && !has_unclear_spec
}

/// Returns the evidence of a state that lasts until someone acts, and in which no OLM checks
/// certificates.
fn by_state(operator: &Operator) -> Option<Evidence> {
    match (operator.phase?, &*operator.reason) {
        (Phase::Pending, "RequirementsNotMet") => Some(Evidence::RequirementsNotMet),
        (Phase::Pending, "OperatorConditionNotUpgradeable") => Some(Evidence::NotUpgradeable),
        (Phase::Installing, _) => Some(Evidence::Installing),
        (Phase::Failed, "InstallComponentFailedNoRetry") => Some(Evidence::InstallFailed),
        (Phase::Failed, reason) => {
            let is_group = OPERATOR_GROUP.contains(&reason);
            is_group.then_some(Evidence::OperatorGroup)
        }
        _ => None,
    }
}

/// Compares the dates that an unfixed OLM acts on with the certificate. A fixed OLM reissues every
/// leaf without the third name as soon as it starts, so two names under a healthy operator are the
/// mark of an unfixed one (certresources.go, `HostnamesForService`, `shouldRotateCerts`).
fn by_dates(operator: &Operator, leaf: &Certificate, expiry: i64) -> Option<Evidence> {
    let mut names = leaf.dns_names.split(',');
    let is_unfixed =
        !leaf.dns_names.is_empty() && !names.any(|name| name.ends_with(".svc.cluster.local"));
    if !is_unfixed || operator.phase != Some(Phase::Succeeded) {
        return None;
    }
    match operator.certs_rotate_at {
        None => Some(Evidence::RotateAtAbsent),
        Some(rotate_at) => (rotate_at >= expiry).then_some(Evidence::RotateAtTooLate),
    }
}

/// Compares the CA with the bundles of the callers of a healthy operator. OLM fixes a difference at
/// its next resync.
fn by_trust(index: &Index<'_>, operator: &Operator, holder: &Holder) -> Option<Evidence> {
    if operator.phase != Some(Phase::Succeeded) {
        return None;
    }
    let deployment = names::olm_deployment(&holder.object.name)?;
    let ca = holder.first(OLM_CA)?.fingerprint;
    let service = names::olm_service(deployment);
    let calls = index.uses(&holder.object.namespace, &service);
    let mut bundles = calls.iter().filter_map(|call| call.trusts.as_ref());
    let differs = bundles.any(|bundle| !bundle.contains(&ca));
    differs.then_some(Evidence::CaBundleDiffers)
}

/// Returns the command for an operator's secret. A deleted secret comes back where OLM looks at it:
/// while the operator is healthy, out of a stuck installation (the only way out), and on the round
/// that an expired certificate sends the operator on. In other states the operator must be fixed
/// first.
fn remedy(evidence: Option<Evidence>, operator: &Operator) -> Remedy {
    match (operator.phase, &*operator.reason) {
        _ if evidence == Some(Evidence::OperatorGroup) => SHOW_OPERATOR_GROUPS,
        // Late although the operator is healthy, or with a bundle that OLM repairs at its next resync:
        // OLM does not run, and nothing would come back.
        _ if evidence == Some(Evidence::CaBundleDiffers) => SHOW_OLM,
        (Some(Phase::Succeeded), _) if evidence.is_none() => SHOW_OLM,
        (Some(Phase::Succeeded | Phase::InstallReady | Phase::Installing), _)
        | (Some(Phase::Failed), "APIServiceResourceIssue")
        | (
            Some(Phase::Pending),
            "APIServiceResourcesNeedReinstall" | "NeedsReinstall" | "NeedsCertRotation",
        ) => Remedy::DeleteSecret,
        _ => describe(operator),
    }
}

fn describe(operator: &Operator) -> Remedy {
    Remedy::describe("clusterserviceversion", &operator.object.name)
}
