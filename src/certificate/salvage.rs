//! The validity of a certificate that the parser refuses, reached by walking its DER.
//!
//! `Certificate` begins `SEQUENCE { SEQUENCE { [0] version OPTIONAL, serialNumber, signature,
//! issuer, validity …` (RFC 5280 section 4.1), so a few steps lead to the dates whatever is wrong
//! with the other fields, and even where everything after the dates was cut off.

use x509_parser::asn1_rs::{Any, FromBer, Header, Tag};
use x509_parser::prelude::{ASN1Time, FromDer};

/// Returns `notBefore` and `notAfter` in Unix seconds; nothing where neither can be read.
pub(super) fn dates(der: &[u8]) -> Option<(Option<i64>, Option<i64>)> {
    let (rest, not_before) = Any::from_ber(validity(der)?).ok()?;
    let not_after = Any::from_ber(rest)
        .ok()
        .and_then(|(_, date)| seconds(&date));
    let dates = (seconds(&not_before), not_after);
    (dates != (None, None)).then_some(dates)
}

/// Returns the DER from the first date on.
fn validity(der: &[u8]) -> Option<&[u8]> {
    let certificate = into_sequence(der)?;
    let mut fields = into_sequence(certificate)?;
    let (_, first) = Header::from_ber(fields).ok()?;
    let version_serial_signature_issuer = if first.is_contextspecific() { 4 } else { 3 };
    for _ in 0..version_serial_signature_issuer {
        fields = Any::from_ber(fields).ok()?.0;
    }
    into_sequence(fields)
}

/// Skips the header only: where the end is missing, the length exceeds the remaining bytes.
fn into_sequence(der: &[u8]) -> Option<&[u8]> {
    let (content, header) = Header::from_ber(der).ok()?;
    (header.tag() == Tag::Sequence).then_some(content)
}

/// Returns the Unix seconds of a `UTCTime` or `GeneralizedTime`, also of the two forms that
/// x509-parser refuses and others write: a leap second (`…5960Z`, which Unix time counts as the
/// second after it) and a fraction of any length.
fn seconds(date: &Any<'_>) -> Option<i64> {
    let seconds_at = if date.tag() == Tag::UtcTime { 10 } else { 12 };
    let mut content = date.data.to_vec();
    if matches!(content.get(seconds_at + 2), Some(b'.' | b',')) {
        let digits = content[seconds_at + 3..]
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        content.drain(seconds_at + 2..seconds_at + 3 + digits);
    }
    let leap = content.get(seconds_at - 2..seconds_at + 2) == Some(b"5960");
    if leap {
        content[seconds_at..seconds_at + 2].copy_from_slice(b"59");
    }
    let tag = u8::try_from(date.tag().0).ok()?;
    let length = u8::try_from(content.len())
        .ok()
        .filter(|length| *length < 0x80)?;
    let der = [&[tag, length], &*content].concat();
    let (_, time) = ASN1Time::from_der(&der).ok()?;
    Some(time.timestamp() + i64::from(leap))
}
