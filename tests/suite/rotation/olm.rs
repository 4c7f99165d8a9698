//! Row 1: OLM renews on the last day before expiry if the operator is healthy and OLM does not rely
//! on a wrong `certsRotateAt`.

mod operators;

use notafter_simulator::certificate::Draft;
use serde_json::{Value, json};

use crate::managed::{
    CSV, END, FIXED, UNFIXED, WELL, WIDGETS, annotated, api_service, cluster, copied, csv,
    definition, olm_secret, olm_secret_under, remembering,
};
use crate::verdict::Verdict;
use crate::world::{DAY, THEN, tls};

/// An hour after the renewal time, which is a day before expiry.
const DUE: i64 = END - 23 * 3600;

/// The verdict on the widgets operator's secret, given the state of that operator.
fn verdict(secret: Value, csv: Value) -> Verdict {
    let cluster = cluster();
    cluster.apply(secret);
    cluster.apply(csv);
    Verdict::of(&cluster, WIDGETS)
}

// Row 1: olm.
#[test]
fn a_certificate_is_due_an_hour_into_its_last_day() {
    let remembers = remembering(csv(WELL), END - DAY);
    let verdict = verdict(olm_secret(FIXED, END), remembers);
    verdict.is_well("olm", Some(DUE));
}

#[test]
fn a_ca_that_expires_before_its_leaf_determines_the_due_date() {
    let draft = Draft::of("Red Hat, Inc.", "olm-selfsigned-1");
    let ca = draft.valid(THEN, THEN + 300 * DAY).authority();
    let verdict = verdict(olm_secret_under(&ca, FIXED, END), csv(WELL));
    verdict.is_well("olm", Some(THEN + 299 * DAY + 3600));
}

#[test]
fn a_fixed_olm_reads_the_certificate_and_ignores_certs_rotate_at() {
    for rotate_at in [THEN - DAY, END - DAY, END, END + 727 * DAY] {
        let remembers = remembering(csv(WELL), rotate_at);
        let verdict = verdict(olm_secret(FIXED, END), remembers);
        verdict.is_well("olm", Some(DUE));
    }
    let without_rotate_at = verdict(olm_secret(FIXED, END), csv(WELL));
    without_rotate_at.is_well("olm", Some(DUE));
}

#[test]
fn the_third_host_name_is_found_however_long_the_service_and_namespace_names_are() {
    let (namespace, deployment) = ("n".repeat(63), "d".repeat(55));
    let host = format!("{deployment}-service.{namespace}");
    let hosts = FIXED.iter().map(|suffix| format!("{host}{suffix}"));
    let hosts: Vec<String> = hosts.collect();
    let hosts: Vec<&str> = hosts.iter().map(String::as_str).collect();
    let pair = Draft::named("long")
        .hosts(&hosts)
        .valid(THEN, END)
        .self_signed();
    let name = format!("{deployment}-service-cert");
    let cluster = cluster();
    cluster.apply(annotated(tls(&namespace, &name, &pair), "olmcahash", "96"));
    let mut operator = copied(&csv(WELL), &namespace, CSV);
    operator["spec"]["webhookdefinitions"] = json!([{"deploymentName": deployment}]);
    cluster.apply(operator);
    let verdict = Verdict::of(&cluster, &format!("{namespace}/{name}"));
    verdict.is_well("olm", Some(DUE));
}

#[test]
fn two_host_names_are_evidence_only_if_the_operator_is_healthy() {
    let states = [
        ("Installing", "InstallSucceeded", "installing"),
        ("Pending", "RequirementsNotMet", "requirements_not_met"),
        ("Failed", "NoOperatorGroup", "operator_group"),
    ];
    for (phase, reason, evidence) in states {
        let verdict = verdict(olm_secret(UNFIXED, END), csv((phase, reason)));
        let [blocked] = &verdict.blocked[..] else {
            panic!("{verdict:?}")
        };
        assert!(blocked.starts_with(&format!("{evidence}: ")), "{blocked}");
    }
}

#[test]
fn every_operator_group_failure_is_the_same_kind_of_evidence() {
    let reasons = [
        "NoOperatorGroup",
        "TooManyOperatorGroups",
        "UnsupportedOperatorGroup",
        "NoTargetNamespaces",
        "InvalidInstallModes",
        "InterOperatorGroupOwnerConflict",
        "CannotModifyStaticOperatorGroupProvidedAPIs",
    ];
    let remedy =
        "operator_group: kubectl -n widget-operator get operatorgroups,clusterserviceversions";
    for reason in reasons {
        let verdict = verdict(olm_secret(FIXED, END), csv(("Failed", reason)));
        assert_eq!(verdict.blocked, [remedy], "{reason}");
    }
}

#[test]
fn a_bundle_is_correct_if_it_contains_the_ca_and_is_no_evidence_if_it_is_empty() {
    let secret = olm_secret(FIXED, END);
    let ca = secret["data"]["olmCAKey"].as_str().unwrap().to_owned();
    let other = olm_secret(FIXED, END)["data"]["olmCAKey"]
        .as_str()
        .unwrap()
        .to_owned();
    let service = "widget-operator/widgets-controller-service";
    for (bundle, count) in [
        (json!(""), 0),
        (json!(null), 0),
        (json!(both(&ca, &other)), 0),
        (json!(other), 1),
    ] {
        for consumer in [
            api_service("v1.widgets.example.com", service, &bundle),
            definition("widgets.example.com", service, &bundle),
        ] {
            let cluster = cluster();
            cluster.apply(secret.clone());
            cluster.apply(csv(WELL));
            cluster.apply(consumer);
            let blocked = Verdict::of(&cluster, WIDGETS).blocked;
            assert_eq!(blocked.len(), count, "{blocked:?}");
        }
    }
}

/// The concatenation of two base64 texts, in base64.
fn both(one: &str, other: &str) -> String {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    let texts = [other, one].map(|text| STANDARD.decode(text).unwrap());
    STANDARD.encode(texts.concat())
}
