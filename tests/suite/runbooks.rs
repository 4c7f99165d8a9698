//! The runbooks that notafter serves, for browsers and for terminals.

mod links;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use notafter::runbooks;
use notafter_simulator::Cluster;

use crate::served::{Answer, Served};
use crate::world::World;

const BROWSER: &str = "accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n";
const CURL: &str = "accept: */*\r\n";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/runbooks")
}

fn written(alert: &str) -> String {
    std::fs::read_to_string(folder().join(format!("{alert}.md"))).unwrap()
}

/// The names of the files, without their extension.
fn alerts() -> BTreeSet<String> {
    let files = std::fs::read_dir(folder()).unwrap();
    let paths = files.map(|file| file.unwrap().path());
    paths
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect()
}

async fn served() -> Served {
    Served::of(Cluster::new()).await
}

fn text(answer: &Answer) -> &str {
    str::from_utf8(&answer.body).unwrap()
}

/// The page of a runbook, without the part before its heading.
async fn page(served: &Served, alert: &str) -> String {
    let path = format!("/runbooks/{alert}");
    let answer = served.request("GET", &path, BROWSER).await;
    assert_eq!(answer.status, 200, "{alert}");
    let (_, page) = text(&answer).split_once("<h1").unwrap();
    format!("<h1{page}")
}

/// The texts between each occurrence of `open` and the next of `close`.
fn between<'a>(text: &'a str, open: &'a str, close: &'a str) -> Vec<&'a str> {
    let parts = text.split(open).skip(1);
    parts
        .map(|part| part.split_once(close).unwrap().0)
        .collect()
}

#[test]
fn every_runbook_of_the_repository_is_embedded() {
    let embedded = runbooks::ALL.iter().map(|runbook| runbook.alert.to_owned());
    assert_eq!(
        embedded.collect::<BTreeSet<_>>(),
        alerts(),
        "src/runbooks.rs: ALL needs the name of every file in docs/runbooks"
    );
}

#[tokio::test]
async fn every_runbook_is_a_page_for_browsers_and_markdown_for_others() {
    let served = served().await;
    for alert in alerts() {
        let path = format!("/runbooks/{alert}");
        for (accept, content_type, start) in [
            (BROWSER, "text/html", "<!doctype html>".to_owned()),
            (CURL, "text/markdown", format!("# {alert}\n")),
        ] {
            let answer = served.request("GET", &path, accept).await;
            assert_eq!(answer.status, 200, "{alert}");
            let line = format!("content-type: {content_type}; charset=utf-8\r\n");
            assert!(answer.head.contains(&line), "{alert}: {}", answer.head);
            assert!(answer.head.contains("vary: accept\r\n"), "{}", answer.head);
            assert!(text(&answer).starts_with(&start), "{}", text(&answer));
            let head = served.request("HEAD", &path, accept).await;
            assert_eq!((head.status, head.body.len()), (200, 0));
            let length = format!("content-length: {}\r\n", answer.body.len());
            assert!(head.head.contains(&length), "{alert}: {}", head.head);
        }
    }
    served.stop().await;
}

#[tokio::test]
async fn only_a_client_that_names_html_gets_it() {
    let served = served().await;
    for (headers, is_html) in [
        ("", false),
        (CURL, false),
        ("accept: text/markdown\r\n", false),
        ("accept: text/html;q=0, */*\r\n", false),
        ("accept: Text/HTML ; q=0.1\r\n", true),
        ("accept: application/json\r\naccept: text/html\r\n", true),
    ] {
        for path in ["/runbooks/", "/runbooks/NotafterDown"] {
            let answer = served.request("GET", path, headers).await;
            let starts = text(&answer).starts_with("<!doctype html>");
            assert_eq!((answer.status, starts), (200, is_html), "{headers}");
        }
    }
    served.stop().await;
}

