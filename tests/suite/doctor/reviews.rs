//! Answers of API servers that are neither yes nor no.

use notafter_simulator::{Cluster, Fault};

use super::{Examined, has, healthy};

const ACCOUNT: &str = "--service-account=notafter/notafter";

/// A cluster that answers every review of access with this status.
fn reviewing(cluster: &Cluster, path: &str, status: &str) {
    let body = format!(r#"{{"spec": {{}}{status}}}"#);
    let fault = Fault::Body("application/json", body);
    cluster.inject(fault, path, usize::MAX);
}

#[tokio::test]
async fn an_authorizer_that_fails_is_shown_and_is_no_denial() {
    let (examined, cluster, _) = healthy().await;
    let status = r#", "status": {"allowed": false, "evaluationError": "webhook: no\nroute"}"#;
    reviewing(&cluster, "/subjectaccessreviews", status);
    let (text, status) = examined.diagnosed(&[ACCOUNT]).await;
    assert_eq!(status, 3, "{text}");
    let line = "unknown      lists: cannot review the rights of system:serviceaccount:notafter:notafter: webhook: no route";
    has(&text, &[line]);
    assert!(!text.contains("notafter rights"), "{text}");

    cluster.heal();
    reviewing(&cluster, "/subjectaccessreviews", "");
    let (text, status) = examined.diagnosed(&[ACCOUNT]).await;
    assert_eq!(status, 3, "{text}");
    assert!(
        text.contains(": the answer to the review has no status\n"),
        "{text}"
    );
}

#[tokio::test]
async fn the_reason_of_a_denial_is_shown() {
    let (examined, cluster, _) = healthy().await;
    let status = r#", "status": {"allowed": false, "reason": "RBAC: role \"x\" not found"}"#;
    reviewing(&cluster, "/subjectaccessreviews", status);
    let (text, status) = examined.diagnosed(&[ACCOUNT]).await;
    assert_eq!(status, 1, "{text}");
    let denied = r#"secrets: denied to system:serviceaccount:notafter:notafter (RBAC: role "x" not found); it shows "#;
    assert!(text.contains(denied), "{text}");
}

#[tokio::test]
async fn a_denied_watch_is_missing_even_if_another_cannot_be_reviewed() {
    let (examined, cluster, _) = healthy().await;
    // The review that fails may be that of either.
    cluster.refuse_watch("secrets", "");
    cluster.refuse_watch("services", "");
    cluster.inject(Fault::Status(500, None), "/selfsubjectaccessreviews", 1);
    let (text, status) = examined.diagnosed(&[]).await;
    assert_eq!(status, 1, "{text}");
    let denied = "\nmissing      watch: denied to system:serviceaccount:notafter:notafter for ";
    assert!(text.contains(denied), "{text}");
}

#[tokio::test]
async fn a_watch_that_cannot_be_reviewed_is_unknown() {
    let (examined, cluster, _) = healthy().await;
    let failure = Fault::Status(500, None);
    cluster.inject(failure, "/selfsubjectaccessreviews", usize::MAX);
    let (text, status) = examined.diagnosed(&[]).await;
    assert_eq!(status, 3, "{text}");
    let unknown = "\nunknown      watch: cannot review the rights of system:serviceaccount:notafter:notafter: ";
    assert!(text.contains(unknown), "{text}");
    has(&text, &["             Look at: kubectl auth can-i --list"]);
}

#[tokio::test]
async fn a_resource_of_every_cluster_is_not_absent() {
    let (examined, cluster, _) = healthy().await;
    cluster.inject(Fault::Status(404, None), "/api/v1/secrets", usize::MAX);
    let (text, status) = examined.diagnosed(&[]).await;
    assert_eq!(status, 1, "{text}");
    has(
        &text,
        &["failed       list secrets: the API server does not have the resource (404)"],
    );
}

#[tokio::test]
async fn an_api_server_that_cannot_name_the_user_is_not_checked_for_it_and_the_status_stays_0() {
    for code in [404, 403] {
        let (examined, cluster, _) = healthy().await;
        cluster.inject(Fault::Status(code, None), "/selfsubjectreviews", usize::MAX);
        let (text, status) = examined.diagnosed(&[]).await;
        assert_eq!(status, 0, "{text}");
        let line = "not checked  credentials: this API server cannot be asked for the user: Kubernetes 1.28 and later can";
        has(&text, &[line]);
    }
}

#[tokio::test]
async fn many_namespaces_are_asked_about_within_the_rate_limit_and_only_some_are_named() {
    let examined = Examined::of(&Cluster::new()).await;
    let namespaces: Vec<String> = (0..30).map(|number| format!("ns{number}")).collect();
    let namespaces = namespaces.join(",");
    let flags = ["--namespace", &namespaces, "--no-watch", "--timeout=1s"];
    let (text, status) = examined.diagnosed(&flags).await;
    assert_eq!(status, 0, "{text}");
    has(
        &text,
        &["ok           list secrets in ns0, ns1, ns10 and 27 more: allowed"],
    );
}
