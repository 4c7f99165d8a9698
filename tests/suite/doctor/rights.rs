//! The lines about the API server, and the commands that grant missing rights.

use std::process::Command;

use notafter_simulator::{Cluster, Fault, kubeconfig};

use super::{Examined, has, healthy};
use crate::running::notafter;

#[tokio::test]
async fn a_denied_list_is_missing_with_its_purpose_and_the_command_that_grants_it() {
    let (examined, cluster, _) = healthy().await;
    cluster.refuse("services", "");
    let (text, status) = examined.diagnosed(&[]).await;
    assert_eq!(status, 1, "{text}");
    let lines = [
        "missing      list services: denied to system:serviceaccount:notafter:notafter; it shows the Services that \
         request a certificate from service-ca.",
        "             Fix: notafter rights | kubectl apply -f -",
    ];
    has(&text, &lines);

    // As a plugin of oc, the commands are those that work there; several lists in a row share one.
    cluster.refuse("clusterserviceversions", "");
    let plugin = examined.folder.path().join("oc-notafter");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_notafter"), &plugin).unwrap();
    let mut command = Command::new(plugin);
    command.env_clear().args(["doctor", "--no-watch"]);
    let text = String::from_utf8(examined.output(command).await.stdout).unwrap();
    let text = examined.shown(&text);
    assert_eq!(text.matches("missing      list ").count(), 2, "{text}");
    assert_eq!(text.matches("             Fix: ").count(), 2, "{text}");
    has(
        &text,
        &["             Fix: oc notafter rights --no-watch | oc apply -f -"],
    );
}

#[tokio::test]
async fn a_person_has_a_binding_of_the_same_role() {
    let (examined, cluster, _) = healthy().await;
    cluster.name_user("Jane O'Hara");
    cluster.refuse("secrets", "");
    cluster.refuse("secrets", "shop");
    let user = r"--user='Jane O'\''Hara'";
    let (text, _) = examined.diagnosed(&[]).await;
    let lines = [
        "missing      list secrets: denied to Jane O'Hara; it shows certificates. The right to list secrets is the right \
         to read their private keys; Kubernetes has no lesser right.",
        &format!("             Fix: notafter rights {user} | kubectl apply -f -"),
    ];
    has(&text, &lines);
    let (text, _) = examined.diagnosed(&["--namespace=shop"]).await;
    let rights = format!("notafter rights --namespace=shop {user}");
    has(
        &text,
        &[&format!("             Fix: {rights} | kubectl apply -f -")],
    );
}

#[tokio::test]
async fn commands_lead_to_the_cluster_that_was_asked() {
    let (examined, cluster, _) = healthy().await;
    cluster.refuse("secrets", "");
    let config = std::fs::read_to_string(examined.folder.path().join("kubeconfig")).unwrap();
    let file = examined.file("my config", &config);
    let mut command = notafter(&["doctor", "--kubeconfig", &file]);
    command.env("NOTAFTER_CONTEXT", "simulated");
    let output = tokio::task::spawn_blocking(move || command.output().unwrap());
    let text = String::from_utf8(output.await.unwrap().stdout).unwrap();
    let flags = format!("--kubeconfig='{file}' --context=simulated");
    let lines = [
        format!("             Fix: notafter rights | kubectl {flags} apply -f -"),
        format!("             Fix: notafter doctor {flags} --prometheus URL"),
    ];
    for line in lines {
        has(&text, &[&line]);
    }

    cluster.inject(Fault::Status(500, None), "/api/v1/services", usize::MAX);
    let output = examined.output(notafter(&["doctor"])).await;
    let text = String::from_utf8(output.stdout).unwrap();
    let kubeconfig = examined.folder.path().join("kubeconfig");
    let kubectl = format!("kubectl --kubeconfig={}", kubeconfig.display());
    let line = format!("             Look at: {kubectl} get services --all-namespaces");
    has(&text, &[&line]);
}

