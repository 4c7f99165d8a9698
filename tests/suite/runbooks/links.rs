//! The links of the runbooks: to each other where they are served, and to the repository.

use std::collections::BTreeSet;
use std::path::Path;

use notafter::runbooks;

use super::{CURL, alerts, between, page, served, text, written};
use crate::served::Served;

/// The folder that `runbook_url` of the alerts names, up to the path in the repository.
fn repository() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let rules = std::fs::read_to_string(root.join("alerts/notafter.yaml")).unwrap();
    let urls = between(&rules, "runbook_url: ", "docs/runbooks/");
    let urls: BTreeSet<&str> = urls.into_iter().collect();
    let [url] = urls.into_iter().collect::<Vec<_>>()[..] else {
        panic!("all alerts have their runbooks in the same folder")
    };
    url.to_owned()
}

/// Asserts that a link leads to a runbook that is served, or to a file of the repository, and to a
/// heading that exists.
async fn assert_leads_somewhere(served: &Served, alert: &str, link: &str) {
    let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
    let target = match path.strip_prefix(&repository()) {
        Some(file) => {
            let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
            assert!(file.is_file(), "{alert}: {link}");
            runbooks::render("", &std::fs::read_to_string(file).unwrap())
        }
        None if path.is_empty() => page(served, alert).await,
        None => {
            assert!(alerts().contains(path), "{alert}: {link} is dead");
            page(served, path).await
        }
    };
    let id = format!(" id=\"{anchor}\"");
    assert!(anchor.is_empty() || target.contains(&id), "{alert}: {link}");
}

#[tokio::test]
async fn every_link_of_every_runbook_leads_somewhere() {
    let served = served().await;
    let (mut local, mut elsewhere) = (0, 0);
    for alert in alerts() {
        let path = format!("/runbooks/{alert}");
        let markdown = served.request("GET", &path, CURL).await;
        let page = page(&served, &alert).await;
        let links = between(&page, " href=\"", "\"");
        assert_eq!(between(text(&markdown), "](", ")"), links, "{alert}");
        assert_eq!(
            between(&written(&alert), "](", ")").len(),
            links.len(),
            "{alert}"
        );
        for link in links {
            assert_leads_somewhere(&served, &alert, link).await;
            *if link.starts_with("https://") {
                &mut elsewhere
            } else {
                &mut local
            } += 1;
        }
    }
    assert!(local > 20 && elsewhere > 5, "{local}, {elsewhere}");
    served.stop().await;
}
