//! Rows 3 and 3a: certificates that the platform's operators renew, by their annotations or by
//! certificate signing request.

use serde_json::{Value, json};

use crate::managed::{
    SIGNER, TARGET, annotated, cluster, cluster_version, requested, rfc3339, rotated,
};
use crate::verdict::Verdict;
use crate::world::{DAY, THEN, certificate, tls};

const HOUR: i64 = 3600;
/// The time that a target takes after its signer has been known for long enough.
const MINUTES: i64 = 600;
const NOT_BEFORE: &str = "auth.openshift.io/certificate-not-before";
const NOT_AFTER: &str = "auth.openshift.io/certificate-not-after";
const REFRESH: &str = "certificates.openshift.io/refresh-period";

fn days(count: i64) -> (i64, i64) {
    (THEN, THEN + count * DAY)
}

fn verdict(place: &str, secret: Value) -> Verdict {
    let cluster = cluster();
    cluster.apply(cluster_version());
    cluster.apply(secret);
    Verdict::of(&cluster, place)
}

// Row 3: certrotation.
#[test]
fn a_target_is_due_when_its_refresh_period_is_exceeded_by_a_tenth() {
    let verdict = verdict(TARGET, rotated(TARGET, days(30), "360h0m0s"));
    verdict.is_well("certrotation", Some(THEN + 15 * DAY + 36 * HOUR + MINUTES));
}

#[test]
fn a_signer_is_due_two_hours_after_its_refresh_period() {
    let verdict = verdict(SIGNER, rotated(SIGNER, days(60), "720h0m0s"));
    verdict.is_well("certrotation", Some(THEN + 30 * DAY + 2 * HOUR));
}

#[test]
fn a_target_valid_for_hours_is_also_due_two_hours_after_its_refresh_period() {
    let life = (THEN, THEN + 12 * HOUR);
    let verdict = verdict(TARGET, rotated(TARGET, life, "6h0m0s"));
    verdict.is_well("certrotation", Some(THEN + 8 * HOUR));
}

#[test]
fn without_a_shorter_refresh_period_a_signer_is_due_after_four_fifths_of_its_life() {
    for refresh in ["", "78840h0m0s", "70081h0m0s"] {
        let secret = rotated(SIGNER, days(3650), "1h");
        let secret = annotated(secret, REFRESH, refresh);
        let verdict = verdict(SIGNER, secret);
        verdict.is_well("certrotation", Some(THEN + 2920 * DAY + 2 * HOUR));
    }
}

#[test]
fn a_refresh_period_that_an_older_version_wrote_does_not_make_a_signer_late() {
    // kube-apiserver-to-kubelet-signer: 30 days of 365 until OpenShift 4.21, and 292 since.
    for refresh in ["720h0m0s", "7008h0m0s"] {
        let verdict = verdict(SIGNER, rotated(SIGNER, days(365), refresh));
        verdict.is_well("certrotation", Some(THEN + 292 * DAY + 2 * HOUR));
    }
}

#[test]
fn a_certificate_that_lives_for_two_hours_is_late_before_it_expires() {
    let life = (THEN, THEN + 2 * HOUR);
    let verdict = verdict(TARGET, rotated(TARGET, life, "1h0m0s"));
    verdict.is_well("certrotation", Some(THEN + HOUR + HOUR / 2));
}

#[test]
fn the_value_with_which_oc_forces_regeneration_is_neither_a_time_nor_a_contradiction() {
    let secret = rotated(TARGET, days(30), "360h0m0s");
    let secret = annotated(secret, NOT_AFTER, "force-regeneration");
    let verdict = verdict(TARGET, secret);
    verdict.is_well("certrotation", Some(THEN + 15 * DAY + 36 * HOUR + MINUTES));
}

