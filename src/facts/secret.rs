//! TLS secrets, without their private keys.

use super::{Marks, mark};
use crate::certificate::{Block, Certificate};

/// A secret of type `kubernetes.io/tls`, without its private key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Secret {
    /// Its namespace.
    pub namespace: Box<str>,
    /// Its name.
    pub name: Box<str>,
    /// When it was created (Unix seconds), by the API server's clock.
    pub created: i64,
    /// The first of the objects that own it, each as `Kind/name`.
    pub owners: Box<[Box<str>]>,
    /// What its labels and annotations say.
    pub marks: Marks,
    /// The data keys that hold certificates or should, by name; never `tls.key`.
    pub keys: Box<[Key]>,
}

/// A data key of a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Its name, such as `tls.crt`, `ca.crt` or `olmCAKey`.
    pub name: Box<str>,
    /// Its certificate blocks in their order; none only in a `tls.crt` that holds something else.
    pub blocks: Box<[Block]>,
}

/// The data key that the type `kubernetes.io/tls` requires to hold a certificate (and lets be empty).
pub const TLS_CRT: &str = "tls.crt";

impl Secret {
    /// `Kind/name` of the first object that owns it, or the platform component that does, or empty.
    pub fn owner(&self) -> &str {
        match self.owners.first() {
            Some(owner) => owner,
            None => self.marks.get(mark::OWNING_COMPONENT).unwrap_or_default(),
        }
    }

    /// The first certificate of a data key, if it can be read.
    pub fn first(&self, key: &str) -> Option<&Certificate> {
        let key = self.keys.iter().find(|it| &*it.name == key)?;
        key.blocks.first()?.certificate.as_ref()
    }

    /// What it shows to whoever connects.
    pub fn leaf(&self) -> Option<&Certificate> {
        self.first(TLS_CRT)
    }
}
