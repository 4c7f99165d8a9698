//! The search for a text among certificates.

use super::Finding;

/// The fewest hexadecimal digits that are taken for the start of a fingerprint.
const DIGITS: usize = 6;

// === impl Finding ===

impl Finding<'_> {
    /// Returns whether a text is a part of its names or serial number, in upper or lower case, or the
    /// start of its fingerprint, with or without colons. Every finding mentions the empty text.
    pub fn mentions(&self, text: &str) -> bool {
        if text.is_empty() || self.is_named(text) {
            return true;
        }
        let Some(certificate) = self.entry.map(|entry| entry.certificate) else {
            return false;
        };
        let names = [
            &certificate.subject,
            &certificate.issuer,
            &certificate.dns_names,
            &certificate.serial,
        ];
        names.into_iter().any(|name| contains(name, text))
            || has_start(&certificate.fingerprint, text)
    }

    /// Returns whether a text is a part of `namespace/name` of its object.
    fn is_named(&self, text: &str) -> bool {
        let (namespace, name) = self.object.place();
        match text.split_once('/') {
            None => contains(namespace, text) || contains(name, text),
            Some((end, start)) => {
                let at = namespace.len().checked_sub(end.len());
                let ending = at.and_then(|at| namespace.get(at..));
                ending.is_some_and(|ending| ending.eq_ignore_ascii_case(end))
                    && name
                        .get(..start.len())
                        .is_some_and(|name| name.eq_ignore_ascii_case(start))
            }
        }
    }
}

/// Returns whether a text contains another one. Only the case of ASCII does not matter: the names of
/// Kubernetes and of the DNS are ASCII.
fn contains(text: &str, part: &str) -> bool {
    let (text, part) = (text.as_bytes(), part.as_bytes());
    let Some(first) = part.first().map(u8::to_ascii_lowercase) else {
        return true;
    };
    let starts = text.len().saturating_sub(part.len() - 1);
    let mut places = text[..starts].iter().enumerate();
    places.any(|(at, byte)| {
        byte.to_ascii_lowercase() == first && text[at..at + part.len()].eq_ignore_ascii_case(part)
    })
}

/// Returns whether a text is the start of a fingerprint.
fn has_start(fingerprint: &[u8], text: &str) -> bool {
    let digits: Option<Vec<u8>> = text
        .chars()
        .filter(|char| *char != ':')
        .map(|char| u8::try_from(char.to_digit(16)?).ok())
        .collect();
    let mut half_bytes = fingerprint.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.is_some_and(|digits| {
        digits.len() >= DIGITS && digits.iter().all(|digit| half_bytes.next() == Some(*digit))
    })
}
