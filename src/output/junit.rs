//! JUnit XML: a test case for each certificate, which fails if it needs a person, and one for each
//! problem, which is an error.

use std::io::{self, Write};

use askama::Template;

use super::text::{harmless, position};
use super::{summary, unseen};
use crate::report::{Certificate, Report};

#[derive(Template)]
#[template(
    ext = "xml",
    source = r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="notafter" tests="{{ cases.len() + errors.len() }}" failures="{{ failures }}" errors="{{ errors.len() }}">
<testsuite name="certificates" tests="{{ cases.len() }}" failures="{{ failures }}" errors="0" timestamp="{{ at }}">
{%- for case in cases %}
<testcase classname="{{ case.class }}" name="{{ case.name }}">
{%- if !case.failure.is_empty() %}<failure type="{{ case.urgency }}" message="{{ case.message }}">{{ case.failure }}</failure>{% endif -%}
</testcase>
{%- endfor %}
</testsuite>
<testsuite name="problems" tests="{{ errors.len() }}" failures="0" errors="{{ errors.len() }}" timestamp="{{ at }}">
{%- for error in errors %}
<testcase classname="problems" name="{{ error }}"><error message="{{ error }}"/></testcase>
{%- endfor %}
</testsuite>
</testsuites>
"#
)]
struct Suites {
    at: String,
    failures: usize,
    cases: Vec<Case>,
    errors: Vec<String>,
}

struct Case {
    class: String,
    name: String,
    urgency: &'static str,
    message: String,
    failure: String,
}

/// Writes a report.
pub(super) fn write(report: &Report, output: &mut dyn Write) -> io::Result<()> {
    let cases = report.certificates.iter();
    let cases: Vec<Case> = cases
        .map(|certificate| Case::of(certificate, report))
        .collect();
    let suites = Suites {
        at: report.at.to_string(),
        failures: cases.iter().filter(|case| !case.failure.is_empty()).count(),
        cases,
        errors: report
            .problems
            .iter()
            .map(|problem| harmless(&unseen::problem(problem)))
            .collect(),
    };
    suites.write_into(output).map_err(io::Error::other)
}

// === impl Case ===

impl Case {
    /// The case of a certificate; its failure is empty unless it needs a person. XML has no way to write
    /// control characters.
    fn of(certificate: &Certificate, report: &Report) -> Self {
        let when = summary::when(certificate, report.at);
        let message = certificate.blocked.as_ref().map(|blocked| blocked.message);
        let commands = [&certificate.fix, &certificate.look_at]
            .into_iter()
            .flatten();
        let lines = [&*when].into_iter().chain(message);
        let lines = lines.chain(commands.map(String::as_str)).map(harmless);
        let failure = lines.collect::<Vec<_>>().join("\n");
        let cluster = certificate.cluster.as_deref().unwrap_or_default();
        let place = certificate.place();
        Self {
            class: harmless([cluster, &certificate.namespace].join(" ").trim()),
            name: harmless(&format!(
                "{} {place}{}",
                certificate.kind,
                position(certificate)
            )),
            urgency: certificate.urgency.as_str(),
            message: when,
            failure: if certificate.needs_person {
                failure
            } else {
                String::new()
            },
        }
    }
}
