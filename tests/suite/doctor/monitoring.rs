//! What is said about a Prometheus that does not do its part.

use serde_json::{Value, json};

use super::prometheus::{Answer, Prometheus, shipped_rules};
use super::{Examined, has};
use notafter_simulator::Cluster;

/// The lines about a Prometheus, without those of the API server, and the exit status.
async fn diagnosed(prometheus: &Prometheus) -> (String, i32) {
    let examined = Examined::of(&Cluster::new()).await;
    let address = format!("http://{}", prometheus.listen().await);
    let (text, status) = examined.diagnosed(&["--prometheus", &address]).await;
    let at = text.find("Prometheus: ").unwrap();
    (text[at..].replace(&address, "http://prometheus"), status)
}

/// A Prometheus that is healthy but for one answer.
fn but_for(question: &str, answer: Answer) -> Prometheus {
    let prometheus = Prometheus::healthy();
    prometheus.answers(question, answer);
    prometheus
}

/// The shipped rules after a change of each.
fn rules(change: impl Fn(&mut Value)) -> Answer {
    let mut rules = shipped_rules();
    for group in rules["groups"].as_array_mut().unwrap() {
        group["rules"]
            .as_array_mut()
            .unwrap()
            .iter_mut()
            .for_each(&change);
    }
    Answer::data(&rules)
}

#[tokio::test]
async fn a_target_that_is_missing_or_down_is_said_with_its_error() {
    let (text, status) = diagnosed(&but_for("up", Answer::vector("1", &[]))).await;
    assert_eq!(status, 1, "{text}");
    assert!(
        text.contains("\nmissing      targets: Prometheus scrapes no notafter: "),
        "{text}"
    );
    assert!(!text.contains("lists of the targets"), "{text}");

    let labels = json!({"job": "notafter", "instance": "10.128.0.7:9779", "namespace": "certs"});
    let down = but_for("up", Answer::vector("0", std::slice::from_ref(&labels)));
    let targets = json!({"activeTargets": [
        {"labels": {"job": "node", "instance": "10.128.0.7:9779"}, "lastError": "another"},
        {"labels": labels, "health": "down", "lastError": "server returned HTTP status 403 Forbidden"},
    ]});
    down.answers("targets", Answer::data(&targets));
    let (text, status) = diagnosed(&down).await;
    assert_eq!(status, 1, "{text}");
    let lines = [
        "failed       targets: 1 of 1 are down: notafter 10.128.0.7:9779: server returned HTTP status 403 Forbidden",
        "             Look at: kubectl -n certs get deployments,pods,services",
    ];
    has(&text, &lines);

    // Without the list of targets it is as down as before.
    down.answers("targets", Answer::Body(404, "text/plain", String::new()));
    let (text, _) = diagnosed(&down).await;
    has(
        &text,
        &["failed       targets: 1 of 1 are down: notafter 10.128.0.7:9779"],
    );
}

#[tokio::test]
async fn a_list_that_the_scraped_notafter_cannot_read_is_said() {
    let unread = [
        json!({"resource": "secrets", "scope": "", "instance": "10.128.0.7:9779"}),
        json!({"resource": "services", "scope": "shop", "instance": "10.128.0.7:9779"}),
    ];
    let (text, status) =
        diagnosed(&but_for("notafter_list_up", Answer::vector("0", &unread))).await;
    assert_eq!(status, 1, "{text}");
    let line = "failed       lists of the targets: 2 lists are not read: secrets by 10.128.0.7:9779, services in shop by \
                10.128.0.7:9779";
    has(&text, &[line]);
}

#[tokio::test]
async fn rules_that_are_missing_fail_or_are_of_another_version_are_said() {
    let renamed = rules(|rule| {
        if rule["name"] == "CertificateExpired" {
            rule["name"] = "Renamed".into();
        }
    });
    let (text, status) = diagnosed(&but_for("rules", renamed)).await;
    assert_eq!(status, 1, "{text}");
    let missing = "\nmissing      rules: 1 alert of 13 are not loaded: CertificateExpired; ";
    assert!(text.contains(missing), "{text}");

    let failing = rules(|rule| {
        if rule["name"] == "notafter:expired" {
            rule["health"] = "err".into();
            rule["lastError"] = "found duplicate series".into();
        }
    });
    let (text, status) = diagnosed(&but_for("rules", failing)).await;
    assert_eq!(status, 1, "{text}");
    has(
        &text,
        &["failed       rules: notafter:expired cannot be evaluated: found duplicate series"],
    );

    let new = rules(|rule| rule["health"] = "unknown".into());
    let (text, status) = diagnosed(&but_for("rules", new)).await;
    assert_eq!(status, 3, "{text}");
    assert!(
        text.contains("\nunknown      rules: all 13 alerts are loaded, and not evaluated yet"),
        "{text}"
    );

    let of_version = |version: &str| {
        let url = format!("{}/{version}/runbooks/X.html", env!("CARGO_PKG_HOMEPAGE"));
        rules(|rule| rule["annotations"]["runbook_url"] = url.clone().into())
    };
    let (text, status) = diagnosed(&but_for("rules", of_version(notafter::VERSION))).await;
    assert_eq!(status, 0, "{text}");
    let (text, status) = diagnosed(&but_for("rules", of_version("0.0.9"))).await;
    assert_eq!(status, 1, "{text}");
    let version = notafter::VERSION;
    let line = format!("failed       rules: they are of version 0.0.9, and notafter is {version}");
    has(&text, &[&line]);
}

#[tokio::test]
async fn alerts_that_reach_nobody_are_missing_and_an_api_that_does_not_tell_is_unknown() {
    let none = Answer::data(&json!({"activeAlertmanagers": [], "droppedAlertmanagers": []}));
    let (text, status) = diagnosed(&but_for("alertmanagers", none)).await;
    assert_eq!(status, 1, "{text}");
    let lines = [
        "missing      Alertmanager: none is known to Prometheus: alerts reach nobody",
        "             Look at: curl --silent --show-error http://prometheus/api/v1/status/config",
    ];
    has(&text, &lines);

    let thanos = but_for(
        "alertmanagers",
        Answer::Body(404, "text/plain", String::new()),
    );
    let (text, status) = diagnosed(&thanos).await;
    assert_eq!(status, 3, "{text}");
    assert!(
        text.contains("\nunknown      Alertmanager: this API does not tell, as that of Thanos"),
        "{text}"
    );
}
