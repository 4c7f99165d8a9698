//! The managers of a simulated cluster, through the years and when something is broken.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests too")]

mod olm;
mod others;
mod service_ca;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use notafter_simulator::Managers;
use notafter_simulator::certificate::Parsed;
use serde_json::Value;

const NOW: i64 = 1_800_000_000;
const DAY: i64 = 24 * 3600;
const OLM: &str = "openshift-operator-lifecycle-manager";

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Returns the first certificate below a key of a secret.
fn read(secret: &Value, key: &str) -> Option<Parsed> {
    let pem = STANDARD.decode(text(&secret["data"][key])).ok()?;
    Parsed::first(&String::from_utf8(pem).ok()?)
}

fn leaf(managers: &Managers, namespace: &str, name: &str) -> Parsed {
    let secret = managers.cluster.get("Secret", namespace, name);
    read(&secret.expect(name), "tls.crt").expect(name)
}

/// Returns the certificates that are renewed, by namespace and name of their secrets: all but
/// copies for revisions of static pods and the ingress operator's CA.
fn renewed(managers: &Managers) -> Vec<(String, Parsed)> {
    let secrets = managers.cluster.list("Secret").into_iter();
    let found = secrets.filter_map(|secret| {
        let metadata = &secret["metadata"];
        let is_revision = metadata["ownerReferences"][0]["kind"] == "ConfigMap";
        let is_kept = is_revision || metadata["name"] == "router-ca";
        let (namespace, name) = (text(&metadata["namespace"]), text(&metadata["name"]));
        let certificate = read(&secret, "tls.crt").filter(|_| !is_kept)?;
        Some((format!("{namespace}/{name}"), certificate))
    });
    found.collect()
}

fn expired(managers: &Managers) -> Vec<String> {
    let mut found = renewed(managers);
    found.retain(|(_, certificate)| certificate.not_after < managers.now());
    found.into_iter().map(|(secret, _)| secret).collect()
}

fn days(managers: &mut Managers, days: i64) {
    for _ in 0..days {
        managers.advance(managers.now() + DAY);
    }
}

#[test]
fn a_healthy_cluster_is_at_rest() {
    let mut managers = Managers::openshift(NOW);
    assert_eq!(managers.now(), NOW);
    assert_eq!(expired(&managers), [""; 0]);
    assert_eq!(renewed(&managers).len(), 34);
    let revision = managers.cluster.revision();
    for second in 0..26_280 {
        managers.advance(NOW + second);
    }
    assert_eq!(managers.cluster.revision(), revision);
    assert!(managers.next() > managers.now());
}

#[test]
fn every_certificate_is_renewed_within_three_years_and_none_expires() {
    let mut managers = Managers::openshift(NOW);
    for day in (0..3 * 365).step_by(3) {
        managers.advance(NOW + day * DAY);
        assert_eq!(expired(&managers), [""; 0], "day {day}");
    }
    let mut first = renewed(&managers);
    first.retain(|(_, leaf)| leaf.not_before < NOW && leaf.not_after < NOW + 1000 * DAY);
    assert_eq!(first, []);
}
