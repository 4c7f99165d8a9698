//! A copy that a job makes once a day is no alarm while its original has just been renewed, and one as
//! soon as the job does not run.

use notafter::urgency::{Assessor, Thresholds, Urgency};
use notafter_simulator::Cluster;
use notafter_simulator::certificate::{Draft, Pair};
use serde_json::json;

use crate::judged::judge;
use crate::managed::{annotated, asked, cluster, cluster_version, labelled};
use crate::world::{DAY, THEN, tls};

const HOUR: i64 = 3600;
const LIFE: i64 = 90 * DAY;
/// cert-manager's renewal, exactly when 30 days are left.
const RENEWED: i64 = THEN + 60 * DAY;

/// A certificate for a host from a time on, by one of the issuers that a public CA has.
fn issued(host: &str, from: i64, life: i64, issuer: &str) -> Pair {
    let ca = Draft::named(issuer)
        .valid(THEN - 365 * DAY, THEN + 3650 * DAY)
        .authority();
    Draft::named("")
        .hosts(&[host])
        .valid(from, from + life)
        .signed_by(&ca)
}

/// Puts a certificate into a secret, where nothing says that it is a copy.
fn copy(cluster: &Cluster, namespace: &str, host: &str, life: i64) {
    cluster.apply(tls(namespace, "copy", &issued(host, THEN, life, "R10")));
}

/// Has cert-manager issue a certificate for `www.example.com`, at a time.
fn original(cluster: &Cluster, namespace: &str, from: i64, life: i64) {
    let pair = issued("www.example.com", from, life, "R11");
    let mut secret = tls(namespace, "web-tls", &pair);
    secret["metadata"]["annotations"] = json!({});
    secret["metadata"]["labels"] = json!({});
    let secret = annotated(secret, "cert-manager.io/certificate-name", "web");
    cluster.apply(labelled(secret, "controller.cert-manager.io/fao", "true"));
    cluster.apply(asked(namespace, "web"));
}

/// The urgency of the copy at a time.
fn urgency(cluster: &Cluster, now: i64) -> Urgency {
    let inventory = judge(cluster);
    let assessed = Assessor::new(&inventory, now, Thresholds::default()).all();
    let mut all = assessed.iter();
    let copy = all.find(|one| &*one.object.name == "copy").unwrap();
    copy.urgency
}

/// The time from the usual warning about the copy until it comes, in hours.
fn delay(cluster: &Cluster, life: i64) -> i64 {
    let usual = THEN + life - (30 * DAY).min(life / 3);
    let mut hours = 0..100;
    let warning = hours.find(|hours| urgency(cluster, usual + hours * HOUR) == Urgency::Soon);
    warning.expect("every copy that stays is warned of")
}

#[test]
fn a_copy_has_a_day_to_follow_its_original() {
    let cluster = cluster();
    copy(&cluster, "shop", "www.example.com", LIFE);
    original(&cluster, "certificates", RENEWED, LIFE);
    assert_eq!(urgency(&cluster, RENEWED), Urgency::Ok);
    assert_eq!(urgency(&cluster, RENEWED + 26 * HOUR - 1), Urgency::Ok);
    assert_eq!(urgency(&cluster, RENEWED + 26 * HOUR), Urgency::Soon);
    assert_eq!(urgency(&cluster, THEN + 84 * DAY), Urgency::Imminent);
    assert_eq!(urgency(&cluster, THEN + LIFE), Urgency::Expired);
    // The job has run.
    let pair = issued("www.example.com", RENEWED, LIFE, "R11");
    cluster.apply(tls("shop", "copy", &pair));
    assert_eq!(urgency(&cluster, RENEWED + 27 * HOUR), Urgency::Ok);
}

#[test]
fn nothing_else_is_waited_for() {
    for (why, host, original_at) in [
        ("there is no original", "www.example.com", None),
        ("it serves another host", "api.example.com", Some(RENEWED)),
        ("the original is older", "www.example.com", Some(THEN - DAY)),
        (
            "it was renewed long ago",
            "www.example.com",
            Some(RENEWED - 2 * DAY),
        ),
    ] {
        let cluster = cluster();
        copy(&cluster, "shop", host, LIFE);
        if let Some(from) = original_at {
            original(&cluster, "certificates", from, LIFE);
        }
        assert_eq!(delay(&cluster, LIFE), 0, "{why}");
    }
    let cluster = cluster();
    copy(&cluster, "shop", "www.example.com", LIFE);
    original(&cluster, "certificates", RENEWED, LIFE);
    assert_eq!(delay(&cluster, LIFE), 26);
    cluster.delete("Certificate.cert-manager.io", "certificates", "web");
    assert_eq!(delay(&cluster, LIFE), 0, "no manager renews the original");
}

#[test]
fn an_original_that_is_renewed_again_and_again_hides_no_copy() {
    // Renewed at the time of the warning, and every hour after it.
    for (life, longest) in [(LIFE, 48), (30 * DAY, 48), (12 * DAY, 24), (3 * DAY, 6)] {
        let usual = THEN + life - (30 * DAY).min(life / 3);
        let is_late = |hours: &i64| {
            let (cluster, now) = (cluster(), usual + hours * HOUR);
            copy(&cluster, "shop", "www.example.com", life);
            original(&cluster, "certificates", now, LIFE);
            urgency(&cluster, now) == Urgency::Soon
        };
        assert_eq!((0..100).find(is_late), Some(longest), "{life}");
    }
}

#[test]
fn no_tenant_delays_the_warning_about_a_secret_of_the_platform() {
    for (copied, renewed, hours) in [
        ("openshift-ingress", "tenant", 0),
        ("openshift-ingress", "openshift-config", 26),
        ("tenant", "openshift-config", 26),
        ("tenant", "tenant", 26),
    ] {
        let cluster = cluster();
        cluster.apply(cluster_version());
        copy(&cluster, copied, "www.example.com", LIFE);
        original(&cluster, renewed, RENEWED, LIFE);
        assert_eq!(delay(&cluster, LIFE), hours, "{copied}, {renewed}");
    }
}
