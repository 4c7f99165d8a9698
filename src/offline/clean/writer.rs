//! The writer of clean JSON, driven by the events of a parser.

use std::collections::HashMap;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use zeroize::Zeroizing;

use super::{Clean, MOST};

/// The keys whose values are skipped wherever they stand: private keys, keystores with private keys
/// (cert-manager/cert-manager: pkg/apis/certmanager/v1, `PKCS12SecretKey`, `JKSSecretKey`), which hold no
/// PEM, the text of a whole object in an annotation, and metadata that is of no use here and larger
/// than all the rest.
const SKIPPED: [&str; 7] = [
    "tls.key",
    "client-key-data",
    "token",
    "keystore.jks",
    "keystore.p12",
    "kubectl.kubernetes.io/last-applied-configuration",
    "managedFields",
];

/// The most repeated keys that are named of one object.
const MOST_REPEATED: usize = 8;

/// The JSON that has been written so far.
pub(super) struct Writer {
    pub(super) out: Zeroizing<Vec<u8>>,
    /// The path of the value that is written next, as `metadata.name`.
    path: String,
    repeated: Vec<Box<str>>,
    /// True once the JSON has reached its bound.
    pub(super) is_full: bool,
}

// === impl Writer ===

impl Writer {
    pub(super) fn of(length: usize) -> Self {
        Self {
            out: Zeroizing::new(Vec::with_capacity(length.min(MOST) + 64)),
            path: String::new(),
            repeated: Vec::new(),
            is_full: false,
        }
    }

    pub(super) fn finish(self) -> Clean {
        Clean {
            json: self.out,
            repeated: self.repeated,
        }
    }

    fn write<E: serde::de::Error>(&mut self, value: &impl serde::Serialize) -> Result<(), E> {
        // Writing to memory cannot fail, and every value is a scalar.
        let _ = serde_json::to_writer(&mut *self.out, value);
        self.is_full = self.out.len() > MOST;
        if self.is_full {
            return Err(E::custom("too large"));
        }
        Ok(())
    }

    fn repeat(&mut self) {
        if self.repeated.len() < MOST_REPEATED
            && !self.repeated.iter().any(|path| **path == *self.path)
        {
            self.repeated.push(self.path.as_str().into());
        }
    }
}

/// The next value of a document.
pub(super) struct Node<'a>(pub(super) &'a mut Writer);

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

/// Writes a scalar of each type.
macro_rules! scalars {
    ($($visit:ident: $Type:ty,)*) => { $(
        fn $visit<E: serde::de::Error>(self, value: $Type) -> Result<(), E> {
            self.0.write(&value)
        }
    )* };
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a value")
    }

    scalars! {
        visit_bool: bool,
        visit_i64: i64,
        visit_u64: u64,
        visit_i128: i128,
        visit_u128: u128,
        visit_f64: f64,
        visit_str: &str,
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        self.0.write(&())
    }

    fn visit_none<E: serde::de::Error>(self) -> Result<(), E> {
        self.0.write(&())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        self.0.out.push(b'[');
        let mut is_first = true;
        loop {
            let length = self.0.out.len();
            if !is_first {
                self.0.out.push(b',');
            }
            is_first = false;
            if list.next_element_seed(Node(&mut *self.0))?.is_none() {
                self.0.out.truncate(length);
                break;
            }
        }
        self.0.out.push(b']');
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let writer = self.0;
        writer.out.push(b'{');
        // The place of each entry, with the comma behind it.
        let mut entries: HashMap<String, (usize, usize)> = HashMap::new();
        let mut replaced = Vec::new();
        let parent = writer.path.len();
        while let Some(key) = map.next_key::<String>()? {
            if SKIPPED.contains(&&*key) {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            if parent > 0 {
                writer.path.push('.');
            }
            writer.path.push_str(&key);
            let start = writer.out.len();
            writer.write::<A::Error>(&key)?;
            writer.out.push(b':');
            map.next_value_seed(Node(&mut *writer))?;
            writer.out.push(b',');
            if let Some(before) = entries.insert(key, (start, writer.out.len())) {
                writer.repeat();
                replaced.push(before);
            }
            writer.path.truncate(parent);
        }
        // From the last to the first, so that the places before stay where they are.
        replaced.sort_unstable();
        for (start, end) in replaced.into_iter().rev() {
            writer.out.drain(start..end);
        }
        if writer.out.last() == Some(&b',') {
            writer.out.pop();
        }
        writer.out.push(b'}');
        Ok(())
    }
}
