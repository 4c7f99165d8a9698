//! Whoever renews certificates in a simulated cluster, through the years and when something is broken.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests too")]

mod cert_manager;
mod certrotation;
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
const OPERATORS: &str = "openshift-operators";
const DEVWORKSPACE: &str = "devworkspace-operator.v0.26.0";
const DEVWORKSPACE_SECRET: &str = "devworkspace-controller-manager-service-cert";

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// The first certificate below a key of a secret.
fn read(secret: &Value, key: &str) -> Option<Parsed> {
    let pem = STANDARD.decode(text(&secret["data"][key])).ok()?;
    Parsed::first(&String::from_utf8(pem).ok()?)
}

fn leaf(managers: &Managers, namespace: &str, name: &str) -> Parsed {
    let secret = managers.cluster.get("Secret", namespace, name);
    read(&secret.expect(name), "tls.crt").expect(name)
}

/// Whether it is a copy for a revision of a static pod.
fn is_revision(secret: &Value) -> bool {
    secret["metadata"]["ownerReferences"][0]["kind"] == "ConfigMap"
}

/// The secrets whose certificate is over, but for old revisions and what nobody ever renews.
fn expired(managers: &Managers) -> Vec<String> {
    let secrets = managers.cluster.list("Secret");
    let over = secrets.iter().filter(|it| {
        let never = text(&it["metadata"]["name"]) == "router-ca";
        !is_revision(it)
            && !never
            && !is_revision(it)
            && read(it, "tls.crt").is_some_and(|it| it.not_after < managers.now())
    });
    let name = |it: &Value| {
        format!(
            "{}/{}",
            text(&it["metadata"]["namespace"]),
            text(&it["metadata"]["name"])
        )
    };
    over.map(name).collect()
}

fn days(managers: &mut Managers, days: i64) {
    for _ in 0..days {
        managers.advance(managers.now() + DAY);
    }
}

fn csv(managers: &Managers, namespace: &str, name: &str) -> Value {
    managers
        .cluster
        .get("ClusterServiceVersion", namespace, name)
        .unwrap()
}

fn phase(managers: &Managers, namespace: &str, name: &str) -> String {
    let status = &csv(managers, namespace, name)["status"];
    format!("{}/{}", text(&status["phase"]), text(&status["reason"]))
}

#[test]
fn a_healthy_cluster_has_everything_and_nothing_to_do() {
    let mut managers = Managers::openshift(NOW);
    assert_eq!(managers.now(), NOW);
    assert_eq!(expired(&managers), [""; 0]);
    assert_eq!(
        phase(&managers, OLM, "packageserver"),
        "Succeeded/InstallSucceeded"
    );
    assert_eq!(
        phase(&managers, OPERATORS, DEVWORKSPACE),
        "Succeeded/InstallSucceeded"
    );
    let revision = managers.cluster.revision();
    managers.advance(NOW);
    managers.advance(NOW + 60);
    assert_eq!(managers.cluster.revision(), revision);
    assert!(managers.cluster.list("Secret").len() > 35);
    for kind in ["Certificate", "ClusterServiceVersion", "Service"] {
        let owners = managers.cluster.list(kind);
        let uid = |it: &Value| text(&it["metadata"]["uid"]).to_owned();
        let uids: Vec<_> = owners.iter().map(uid).collect();
        for secret in managers.cluster.list("Secret") {
            let owner = &secret["metadata"]["ownerReferences"][0];
            assert!(
                owner["kind"] != kind || uids.contains(&text(&owner["uid"]).into()),
                "{owner}"
            );
        }
    }
}

#[test]
fn nothing_expires_in_three_years_of_days() {
    let mut managers = Managers::openshift(NOW);
    for day in 0..3 * 365 {
        managers.advance(NOW + day * DAY);
        assert_eq!(expired(&managers), [""; 0], "day {day}");
    }
    let secrets = managers.cluster.list("Secret");
    let first = secrets
        .iter()
        .filter(|it| !is_revision(it) && it["metadata"]["name"] != "router-ca");
    let first = first.filter(|it| {
        let certificate = read(it, "tls.crt");
        certificate.is_some_and(|it| it.not_before < NOW && it.not_after < NOW + 1000 * DAY)
    });
    let names: Vec<_> = first.map(|it| text(&it["metadata"]["name"])).collect();
    assert_eq!(names, [""; 0], "all was renewed");
}

#[test]
fn hours_in_which_nothing_happens_cost_nothing() {
    let mut managers = Managers::openshift(NOW);
    let start = std::time::Instant::now();
    for step in 0..26_280 {
        managers.advance(NOW + step);
    }
    assert!(start.elapsed().as_secs() < 5, "{:?}", start.elapsed());
}

#[test]
fn every_certificate_is_signed_by_the_authority_beside_it() {
    let managers = Managers::openshift(NOW);
    let packageserver = managers
        .cluster
        .get("Secret", OLM, "packageserver-service-cert")
        .unwrap();
    let (ca, leaf) = (
        read(&packageserver, "olmCAKey").unwrap(),
        read(&packageserver, "tls.crt").unwrap(),
    );
    assert!(leaf.is_signed_by(&ca));
    assert!(ca.common_name.starts_with("olm-selfsigned-"));
    assert_eq!(leaf.hosts.len(), 3);
    assert_eq!(leaf.not_after - leaf.not_before, 730 * DAY);
    let bundle = &managers
        .cluster
        .get("APIService", "", "v1.packages.operators.coreos.com")
        .unwrap()["spec"]["caBundle"];
    assert_eq!(*bundle, packageserver["data"]["olmCAKey"]);
    let apps = managers
        .cluster
        .get("Secret", "openshift-ingress", "apps-tls")
        .unwrap();
    assert!(
        read(&apps, "tls.crt")
            .unwrap()
            .is_signed_by(&read(&apps, "ca.crt").unwrap())
    );
    assert!(
        managers
            .cluster
            .get("Secret", "openshift-ingress", "router-certs-default")
            .is_none()
    );
    assert!(
        managers
            .cluster
            .get("Secret", "openshift-ingress-operator", "router-ca")
            .is_some()
    );
}
