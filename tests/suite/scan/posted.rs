//! What a job needs that posts a report: JSON for a chat, and an exit status that stops nothing.

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

#[tokio::test]
async fn the_webhook_takes_the_markdown_as_it_is() {
    let scanned = Scanned::of(&[Some(&openshift(THEN))]).await;
    let (markdown, _) = scanned.print(&["-o", "markdown"]).await;
    let (json, status) = scanned.print(&["-o", "webhook"]).await;
    assert_eq!(status, 1);
    assert_eq!(json.lines().count(), 1);
    assert!(markdown.len() > 1000 && markdown.contains("delete secret"));
    assert_eq!(text(&json), markdown);
}

#[tokio::test]
async fn a_message_for_a_chat_is_cut_between_entries_and_says_so() {
    let cluster = Cluster::new();
    for number in 0..100 {
        cluster.apply(by_hand(
            &format!("web-{number}"),
            "example.com",
            number - 20,
        ));
    }
    let scanned = Scanned::of(&[Some(&cluster)]).await;
    let (markdown, _) = scanned.print(&["-o", "markdown"]).await;
    let text = text(&scanned.print(&["-o", "webhook"]).await.0);
    assert!((3_000..=4_000).contains(&text.len()), "{}", text.len());
    let (kept, rest) = text.rsplit_once("\n\n").unwrap();
    assert_eq!(rest, "There is more: `notafter scan` shows it.\n");
    let next = &markdown[kept.len()..];
    assert!(
        markdown.starts_with(kept) && next.starts_with("\n\n- **"),
        "{next}"
    );
    assert!(kept.starts_with("**100 certificates"));
}

#[test]
fn a_name_with_characters_that_json_or_a_chat_obeys_is_only_a_name() {
    let folder = tempfile::tempdir().unwrap();
    let name = "a\"b\\c <!channel> @all \u{1f512}\u{202e}\n.pem";
    let path = folder.path().join(name);
    fs::write(&path, "no certificate").unwrap();
    let print = |format| {
        let mut command = notafter(&["scan", "--output", format]);
        let output = command.arg(&path).output();
        String::from_utf8(output.unwrap().stdout).unwrap()
    };
    let markdown = print("markdown");
    let shown = "a\"b\\\\c &lt;!channel> @\u{200b}all \u{1f512}";
    assert!(markdown.contains(shown), "{markdown}");
    assert!(!markdown.contains('\u{202e}'), "{markdown}");
    assert_eq!(text(&print("webhook")), markdown);
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
