//! The command line: flags, exit statuses, signals, and the lines of the log.

use std::time::Duration;

use clap::CommandFactory;
use notafter::cli::Cli;
use notafter_simulator::{Cluster, Fault, kubeconfig};

use crate::running::{Running, notafter, run, stderr};

#[test]
fn version_help_and_completions_are_printed() {
    let version = run(&["--version"]);
    assert!(version.status.success());
    assert_eq!(
        String::from_utf8(version.stdout).unwrap(),
        format!("notafter {}\n", notafter::VERSION)
    );
    assert!(run(&["serve", "--help"]).status.success());
    assert_eq!(run(&[]).status.code(), Some(2), "a subcommand is required");
    let completions = run(&["completions", "bash"]);
    assert!(
        String::from_utf8(completions.stdout)
            .unwrap()
            .contains("--kubeconfig")
    );
}

#[test]
fn every_flag_has_an_environment_variable_of_the_same_name() {
    let command = Cli::command();
    let subcommands = ["serve", "scan", "explain", "doctor", "rights"]
        .map(|name| command.find_subcommand(name).unwrap());
    let arguments = subcommands.iter().flat_map(|subcommand| {
        let arguments = subcommand.get_arguments();
        arguments.map(move |argument| (subcommand.get_name(), argument))
    });
    let flags = arguments.filter(|(_, argument)| !argument.is_positional());
    for (subcommand, argument) in flags.filter(|(_, argument)| argument.get_id() != "help") {
        let name = argument.get_long().unwrap();
        // It has other formats than that of scan, which may be set for the whole session.
        let name = match (subcommand, name) {
            ("doctor", "output") => "doctor-output",
            _ => name,
        };
        let name = name.to_uppercase().replace(['-', '.'], "_");
        assert_eq!(
            argument.get_env().unwrap().to_str().unwrap(),
            format!("NOTAFTER_{name}")
        );
    }
    let invalid = notafter(&["serve"])
        .env("NOTAFTER_INTERVAL", "often")
        .output()
        .unwrap();
    assert_eq!(invalid.status.code(), Some(2));
    assert!(
        stderr(&invalid).contains("'often' for '--interval <DURATION>'"),
        "{}",
        stderr(&invalid)
    );
}

#[test]
fn an_invalid_value_exits_with_status_2_and_names_its_flag() {
    for (flag, value) in [
        ("--interval", "0s"),
        ("--interval", "2"),
        ("--timeout", "10ms"),
        ("--timeout", "3s"),
        ("--listen", "9779"),
        ("--listen", ":99999"),
        ("--namespace", "Shop"),
        ("--namespace", "shop/secrets"),
        ("--namespace", "shop-"),
        ("--log", "notafter=loud"),
        ("--log-format", "xml"),
        ("--kubeconfig", ""),
        ("--renewed-before", "shop/web"),
        ("--renewed-before", "shop/web=soon"),
        ("--renewed-before", "*/*=1d"),
        ("--ignore", "shop/web="),
        ("--ignore", "web=a reason"),
        ("--ignore", "*/*=too many alerts"),
        ("--ignore", "*/*,stage=a reason"),
        ("--ignore", "shop/web,stage=lab="),
        ("--ignore", "shop/web,st*ge=lab=a reason"),
        ("--renewed-before", "shop/web,stage=1d"),
        ("--renewed-before", "shop/web,stage=l*b=1d"),
        ("--no-such-flag", "1"),
    ] {
        let output = run(&["serve", flag, value]);
        assert_eq!(
            output.status.code(),
            Some(2),
            "{flag} {value}: {}",
            stderr(&output)
        );
        assert!(
            stderr(&output).contains(flag),
            "{flag} {value}: {}",
            stderr(&output)
        );
    }
}

#[test]
fn a_missing_cluster_configuration_exits_with_status_1_and_one_line_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let broken = folder.path().join("broken");
    std::fs::write(&broken, "users: hunter2\n").unwrap();
    let other = folder.path().join("other");
    std::fs::write(&other, kubeconfig("127.0.0.1:1".parse().unwrap(), None)).unwrap();
    let (broken, other) = (broken.to_str().unwrap(), other.to_str().unwrap());
    let serve = ["serve", "--listen", "127.0.0.1:0"];
    for (arguments, in_pod, reason) in [
        (
            vec!["--kubeconfig", "/nowhere/config"],
            false,
            "--kubeconfig /nowhere/config: No such file",
        ),
        (
            vec!["--kubeconfig", broken],
            false,
            &*format!("--kubeconfig {broken}: "),
        ),
        (
            vec!["--kubeconfig", other, "--context", "prod"],
            false,
            &*format!("--context prod: {other} has no context of that name"),
        ),
        (vec![], false, "no kubeconfig to use ("),
        (
            vec![],
            true,
            "in a pod, but without a usable service account: ",
        ),
    ] {
        let mut command = notafter(&serve);
        if in_pod {
            command
                .env("KUBERNETES_SERVICE_HOST", "127.0.0.1")
                .env("KUBERNETES_SERVICE_PORT", "1");
        }
        let output = command.args(&arguments).output().unwrap();
        let log = stderr(&output);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {log}");
        assert_eq!(log.lines().count(), 1, "{arguments:?}: {log}");
        assert!(
            !log.contains("hunter2"),
            "the contents of a kubeconfig must not be logged: {log}"
        );
        assert!(
            log.contains(&format!("ERROR {reason}")),
            "{arguments:?}: {log}"
        );
    }
}

#[test]
fn a_port_in_use_exits_with_status_1_and_names_the_flag() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = run(&["serve", "--listen", &address]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains(&format!("ERROR --listen {address}: Address already in use")));
}

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_and_sigint_exit_with_status_0() {
    for signal in ["-TERM", "-INT"] {
        let mut running = Running::of(&Cluster::new(), None, &[]).await;
        running.says("list complete", 1).await;
        assert_eq!(running.ends_by(signal), Some(0), "{signal}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unavailable_api_server_is_retried_and_logged_once() {
    let cluster = Cluster::new();
    cluster.inject(Fault::Status(500, None), "/secrets", usize::MAX);
    let mut running = Running::of(&cluster, None, &[]).await;
    running
        .says("list failed list=\"secrets\" scope=\"all namespaces\" error=\"the API server answered 500", 1)
        .await;
    let list_requests = || {
        cluster
            .requests()
            .iter()
            .filter(|request| request.target.contains("/secrets"))
            .count()
    };
    let mut polls = list_requests();
    while polls < 4 {
        tokio::time::sleep(Duration::from_millis(10)).await;
        polls += list_requests();
    }
    assert_eq!(
        running.log().matches("list failed").count(),
        1,
        "{}",
        running.log()
    );
    cluster.heal();
    running.says("INFO list complete list=\"secrets\"", 1).await;
    assert_eq!(running.ends_by("-TERM"), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_json_log_has_one_object_per_line() {
    let mut running = Running::of(&Cluster::new(), None, &["--log-format", "json"]).await;
    running.says("\"message\":\"list complete\"", 1).await;
    running.ends_by("-TERM");
    for line in running.log().lines() {
        assert!(
            serde_json::from_str::<serde_json::Value>(line).unwrap()["message"].is_string(),
            "{line}"
        );
    }
}