#[test]
fn annotations_of_another_certificate_apply_if_they_renew_before_expiry() {
    let secret = rotated(TARGET, days(30), "360h0m0s");
    let secret = annotated(secret, NOT_BEFORE, &rfc3339(THEN + 5 * DAY));
    let secret = annotated(secret, NOT_AFTER, &rfc3339(THEN + 35 * DAY));
    let verdict = verdict(TARGET, secret);
    verdict.is_well("certrotation", Some(THEN + 20 * DAY + 36 * HOUR + MINUTES));
}

#[test]
fn a_certificate_that_expires_before_its_annotated_renewal_is_never_due() {
    for (place, remedy) in [
        (
            TARGET,
            "oc adm ocp-certificates regenerate-leaf -n openshift-kube-apiserver secret/aggregator-client",
        ),
        (
            SIGNER,
            "oc adm ocp-certificates regenerate-top-level -n openshift-kube-apiserver-operator secret/aggregator-client-signer",
        ),
    ] {
        let secret = rotated(place, days(10), "360h0m0s");
        let secret = annotated(secret, NOT_AFTER, &rfc3339(THEN + 30 * DAY));
        let verdict = verdict(place, secret);
        assert_eq!(
            verdict.blocked,
            [format!("annotations_contradict: {remedy}")]
        );
        assert_eq!(verdict.due, None);
    }
}

// By the issuer's name.
#[test]
fn a_target_that_has_lost_its_marks_is_recognised_by_its_issuer() {
    let mut secret = rotated(TARGET, days(30), "360h0m0s");
    secret["metadata"] =
        json!({"namespace": "openshift-kube-apiserver", "name": "aggregator-client"});
    let verdict = verdict(TARGET, secret);
    verdict.is_well(
        "certrotation",
        Some(THEN + 24 * DAY + 24 * DAY / 10 + MINUTES),
    );
}

#[test]
fn an_issuer_without_a_namespace_or_a_time_is_not_the_platforms() {
    for issuer in ["a_b@soon", "a_b@", "ab@1708682825", "a_b", "@1708682825"] {
        let secret = tls("shop", "web", &certificate(issuer, 90));
        verdict("shop/web", secret).is_well("none", None);
    }
}

// Row 3a: csr.
#[test]
fn a_requested_certificate_is_due_when_15_percent_of_its_life_is_left() {
    for place in [
        "openshift-oauth-apiserver/openshift-authenticator-certs",
        "openshift-monitoring/any",
    ] {
        let verdict = verdict(place, requested(place, days(30)));
        verdict.is_well("csr", Some(THEN + 30 * DAY - 30 * DAY * 15 / 100));
    }
}

#[test]
fn an_older_requested_secret_has_no_annotations_and_is_recognised_by_its_name() {
    let (namespace, name) = ("openshift-oauth-apiserver", "openshift-authenticator-certs");
    let secret = tls(
        namespace,
        name,
        &certificate("system:openshift-authenticator", 20),
    );
    let verdict = verdict(&format!("{namespace}/{name}"), secret);
    verdict.is_well("csr", Some(THEN + 17 * DAY));
}

// By the issuer's name.
#[test]
fn a_requested_secret_that_has_lost_its_marks_is_recognised_by_its_issuer() {
    let mut secret = requested("app/any", days(30));
    secret["metadata"] = json!({"namespace": "app", "name": "any"});
    let verdict = verdict("app/any", secret);
    verdict.is_well("csr", Some(THEN + 30 * DAY - 30 * DAY * 15 / 100));
}

#[test]
fn the_csr_signer_itself_is_rotated_and_not_requested() {
    let place = "openshift-kube-controller-manager-operator/csr-signer";
    let mut secret = rotated(SIGNER, days(30), "360h0m0s");
    (secret["metadata"]["namespace"], secret["metadata"]["name"]) = (
        "openshift-kube-controller-manager-operator".into(),
        "csr-signer".into(),
    );
    let verdict = verdict(place, secret);
    verdict.is_well("certrotation", Some(THEN + 15 * DAY + 2 * HOUR));
}
