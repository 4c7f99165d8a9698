//! Rows 2 and 2a: the service CA is replaced at half of its life, and every certificate with it.

use notafter_simulator::Cluster;
use serde_json::{Value, json};

use crate::managed::{
    SIGNING_KEY, ServiceCa, WEB, annotate, annotated, cluster, given_up, service,
};
use crate::verdict::Verdict;
use crate::world::{DAY, THEN};

/// A month after the CA's turn: 790 days / 26.
const MONTH: i64 = 790 * DAY / 26;

/// A cluster whose service CA was made at [`THEN`] and gave the Service a certificate then.
fn serving(service: Value, from: i64) -> Cluster {
    let (cluster, ca) = (cluster(), ServiceCa::since(THEN));
    ca.install(&cluster);
    cluster.apply(service);
    ca.serve(&cluster, "web", from);
    cluster
}

fn web() -> Value {
    service("web", "web-tls")
}

// Row 2: service-ca.
#[test]
fn a_leaf_is_due_a_month_after_its_cas_turn() {
    for from in [THEN, THEN + 200 * DAY, THEN + 394 * DAY] {
        let verdict = Verdict::of(&serving(web(), from), WEB);
        verdict.is_well("service-ca", Some(THEN + 395 * DAY + MONTH));
    }
}

#[test]
fn a_leaf_is_due_in_its_last_hour_at_the_latest() {
    let verdict = Verdict::of(&serving(web(), THEN - 400 * DAY), WEB);
    verdict.is_well("service-ca", Some(THEN + 330 * DAY - 1800));
}

#[test]
fn a_leaf_of_an_older_ca_is_due_a_day_after_the_new_one() {
    let cluster = serving(web(), THEN);
    ServiceCa::since(THEN + 395 * DAY).install(&cluster);
    let verdict = Verdict::of(&cluster, WEB);
    assert_eq!(verdict.due, Some(THEN + 396 * DAY));
    assert_eq!(
        verdict.blocked,
        ["old_ca: kubectl -n app delete secret web-tls"]
    );
}

#[test]
fn where_the_ca_cannot_be_seen_a_leaf_is_due_with_300_days_left() {
    let cluster = serving(web(), THEN);
    cluster.delete("Secret", "openshift-service-ca", "signing-key");
    let verdict = Verdict::of(&cluster, WEB);
    verdict.is_well("service-ca", Some(THEN + 430 * DAY));
}

// Row 2a: the CA itself.
#[test]
fn the_ca_is_due_with_394_days_left() {
    let verdict = Verdict::of(&serving(web(), THEN), SIGNING_KEY);
    verdict.is_well("service-ca", Some(THEN + 396 * DAY));
}

/// What is said of a Service with these numbers of errors: beta, and alpha.
fn errors(beta: Option<&str>, alpha: Option<&str>) -> Vec<String> {
    let mut service = web();
    for (flavour, number) in [("beta", beta), ("alpha", alpha)] {
        if let Some(number) = number {
            let name = format!("service.{flavour}.openshift.io/serving-cert-generation-error-num");
            service["metadata"]["annotations"][name] = number.into();
        }
    }
    Verdict::of(&serving(service, THEN), WEB).blocked
}

#[test]
fn ten_errors_are_too_many_and_more_are_too() {
    for number in ["10", "11", "4000000000"] {
        assert_eq!(errors(Some(number), Some(number)).len(), 1, "{number}");
    }
    for number in ["0", "9"] {
        assert!(errors(Some(number), Some(number)).is_empty(), "{number}");
    }
}

#[test]
fn the_alpha_number_counts_only_where_the_beta_one_is_absent_or_empty() {
    assert_eq!(errors(None, Some("10")).len(), 1);
    assert_eq!(errors(Some(""), Some("10")).len(), 1);
    assert!(errors(Some("3"), Some("10")).is_empty());
}

#[test]
fn what_is_no_number_counts_as_none() {
    for number in ["ten", "-10", "1e1", " 10", "10.0", "\u{661}\u{660}"] {
        assert!(errors(Some(number), Some("10")).is_empty(), "{number}");
    }
}

#[test]
fn a_secret_of_another_service_is_deleted_before_the_next_try_and_only_that() {
    let retry = "kubectl -n app annotate service web \
                 service.beta.openshift.io/serving-cert-generation-error- \
                 service.beta.openshift.io/serving-cert-generation-error-num- \
                 service.alpha.openshift.io/serving-cert-generation-error- \
                 service.alpha.openshift.io/serving-cert-generation-error-num-";
    let cluster = serving(given_up(web(), "10"), THEN);
    let own = Verdict::of(&cluster, WEB);
    assert_eq!(own.blocked, [format!("gave_up: {retry}")]);
    cluster.delete("Service", "app", "web");
    cluster.apply(given_up(web(), "10"));
    let foreign = Verdict::of(&cluster, WEB);
    let both = format!("gave_up: kubectl -n app delete secret web-tls && {retry}");
    assert_eq!(foreign.blocked, [both]);
}

