//! Dates and durations at the limits of their formats: nothing overflows.

use notafter_simulator::certificate::der::{self, COMMON_NAME, GENERALIZED_TIME, UTF8, element};
use serde_json::Value;

use super::hostile::{look, neighbours};
use crate::managed::{TARGET, annotated, asked, cluster, copied, labelled, rotated};
use crate::verdict::Verdict;
use crate::world::{DAY, THEN, World, secret};

#[test]
fn invalid_annotated_times_of_a_rotated_secret_fall_back_to_those_of_its_certificate() {
    let names = ["certificate-not-before", "certificate-not-after"];
    for garbage in [
        "soon",
        " ",
        "2024-02-30T00:00:00Z",
        "99999-01-01T00:00:00Z",
        "0",
    ] {
        for name in names {
            let cluster = cluster();
            let secret = rotated(TARGET, (THEN, THEN + 30 * DAY), "360h0m0s");
            cluster.apply(annotated(
                secret,
                &format!("auth.openshift.io/{name}"),
                garbage,
            ));
            let verdict = Verdict::of(&cluster, TARGET);
            verdict.is_well("certrotation", Some(THEN + 15 * DAY + 36 * 3600 + 600));
        }
    }
}

#[test]
fn an_invalid_refresh_period_falls_back_to_four_fifths_of_the_life() {
    for garbage in [
        "soon",
        "-1h",
        "0s",
        "9223372036854775807s",
        "9999999999999999999999h",
    ] {
        let cluster = cluster();
        cluster.apply(rotated(TARGET, (THEN, THEN + 30 * DAY), garbage));
        let verdict = Verdict::of(&cluster, TARGET);
        verdict.is_well("certrotation", Some(THEN + 24 * DAY + 24 * DAY / 10 + 600));
    }
}

/// A secret with a certificate of this issuer and these dates, encoded in DER as given.
fn dated(place: &str, issuer: &str, (from, until): (&str, &str)) -> Value {
    let der = der::certificate(|certificate| {
        certificate.issuer = der::name(&[(COMMON_NAME, UTF8, issuer.as_bytes())]);
        certificate.not_before = element(GENERALIZED_TIME, from.as_bytes());
        certificate.not_after = element(GENERALIZED_TIME, until.as_bytes());
    });
    let (namespace, name) = place.split_once('/').unwrap();
    let pem = der::pem("CERTIFICATE", &der);
    secret(
        namespace,
        name,
        &[("tls.crt", pem.as_bytes()), ("ca.crt", pem.as_bytes())],
    )
}

#[tokio::test(start_paused = true)]
async fn dates_at_the_limits_of_their_format_overflow_nothing() {
    let (first, last) = ("00000101000000Z", "99991231235959Z");
    let secrets = [
        ("shop/web-service-cert", "olm-selfsigned-1", "olm"),
        (
            "shop/serving",
            "openshift-service-serving-signer@1",
            "service-ca",
        ),
        ("openshift-service-ca/signing-key", "x", "service-ca"),
        ("shop/target", "a_b@1", "certrotation"),
        ("shop/client", "kube-csr-signer_@1", "csr"),
        (
            "openshift-ingress/router-certs-default",
            "ingress-operator@1",
            "ingress-operator",
        ),
        ("shop/mine", "me", "none"),
    ];
    for dates in [(first, last), (last, first), (first, first), (last, last)] {
        let cluster = cluster();
        for (place, issuer, _) in secrets {
            cluster.apply(dated(place, issuer, dates));
        }
        let requested = dated("shop/dflt-tls", "ca", dates);
        cluster.apply(labelled(
            requested,
            "controller.cert-manager.io/fao",
            "true",
        ));
        let mut far = asked("shop", "dflt");
        far["status"]["renewalTime"] = "9999-12-30T22:00:00Z".into();
        cluster.apply(far);
        let scrape = World::of(cluster).poll().await;
        for (place, _, manager) in secrets {
            assert_eq!(Verdict::read(&scrape, place).manager, manager, "{dates:?}");
        }
        assert_eq!(
            scrape
                .all("cert_not_after_seconds", &[("key", "tls.crt")])
                .len(),
            8
        );
    }
}

#[tokio::test(start_paused = true)]
async fn annotated_times_at_the_limits_of_their_format_overflow_nothing() {
    let times = ["-009999-01-02T01:59:59Z", "9999-12-30T22:00:00.999999999Z"];
    let cluster = neighbours();
    for (index, (from, until)) in [(0, 1), (1, 0), (0, 0), (1, 1)].iter().enumerate() {
        for refresh in ["1h", "9223372036854775807s", "87660000h"] {
            let secret = rotated(TARGET, (THEN, THEN + 30 * DAY), refresh);
            let secret = copied(&secret, "shop", &format!("web-{index}-{}", refresh.len()));
            let not_before = "auth.openshift.io/certificate-not-before";
            let secret = annotated(secret, not_before, times[*from]);
            cluster.apply(annotated(
                secret,
                "auth.openshift.io/certificate-not-after",
                times[*until],
            ));
        }
    }
    look(cluster).await;
}
