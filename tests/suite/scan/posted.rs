//! The flags of a job that posts a report: JSON for a chat, and an exit status that stops nothing.

use std::fs;

use notafter_simulator::{Cluster, Fault, openshift};
use serde_json::Value;

use super::{Scanned, by_hand, with_days_left};
use crate::running::notafter;
use crate::world::THEN;

/// The text of the JSON for a webhook.
fn text(json: &str) -> String {
    let payload: Value = serde_json::from_str(json).unwrap();
    let fields = payload.as_object().unwrap();
    assert_eq!(fields.len(), 1, "{json}");
    fields["text"].as_str().unwrap().to_owned()
}

/// The blocks of a text that are shown as they are, and the lines between them.
fn parts(text: &str) -> (Vec<Vec<&str>>, Vec<&str>) {
    let (mut blocks, mut between, mut open) = (Vec::new(), Vec::new(), false);
    for line in text.lines() {
        match (line, open) {
            ("```", true) => open = false,
            ("```", false) => {
                open = true;
                blocks.push(Vec::new());
            }
            (line, true) => blocks.last_mut().unwrap().push(line),
            (line, false) => between.push(line),
        }
    }
    assert!(!open, "a block has no end: {text}");
    (blocks, between)
}

#[tokio::test]
async fn the_message_is_a_sentence_and_a_block_for_each_certificate() {
    let cluster = openshift(THEN);
    cluster.apply(by_hand("web", "web.example.com", -1));
    let scanned = Scanned::of(&[Some(&cluster)]).await;
    let (json, status) = scanned.print(&["-o", "webhook"]).await;
    assert_eq!((json.lines().count(), status), (1, 1));
    let text = text(&json);
    let (blocks, between) = parts(&text);
    let [sentence, "Next:"] = between[..] else {
        panic!("{text}");
    };
    assert!(
        sentence.ends_with(": 3 need a person; 1 problem."),
        "{text}"
    );
    let [web, packageserver, _, next, problems] = &blocks[..] else {
        panic!("{text}");
    };
    let expected = [
        "shop/web: expired",
        "Expired 2024-02-22 10:07 UTC.",
        "Look at:",
        "oc -n shop describe secret web",
    ];
    assert_eq!(web[..], expected);
    assert!(
        packageserver
            .iter()
            .any(|line| line.starts_with("Affected: APIService/v1.packages."))
    );
    let command =
        "oc -n openshift-operator-lifecycle-manager delete secret packageserver-service-cert";
    assert_eq!(packageserver[packageserver.len() - 2..], ["Fix:", command]);
    assert_eq!(next.len(), 10);
    assert!(problems[0].starts_with("Problem: "), "{text}");
}

#[tokio::test]
async fn no_mark_of_a_single_chat_is_in_the_message() {
    let scanned = Scanned::of(&[Some(&openshift(THEN))]).await;
    let text = text(&scanned.print(&["--all", "-o", "webhook"]).await.0);
    let (_, between) = parts(&text);
    for mark in ['*', '_', '~', '|', '\\', '#', '<', '>', '&', '['] {
        assert!(!between.concat().contains(mark), "{mark}: {text}");
    }
    for mark in ["**", "| ", "\\", "&lt;", "&amp;", "---"] {
        assert!(!text.contains(mark), "{mark}: {text}");
    }
}

#[tokio::test]
async fn a_message_for_a_chat_is_cut_between_blocks_and_says_so() {
    let cluster = Cluster::new();
    for number in 0..100 {
        let certificate = by_hand(&format!("web-{number}"), "example.com", number - 20);
        cluster.apply(certificate);
    }
    let scanned = Scanned::of(&[Some(&cluster)]).await;
    let text = text(&scanned.print(&["-o", "webhook"]).await.0);
    assert!((3_000..=4_000).contains(&text.len()), "{}", text.len());
    let (blocks, between) = parts(&text);
    let rest = "There is more: `notafter scan` shows it.";
    assert!(between[0].starts_with("100 certificates"), "{text}");
    assert_eq!(between[1..], [rest], "{text}");
    for block in blocks {
        let [name, _, "Look at:", command] = block[..] else {
            panic!("{text}");
        };
        let secret = name.split([':', '/']).nth(1).unwrap();
        assert!(command.ends_with(&format!("describe secret {secret}")));
    }
}

#[tokio::test]
async fn a_list_that_is_too_long_for_a_chat_is_cut_between_its_lines() {
    let cluster = Cluster::new();
    for number in 100..300 {
        cluster.apply(by_hand(&format!("web-{number}"), "example.com", number));
    }
    let scanned = Scanned::of(&[Some(&cluster)]).await;
    let text = text(&scanned.print(&["--all", "-o", "webhook"]).await.0);
    assert!((3_900..=4_000).contains(&text.len()), "{}", text.len());
    let (blocks, between) = parts(&text);
    assert_eq!(between.len(), 3, "{text}");
    let [next] = &blocks[..] else {
        panic!("{text}");
    };
    for (line, number) in next.iter().zip(100..) {
        assert!(
            line.ends_with(&format!("  ok  shop/web-{number}")),
            "{line}"
        );
    }
}

#[test]
fn a_name_with_characters_that_json_or_markdown_obeys_is_only_a_name() {
    let markdown = print(
        "markdown",
        "a\"b\\c <!channel> @all \u{1f512}\u{202e}\n.pem",
    );
    let shown = "a\"b\\\\c &lt;!channel> @\u{200b}all \u{1f512}";
    assert!(markdown.contains(shown), "{markdown}");
    assert!(!markdown.contains('\u{202e}'), "{markdown}");
}

#[test]
fn a_name_in_a_message_mentions_nobody_and_ends_no_block() {
    let name = "a\"b <!channel> <@U1> @all ```\n```` \u{202e}.pem";
    let text = text(&print("webhook", name));
    let (blocks, between) = parts(&text);
    assert_eq!((blocks.len(), between.len()), (1, 1), "{text}");
    let shown = blocks.concat().concat();
    assert!(shown.contains("a\"b <\u{200b}!channel> "), "{text}");
    for mark in ["<!", "<@", "@all", "``", "\u{202e}"] {
        assert!(!shown.contains(mark), "{mark}: {text}");
    }
}

/// The output about a file of that name, in which nothing can be read.
fn print(format: &str, name: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, "no certificate").unwrap();
    let mut command = notafter(&["scan", "--output", format]);
    let output = command.arg(&path).output();
    String::from_utf8(output.unwrap().stdout).unwrap()
}

#[tokio::test]
async fn exit_zero_hides_what_was_found_and_nothing_else() {
    let broken = with_days_left(300);
    broken.inject(Fault::Status(403, None), "/api/v1/services", usize::MAX);
    for (cluster, status) in [(with_days_left(20), 1), (broken, 3)] {
        let scanned = Scanned::of(&[Some(&cluster)]).await;
        let (printed, found) = scanned.print(&[]).await;
        assert_eq!(found, status);
        assert_eq!(scanned.print(&["--exit-zero"]).await, (printed, 0));
    }
    let wrong = notafter(&["scan", "--exit-zero", "--within", "60"]).output();
    assert_eq!(wrong.unwrap().status.code(), Some(2));
}
