//! The frame of every page: head, style, script and navigation, and the policy that lets a browser
//! use these and nothing else.

use std::sync::LazyLock;

use askama::Template;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::output::text::harmless;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// The policy, which names style and script by their hashes (CSP Level 3, section 8.4).
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = |text: &str| STANDARD.encode(Sha256::digest(text));
    let (style, script) = (hash(STYLE), hash(SCRIPT));
    format!(
        "default-src 'none'; style-src 'sha256-{style}'; script-src 'sha256-{script}'; img-src data:; \
         form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
});

/// A page, and its place below the root.
pub struct Frame<'a> {
    /// The title, without the name of the program.
    pub title: &'a str,
    /// The relative URL of the overview: `./`, `../` or `../../`.
    pub root: &'static str,
    /// The text that the search is filled with.
    pub searched: &'a str,
    /// True if something needs a person, which the icon of the page shows.
    pub is_alarming: bool,
    /// The contents, in HTML.
    pub body: &'a str,
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r##"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{{ frame.title }} – notafter</title>
<link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E{% if frame.is_alarming %}%3Cpath d='M8 1l7 14H1z' fill='%23c62828'/%3E{% else %}%3Ccircle cx='8' cy='8' r='7' fill='%232e7d32'/%3E{% endif %}%3C/svg%3E">
<style>{{ STYLE|safe }}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header>
<p class="brand"><a href="{{ frame.root }}">notafter</a> <small>{{ crate::VERSION }}</small></p>
<nav aria-label="Pages"><a href="{{ frame.root }}">Overview</a> <a href="{{ frame.root }}runbooks/">Runbooks</a> <a href="{{ frame.root }}metrics">Metrics</a> <a href="{{ frame.root }}api/v1/report">JSON</a></nav>
<form role="search" aria-label="Certificates" action="{{ frame.root }}" method="get">
<label class="hidden" for="search">Search names, subjects and fingerprints</label>
<input type="search" id="search" name="q" value="{{ frame.searched }}" autocomplete="off" spellcheck="false">
<button>Search</button>
</form>
</header>
<main id="main" tabindex="-1">
{{ frame.body|safe }}
</main>
<script>{{ SCRIPT|safe }}</script>
</body>
</html>
"##
)]
struct Document<'a> {
    frame: &'a Frame<'a>,
}

/// The value of `Content-Security-Policy` for every page.
pub fn security_policy() -> &'static str {
    &POLICY
}

/// Returns the page in its frame. Characters of the cluster's texts that change the direction of the
/// text around them are replaced, like those that HTML does not allow.
pub fn framed(frame: &Frame<'_>) -> String {
    let page = rendered(&Document { frame });
    let lines: Vec<_> = page.split('\n').map(harmless).collect();
    lines.join("\n")
}

/// Renders a template.
pub(super) fn rendered(template: &impl Template) -> String {
    template.render().expect("a String accepts every text")
}
