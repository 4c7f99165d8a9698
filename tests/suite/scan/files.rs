//! Files instead of a cluster: the same report, from the command line.

use std::io::Write;
use std::path::Path;
use std::process::{Output, Stdio};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use notafter_simulator::certificate::{Draft, Pair};
use notafter_simulator::openshift;
use serde_json::{Value, json};

use super::{NOW, Scanned, by_hand};
use crate::offline::{Files, list, yaml};
use crate::running::{notafter, stderr};
use crate::world::{DAY, THEN, certificate, tls};

/// A certificate of 65 days, of which 5 are left.
fn expiring() -> Pair {
    let draft = Draft::named("web").valid(THEN - 60 * DAY, THEN + 5 * DAY);
    draft.self_signed()
}

/// Runs a command as of the reference time.
fn run(arguments: &[&str], path: &Path) -> Output {
    notafter(arguments)
        .arg(path)
        .args(["--at", NOW])
        .output()
        .unwrap()
}

/// The report about a file, and the exit status.
fn report(path: &Path) -> (Value, i32) {
    let output = run(&["scan", "--output", "json"], path);
    assert_eq!(stderr(&output), "");
    (
        serde_json::from_slice(&output.stdout).unwrap(),
        output.status.code().unwrap(),
    )
}

#[tokio::test]
async fn a_dump_of_a_cluster_yields_the_report_of_the_cluster() {
    let cluster = openshift(THEN);
    let mut objects = Vec::new();
    let served = notafter::kinds::ALL.into_iter();
    for resource in served.filter(|resource| cluster.has(resource.kind.as_str())) {
        objects.extend(cluster.list(resource.kind.as_str()));
    }
    let files = Files::new();
    let path = files.write("dump.yaml", yaml(&list(&objects)));
    let (mut of_files, status) = report(&path);
    let (of_cluster, status_of_cluster) = Scanned::of(&[Some(&cluster)]).await.report(&[]).await;
    assert_eq!(status, status_of_cluster);
    for certificate in of_files["certificates"].as_array_mut().unwrap() {
        assert_eq!(certificate["source"].take(), path.to_str().unwrap());
    }
    for part in ["certificates", "operators", "summary", "complete"] {
        assert_eq!(of_files[part], of_cluster[part], "{part}");
    }
}

#[test]
fn the_exit_status_says_whether_everything_could_be_read() {
    let files = Files::new();
    let well = yaml(&by_hand("web", "web.example.com", 300));
    let urgent = yaml(&by_hand("web", "web.example.com", 5));
    for (name, contents, status) in [
        ("well.yaml", well.clone(), 0),
        ("urgent.yaml", urgent.clone(), 1),
        ("cut.yaml", format!("{well}---\napiVersion: [\n"), 3),
        ("both.yaml", format!("{urgent}---\napiVersion: [\n"), 1),
    ] {
        let (report, found) = report(&files.write(name, contents));
        assert_eq!(found, status, "{name}");
        assert_eq!(
            report["complete"],
            !["cut.yaml", "both.yaml"].contains(&name)
        );
    }
    let lists = &report(&files.path("well.yaml")).0["lists"];
    assert!(
        lists
            .as_array()
            .unwrap()
            .iter()
            .all(|list| list["state"] == "unknown")
    );
}

#[test]
fn a_problem_has_its_object_its_file_and_its_line() {
    let files = Files::new();
    let mut secret = by_hand("web", "web.example.com", 300);
    secret["data"]["tls.crt"] = "*** REDACTED ***".into();
    let path = files.write("secret.yaml", yaml(&secret));
    let (report, status) = report(&path);
    assert_eq!(status, 3);
    let place = format!("{}, line 1", path.display());
    assert_eq!(
        report["problems"],
        json!([{
            "kind": "Secret", "namespace": "shop", "name": "web", "key": "tls.crt", "reason": "redacted",
            "message": "the value was replaced before the file was handed on", "source": place,
        }])
    );
    let table = run(&["scan"], &path).stdout;
    let line = format!("Problem: {place}: Secret shop/web tls.crt: the value was replaced");
    assert!(String::from_utf8(table).unwrap().contains(&line));
}

#[test]
fn standard_input_is_read() {
    let mut child = notafter(&["scan", "-", "--at", NOW, "--output", "json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let object = by_hand("web", "web.example.com", 5).to_string();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(object.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["certificates"][0]["source"], "-");
}

#[test]
fn an_object_of_a_file_and_a_file_of_certificates_are_explained() {
    let files = Files::new();
    let path = files.write("dump.yaml", yaml(&by_hand("web", "web.example.com", 5)));
    let output = run(&["explain", "shop/web"], &path);
    assert_eq!(
        (stderr(&output).as_str(), output.status.code()),
        ("", Some(1))
    );
    let pem = files.write("web.crt", expiring().certificate);
    let output = run(&["explain", pem.to_str().unwrap()], &pem);
    assert_eq!(
        (stderr(&output).as_str(), output.status.code()),
        ("", Some(1))
    );
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.contains("CN=web") && !text.contains("kubectl"),
        "{text}"
    );
}

#[test]
fn no_command_is_advised_for_a_file() {
    let files = Files::new();
    let path = files.write("pki/web.crt", expiring().certificate);
    let (report, status) = report(&path);
    let [certificate] = &report["certificates"].as_array().unwrap()[..] else {
        panic!("{report}");
    };
    assert_eq!((status, &certificate["urgency"]), (1, &json!("imminent")));
    assert_eq!(
        (&certificate["kind"], &certificate["namespace"]),
        (&json!("File"), &json!(""))
    );
    assert_eq!(
        (&certificate["fix"], &certificate["lookAt"]),
        (&Value::Null, &Value::Null)
    );
}

#[test]
fn a_private_key_is_printed_in_no_format() {
    let files = Files::new();
    let pair = certificate("web", 5);
    let body = pair.key.lines().nth(1).unwrap();
    let mut wrong = tls("shop", "wrong", &pair);
    wrong["data"]["tls.crt"] = pair.key.clone().into();
    let path = files.write(
        "dump.yaml",
        yaml(&list(&[tls("shop", "web", &pair), wrong])),
    );
    for format in [
        "table",
        "json",
        "yaml",
        "csv",
        "junit",
        "openmetrics",
        "markdown",
        "webhook",
    ] {
        let output = run(&["scan", "--all", "--output", format], &path);
        let printed = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(printed.contains("web"), "{format}");
        let encoded = STANDARD.encode(&pair.key);
        assert!(
            !printed.contains(body) && !printed.contains(&encoded[40..80]),
            "{format}"
        );
    }
}
