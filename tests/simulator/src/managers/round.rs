//! The cluster at one time, as every manager sees it, and the next time at which one has work to
//! do.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::Switches;
use crate::certificate::{Authority, Parsed};
use crate::cluster::Cluster;
use crate::object::{Place, secret, text};

pub(super) const HOUR: i64 = 3600;
pub(super) const DAY: i64 = 24 * HOUR;
pub(super) const YEAR: i64 = 365 * DAY;

/// The certificates that were parsed so far, by the resource version of their secret.
pub(super) type Read = RefCell<BTreeMap<String, Option<Arc<Parsed>>>>;

/// The cluster at one time.
pub(super) struct Round<'a> {
    pub(super) cluster: &'a Cluster,
    pub(super) switches: &'a Switches,
    /// Unix seconds.
    pub(super) now: i64,
    /// The earliest future time that a manager asked about.
    pub(super) next: Cell<i64>,
    /// The number of Services that got a certificate at this time.
    pub(super) served: Cell<usize>,
    pub(super) read: &'a Read,
}

// === impl Round ===

impl Round<'_> {
    /// Returns whether a time has come; if not, the managers work again when it does.
    pub(super) fn reached(&self, time: i64) -> bool {
        if time > self.now {
            self.next.set(self.next.get().min(time));
        }
        time <= self.now
    }

    /// Returns whether a time is over.
    pub(super) fn passed(&self, time: i64) -> bool {
        self.reached(time.saturating_add(1))
    }

    pub(super) fn secret(&self, (namespace, name): Place<'_>) -> Option<Arc<Value>> {
        self.cluster.find("Secret", namespace, name)
    }

    /// Writes a TLS secret with these values (plain text).
    pub(super) fn write(&self, place: Place<'_>, metadata: &Value, data: &[(&str, &str)]) {
        self.cluster.apply(secret(place, metadata, data));
    }

    /// Writes a copy of a secret, with its labels and annotations.
    pub(super) fn copy(&self, original: &Value, (namespace, name): Place<'_>, owners: Value) {
        let mut copy = original.clone();
        copy["metadata"]["namespace"] = namespace.into();
        copy["metadata"]["name"] = name.into();
        copy["metadata"]["ownerReferences"] = owners;
        self.cluster.apply(copy);
    }

    /// The first certificate of `tls.crt` in a secret.
    pub(super) fn leaf(&self, secret: &Value) -> Option<Arc<Parsed>> {
        let version = text(&secret["metadata"]["resourceVersion"]);
        let mut read = self.read.borrow_mut();
        let found = read.entry(version.into());
        found
            .or_insert_with(|| Some(Arc::new(Parsed::first(&pem(secret, "tls.crt")?)?)))
            .clone()
    }
}

/// The text of a secret's value.
pub(super) fn pem(secret: &Value, key: &str) -> Option<String> {
    let bytes = STANDARD.decode(secret["data"][key].as_str()?).ok()?;
    String::from_utf8(bytes).ok()
}

/// The authority whose certificate and key are in a secret.
pub(super) fn authority(secret: &Value) -> Option<Authority> {
    let chain = pem(secret, "tls.crt")?;
    let certificate = chain
        .split_inclusive("-----END CERTIFICATE-----\n")
        .next()?;
    Authority::read(certificate, &pem(secret, "tls.key")?)
}