#[tokio::test]
async fn namespaces_with_the_same_answer_share_a_line_and_are_named_in_the_command() {
    let (examined, cluster, _) = healthy().await;
    cluster.refuse("secrets", "");
    cluster.refuse("secrets", "shop");
    let (text, status) = examined
        .diagnosed(&["-n", "billing", "-n", "orders", "-n", "shop"])
        .await;
    assert_eq!(status, 1, "{text}");
    has(
        &text,
        &["ok           list secrets in billing, orders: allowed"],
    );
    has(
        &text,
        &["ok           list services in billing, orders, shop: allowed"],
    );
    assert!(
        text.contains("\nmissing      list secrets in shop: denied to "),
        "{text}"
    );
    let rights = "notafter rights --namespace=billing,orders,shop";
    has(
        &text,
        &[&format!("             Fix: {rights} | kubectl apply -f -")],
    );
    assert!(
        !text.contains("clusterversions"),
        "it is in no namespace:\n{text}"
    );
}

#[tokio::test]
async fn a_denied_watch_is_missing_unless_none_is_wanted() {
    let (examined, cluster, _) = healthy().await;
    cluster.refuse_watch("secrets", "");
    let (text, status) = examined.diagnosed(&[]).await;
    assert_eq!(status, 1, "{text}");
    let denied =
        "\nmissing      watch: denied to system:serviceaccount:notafter:notafter for secrets; ";
    assert!(text.contains(denied), "{text}");
    let (text, status) = examined.diagnosed(&["--no-watch"]).await;
    assert_eq!(status, 0, "{text}");
    assert!(!text.contains("watch:"), "{text}");
}

#[tokio::test]
async fn a_service_account_is_asked_about_without_reading_anything() {
    let (examined, cluster, _) = healthy().await;
    let account = "--service-account=notafter/notafter";
    let (text, status) = examined.diagnosed(&[account]).await;
    assert_eq!(status, 0, "{text}");
    let read = cluster.requests().into_iter();
    let read = read.filter(|request| request.target.contains("secrets"));
    assert_eq!(read.count(), 0);

    let other = "--service-account=shop/reader";
    let (text, status) = examined.diagnosed(&[other]).await;
    assert_eq!(status, 1, "{text}");
    let denied = "\nmissing      list secrets: denied to system:serviceaccount:shop:reader; ";
    assert!(text.contains(denied), "{text}");
    has(
        &text,
        &["             Fix: notafter rights --service-account=shop/reader | kubectl apply -f -"],
    );

    cluster.inject(
        Fault::Status(403, None),
        "/subjectaccessreviews",
        usize::MAX,
    );
    let (text, status) = examined.diagnosed(&[account]).await;
    assert_eq!(status, 3, "{text}");
    let lines = [
        "unknown      lists: cannot review the rights of system:serviceaccount:notafter:notafter: the API server denies the \
         request (403)",
        "             Look at: kubectl auth can-i list secrets --all-namespaces \
         --as=system:serviceaccount:notafter:notafter",
    ];
    has(&text, &lines);
}

#[tokio::test]
async fn an_absent_resource_is_ok_and_one_that_cannot_be_listed_has_failed() {
    let cluster = Cluster::new();
    cluster.inject(Fault::Status(500, None), "/api/v1/services", usize::MAX);
    let (text, status) = Examined::of(&cluster).await.diagnosed(&[]).await;
    assert_eq!(status, 1, "{text}");
    has(
        &text,
        &["ok           list etcds.operator.openshift.io: the cluster has no such resource"],
    );
    assert!(
        text.contains("\nfailed       list services: the API server answered 500 "),
        "{text}"
    );
    has(
        &text,
        &["             Look at: kubectl get services --all-namespaces"],
    );
}

#[tokio::test]
async fn an_api_server_that_cannot_be_used_has_failed_and_prometheus_is_asked_all_the_same() {
    let (_, cluster, prometheus) = healthy().await;
    cluster.expect_token("another");
    let rejected = Examined::with_token(&cluster, Some("hunter2")).await;
    let nowhere = tempfile::tempdir().unwrap();
    std::fs::write(
        nowhere.path().join("kubeconfig"),
        kubeconfig("127.0.0.1:1".parse().unwrap(), None),
    )
    .unwrap();
    let nowhere = Examined { folder: nowhere };
    for (examined, why) in [
        (rejected, "the API server rejects the credentials (401)"),
        (
            nowhere,
            "no connection to the API server at http://127.0.0.1:1/",
        ),
    ] {
        let (text, status) = examined.diagnosed(&["--prometheus", &prometheus]).await;
        assert_eq!(status, 1, "{text}");
        assert!(
            text.starts_with(&format!("failed       API server: {why}")),
            "{text}"
        );
        assert!(text.contains("\nok           Prometheus: "), "{text}");
        assert!(!text.contains("hunter2"), "{text}");
    }
}
