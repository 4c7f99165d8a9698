//! Names, subjects and reasons that try to be markup, and stay text.

use std::collections::BTreeSet;

use notafter_simulator::Cluster;

use super::markup::tags;
use super::{about, expiring, overview, polled};
use crate::managed::{annotated, cluster};
use crate::world::{operator, secret, tls};

/// Texts that would be markup, an attribute, a direction or a control if they were not text.
const TEXTS: [&str; 5] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "</style></title><svg onload=alert(1)>&lt;b&gt;",
    "\u{202e}gnp.exe\u{2066}\u{200f}\u{61c}\u{7}\u{1b}[31m",
];

/// The attributes that the pages use.
const ATTRIBUTES: &str = "action aria-describedby aria-hidden aria-label aria-labelledby autocomplete charset \
    class content d dx fill for height href id lang list media method name open patternTransform patternUnits \
    rel role scope selected size spellcheck tabindex type value viewBox width x x1 x2 y y1 y2";

/// A cluster in which everything that somebody can write is hostile.
fn hostile() -> Cluster {
    let cluster = cluster();
    for (index, text) in TEXTS.into_iter().enumerate() {
        let pair = expiring(text, 5);
        let namespace = format!("evil-{index}");
        let named = tls(&namespace, text, &pair);
        let declared = annotated(with_annotations(named), "notafter.io/owner", text);
        cluster.apply(declared);
        let silent = tls("silent", &format!("web-{index}"), &pair);
        cluster.apply(annotated(
            with_annotations(silent),
            "notafter.io/ignore",
            text,
        ));
        let key = format!("{text}.crt");
        let broken = b"-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n";
        let data: [(&str, &[u8]); 2] = [("tls.crt", pair.certificate.as_bytes()), (&key, broken)];
        cluster.apply(secret("broken", &format!("web-{index}"), &data));
        let mut csv = operator("operators", text, "Failed");
        csv["spec"]["version"] = text.into();
        csv["status"]["reason"] = text.into();
        cluster.apply(csv);
    }
    cluster
}

fn with_annotations(mut object: serde_json::Value) -> serde_json::Value {
    object["metadata"]["annotations"] = serde_json::json!({});
    object
}

/// Asserts that a page has only the tags and attributes of its templates, and no control.
fn assert_is_harmless(page: &str) {
    let allowed: BTreeSet<&str> = ATTRIBUTES.split_whitespace().collect();
    for tag in tags(page) {
        assert_ne!(tag.name, "img", "{tag:?}");
        for (attribute, value) in &tag.attributes {
            assert!(allowed.contains(&**attribute), "{tag:?}");
            assert!(!value.contains("javascript:"), "{tag:?}");
        }
    }
    assert_eq!(page.matches("<script").count(), 1);
    assert_eq!(page.matches("<style").count(), 1);
    let is_hidden = |char: char| {
        char.is_control() && char != '\n'
            || matches!(char, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    assert!(
        !page.contains(is_hidden),
        "{:?}",
        page.matches(is_hidden).collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn hostile_texts_stay_text_on_every_page() {
    let world = polled(hostile()).await;
    let page = overview(&world, "");
    assert_is_harmless(&page);
    for text in [
        "evil-0/&#60;script&#62;alert(1)&#60;/script&#62;",
        "href=\"secrets/evil-1/%22%3E%3Cimg%20src%3Dx%20onerror%3Dalert%281%29%3E\"",
        "&#38;lt;b&#38;gt;",
        "gnp.exe",
    ] {
        assert!(page.contains(text), "{text}\n{page}");
    }
    for (index, text) in TEXTS.into_iter().enumerate() {
        let namespace = format!("evil-{index}");
        assert_is_harmless(&about(&world, (&namespace, text)));
        assert_is_harmless(&about(&world, ("silent", &format!("web-{index}"))));
        assert_is_harmless(&about(&world, ("broken", &format!("web-{index}"))));
        let searched: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
        assert_is_harmless(&overview(
            &world,
            &format!("q={searched}&within={searched}"),
        ));
    }
}

#[tokio::test]
async fn a_name_that_a_browser_would_take_for_a_folder_has_no_link() {
    let cluster = Cluster::new();
    let pair = expiring("web", 5);
    for name in [".", ".."] {
        cluster.apply(tls("shop", name, &pair));
    }
    let page = overview(&polled(cluster).await, "");
    assert!(page.contains("<h3><bdi>shop/..</bdi></h3>"), "{page}");
    assert!(!page.contains("href=\"secrets/"), "{page}");
}
