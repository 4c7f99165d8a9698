//! `notafter scan`: what it prints about clusters, and its exit status.

mod bad;
mod files;
mod formats;
mod output_file;
mod posted;
mod scanned;
mod unseen;

use notafter_simulator::{Fault, openshift};
use serde_json::Value;

use self::scanned::NOW;
pub(crate) use self::scanned::{Scanned, by_hand, with_days_left};
use crate::running::{notafter, stderr};
use crate::world::{THEN, secret};

#[tokio::test]
async fn the_table_shows_what_needs_a_person_with_its_command_and_then_what_comes_next() {
    let scanned = Scanned::of(&[Some(&openshift(THEN))]).await;
    let (table, status) = scanned.print(&[]).await;
    assert_eq!(status, 1, "{table}");
    let (urgent, next) = table.split_once("\nNext (10 of ").unwrap();
    let lines = [
        "Needs a person (2)",
        "  11d  2024-03-05  2024-03-04  blocked  olm           openshift-operator-lifecycle-manager/packageserver-service-cert",
        "       Expires 2024-03-05 13:07 UTC; its renewal is due by 2024-03-04 14:07 UTC.",
        "       An OLM before v0.29.0 manages the certificate and will not renew it before it expires.",
        "       Fix: oc -n openshift-operator-lifecycle-manager delete secret packageserver-service-cert",
    ];
    for line in lines {
        assert!(urgent.contains(&format!("{line}\n")), "{line}\n{table}");
    }
    assert!(urgent.contains("Affected: APIService/v1.packages.operators.coreos.com, "));
    assert!(next.contains("  ok  "), "{table}");
    let last = table.lines().last().unwrap();
    assert!(last.ends_with(": 2 need a person; 1 problem."), "{last}");
}

#[tokio::test]
async fn the_exit_status_says_whether_a_person_is_needed_or_something_was_not_seen() {
    for (days, status) in [(300, 0), (20, 1), (-1, 1)] {
        let scanned = Scanned::of(&[Some(&with_days_left(days))]).await;
        assert_eq!(scanned.print(&[]).await.1, status, "{days}");
    }
    let broken = with_days_left(300);
    broken.apply(secret("shop", "broken", &[("tls.crt", b"no certificate")]));
    let (report, status) = Scanned::of(&[Some(&broken)]).await.report(&[]).await;
    assert_eq!((&report["complete"], status), (&true.into(), 3));

    let denied = with_days_left(300);
    denied.inject(Fault::Status(403, None), "/api/v1/services", usize::MAX);
    let (report, status) = Scanned::of(&[Some(&denied)]).await.report(&[]).await;
    assert_eq!((&report["complete"], status), (&false.into(), 3));
    let lists = report["lists"].as_array().unwrap();
    let services = lists.iter().find(|list| list["resource"] == "services");
    assert_eq!(services.unwrap()["state"], "denied");

    let urgent = with_days_left(20);
    urgent.inject(Fault::Status(403, None), "/api/v1/services", usize::MAX);
    let (_, status) = Scanned::of(&[Some(&urgent)]).await.print(&[]).await;
    assert_eq!(status, 1, "a certificate wins over a denied list");
}

#[tokio::test]
async fn a_cluster_that_does_not_answer_is_a_problem_and_the_others_are_shown() {
    let (here, urgent) = (with_days_left(300), with_days_left(20));
    let scanned = Scanned::of(&[Some(&here), None, Some(&urgent)]).await;
    let (report, status) = scanned.report(&["--all-contexts"]).await;
    assert_eq!(status, 1);
    assert_eq!(report["complete"], false);
    let clusters = report["certificates"].as_array().unwrap().iter();
    let clusters: Vec<&Value> = clusters
        .map(|certificate| &certificate["cluster"])
        .collect();
    assert_eq!(clusters, ["cluster-0", "cluster-2"]);
    let problem = &report["problems"][0];
    assert_eq!(problem["cluster"], "cluster-1");
    assert_eq!(problem["reason"], "unreachable");
    let (table, _) = scanned.print(&["--all-contexts"]).await;
    assert!(table.contains("CLUSTER"), "{table}");
    assert!(
        table.contains("Problem: cluster-1: Cluster: no connection"),
        "{table}"
    );
    assert!(
        !table.contains("Not read"),
        "one problem is enough:\n{table}"
    );

    let (report, status) = scanned.report(&["--context", "cluster-7"]).await;
    assert_eq!(status, 3);
    let message = report["problems"][0]["message"].as_str().unwrap();
    assert!(message.contains("cluster-7"), "{message}");
    let (report, _) = scanned.report(&["--context", "cluster-2"]).await;
    assert_eq!(
        report["certificates"][0]["cluster"],
        Value::Null,
        "there is only one"
    );
}

