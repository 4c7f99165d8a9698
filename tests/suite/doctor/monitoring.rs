//! The lines about a Prometheus that lacks a target, a rule or an Alertmanager, or does not answer.

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
        text.contains("\nmissing      targets: no target found: no job name contains notafter, "),
        "{text}"
    );
    has(
        &text,
        &["ok           lists read by notafter: all complete"],
    );

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
        "failed       targets: 1 of 1 target is down: notafter 10.128.0.7:9779: server returned HTTP status 403 Forbidden",
        "             Look at: kubectl -n certs get deployments,pods,services",
    ];
    has(&text, &lines);

    // Without the list of targets it is as down as before.
    down.answers("targets", Answer::Body(404, "text/plain", String::new()));
    let (text, _) = diagnosed(&down).await;
    has(
        &text,
        &["failed       targets: 1 of 1 target is down: notafter 10.128.0.7:9779"],
    );
}

#[tokio::test]
async fn targets_with_the_same_address_in_two_clusters_are_two() {
    let target =
        |cluster: &str| json!({"job": "notafter", "instance": "10.0.0.1:9779", "cluster": cluster});
    let [east, west] = ["east", "west"].map(target);
    let prometheus = Prometheus::healthy();
    let sample = |labels: &Value, value: &str| json!({"metric": labels, "value": [1.7e9, value]});
    let up = json!({"resultType": "vector", "result": [sample(&east, "1"), sample(&west, "0")]});
    prometheus.answers("up", Answer::data(&up));
    let (text, status) = diagnosed(&prometheus).await;
    assert_eq!(status, 1, "{text}");
    let line =
        "failed       targets: 1 of 2 targets are down: notafter 10.0.0.1:9779 in cluster west";
    has(&text, &[line]);

    prometheus.answers("up", Answer::vector("1", &[east.clone(), west]));
    prometheus.answers("count", Answer::vector("18", &[east]));
    let (text, status) = diagnosed(&prometheus).await;
    assert_eq!(status, 1, "{text}");
    let line = "missing      targets: up, but without notafter_list_up: notafter 10.0.0.1:9779 in cluster west; is it \
                notafter, and do the metricRelabelings keep its series?";
    has(&text, &[line]);
}

#[tokio::test]
async fn a_target_that_exports_nothing_of_notafter_is_missing_and_its_lists_are_not_ok() {
    let (text, status) = diagnosed(&but_for("count", Answer::vector("1", &[]))).await;
    assert_eq!(status, 1, "{text}");
    let missing =
        "\nmissing      targets: up, but without notafter_list_up: notafter 10.128.0.7:9779; ";
    assert!(text.contains(missing), "{text}");
    assert!(!text.contains("lists read by notafter"), "{text}");

    let failure = Answer::Body(503, "text/plain", "out of memory".into());
    for query in ["count", "notafter_build_info"] {
        let (text, status) = diagnosed(&but_for(query, failure.clone())).await;
        assert_eq!(status, 3, "{text}");
        let line = "unknown      targets: 1 target up; what they export is unknown: it answered 503 Service Unavailable: out \
                    of memory";
        has(&text, &[line]);
    }
}

#[tokio::test]
async fn a_list_that_the_scraped_notafter_cannot_read_is_said() {
    let unread = [
        json!({"resource": "secrets", "scope": "", "instance": "10.128.0.7:9779", "namespace": "certs"}),
        json!({"resource": "services", "scope": "shop", "instance": "10.128.0.7:9779", "cluster": "east"}),
    ];
    let (text, status) =
        diagnosed(&but_for("notafter_list_up", Answer::vector("0", &unread))).await;
    assert_eq!(status, 1, "{text}");
    let line = "failed       lists read by notafter: 2 not complete: secrets by 10.128.0.7:9779, services in shop by \
                10.128.0.7:9779 in cluster east";
    let logs = "             Look at: kubectl -n certs logs --selector=app.kubernetes.io/name=notafter --prefix --tail=50";
    has(&text, &[line, logs]);
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
    let missing = "\nmissing      rules: 1 of 34 rules are not loaded: CertificateExpired; ";
    assert!(text.contains(missing), "{text}");

    // Without the series that they are computed from, no alert can fire.
    let alerts_alone = rules(|rule| {
        if rule["type"] == "recording" {
            rule["name"] = "another".into();
        }
    });
    let (text, status) = diagnosed(&but_for("rules", alerts_alone)).await;
    assert_eq!(status, 1, "{text}");
    let missing = "\nmissing      rules: 21 of 34 rules are not loaded: notafter:";
    assert!(
        text.contains(missing) && text.contains(" and 18 more; "),
        "{text}"
    );

    // Alerts of others may have the same names.
    let mut foreign = shipped_rules();
    for group in foreign["groups"].as_array_mut().unwrap() {
        group["name"] = "certificates".into();
    }
    let (text, status) = diagnosed(&but_for("rules", Answer::data(&foreign))).await;
    assert_eq!(status, 1, "{text}");
    assert!(
        text.contains("\nmissing      rules: 34 of 34 rules "),
        "{text}"
    );

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
        text.contains("\nunknown      rules: all 13 alerts and 21 recording rules are loaded, and not evaluated yet"),
        "{text}"
    );

    let of_version = |version: &str| {
        let url = format!("{}/{version}/runbooks/X.html", env!("CARGO_PKG_HOMEPAGE"));
        rules(|rule| rule["annotations"]["runbook_url"] = url.clone().into())
    };
    let (text, status) = diagnosed(&but_for("rules", of_version(notafter::VERSION))).await;
    assert_eq!(status, 0, "{text}");
    let scraped = ["0.0.8", notafter::VERSION].map(|version| json!({"version": version}));
    let two = but_for("rules", of_version(notafter::VERSION));
    two.answers("notafter_build_info", Answer::vector("1", &scraped));
    let (text, status) = diagnosed(&two).await;
    assert_eq!(status, 0, "{text}");
    two.answers("rules", of_version("0.0.9"));
    let (text, status) = diagnosed(&two).await;
    assert_eq!(status, 1, "{text}");
    let version = notafter::VERSION;
    let line = format!(
        "failed       rules: they are of version 0.0.9, and notafter is 0.0.8 and {version}"
    );
    has(&text, &[&line]);
}

#[tokio::test]
async fn alerts_that_reach_nobody_are_missing_and_an_api_without_alertmanagers_is_not_checked() {
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
    assert_eq!(status, 0, "{text}");
    let line = "not checked  Alertmanager: this API has no /alertmanagers (Thanos): use the Prometheus that evaluates the rules";
    has(&text, &[line]);

    // An Alertmanager that is configured may not be there.
    let labels = json!({"alertmanager": "http://alertmanager:9093/api/v2/alerts"});
    let (text, status) = diagnosed(&but_for("increase", Answer::vector("3", &[labels]))).await;
    assert_eq!(status, 1, "{text}");
    let line = "failed       Alertmanager: sending alerts failed in the last 15 min: http://alertmanager:9093/api/v2/alerts";
    has(&text, &[line]);
}
