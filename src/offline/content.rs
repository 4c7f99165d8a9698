//! The format of a file, recognised by its first bytes.

/// The format of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    Empty,
    Json,
    Yaml,
    /// PEM, with a certificate.
    Pem,
    /// PEM without a certificate, such as a private key.
    OtherPem,
    /// Binary data that may be a certificate.
    Der,
    /// A tar archive.
    Archive,
    Unknown,
}

/// The labels of certificate blocks: those that [`crate::certificate::blocks`] reads.
const CERTIFICATES: [&[u8]; 3] = [
    b"-----BEGIN CERTIFICATE",
    b"-----BEGIN X509 CERTIFICATE",
    b"-----BEGIN TRUSTED CERTIFICATE",
];

/// The keys that a document of Kubernetes begins its lines with.
const KEYS: [&[u8]; 4] = [
    b"apiVersion:",
    b"\"apiVersion\":",
    b"'apiVersion':",
    b"items:",
];

/// Returns the format of a file with these first bytes. A file that was named, and not found in a
/// directory, is taken for what it resembles.
pub(super) fn of(head: &[u8], is_named: bool) -> Content {
    let text = head.trim_ascii_start();
    let has_line = |starts: &[&[u8]]| {
        let mut lines = head.split(|byte| matches!(byte, b'\n' | b'\r'));
        lines.any(|line| starts.iter().any(|start| line.starts_with(start)))
    };
    match text {
        [] => Content::Empty,
        [0x30, 0x80..=0xff, ..] => Content::Der,
        [b'{' | b'[', ..] if is_named || contains(head, b"\"apiVersion\"") => Content::Json,
        _ if head.get(257..262) == Some(b"ustar") => Content::Archive,
        _ if has_line(&KEYS) => Content::Yaml,
        _ if has_line(&CERTIFICATES) => Content::Pem,
        _ if is_named && contains(head, b"apiVersion") => Content::Yaml,
        _ if is_named && CERTIFICATES.iter().any(|start| contains(head, start)) => Content::Pem,
        _ if has_line(&[b"-----BEGIN "]) => Content::OtherPem,
        _ => Content::Unknown,
    }
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}
