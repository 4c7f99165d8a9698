//! The runbooks of the alerts, as Markdown and as HTML, for sites that cannot reach the repository.
//!
//! They are part of the program, so they are of its version. Their HTML is rendered when it is
//! requested, which takes less than a millisecond and keeps nothing in memory.

use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd, html};

use crate::page::{Frame, framed};

/// The files of the repository, as in `runbook_url` of `alerts/notafter.yaml`.
const REPOSITORY: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/");

/// The folder of the runbooks in the repository.
const FOLDER: [&str; 2] = ["docs", "runbooks"];

/// The instructions for an alert that fires.
#[derive(Debug)]
pub struct Runbook {
    /// The name of the alert, of the file, and in the URL.
    pub alert: &'static str,
    /// The file as it is in the repository.
    source: &'static str,
}

macro_rules! runbooks {
    ($($alert:literal),* $(,)?) => {
        &[$(Runbook {
            alert: $alert,
            source: include_str!(concat!("../docs/runbooks/", $alert, ".md")),
        }),*]
    };
}

/// Every file of `docs/runbooks`, which a test compares with that folder.
pub const ALL: &[Runbook] = runbooks![
    "CertificateExpired",
    "CertificateExpiresInFleet",
    "CertificateExpiresSoon",
    "CertificateExpiryImminent",
    "CertificateInManyPlaces",
    "CertificateManagerLate",
    "CertificateNotYetValid",
    "CertificateRenewalFailsInFleet",
    "CertificateRenewalOverdue",
    "CertificateRotationBlocked",
    "CertificateUnreadable",
    "NotafterBlind",
    "NotafterClusterSilent",
    "NotafterDown",
    "NotafterFleetSilent",
    "OperatorCertificateFailure",
    "OperatorNotSettled",
];

/// Returns the runbook of an alert.
pub fn find(alert: &str) -> Option<&'static Runbook> {
    ALL.iter().find(|runbook| runbook.alert == alert)
}

/// Returns the list of all runbooks in Markdown.
pub fn index() -> String {
    let lines = ALL.iter().map(|runbook| {
        let Runbook { alert, .. } = runbook;
        format!("- [{alert}]({alert}): {}\n", runbook.summary())
    });
    format!("# Runbooks\n\n{}", lines.collect::<String>())
}

/// Returns the page with this title for a text in Markdown.
pub fn render(title: &str, markdown: &str) -> String {
    let mut body = String::new();
    html::push_html(&mut body, with_anchors(markdown).into_iter());
    framed(&Frame {
        title,
        root: "../",
        searched: "",
        is_alarming: false,
        body: &body,
    })
}

// === impl Runbook ===

impl Runbook {
    /// Returns the runbook in Markdown, with links that lead somewhere from where it is served.
    pub fn markdown(&self) -> String {
        let mut text = String::new();
        let mut rest = self.source;
        while let Some((before, (target, after))) = rest
            .split_once("](")
            .and_then(|(before, link)| Some((before, link.split_once(')')?)))
        {
            text.extend([before, "](", &served(target), ")"]);
            rest = after;
        }
        text + rest
    }

    /// The first sentence below the headings.
    fn summary(&self) -> String {
        let lines = self.source.lines();
        let lines = lines.skip_while(|line| line.is_empty() || line.starts_with('#'));
        let paragraph: Vec<&str> = lines.take_while(|line| !line.is_empty()).collect();
        let paragraph = paragraph.join(" ");
        match paragraph.split_once(". ") {
            Some((sentence, _)) => format!("{sentence}."),
            None => paragraph,
        }
    }
}

/// The target of a link of a runbook, from where it is served: other runbooks are beside it, and
/// everything else is in the repository.
fn served(target: &str) -> String {
    if target.starts_with('#') || target.contains("://") {
        return target.to_owned();
    }
    let (path, anchor) = target
        .find('#')
        .map_or((target, ""), |anchor| target.split_at(anchor));
    if let Some(runbook) = path.strip_suffix(".md").and_then(find) {
        return format!("{}{anchor}", runbook.alert);
    }
    let mut resolved = FOLDER.to_vec();
    for part in path.split('/') {
        if part == ".." {
            resolved.pop();
        } else {
            resolved.push(part);
        }
    }
    format!("{REPOSITORY}{}{anchor}", resolved.join("/"))
}

/// The parts of a text in Markdown, whose headings have the anchors that GitHub gives them.
fn with_anchors(markdown: &str) -> Vec<Event<'_>> {
    let mut events: Vec<Event> = Parser::new_ext(markdown, Options::ENABLE_TABLES).collect();
    let mut rest = events.as_mut_slice();
    while let Some((event, after)) = rest.split_first_mut() {
        if let Event::Start(Tag::Heading { id, .. }) = event {
            *id = Some(anchor(after));
        }
        rest = after;
    }
    events
}

/// The anchor of a heading: its words in lower case, joined by hyphens.
fn anchor<'a>(heading: &[Event]) -> CowStr<'a> {
    let texts = heading
        .iter()
        .take_while(|event| !matches!(event, Event::End(TagEnd::Heading(_))))
        .filter_map(|event| match event {
            Event::Text(text) | Event::Code(text) => Some(&**text),
            _ => None,
        });
    let anchor = texts.flat_map(str::chars).filter_map(|char| match char {
        ' ' => Some('-'),
        '-' | '_' => Some(char),
        _ => char.is_alphanumeric().then(|| char.to_ascii_lowercase()),
    });
    anchor.collect::<String>().into()
}
