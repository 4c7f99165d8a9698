//! Rows 2 and 2a: the service CA is rotated halfway through its life, and every certificate that it
//! issued is reissued.

use notafter_simulator::Cluster;
use serde_json::{Value, json};

use crate::managed::{
    SIGNING_KEY, ServiceCa, WEB, annotate, annotated, cluster, given_up, service,
};
use crate::verdict::Verdict;
use crate::world::{DAY, THEN};

/// The month allowed after the CA's rotation: 790 days / 26.
const MONTH: i64 = 790 * DAY / 26;

/// A cluster with a Service, a service CA created at [`THEN`], and the Service's certificate,
/// issued at `from`.
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
fn a_leaf_is_due_a_month_after_its_ca_is_rotated() {
    for from in [THEN, THEN + 200 * DAY, THEN + 394 * DAY] {
        let verdict = Verdict::of(&serving(web(), from), WEB);
        verdict.is_well("service-ca", Some(THEN + 395 * DAY + MONTH));
    }
}

#[test]
fn a_leaf_is_due_in_the_last_hour_before_expiry_at_the_latest() {
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
        ["old_ca: kubectl -n openshift-service-ca get deployments,pods"]
    );
}

#[test]
fn a_leaf_is_due_300_days_before_expiry_if_its_ca_is_not_visible() {
    let cluster = serving(web(), THEN);
    cluster.delete("Secret", "openshift-service-ca", "signing-key");
    let verdict = Verdict::of(&cluster, WEB);
    verdict.is_well("service-ca", Some(THEN + 430 * DAY));
}

// Row 2a: the CA itself.
#[test]
fn the_ca_is_due_394_days_before_expiry() {
    let verdict = Verdict::of(&serving(web(), THEN), SIGNING_KEY);
    verdict.is_well("service-ca", Some(THEN + 396 * DAY));
}

/// The evidence against a Service with these error counts in its beta and alpha annotations.
fn errors(beta: Option<&str>, alpha: Option<&str>) -> Vec<String> {
    let mut service = web();
    for (flavour, count) in [("beta", beta), ("alpha", alpha)] {
        if let Some(count) = count {
            let name = format!("service.{flavour}.openshift.io/serving-cert-generation-error-num");
            service["metadata"]["annotations"][name] = count.into();
        }
    }
    Verdict::of(&serving(service, THEN), WEB).blocked
}

#[test]
fn ten_or_more_errors_are_too_many() {
    for count in ["10", "11", "4000000000"] {
        assert_eq!(errors(Some(count), Some(count)).len(), 1, "{count}");
    }
    for count in ["0", "9"] {
        assert!(errors(Some(count), Some(count)).is_empty(), "{count}");
    }
}

#[test]
fn the_alpha_count_applies_only_if_the_beta_count_is_absent_or_empty() {
    assert_eq!(errors(None, Some("10")).len(), 1);
    assert_eq!(errors(Some(""), Some("10")).len(), 1);
    assert!(errors(Some("3"), Some("10")).is_empty());
}

#[test]
fn an_invalid_error_count_is_treated_as_zero() {
    for count in ["ten", "-10", "1e1", " 10", "10.0", "\u{661}\u{660}"] {
        assert!(errors(Some(count), Some("10")).is_empty(), "{count}");
    }
}

#[test]
fn only_a_secret_of_another_service_is_deleted_before_the_next_attempt() {
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
fn a_secret_without_a_uid_belongs_to_another_service() {
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
fn a_secret_with_alpha_annotations_only_is_treated_the_same() {
    let cluster = serving(web(), THEN);
    cluster.edit("Secret", "app", "web-tls", |secret| {
        to_alpha(secret, "originating-service-name");
    });
    cluster.edit("Secret", "app", "web-tls", |secret| {
        to_alpha(secret, "originating-service-uid");
    });
    cluster.edit("Service", "app", "web", |service| {
        to_alpha(service, "serving-cert-secret-name");
    });
    let verdict = Verdict::of(&cluster, WEB);
    verdict.is_well("service-ca", Some(THEN + 395 * DAY + MONTH));
}

/// Moves an annotation from the beta to the alpha flavour.
fn to_alpha(object: &mut Value, name: &str) {
    let [beta, alpha] =
        ["beta", "alpha"].map(|flavour| format!("service.{flavour}.openshift.io/{name}"));
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

#[tokio::test(start_paused = true)]
async fn services_that_cannot_be_listed_are_not_reported_as_gone() {
    let cluster = serving(web(), THEN);
    cluster.refuse("services", "");
    let verdict = Verdict::polled(&cluster, WEB).await;
    verdict.is_well("service-ca", Some(THEN + 395 * DAY + MONTH));
}

#[test]
fn a_service_ca_certificate_of_an_olm_v1_operator_is_not_managed_by_olm() {
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
fn a_service_ca_secret_that_has_lost_its_marks_is_recognised_by_its_issuer() {
    let cluster = serving(web(), THEN);
    cluster.edit("Secret", "app", "web-tls", |secret| {
        secret["metadata"] = json!({"namespace": "app", "name": "web-tls"});
    });
    let verdict = Verdict::of(&cluster, WEB);
    assert_eq!(verdict.manager, "service-ca");
    assert_eq!(verdict.due, None, "it is no longer renewed");
    let remedy = "other_service: kubectl -n app delete secret web-tls";
    assert_eq!(verdict.blocked, [remedy], "the Service still requests it");
}

#[test]
fn a_service_ca_secret_without_marks_that_no_service_requests_is_an_orphan() {
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
fn a_service_that_lost_the_mark_of_its_signer_is_renewed_nevertheless() {
    let names = ["beta", "alpha"]
        .map(|flavour| format!("service.{flavour}.openshift.io/serving-cert-signed-by"));
    let unsigned = names
        .iter()
        .fold(web(), |service, name| annotated(service, name, ""));
    let verdict = Verdict::of(&serving(unsigned, THEN), WEB);
    assert!(verdict.blocked.is_empty(), "{:?}", verdict.blocked);
}
