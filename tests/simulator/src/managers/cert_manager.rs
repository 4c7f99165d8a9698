//! cert-manager with CA Issuers: Certificates, and the secrets that they ask for.
//!
//! (cert-manager/cert-manager 1.20.3: pkg/util/pki/renewaltime.go,
//! internal/controller/certificates/policies.)

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::round::{DAY, Round, YEAR};
use crate::certificate::{Authority, Draft};
use crate::object::{name, namespace, rfc3339, text};

/// How long a certificate is valid if the Certificate does not say.
const VALID: i64 = 90 * DAY;

/// Returns the CA behind all Issuers.
pub(super) fn authority(now: i64) -> Authority {
    let draft = Draft::of("Example", "Example Issuing CA");
    draft.valid(now - YEAR, now + 29 * YEAR).authority()
}

/// Renews what is due, and writes the next renewal into the status of every Certificate.
pub(super) fn sync(round: &Round<'_>, issuer: &Authority) {
    for certificate in round.cluster.objects("Certificate") {
        let place = (
            namespace(&certificate),
            text(&certificate["spec"]["secretName"]),
        );
        let renewal = || {
            let leaf = round.leaf(&*round.secret(place)?)?;
            let third = (leaf.not_after - leaf.not_before) / 3;
            let before = duration(&certificate["spec"]["renewBefore"]).unwrap_or(third);
            Some(leaf.not_after - before)
        };
        let is_due = renewal().is_none_or(|time| round.reached(time));
        if is_due && round.switches.broken_issuers != Some(place.0) {
            issue(round, issuer, &certificate, place.1);
        }
        let mut certificate = (*certificate).clone();
        certificate["status"]["renewalTime"] = renewal().map(rfc3339).into();
        round.cluster.apply(certificate);
    }
}

fn issue(round: &Round<'_>, issuer: &Authority, certificate: &Value, secret: &str) {
    let spec = &certificate["spec"];
    let hosts = spec["dnsNames"].as_array().into_iter().flatten();
    let hosts: Vec<&str> = hosts.map(text).collect();
    let until = round.now + duration(&spec["duration"]).unwrap_or(VALID);
    let leaf = Draft::named("").hosts(&hosts).serving();
    let pair = leaf.valid(round.now, until).signed_by(issuer);
    let metadata = json!({
        "labels": {"controller.cert-manager.io/fao": "true"},
        "annotations": {"cert-manager.io/certificate-name": name(certificate)},
    });
    let data = [
        ("ca.crt", &*issuer.pair.certificate),
        ("tls.crt", &pair.certificate),
        ("tls.key", &pair.key),
    ];
    round.write((namespace(certificate), secret), &metadata, &data);
}

/// Seconds of a duration as Go writes it, such as `2160h`.
fn duration(value: &Value) -> Option<i64> {
    Some(value.as_str()?.parse::<SignedDuration>().ok()?.as_secs())
}
