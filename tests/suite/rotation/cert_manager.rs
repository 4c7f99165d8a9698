//! Row 4: cert-manager renews at the renewal time in the Certificate's status.

use notafter_simulator::Cluster;
use notafter_simulator::certificate::{Authority, Draft};
use serde_json::{Value, json};

use crate::managed::{RENEWAL, annotate, asked, cluster, issued};
use crate::verdict::Verdict;
use crate::world::{DAY, THEN, World};

const DFLT: &str = "app/dflt-tls";
const DUE: Option<i64> = Some(RENEWAL + 3600);

fn ca() -> Authority {
    let draft = Draft::named("ca");
    draft.valid(THEN, THEN + 3650 * DAY).authority()
}

/// A cluster with the secret `dflt-tls` and these Certificates.
fn having(certificates: &[Value]) -> Cluster {
    let cluster = cluster();
    cluster.apply(issued("app", "dflt", &ca()));
    for certificate in certificates {
        cluster.apply(certificate.clone());
    }
    cluster
}

// Row 4: cert-manager.
#[test]
fn a_secret_is_due_an_hour_after_its_certificates_renewal_time() {
    let verdict = Verdict::of(&having(&[asked("app", "dflt")]), DFLT);
    verdict.is_well("cert-manager", DUE);
}

#[test]
fn a_certificate_without_a_renewal_time_has_no_due_date() {
    let mut pending = asked("app", "dflt");
    pending["status"]
        .as_object_mut()
        .unwrap()
        .remove("renewalTime");
    let verdict = Verdict::of(&having(&[pending]), DFLT);
    verdict.is_well("cert-manager", None);
}

#[tokio::test(start_paused = true)]
async fn an_invalid_renewal_time_is_reported_and_gives_no_due_date() {
    let mut invalid = asked("app", "dflt");
    invalid["status"]["renewalTime"] = "soon".into();
    let scrape = World::of(having(&[invalid])).poll().await;
    Verdict::read(&scrape, DFLT).is_well("cert-manager", None);
    let labels = [
        ("kind", "Certificate"),
        ("cert_namespace", "app"),
        ("name", "dflt"),
        ("key", "status.renewalTime"),
        ("reason", "invalid_field"),
    ];
    assert_eq!(scrape.value("notafter_problem", &labels), 1);
}

#[test]
fn a_secret_that_has_lost_its_annotations_is_recognised_by_its_label() {
    let cluster = having(&[]);
    cluster.edit("Secret", "app", "dflt-tls", |secret| {
        secret["metadata"]["annotations"] = json!({});
    });
    let verdict = Verdict::of(&cluster, DFLT);
    assert_eq!(verdict.manager, "cert-manager");
    assert_eq!(
        verdict.blocked,
        ["certificate_gone: kubectl -n app get certificates.cert-manager.io"]
    );
}

#[test]
fn a_secret_that_has_lost_its_marks_is_recognised_by_the_certificate_that_requests_it() {
    let cluster = having(&[asked("app", "dflt")]);
    cluster.edit("Secret", "app", "dflt-tls", |secret| {
        secret["metadata"] = json!({"namespace": "app", "name": "dflt-tls"});
    });
    Verdict::of(&cluster, DFLT).is_well("cert-manager", DUE);
}

#[test]
fn a_certificate_that_now_requests_another_secret_does_not_renew_the_old_one() {
    let mut elsewhere = asked("app", "dflt");
    elsewhere["spec"]["secretName"] = "dflt2-tls".into();
    let verdict = Verdict::of(&having(&[elsewhere]), DFLT);
    assert_eq!(verdict.blocked.len(), 1, "{verdict:?}");
    assert!(verdict.blocked[0].starts_with("certificate_gone: "));
    assert_eq!(verdict.due, None);
}

#[test]
fn a_certificate_of_the_same_name_in_another_namespace_does_not_count() {
    let verdict = Verdict::of(&having(&[asked("app2", "dflt")]), DFLT);
    assert!(verdict.blocked[0].starts_with("certificate_gone: "));
}

#[test]
fn of_two_rival_certificates_the_one_the_secret_was_issued_for_sets_the_due_date() {
    let mut rival = asked("app", "a-rival");
    rival["spec"]["secretName"] = "dflt-tls".into();
    rival["status"]["renewalTime"] = "2025-01-01T00:00:00Z".into();
    let verdict = Verdict::of(&having(&[rival, asked("app", "dflt")]), DFLT);
    assert_eq!(verdict.due, DUE);
    assert!(verdict.blocked.is_empty(), "that one goes on renewing");
}

#[test]
fn a_certificate_with_renewal_disabled_is_never_due() {
    let mut disabled = asked("app", "dflt");
    disabled["spec"]["renewal"] = json!({"policy": "Disabled"});
    let verdict = Verdict::of(&having(&[disabled]), DFLT);
    assert_eq!(verdict.due, None);
    assert_eq!(
        verdict.blocked,
        ["renewal_disabled: cmctl renew -n app dflt"]
    );
}

#[tokio::test(start_paused = true)]
async fn certificates_that_cannot_be_listed_are_not_reported_as_gone() {
    let cluster = having(&[asked("app", "dflt")]);
    cluster.refuse("certificates", "");
    Verdict::polled(&cluster, DFLT)
        .await
        .is_well("cert-manager", None);
}

#[tokio::test(start_paused = true)]
async fn a_list_that_fails_after_it_was_read_keeps_its_last_content() {
    let mut world = World::of(having(&[asked("app", "dflt")]));
    world.poll().await;
    world.cluster.refuse("certificates", "");
    world.cluster.edit("Secret", "app", "dflt-tls", |secret| {
        annotate(secret, "cert-manager.io/common-name", "changed");
    });
    Verdict::read(&world.poll().await, DFLT).is_well("cert-manager", DUE);
}
