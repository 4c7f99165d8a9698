//! A certificate of a report, or an object without one.

use serde::Serialize;

use super::{Finding, Source, Time};
use crate::certificate::hexadecimal;
use crate::impact::Reach;
use crate::rotation::Action;
use crate::urgency::Urgency;

/// A certificate, or an object that should hold one and does not exist.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Certificate {
    /// The cluster; absent if there is only one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster: Option<String>,
    /// The kind of the object that holds it.
    pub kind: &'static str,
    /// The namespace of the object; empty for a file.
    pub namespace: String,
    /// The name of the object, or the path of the file.
    pub name: String,
    /// The data key or the field.
    pub key: Option<String>,
    /// The position among the certificate blocks of the key, from 0.
    pub position: Option<usize>,
    /// The role: `leaf`, `chain`, `unused`, `root` or `trust`.
    pub role: Option<&'static str>,
    /// The manager that renews it; `none` without a known one.
    pub manager: &'static str,
    /// The time from which it is valid.
    pub not_before: Option<Time>,
    /// The time at which it expires.
    pub not_after: Option<Time>,
    /// The latest time at which a healthy manager has renewed it.
    pub renewal_due: Option<Time>,
    /// Evidence that its manager will not renew it.
    pub blocked: Option<Blocked>,
    /// Its urgency.
    pub urgency: Urgency,
    /// True if a person has to act.
    pub needs_person: bool,
    /// The reach of a failure: `cluster`, `operator` or `namespace`.
    pub impact: Option<&'static str>,
    /// The consumers that fail when it expires.
    pub affected: Vec<String>,
    /// The command that repairs the state.
    pub fix: Option<String>,
    /// The command that shows more, where nothing safe repairs the state.
    pub look_at: Option<String>,
    /// The subject (RFC 4514).
    pub subject: Option<String>,
    /// The issuer (RFC 4514).
    pub issuer: Option<String>,
    /// The serial number, in hexadecimal.
    pub serial: Option<String>,
    /// SHA-256 of its DER, in hexadecimal.
    pub fingerprint: Option<String>,
    /// The DNS names that it is valid for.
    pub dns_names: Vec<String>,
    /// The declared owner, else the owner of the object as `Kind/name`.
    pub owner: Option<String>,
    /// The reason why it is ignored.
    pub ignored: Option<String>,
    /// The file that it was read from.
    pub source: Option<String>,
}

/// Evidence that a certificate will not be renewed.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Blocked {
    /// The name of the evidence.
    pub reason: &'static str,
    /// Its meaning, in a sentence.
    pub message: &'static str,
}

// === impl Certificate ===

impl Certificate {
    /// The certificate of a finding.
    pub fn of(finding: &Finding<'_>, source: &Source<'_>) -> Self {
        let Finding {
            object,
            rotation,
            entry,
            ..
        } = *finding;
        let counts = entry.is_none_or(|entry| entry.role.counts());
        let advice = source
            .snapshot
            .inventory
            .advice_of(object, rotation, finding.dates);
        let command = |action| {
            let is_advised = counts && finding.urgency < Urgency::Ok;
            (is_advised && advice.action == Some(action)).then(|| advice.remedy.clone())
        };
        let evidence = rotation.evidence.filter(|_| finding.is_leaf());
        let contents = entry.map(|entry| entry.certificate);
        let owner = entry.map_or("", |entry| entry.holder.meta.owner());
        let files = source.files;
        Self {
            cluster: source.cluster.map(str::to_owned),
            kind: object.kind.as_str(),
            namespace: object.namespace.to_string(),
            name: object.name.to_string(),
            key: entry.and_then(|entry| present(&entry.field.path)),
            position: entry.map(|entry| entry.position),
            role: entry.map(|entry| entry.role.as_str()),
            manager: rotation.manager.as_str(),
            not_before: contents.and_then(|contents| contents.not_before).map(Time),
            not_after: finding.not_after().map(Time),
            renewal_due: rotation.due.filter(|_| finding.is_leaf()).map(Time),
            blocked: evidence.map(|evidence| Blocked {
                reason: evidence.as_str(),
                message: evidence.meaning(),
            }),
            urgency: finding.urgency,
            needs_person: finding.needs_person,
            impact: advice.reach.filter(|_| counts).map(Reach::as_str),
            affected: if counts { advice.consumers } else { Vec::new() },
            fix: command(Action::Fix),
            look_at: command(Action::LookAt),
            subject: contents.and_then(|contents| present(&contents.subject)),
            issuer: contents.and_then(|contents| present(&contents.issuer)),
            serial: contents.and_then(|contents| present(&contents.serial)),
            fingerprint: contents.map(|contents| hexadecimal(&contents.fingerprint)),
            dns_names: dns_names(contents.map_or("", |contents| &contents.dns_names)),
            owner: rotation.owner.as_deref().or(Some(owner)).and_then(present),
            ignored: rotation.ignored.as_deref().map(str::to_owned),
            source: files
                .and_then(|files| files.get(object))
                .map(ToString::to_string),
        }
    }

    /// The object: `namespace/name`, or the path of a file.
    pub fn place(&self) -> String {
        if self.namespace.is_empty() {
            self.name.clone()
        } else {
            format!("{}/{}", self.namespace, self.name)
        }
    }

    /// The days until it expires at a time, rounded down; negative once it has expired.
    pub fn days_left(&self, at: Time) -> Option<i64> {
        let Time(not_after) = self.not_after?;
        Some((not_after - at.0).div_euclid(24 * 3600))
    }
}

fn present(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn dns_names(joined: &str) -> Vec<String> {
    let names = joined.split(',').filter(|name| !name.is_empty());
    names.map(str::to_owned).collect()
}
