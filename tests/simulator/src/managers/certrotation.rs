//! The operators that rotate certificates with library-go's certrotation, and those that request
//! them with CSRs (openshift/library-go: `pkg/operator/certrotation/signer.go` and `target.go`,
//! `pkg/operator/csr/cert_controller.go`). The former decide by annotations, not by certificates.

use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::{Value, json};

use super::round::{DAY, Round, authority};
use crate::certificate::{Authority, Draft, Pair, Parsed};
use crate::object::{Place, annotation, rfc3339, time};

const NOT_BEFORE: &str = "auth.openshift.io/certificate-not-before";
const NOT_AFTER: &str = "auth.openshift.io/certificate-not-after";

/// The percentage of the validity that is left when a requested certificate is renewed: from 20 to
/// 25 (`pkg/operator/csr/cert_controller.go`).
const LEFT: i64 = 22;

static ROTATED: LazyLock<Vec<Rotated>> = LazyLock::new(|| {
    let text = include_str!("certrotation/rotated.yaml");
    serde_saphyr::from_str(text).expect("the table is YAML")
});

/// A secret with a certificate that rotates.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct Rotated {
    /// Namespace and name of the secret.
    secret: String,
    owner: String,
    /// Days from one certificate's issuance to its expiry.
    valid: i64,
    /// Days after which it is renewed at the latest.
    refresh: i64,
    /// True if an annotation says so, or says the dates of a requested certificate (since 2025).
    announced: bool,
    /// The secret of the CA; a certificate without one is signed by itself.
    signer: Option<String>,
    /// The common name of a client; a certificate without one is a server's or a CA's.
    client: Option<String>,
    /// The host names of a server.
    hosts: Vec<String>,
    /// True if a CSR is signed by the controller manager.
    requested: bool,
    /// The secret that is kept equal to this one.
    copy: Option<String>,
}

pub(super) fn sync(round: &Round<'_>) {
    for rotated in &*ROTATED {
        keep(round, rotated);
        let secret = round.secret(place(&rotated.secret));
        if let (Some(secret), Some(copy)) = (secret, &rotated.copy) {
            // pkg/operator/resource/resourceapply/core.go, `syncPartialSecret`
            round.copy(&secret, place(copy), Value::Null);
        }
    }
}

fn place(secret: &str) -> Place<'_> {
    secret.split_once('/').expect("a namespace and a name")
}

/// Issues a certificate where there is none, or where the present one is due.
fn keep(round: &Round<'_>, rotated: &Rotated) {
    let signer = rotated.signer.as_deref().map(place);
    let signer = signer.and_then(|signer| round.secret(signer));
    let signing = signer.as_ref().and_then(|signer| round.leaf(signer));
    let signing = signing.as_deref();
    if rotated.signer.is_some() && signing.is_none() {
        return;
    }
    let secret = round.secret(place(&rotated.secret));
    if secret.is_some_and(|secret| !is_due(round, rotated, &secret, signing)) {
        return;
    }
    let signer = signer.and_then(|signer| authority(&signer));
    let from = round.now;
    let until = from + rotated.valid * DAY;
    let until = signing.map_or(until, |signing| until.min(signing.not_after));
    let (common_name, pair) = rotated.issue(signer.as_ref(), from, until);
    let mut metadata = json!({});
    if rotated.announced || !rotated.requested {
        metadata["annotations"] = json!({NOT_BEFORE: rfc3339(from), NOT_AFTER: rfc3339(until)});
    }
    if !rotated.requested {
        let kind = if signer.is_some() { "target" } else { "signer" };
        metadata["labels"]["auth.openshift.io/managed-certificate-type"] = kind.into();
        let issuer = signing.map_or(common_name, |signing| signing.common_name.clone());
        let annotations = &mut metadata["annotations"];
        annotations["auth.openshift.io/certificate-issuer"] = issuer.into();
        annotations["openshift.io/owning-component"] = (*rotated.owner).into();
        if rotated.announced {
            let period = format!("{}h0m0s", rotated.refresh * 24);
            annotations["certificates.openshift.io/refresh-period"] = period.into();
        }
    }
    let signer = signer.filter(|_| !rotated.requested);
    let signer = signer.map(|signer| signer.pair.certificate);
    let chain = pair.certificate + &signer.unwrap_or_default();
    let data = [("tls.crt", &*chain), ("tls.key", &pair.key)];
    round.write(place(&rotated.secret), &metadata, &data);
}

/// Returns whether a certificate is renewed now: a requested one by itself, the others by their
/// annotations (`needNewSigningCertKeyPair`, `needNewTargetCertKeyPair`), at their refresh period
/// or at four fifths of their validity.
fn is_due(round: &Round<'_>, rotated: &Rotated, secret: &Value, signing: Option<&Parsed>) -> bool {
    if rotated.requested {
        return round.leaf(secret).is_none_or(|leaf| {
            let left = (leaf.not_after - leaf.not_before) * LEFT / 100;
            round.passed(leaf.not_after - left)
        });
    }
    let date = |key| time(annotation(secret, key));
    let (Some(from), Some(until)) = (date(NOT_BEFORE), date(NOT_AFTER)) else {
        return true;
    };
    let refresh = rotated.refresh * DAY;
    // A signer that is too young may not be trusted everywhere.
    let is_trusted = || signing.is_none_or(|signer| round.passed(signer.not_before + refresh / 10));
    round.passed(until - (until - from) / 5) || (round.passed(from + refresh) && is_trusted())
}

// === impl Rotated ===

impl Rotated {
    /// Returns a certificate with its common name.
    fn issue(&self, signer: Option<&Authority>, from: i64, until: i64) -> (String, Pair) {
        let (namespace, name) = place(&self.secret);
        let common_name = match (&self.client, self.hosts.first()) {
            (Some(name), _) | (None, Some(name)) => name.clone(),
            (None, None) if name == "csr-signer" => format!("kube-csr-signer_@{from}"),
            (None, None) => format!("{namespace}_{name}@{from}"),
        };
        let draft = Draft::named(&common_name).valid(from, until);
        let pair = match (signer, &self.client) {
            (None, _) => draft.authority().pair,
            (Some(signer), Some(_)) => draft.client().signed_by(signer),
            (Some(signer), None) if self.hosts.is_empty() => draft.authority_under(signer).pair,
            (Some(signer), None) => draft.hosts(&self.hosts).serving().signed_by(signer),
        };
        (common_name, pair)
    }
}
