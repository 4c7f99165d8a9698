//! A scanner for the certificate blocks of a PEM text, which a damaged neighbour cannot mislead.
//!
//! No PEM crate reads everything that is found in secrets: some lose the blocks after a damaged
//! one, some silently lose indented blocks or old Mac line ends, and most decode the private keys
//! too. This one looks for BEGIN lines, decodes certificate blocks only, and reports each damaged
//! block in place.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::Defect;

/// Consumers accept missing padding and stray bits, so an inventory must as well.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// RFC 7468 section 5, OpenSSL's older name for it, and `openssl x509 -trustout`'s
/// (openssl/openssl: include/openssl/pem.h).
const LABELS: [&[u8]; 3] = [b"CERTIFICATE", b"X509 CERTIFICATE", b"TRUSTED CERTIFICATE"];

const BEGIN: &[u8] = b"-----BEGIN ";
const DASHES: &[u8] = b"-----";
const END: &[u8] = b"-----END ";

/// Returns the DER of every certificate block, or its defect; blocks with another label are never
/// decoded.
pub(super) fn certificates(mut text: &[u8]) -> impl Iterator<Item = Result<Vec<u8>, Defect>> {
    std::iter::from_fn(move || {
        loop {
            text = &text[find(text, BEGIN)? + BEGIN.len()..];
            // A label ends with its dashes or, where those were lost, with its line. Both are looked
            // for at once: a text of nothing but `-----BEGIN ` has no line end.
            let is_end =
                |at: &usize| matches!(text[*at], b'\r' | b'\n') || text[*at..].starts_with(DASHES);
            let end = (0..text.len()).find(is_end).unwrap_or(text.len());
            let (label, rest) = text.split_at(end);
            text = rest;
            if LABELS.contains(&label.trim_ascii()) {
                return Some(block(&mut text));
            }
        }
    })
}

/// Decodes the block whose BEGIN line ends at `text`, and advances `text` past its base64.
fn block(text: &mut &[u8]) -> Result<Vec<u8>, Defect> {
    let dashes = text.iter().take_while(|&&byte| byte == b'-').count();
    let markers = [BEGIN, END].map(|marker| &marker[DASHES.len()..]);
    let is_next = markers
        .iter()
        .any(|marker| text[dashes..].starts_with(marker));
    // The dashes before another marker belong to that one.
    let body = &text[dashes - if is_next { DASHES.len().min(dashes) } else { 0 }..];
    let (body, rest) = body.split_at(find(body, DASHES).unwrap_or(body.len()));
    *text = rest;
    if !rest.starts_with(END) {
        return Err(Defect::Unterminated);
    }
    let base64: Vec<u8> = body
        .iter()
        .copied()
        .filter(|byte| !byte.is_ascii_whitespace())
        .collect();
    LENIENT.decode(base64).map_err(|_| Defect::BadBase64)
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|window| window == what)
}
