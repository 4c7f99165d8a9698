//! The links of the pages: each leads somewhere, also behind a proxy that serves them below a path.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{SystemTime, UNIX_EPOCH};

use notafter_simulator::openshift;

use super::markup::tags;
use crate::served::Served;

/// The path that a proxy serves the pages below.
const PREFIX: &str = "/a/proxy/";

/// A path that is linked from another one, as a browser resolves it (RFC 3986, section 5.2).
fn resolved(from: &str, link: &str) -> String {
    let (path, query) = link.split_at(link.find('?').unwrap_or(link.len()));
    if path.is_empty() {
        return format!("{}{query}", from.split('?').next().unwrap());
    }
    let folder = from.split('?').next().unwrap().rsplit_once('/').unwrap().0;
    let mut parts: Vec<&str> = folder.split('/').collect();
    for part in path.split('/') {
        match part {
            ".." => {
                parts.pop();
            }
            "." => {}
            part => parts.push(part),
        }
    }
    let slash = if path.ends_with("./") || path.ends_with("..") {
        "/"
    } else {
        ""
    };
    format!("{}{slash}{query}", parts.join("/")).replace("//", "/")
}

/// The links and forms of a page, without anchors.
fn links(page: &str) -> BTreeSet<String> {
    let mut links = BTreeSet::new();
    for tag in tags(page) {
        for (attribute, value) in tag.attributes {
            if ["href", "action"].contains(&&*attribute) && !value.starts_with(['#', 'd']) {
                let value = value.replace("&#38;", "&").replace("&amp;", "&");
                links.insert(value.split('#').next().unwrap().to_owned());
            }
        }
    }
    links
}

#[tokio::test]
async fn every_link_leads_somewhere_below_the_path_that_a_proxy_serves() {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let now = i64::try_from(now.as_secs()).unwrap();
    let served = Served::of(openshift(now)).await;
    served.until("/ready", 200).await;
    served
        .until_response("/", |_, page| page.contains("packageserver-service-cert"))
        .await;
    let mut seen = BTreeMap::new();
    let mut open = vec![PREFIX.to_owned()];
    while let Some(path) = open.pop() {
        let below = path
            .strip_prefix(PREFIX)
            .unwrap_or_else(|| panic!("{path}: {seen:?}"));
        let browser = "accept: text/html\r\n";
        let answer = served.request("GET", &format!("/{below}"), browser).await;
        assert_eq!(answer.status, 200, "{path}");
        let is_page = answer.head.contains("content-type: text/html");
        // One page of many of a kind has the links of all of them.
        let of_kind = below.split(['/', '?']).next().unwrap().to_owned();
        let followed: usize = seen.values().filter(|kind| **kind == of_kind).count();
        seen.insert(path.clone(), of_kind);
        if !is_page || followed > 12 {
            continue;
        }
        for link in links(&String::from_utf8(answer.body).unwrap()) {
            if link.starts_with("https://") {
                continue; // a file of the repository: see the runbooks
            }
            assert!(
                !link.starts_with('/'),
                "{path}: {link} leaves the proxy's path"
            );
            let target = resolved(&path, &link);
            if !seen.contains_key(&target) && !open.contains(&target) {
                open.push(target);
            }
        }
    }
    let paths: Vec<&str> = seen.keys().map(|path| &path[PREFIX.len()..]).collect();
    for path in [
        "",
        "metrics",
        "api/v1/report",
        "api/v1/certificates",
        "runbooks/NotafterDown",
        "ready",
        "live",
        "?manager=olm",
    ] {
        assert!(paths.contains(&path), "{path}: {paths:?}");
    }
    let secrets = paths.iter().filter(|path| path.starts_with("secrets/"));
    assert!(secrets.count() > 20);
    served.stop().await;
}
