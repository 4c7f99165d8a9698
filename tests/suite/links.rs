//! Checks that every link of the documentation leads somewhere, without asking the Internet.
//!
//! Own code, because lychee brings an HTTP client and an asynchronous runtime to look at local files, and
//! mdbook-linkcheck does not know that GitHub shows the same files at its own URLs.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use notafter::runbooks;
use pulldown_cmark::{Event, Options, Parser, Tag};

use crate::documents::document;

const REPOSITORY: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/");
/// Where the pages of docs/ are published, below a version.
const SITE: &str = env!("CARGO_PKG_HOMEPAGE");
/// What GitHub shows of the repository beside files.
const PAGES: [&str; 3] = ["issues", "releases", "security/advisories/new"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The paths of all files in a folder, from the root of the repository, without what is built.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(root().join(folder)).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name();
        let path = folder.join(&name);
        if entry.file_type().unwrap().is_dir() {
            if name != "target" && name != ".git" {
                found.extend(files(&path));
            }
        } else {
            found.push(path);
        }
    }
    found
}

/// The documents, by their paths from the root of the repository.
fn documents() -> BTreeMap<String, String> {
    let files = files(Path::new(""));
    let markdown = files
        .iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"));
    markdown
        .map(|path| path.to_str().unwrap().to_owned())
        .map(|path| (path.clone(), document(&path)))
        .collect()
}

/// The targets of the links and images of a document.
fn links(path: &str, markdown: &str) -> Vec<String> {
    let events = Parser::new_ext(markdown, Options::ENABLE_TABLES);
    let links = events.filter_map(|event| match event {
        Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
            Some(dest_url.to_string())
        }
        Event::Html(html) | Event::InlineHtml(html) => {
            let links = ["href=", "src="].iter().any(|link| html.contains(link));
            assert!(!links, "{path}: write {html} as Markdown");
            None
        }
        _ => None,
    });
    links.collect()
}

/// A path without `.` and `..`, if it does not leave the repository.
fn normal(path: &Path) -> Option<PathBuf> {
    let mut normal = PathBuf::new();
    for component in path.components() {
        match component {
            Component::Normal(name) => normal.push(name),
            Component::CurDir => {}
            _ => normal.pop().then_some(())?,
        }
    }
    Some(normal)
}

/// The file of the repository that a link leads to, or nothing if it leads to the site of others.
fn target(document: &str, link: &str) -> Option<PathBuf> {
    if let Some(page) = link.strip_prefix(SITE) {
        let page = page.trim_start_matches('/');
        // Below the version.
        let page = match page.split_once('/') {
            None | Some((_, "" | "index.html")) => "README.md".to_owned(),
            Some((_, page)) => page.replace(".html", ".md"),
        };
        return Some(Path::new("docs").join(page));
    }
    if let Some(path) = link.strip_prefix(REPOSITORY) {
        if PAGES.iter().any(|page| path.starts_with(page)) {
            return None;
        }
        let views = ["blob/main/", "edit/main/", "tree/main/"];
        let path = views
            .iter()
            .find_map(|view| path.strip_prefix(view))
            .unwrap_or(path);
        // A signature names the workflow that made it, and the tag.
        return Some(path.split('@').next().unwrap_or(path).into());
    }
    if link.contains("://") {
        return None;
    }
    if link.is_empty() {
        return Some(document.into());
    }
    let folder = Path::new(document).parent().unwrap();
    normal(&folder.join(link)).or_else(|| Some(link.into()))
}

/// Returns why a link leads nowhere.
fn dead(document: &str, link: &str) -> Option<&'static str> {
    let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
    let file = root().join(target(document, path)?);
    if !file.exists() {
        return Some("there is no such file");
    }
    if anchor.is_empty() || file.extension().is_none_or(|extension| extension != "md") {
        return None;
    }
    let html = runbooks::render("", &std::fs::read_to_string(file).unwrap());
    let is_there = html.contains(&format!(" id=\"{anchor}\""));
    (!is_there).then_some("there is no such heading")
}

#[test]
fn every_link_of_every_document_leads_to_a_file_and_a_heading() {
    let mut count = 0;
    for (path, markdown) in documents() {
        for link in links(&path, &markdown) {
            count += 1;
            if let Some(reason) = dead(&path, &link) {
                panic!("{path}: {link}: {reason}");
            }
        }
    }
    assert!(count > 200, "{count}");
    for (link, reason) in [
        ("nothing.md", Some("there is no such file")),
        ("../../README.md", Some("there is no such file")),
        ("alerts.md#nothing", Some("there is no such heading")),
        ("#nothing", Some("there is no such heading")),
        ("alerts.md#chains", None),
        ("../README.md#install", None),
        ("https://example.com/nothing", None),
    ] {
        assert_eq!(dead("docs/alerts.md", link), reason, "{link}");
    }
}

#[test]
fn every_url_of_this_repository_and_its_site_in_any_file_leads_to_a_file_and_a_heading() {
    let mut count = 0;
    for path in files(Path::new("")) {
        // Pictures are no text.
        let Ok(text) = std::fs::read_to_string(root().join(&path)) else {
            continue;
        };
        let starts = [REPOSITORY, SITE]
            .into_iter()
            .flat_map(|site| text.match_indices(site));
        for url in starts.map(|(start, _)| &text[start..]) {
            let end = url.find(|char: char| char.is_whitespace() || "\"'`)<>".contains(char));
            let url = url[..end.unwrap_or(url.len())].trim_end_matches(['.', ',', ':']);
            // Placeholders: of a panel in a dashboard, of mdBook, of a document.
            let url = url.replace("${__value.raw}", "NotafterDown");
            let url = url.replace("{path}", "docs/README.md");
            let url = url.replace("ALERT", "NotafterDown");
            count += 1;
            if let Some(reason) = dead("", &url) {
                panic!("{}: {url}: {reason}", path.display());
            }
        }
    }
    assert!(count > 50, "{count}");
}

#[test]
fn the_site_has_every_page_of_the_documents_once() {
    let summary = document("docs/SUMMARY.md");
    let named = links("docs/SUMMARY.md", &summary);
    for path in documents().keys() {
        let Some(page) = path
            .strip_prefix("docs/")
            .filter(|page| *page != "SUMMARY.md")
        else {
            continue;
        };
        let times = named.iter().filter(|link| *link == page).count();
        assert_eq!(
            times, 1,
            "docs/SUMMARY.md names {page} {times} times: the menu of the site needs one line for it"
        );
    }
}