#[tokio::test]
async fn certificates_are_chosen_by_namespace_manager_and_expiry_and_judged_at_any_time() {
    let cluster = openshift(THEN);
    let scanned = Scanned::of(&[Some(&cluster)]).await;
    let count = async |arguments: &[&str]| {
        let (report, _) = scanned.report(arguments).await;
        report["certificates"].as_array().unwrap().len()
    };
    let all = count(&[]).await;
    assert!(all > 100, "{all}");
    assert_eq!(count(&["--manager", "olm", "--within", "12d"]).await, 1);
    assert_eq!(count(&["--manager", "olm", "--within", "10d"]).await, 0);
    let of_shop = count(&["--namespace", "shop"]).await;
    assert!((1..all).contains(&of_shop), "{of_shop}");
    let several = count(&["--manager", "olm", "--manager", "none"]).await;
    assert!(several > count(&["--manager", "olm"]).await);

    let cluster = with_days_left(100);
    let scanned = Scanned::of(&[Some(&cluster)]).await;
    for (at, urgency) in [
        ("2024-02-23", "ok"),
        ("2024-05-20", "soon"),
        ("2024-05-30T00:00:00+02:00", "imminent"),
        ("2025-01-01", "expired"),
        ("2000-01-01", "not_yet_valid"),
    ] {
        let report = scanned.report_at(at).await;
        assert_eq!(report["certificates"][0]["urgency"], urgency, "{at}");
    }
}

#[tokio::test]
async fn all_shows_every_certificate_in_the_order_that_is_asked_for() {
    let scanned = Scanned::of(&[Some(&openshift(THEN))]).await;
    let (report, _) = scanned.report(&[]).await;
    let number = report["certificates"].as_array().unwrap().len();
    let (table, _) = scanned.print(&["--all", "--sort", "name"]).await;
    let (_, others) = table.split_once("\nAll others (").unwrap();
    assert!(others.starts_with(&format!("{})", number - 2)), "{others}");
    let rows = others.lines().skip(2).take(number - 2);
    let places = rows.map(|row| {
        row.split_whitespace()
            .find(|word| word.contains('/'))
            .unwrap()
    });
    let places: Vec<&str> = places.collect();
    assert!(places.is_sorted(), "{places:#?}");
}

#[tokio::test]
async fn a_missing_secret_is_an_entry_without_a_certificate_that_needs_a_person() {
    let cluster = openshift(THEN);
    cluster.delete(
        "Secret",
        "openshift-operator-lifecycle-manager",
        "packageserver-service-cert",
    );
    let (report, status) = Scanned::of(&[Some(&cluster)]).await.report(&[]).await;
    assert_eq!(status, 1);
    let mut certificates = report["certificates"].as_array().unwrap().iter();
    let missing = certificates
        .find(|one| one["name"] == "packageserver-service-cert")
        .unwrap();
    for field in [
        "key",
        "position",
        "role",
        "notBefore",
        "notAfter",
        "fingerprint",
    ] {
        assert_eq!(missing[field], Value::Null, "{field}");
    }
    assert_eq!(missing["urgency"], "blocked");
    assert_eq!(missing["blocked"]["reason"], "secret_missing");
    assert_eq!(missing["needsPerson"], true);
}

#[tokio::test]
async fn invalid_flags_exit_with_status_2_and_name_the_flag() {
    for (arguments, message) in [
        (&["--at", "yesterday"][..], "--at <TIME>"),
        (&["--within", "60"], "--within <DURATION>"),
        (&["--manager", "puppet"], "expected one of olm, service-ca"),
        (&["--output", "pdf"], "--output <FORMAT>"),
        (&["--all-contexts", "--context", "x"], "--context"),
        (
            &["--all-contexts", "-o", "openmetrics"],
            "--output openmetrics shows one cluster",
        ),
        (&["--kubeconfig", "x", "pki"], "FILE"),
    ] {
        let output = notafter(&["scan"]).args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(stderr(&output).contains(message), "{}", stderr(&output));
    }
}