#[tokio::test]
async fn every_command_is_served_as_it_is_written() {
    let served = served().await;
    for alert in alerts() {
        let written = written(&alert);
        let mut fenced = false;
        let code = written.lines().map(str::trim_start).filter(|line| {
            let is_fence = line.starts_with("```");
            fenced ^= is_fence;
            fenced && !is_fence
        });
        let code: Vec<&str> = code.collect();
        assert!(!code.is_empty(), "{alert}");

        let page = page(&served, &alert).await;
        let blocks = between(&page, "<pre><code", "</code></pre>");
        let shown = blocks.iter().map(|block| {
            let (_, code) = block.split_once('>').unwrap();
            code.replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&quot;", "\"")
                .replace("&amp;", "&")
        });
        let shown: String = shown.collect();
        let shown: Vec<&str> = shown.lines().map(str::trim_start).collect();
        assert_eq!(shown, code, "{alert}");

        let path = format!("/runbooks/{alert}");
        let markdown = served.request("GET", &path, CURL).await;
        for line in code {
            assert!(text(&markdown).contains(line), "{alert}: {line}");
        }
    }
    served.stop().await;
}

#[tokio::test]
async fn the_index_lists_every_alert_with_the_first_sentence_of_its_runbook() {
    let served = served().await;
    let markdown = served.request("GET", "/runbooks/", CURL).await;
    let page = served.request("GET", "/runbooks/", BROWSER).await;
    for alert in alerts() {
        let name = format!("- [{alert}]({alert}): ");
        let sentences = between(text(&markdown), &name, "\n");
        let [sentence] = sentences[..] else {
            panic!("{alert} has one line: {sentences:?}")
        };
        assert!(sentence.ends_with('.'), "{sentence}");
        let joined = written(&alert).replace('\n', " ");
        assert!(joined.contains(&format!("## Meaning  {sentence}")));
        let link = format!("<li><a href=\"{alert}\">{alert}</a>: ");
        assert!(text(&page).contains(&link), "{}", text(&page));
    }
    assert_eq!(text(&markdown).lines().count(), 2 + alerts().len());
    let redirect = served.request("GET", "/runbooks", "").await;
    assert_eq!(redirect.status, 308);
    assert!(redirect.head.contains("location: runbooks/\r\n"));
    served.stop().await;
}

#[tokio::test]
async fn an_unknown_runbook_is_not_found_and_its_name_is_not_repeated() {
    let served = served().await;
    for name in [
        "Nothing",
        "certificateexpired",
        "CertificateExpired.md",
        "CertificateExpired/",
        "a/b",
        "..%2f..%2fREADME",
        "%3Cscript%3Ealert(1)%3C/script%3E",
        "%ff%00",
    ] {
        for accept in [BROWSER, CURL] {
            let path = format!("/runbooks/{name}");
            let answer = served.request("GET", &path, accept).await;
            assert_eq!(answer.status, 404, "{name}");
            let kind = "content-type: text/plain; charset=utf-8\r\n";
            assert!(answer.head.contains(kind), "{}", answer.head);
            assert_eq!(
                text(&answer),
                "no alert has a runbook of this name; GET /runbooks/ lists all of them\n"
            );
        }
    }
    let answer = served
        .request("POST", "/runbooks/NotafterDown", "content-length: 0\r\n")
        .await;
    assert_eq!(answer.status, 405);
    served.stop().await;
}

#[tokio::test]
async fn the_status_page_links_to_the_runbooks_and_for_a_denied_list_to_the_one_about_it() {
    let cluster = Cluster::new();
    let served = Served::run(World::listed(cluster.clone())).await;
    served.until("/ready", 200).await;
    let link = "<a href=\"runbooks/NotafterBlind\">";
    let (_, page) = served.get("/").await;
    assert!(page.contains("<a href=\"runbooks/\">"), "{page}");
    assert!(!page.contains(link), "{page}");
    cluster.refuse("secrets", "");
    served
        .until_response("/", |_, page| page.contains(link))
        .await;
    assert_eq!(served.get("/runbooks/NotafterBlind").await.0, 200);
    served.stop().await;
}