#[test]
fn a_secret_without_a_uid_is_another_services() {
    let cluster = serving(web(), THEN);
    cluster.edit("Secret", "app", "web-tls", |secret| {
        annotate(
            secret,
            "service.beta.openshift.io/originating-service-uid",
            "",
        );
    });
    let verdict = Verdict::of(&cluster, WEB);
    assert_eq!(
        verdict.blocked,
        ["other_service: kubectl -n app delete secret web-tls"]
    );
}

#[test]
fn a_secret_marked_in_the_older_flavour_alone_is_the_same() {
    let cluster = serving(web(), THEN);
    cluster.edit("Secret", "app", "web-tls", |secret| {
        older(secret, "originating-service-name");
    });
    cluster.edit("Secret", "app", "web-tls", |secret| {
        older(secret, "originating-service-uid");
    });
    cluster.edit("Service", "app", "web", |service| {
        older(service, "serving-cert-secret-name");
    });
    let verdict = Verdict::of(&cluster, WEB);
    verdict.is_well("service-ca", Some(THEN + 395 * DAY + MONTH));
}

/// Moves an annotation from the beta to the alpha flavour.
fn older(object: &mut Value, name: &str) {
    let [beta, alpha] = ["beta", "alpha"].map(|it| format!("service.{it}.openshift.io/{name}"));
    let value = object["metadata"]["annotations"][&beta]
        .as_str()
        .unwrap()
        .to_owned();
    annotate(object, &beta, "");
    annotate(object, &alpha, &value);
}

#[test]
fn an_orphan_is_never_due() {
    let cluster = serving(web(), THEN);
    cluster.delete("Service", "app", "web");
    let verdict = Verdict::of(&cluster, WEB);
    assert_eq!(
        verdict.blocked,
        ["service_gone: kubectl -n app get services"]
    );
    assert_eq!(verdict.due, None);
}

#[tokio::test]
async fn services_that_cannot_be_listed_are_not_gone() {
    let cluster = serving(web(), THEN);
    cluster.refuse("services", "");
    let verdict = Verdict::polled(&cluster, WEB).await;
    verdict.is_well("service-ca", Some(THEN + 395 * DAY + MONTH));
}

#[test]
fn a_certificate_of_the_service_ca_for_an_operator_of_olm_v1_is_not_olms() {
    let ca = ServiceCa::since(THEN);
    let cluster = cluster();
    ca.install(&cluster);
    cluster.apply(service("web", "web-service-cert"));
    ca.serve(&cluster, "web", THEN);
    let verdict = Verdict::of(&cluster, "app/web-service-cert");
    verdict.is_well("service-ca", Some(THEN + 395 * DAY + MONTH));
}

// By the issuer's name.
#[test]
fn a_secret_of_service_ca_whose_marks_are_lost_is_known_by_its_issuer() {
    let cluster = serving(web(), THEN);
    cluster.edit("Secret", "app", "web-tls", |secret| {
        secret["metadata"] = json!({"namespace": "app", "name": "web-tls"});
    });
    let verdict = Verdict::of(&cluster, WEB);
    assert_eq!(verdict.manager, "service-ca");
    assert_eq!(verdict.due, None, "it is not renewed any more");
    let remedy = "other_service: kubectl -n app delete secret web-tls";
    assert_eq!(verdict.blocked, [remedy], "the Service still asks for it");
}

#[test]
fn a_secret_of_service_ca_without_marks_that_no_service_asks_for_is_an_orphan() {
    let cluster = serving(web(), THEN);
    cluster.edit("Secret", "app", "web-tls", |secret| {
        secret["metadata"] = json!({"namespace": "app", "name": "web-tls"});
    });
    cluster.delete("Service", "app", "web");
    let verdict = Verdict::of(&cluster, WEB);
    let remedy = "not_requested: kubectl -n app get services";
    assert_eq!(verdict.blocked, [remedy]);
}

#[test]
fn a_service_that_never_was_signed_in_any_flavour_is_told_to_be_looked_at() {
    let names =
        ["beta", "alpha"].map(|it| format!("service.{it}.openshift.io/serving-cert-signed-by"));
    let unsigned = names
        .iter()
        .fold(web(), |service, name| annotated(service, name, ""));
    let verdict = Verdict::of(&serving(unsigned, THEN), WEB);
    assert_eq!(
        verdict.blocked,
        ["never_signed: kubectl -n app describe service web"]
    );
}
