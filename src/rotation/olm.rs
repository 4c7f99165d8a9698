//! OLM: the certificates of operators' webhooks and APIServices, one secret for each deployment.
//!
//! An unfixed OLM (before v0.29.0) decides by what the ClusterServiceVersion remembers, a fixed one by the
//! certificate, and neither at all unless the operator is well (operator-framework/operator-lifecycle-manager:
//! pkg/controller/operators/olm/operator.go, `transitionCSVState`; pkg/controller/install/certresources.go).

use std::collections::BTreeMap;

use super::index::Index;
use super::{Evidence, Manager, Missing, Remedy, Rotation};
use crate::certificate::Certificate;
use crate::facts::{OPERATORS, Operator, Phase, SECRETS, Secret, mark};

/// Both kinds of OLM renew in the last day (pkg/controller/install/certresources.go, `DefaultCertMinFresh`), at a
/// resync that comes every six minutes at the most.
const LAST_DAY: i64 = 24 * 3600;
const SLACK: i64 = 3600;

/// The data key of the CA's certificate.
const CA: &str = "olmCAKey";
const SUFFIX: &str = "-service-cert";

/// The reasons of `Failed` that mean operator groups (operator-framework/api, pkg/operators/v1alpha1:
/// `clusterserviceversion_types.go`).
const OPERATOR_GROUP: [&str; 7] = [
    "NoOperatorGroup",
    "TooManyOperatorGroups",
    "UnsupportedOperatorGroup",
    "NoTargetNamespaces",
    "InvalidInstallModes",
    "InterOperatorGroupOwnerConflict",
    "CannotModifyStaticOperatorGroupProvidedAPIs",
];

pub(super) fn judge(index: &Index<'_>, secret: &Secret) -> Option<Rotation> {
    if !is_olms(secret) {
        return None;
    }
    let ends = [secret.leaf(), secret.first(CA)].into_iter().flatten();
    let end = ends.filter_map(|it| it.not_after).min();
    let due = end.map(|end| end - LAST_DAY + SLACK);
    let rotation = Rotation::by(Manager::Olm, due, Remedy::DescribeSecret);
    let Some(operator) = operator_of(index, secret) else {
        if !are_known(index, &secret.namespace) {
            return Some(rotation);
        }
        return Some(rotation.lost(Evidence::OperatorGone, Remedy::ShowOperators));
    };
    let evidence = state(operator)
        .or_else(|| memory(operator, secret.leaf()?, end?))
        .or_else(|| trust(index, operator, secret));
    let remedy = remedy(evidence, operator);
    Some(match evidence {
        Some(evidence) => rotation.blocked(evidence, remedy),
        None => Rotation { remedy, ..rotation },
    })
}

/// The secrets that operators should have and do not. While one is being installed for the first time it is not
/// there yet; after an upgrade it may be away for one resync.
pub(super) fn missing(index: &Index<'_>) -> Vec<Missing> {
    let mut missing = BTreeMap::new();
    for operator in &index.facts.operators {
        let namespace = &*operator.namespace;
        let is_installed = matches!(operator.phase, Some(Phase::Succeeded | Phase::Installing));
        if is_installed && index.facts.knows(SECRETS, namespace) {
            for deployment in &operator.deployments {
                missing.insert((namespace, format!("{deployment}{SUFFIX}")), operator);
            }
        }
    }
    for secret in &index.facts.secrets {
        if secret.name.ends_with(SUFFIX) {
            missing.remove(&(&*secret.namespace, secret.name.to_string()));
        }
    }
    let missing = missing.into_iter().map(|((namespace, name), operator)| {
        let remedy = Remedy::DescribeOperator(operator.name.clone());
        Missing {
            namespace: namespace.into(),
            name: name.into(),
            blocked: (Evidence::SecretMissing, remedy),
        }
    });
    missing.collect()
}

/// By OLM's own annotation, by its owner, or by who signed it. The name alone means nothing: OLM v1 takes the same
/// one for certificates of service-ca.
fn is_olms(secret: &Secret) -> bool {
    let is_owned = || {
        let mut owners = secret.owners.iter();
        owners.any(|owner| owner.starts_with("ClusterServiceVersion/"))
    };
    let is_signed = || {
        let leaf = secret.leaf();
        leaf.is_some_and(|it| it.issuer_common_name().starts_with("olm-selfsigned-"))
    };
    secret.marks.get(mark::OLM_CA_HASH).is_some()
        || (secret.name.ends_with(SUFFIX) && (is_owned() || is_signed()))
}

