//! Reports of a cluster or a file that could not be read: they say that first, and have no number that
//! sounds as if all were well.

use notafter_simulator::{Cluster, Fault};
use serde_json::Value;

use super::{NOW, Scanned, with_days_left};
use crate::offline::Files;
use crate::running::notafter;
use crate::world::certificate;

/// The formats for people.
const FORMATS: [&str; 3] = ["table", "markdown", "webhook"];

/// The text that a person reads, without marks of emphasis or of a block.
fn read(format: &str, printed: &str) -> String {
    let mut text = printed.to_owned();
    if format == "webhook" {
        let payload: Value = serde_json::from_str(printed).unwrap();
        text = payload["text"].as_str().unwrap().replace(":\n```\n", ": ");
    }
    text.replace(['*', '\\'], "")
}

async fn texts(scanned: &Scanned) -> Vec<(&'static str, String)> {
    let mut texts = Vec::new();
    for format in FORMATS {
        let (printed, status) = scanned.print(&["-o", format]).await;
        assert_eq!(status, 3, "{format}: {printed}");
        texts.push((format, read(format, &printed)));
    }
    texts
}

/// A cluster that denies these lists.
fn denying(paths: &[&str]) -> Cluster {
    let cluster = with_days_left(300);
    for path in paths {
        cluster.inject(Fault::Status(403, None), path, usize::MAX);
    }
    cluster
}

#[tokio::test]
async fn of_a_cluster_that_does_not_answer_nothing_is_said_but_why() {
    for (format, text) in texts(&Scanned::of(&[None]).await).await {
        assert!(text.starts_with("Nothing could be read:"), "{text}");
        assert_eq!(text.matches("no connection").count(), 1, "{format}: {text}");
        for word in ["certificate", "needs a person", "problem"] {
            let is_said = text.contains(word);
            assert!(!is_said, "{format}: {text}");
        }
    }
}

#[tokio::test]
async fn of_a_cluster_that_denies_everything_nothing_is_said_but_the_rights_that_are_missing() {
    for (format, text) in texts(&Scanned::of(&[Some(&denying(&["/"]))]).await).await {
        let sentence = "Nothing could be read: secrets: denied: missing rule: ";
        assert_eq!(text.matches(sentence).count(), 1, "{format}: {text}");
        let other = "Not read: services: denied: missing rule: ";
        assert_eq!(text.matches(other).count(), 1, "{format}: {text}");
        assert!(!text.contains("needs a person"), "{format}: {text}");
    }
}

#[tokio::test]
async fn what_could_not_be_read_comes_before_the_numbers() {
    let denied = Scanned::of(&[Some(&denying(&["/api/v1/services"]))]).await;
    let sentence =
        "Not everything could be read; 1 certificate (1 ok): none of these needs a person.";
    for (format, text) in texts(&denied).await {
        assert_eq!(text.matches(sentence).count(), 1, "{format}: {text}");
        if format != "table" {
            assert!(text.starts_with(sentence), "{format}: {text}");
        }
    }
    let without_secrets = Scanned::of(&[Some(&denying(&["/api/v1/secrets"]))]).await;
    for (format, text) in texts(&without_secrets).await {
        let sentence = "Not everything could be read; 0 certificates.";
        assert_eq!(text.matches(sentence).count(), 1, "{format}: {text}");
    }
}

#[test]
fn files_that_hold_nothing_are_named_and_a_filter_is_no_failure() {
    let files = Files::new();
    let words = files.write("words.txt", "no certificate");
    let pem = files.write("web.crt", certificate("web", 300).certificate);
    let print = |arguments: &[&str]| {
        let mut command = notafter(&["scan", "--at", NOW]);
        let output = command.args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(3));
        String::from_utf8(output.stdout).unwrap()
    };
    let [words, pem] = [words, pem].map(|path| path.to_str().unwrap().to_owned());
    let expected = format!("Nothing could be read: {words}: ");
    assert!(print(&[&words]).starts_with(&expected));
    let filtered = print(&["--manager", "olm", &words, &pem]);
    assert!(
        filtered.ends_with("Not everything could be read; 0 certificates; 1 problem.\n"),
        "{filtered}"
    );
}
