//! One round of all managers at one time: what they see, and when they want to look again.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::certificate::{Authority, Pair, Parsed};
use crate::cluster::Cluster;

pub(super) const HOUR: i64 = 3600;
pub(super) const DAY: i64 = 24 * HOUR;
pub(super) const YEAR: i64 = 365 * DAY;

/// The certificates that were read so far, by their secret's resource version and key.
pub(super) type Read = RefCell<BTreeMap<(String, &'static str), Option<Arc<Parsed>>>>;

/// The cluster at one time.
pub(super) struct Round<'a> {
    pub(super) cluster: &'a Cluster,
    /// Unix seconds.
    pub(super) now: i64,
    read: &'a Read,
    /// The soonest of the times that somebody asked for and that have not come.
    next: Cell<i64>,
}

// === impl Round ===

impl<'a> Round<'a> {
    pub(super) fn new(cluster: &'a Cluster, now: i64, read: &'a Read) -> Self {
        Self {
            cluster,
            now,
            read,
            next: Cell::new(i64::MAX),
        }
    }

    /// Whether it is that time, or later; if not, there will be another round when it comes.
    pub(super) fn reached(&self, time: i64) -> bool {
        if time > self.now {
            self.next.set(self.next.get().min(time));
        }
        time <= self.now
    }

    /// Whether that time is over.
    pub(super) fn passed(&self, time: i64) -> bool {
        self.reached(time.saturating_add(1))
    }

    /// When there is to be another round even if nothing changes.
    pub(super) fn next(&self) -> i64 {
        self.next.get()
    }

    pub(super) fn secret(&self, namespace: &str, name: &str) -> Option<Arc<Value>> {
        self.cluster.find("Secret", namespace, name)
    }

    /// The first certificate below a key of a secret, if there is one.
    pub(super) fn certificate(&self, secret: &Value, key: &'static str) -> Option<Arc<Parsed>> {
        let version = text(&secret["metadata"]["resourceVersion"]);
        let mut read = self.read.borrow_mut();
        let found = read.entry((version.into(), key));
        found
            .or_insert_with(|| Some(Arc::new(Parsed::first(&pem(secret, key)?)?)))
            .clone()
    }

    /// Whether a certificate is valid now.
    pub(super) fn is_active(&self, certificate: &Parsed) -> bool {
        self.reached(certificate.not_before) && !self.passed(certificate.not_after)
    }
}

/// A text field; empty if it is absent.
pub(super) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

pub(super) fn namespace(object: &Value) -> &str {
    text(&object["metadata"]["namespace"])
}

pub(super) fn name(object: &Value) -> &str {
    text(&object["metadata"]["name"])
}

/// An annotation; empty if it is absent.
pub(super) fn annotation<'a>(object: &'a Value, key: &str) -> &'a str {
    text(&object["metadata"]["annotations"][key])
}

/// The time (Unix seconds) that a text says, if it is one.
pub(super) fn time(text: &str) -> Option<i64> {
    Some(text.parse::<Timestamp>().ok()?.as_second())
}

/// What is below a key of a secret, if that is text.
pub(super) fn pem(secret: &Value, key: &str) -> Option<String> {
    let bytes = STANDARD.decode(secret["data"][key].as_str()?).ok()?;
    String::from_utf8(bytes).ok()
}

/// The authority whose certificate and key are in a secret.
pub(super) fn authority(secret: &Value) -> Option<Authority> {
    let certificate = pem(secret, "tls.crt")?;
    let end = "-----END CERTIFICATE-----";
    let end = certificate.find(end)? + end.len();
    Authority::read(
        &format!("{}\n", &certificate[..end]),
        &pem(secret, "tls.key")?,
    )
}

/// The data of a secret with a certificate (and what follows it) and its key.
pub(super) fn data(pair: &Pair, chain: &[&str]) -> Value {
    let certificate = format!("{}{}", pair.certificate, chain.concat());
    json!({"tls.crt": STANDARD.encode(certificate), "tls.key": STANDARD.encode(&pair.key)})
}

/// A reference to an owner that is in the cluster.
pub(super) fn reference(owner: &Value) -> Value {
    json!({
        "apiVersion": owner["apiVersion"], "kind": owner["kind"], "name": name(owner),
        "uid": owner["metadata"]["uid"],
    })
}