/// The operator whose deployment the secret is named after: for that one OLM makes it anew. The owner tells less;
/// after an upgrade that took the certificate over it is one that is gone.
fn operator_of<'a>(index: &Index<'a>, secret: &Secret) -> Option<&'a Operator> {
    let deployment = secret.name.strip_suffix(SUFFIX)?;
    index.operator(&secret.namespace, deployment)
}

/// Whether all operators of a namespace are known with all their deployments.
fn are_known(index: &Index<'_>, namespace: &str) -> bool {
    let mut operators = index.facts.operators.iter();
    let is_unclear = |it: &Operator| {
        let mut strange = it.strange.iter();
        &*it.namespace == namespace && strange.any(|field| field.starts_with("spec"))
    };
    index.facts.knows(OPERATORS, namespace) && !operators.any(|it| is_unclear(it))
}

/// The states that last until somebody acts, and in which no OLM looks at certificates.
fn state(operator: &Operator) -> Option<Evidence> {
    match (operator.phase?, &*operator.reason) {
        (Phase::Pending, "RequirementsNotMet") => Some(Evidence::RequirementsNotMet),
        (Phase::Pending, "OperatorConditionNotUpgradeable") => Some(Evidence::NotUpgradeable),
        (Phase::Installing, _) => Some(Evidence::Installing),
        (Phase::Failed, "InstallComponentFailedNoRetry") => Some(Evidence::InstallFailed),
        (Phase::Failed, reason) => {
            let is_groups = OPERATOR_GROUP.contains(&reason);
            is_groups.then_some(Evidence::OperatorGroup)
        }
        _ => None,
    }
}

/// What an unfixed OLM believes, against the certificate. A fixed one makes every leaf anew that has not the third
/// name, as soon as it starts; so two names under an operator that is well are the mark of an unfixed one
/// (certresources.go, `HostnamesForService`, `shouldRotateCerts`).
fn memory(operator: &Operator, leaf: &Certificate, end: i64) -> Option<Evidence> {
    let is_unfixed = !leaf.dns_names.is_empty()
        && !leaf
            .dns_names
            .split(',')
            .any(|name| name.ends_with(".svc.cluster.local"));
    if !is_unfixed || operator.phase != Some(Phase::Succeeded) {
        return None;
    }
    match operator.certs_rotate_at {
        None => Some(Evidence::RotateAtAbsent),
        Some(rotate_at) => (rotate_at >= end).then_some(Evidence::RotateAtTooLate),
    }
}

/// Whether everybody who calls an operator that is well trusts its CA. OLM mends that itself at its next resync.
fn trust(index: &Index<'_>, operator: &Operator, secret: &Secret) -> Option<Evidence> {
    if operator.phase != Some(Phase::Succeeded) {
        return None;
    }
    let deployment = secret.name.strip_suffix(SUFFIX)?;
    let ca = secret.first(CA)?.fingerprint;
    let service = format!("{deployment}-service");
    let uses = index.uses(&secret.namespace, &service);
    let mut bundles = uses.iter().filter_map(|it| it.trusts.as_ref());
    let differs = bundles.any(|bundle| !bundle.contains(&ca));
    differs.then_some(Evidence::CaBundleDiffers)
}

/// A deleted secret comes back where OLM looks at it: while the operator is well, out of a stuck installation, for
/// which there is nothing else, and on the round that an expired certificate sends it. Elsewhere the operator must be
/// mended first.
fn remedy(evidence: Option<Evidence>, operator: &Operator) -> Remedy {
    match (operator.phase, &*operator.reason) {
        _ if evidence == Some(Evidence::OperatorGroup) => Remedy::ShowOperatorGroups,
        (Some(Phase::Succeeded | Phase::InstallReady | Phase::Installing), _)
        | (Some(Phase::Failed), "APIServiceResourceIssue")
        | (
            Some(Phase::Pending),
            "APIServiceResourcesNeedReinstall" | "NeedsReinstall" | "NeedsCertRotation",
        ) => Remedy::DeleteSecret,
        _ => Remedy::DescribeOperator(operator.name.clone()),
    }
}
