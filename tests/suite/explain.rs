//! `notafter explain`: everything that is concluded about one secret or operator.

use notafter_simulator::certificate::Draft;
use notafter_simulator::{Cluster, openshift};

use crate::scan::{Scanned, by_hand, with_days_left};
use crate::world::{THEN, tls};

const HOUR: i64 = 3600;

const PACKAGESERVER: &str = "openshift-operator-lifecycle-manager/packageserver-service-cert";

#[tokio::test]
async fn a_secret_is_explained_from_its_dates_to_the_command() {
    let scanned = Scanned::of(&[Some(&openshift(THEN))]).await;
    let (text, status) = scanned.run(&["explain", PACKAGESERVER]).await;
    assert_eq!(status, 1, "{text}");
    for line in [
        "Secret openshift-operator-lifecycle-manager/packageserver-service-cert",
        "  blocked: needs a person.",
        "  Expires 2024-03-05 13:07 UTC; its renewal is due by 2024-03-04 14:07 UTC.",
        "  Evidence (rotate_at_too_late): An OLM before v0.29.0 manages the certificate and will not renew it before it expires.",
        "  Affected: APIService/v1.packages.operators.coreos.com, ClusterOperator/operator-lifecycle-manager-packageserver, ClusterServiceVersion/packageserver",
        "  Fix: oc -n openshift-operator-lifecycle-manager delete secret packageserver-service-cert",
        "  tls.crt[0]  leaf  2022-03-07 13:07 UTC to 2024-03-05 13:07 UTC",
        "    issuer: CN=olm-selfsigned-4b781bd09d47d1d1,O=Red Hat\\, Inc.",
        "    owned by ClusterServiceVersion/packageserver",
        "    by 2024-03-04 14:07 UTC",
        "  2024-02-27 13:07 UTC  imminent, needs a person",
        "  2024-03-05 13:07 UTC  expired, needs a person",
    ] {
        assert!(
            text.lines().any(|printed| printed == line),
            "{line}\n{text}"
        );
    }
    assert!(
        text.contains("  olm, recognised by: annotation `olmcahash`; "),
        "{text}"
    );
}

#[tokio::test]
async fn an_expiry_that_is_not_reported_is_explained() {
    let reason =
        "; not reported, because it was valid for two days or less and nothing is known to use it.";
    for (hours, has_reason) in [(48, true), (49, false)] {
        let cluster = Cluster::new();
        let draft = Draft::named("web").valid(THEN - (hours + 1) * HOUR, THEN - HOUR);
        cluster.apply(tls("shop", "web", &draft.self_signed()));
        let scanned = Scanned::of(&[Some(&cluster)]).await;
        let (text, status) = scanned.run(&["explain", "shop/web"]).await;
        assert_eq!(status, i32::from(!has_reason), "{text}");
        let line = format!("  Expired 2024-02-23 09:07 UTC{reason}\n");
        assert_eq!(text.contains(&line), has_reason, "{text}");
    }
}

#[tokio::test]
async fn an_operator_is_explained_with_its_secrets() {
    let scanned = Scanned::of(&[Some(&openshift(THEN))]).await;
    let arguments = [
        "explain",
        "csv",
        "openshift-operator-lifecycle-manager/packageserver",
    ];
    let (text, status) = scanned.run(&arguments).await;
    assert_eq!(status, 1);
    assert!(
        text.contains("  Phase: Succeeded (InstallSucceeded)\n"),
        "{text}"
    );
    let rotate = "  OLM plans to renew them: ";
    assert!(text.contains(rotate), "{text}");
    assert!(
        text.contains(&format!("\n\nSecret {PACKAGESERVER}\n")),
        "{text}"
    );
}

#[tokio::test]
async fn the_times_at_which_the_verdict_changes_are_those_at_which_scan_changes_its_own() {
    let scanned = Scanned::of(&[Some(&with_days_left(100))]).await;
    let (text, status) = scanned.run(&["explain", "shop/web"]).await;
    assert_eq!(status, 0, "{text}");
    let (_, future) = text.split_once("If nothing changes\n").unwrap();
    assert_eq!(
        future.lines().count(),
        3,
        "soon, imminent, expired:\n{future}"
    );
    for line in future.lines() {
        let (minute, rest) = line.trim().split_once(" UTC  ").unwrap();
        let urgency = rest.split(',').next().unwrap();
        let at = minute.replace(' ', "T");
        for (second, is_new) in [(":04Z", false), (":06Z", true)] {
            let report = scanned.report_at(&format!("{at}{second}")).await;
            let found = report["certificates"][0]["urgency"].as_str().unwrap();
            assert_eq!(found == urgency, is_new, "{line}: {found}");
        }
    }
}

#[tokio::test]
async fn what_is_not_there_is_said_to_be_missing_or_perhaps_hidden() {
    let cluster = with_days_left(100);
    cluster.apply(by_hand("web2", "web2.example.com", 10));
    let scanned = Scanned::of(&[Some(&cluster), None]).await;
    let (error, status) = scanned.fail(&["explain", "shop/nothing"]).await;
    assert_eq!((error.trim(), status), ("no TLS secret shop/nothing", 3));
    let arguments = ["explain", "shop/nothing", "--context", "cluster-1"];
    let (error, status) = scanned.fail(&arguments).await;
    assert_eq!(status, 3);
    let unread = "cannot look for the TLS secret shop/nothing: no connection to the API server";
    assert!(error.starts_with(unread), "{error}");
    let (error, status) = scanned.fail(&["explain", "csv"]).await;
    assert_eq!(status, 2);
    assert!(
        error.contains("expected NAMESPACE/NAME after csv"),
        "{error}"
    );
}
