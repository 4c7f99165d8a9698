//! Comma-separated values (RFC 4180): a certificate on each line, with the fields of the JSON report.
//! Lists are joined by spaces.

use std::io::{self, Write};

use crate::report::{Certificate, Report, Time};

const COLUMNS: [&str; 25] = [
    "cluster",
    "kind",
    "namespace",
    "name",
    "key",
    "position",
    "role",
    "manager",
    "notBefore",
    "notAfter",
    "renewalDue",
    "blocked",
    "urgency",
    "needsPerson",
    "impact",
    "affected",
    "fix",
    "lookAt",
    "subject",
    "issuer",
    "serial",
    "fingerprint",
    "dnsNames",
    "owner",
    "source",
];

/// Writes the certificates of a report.
pub(super) fn write(report: &Report, output: &mut dyn Write) -> io::Result<()> {
    let mut csv = csv::Writer::from_writer(output);
    csv.write_record(COLUMNS)?;
    for certificate in &report.certificates {
        csv.write_record(record(certificate))?;
    }
    csv.flush()
}

fn record(certificate: &Certificate) -> [String; COLUMNS.len()] {
    let Certificate {
        cluster,
        kind,
        namespace,
        name,
        key,
        position,
        role,
        manager,
        not_before,
        not_after,
        renewal_due,
        blocked,
        urgency,
        needs_person,
        impact,
        affected,
        fix,
        look_at,
        subject,
        issuer,
        serial,
        fingerprint,
        dns_names,
        owner,
        ignored: _,
        source,
    } = certificate;
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let time = |time: &Option<Time>| time.map_or_else(String::new, |time| time.to_string());
    [
        text(cluster),
        (*kind).to_owned(),
        namespace.clone(),
        name.clone(),
        text(key),
        position.map_or_else(String::new, |position| position.to_string()),
        role.unwrap_or_default().to_owned(),
        (*manager).to_owned(),
        time(not_before),
        time(not_after),
        time(renewal_due),
        blocked
            .as_ref()
            .map_or("", |blocked| blocked.reason)
            .to_owned(),
        urgency.as_str().to_owned(),
        needs_person.to_string(),
        impact.unwrap_or_default().to_owned(),
        affected.join(" "),
        text(fix),
        text(look_at),
        text(subject),
        text(issuer),
        text(serial),
        text(fingerprint),
        dns_names.join(" "),
        text(owner),
        text(source),
    ]
}
