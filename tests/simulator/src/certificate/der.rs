//! Certificates that no library writes: a well-formed one whose DER fields are replaced one at a
//! time.

use std::sync::LazyLock;

use pem::{EncodeConfig, LineEnding, Pem};
use x509_parser::asn1_rs::{Any, FromDer};

use super::Draft;

/// The fields of a certificate, each a complete DER element.
pub struct Fields {
    /// The version, in its context tag.
    pub version: Vec<u8>,
    /// The serial number.
    pub serial: Vec<u8>,
    /// The issuer's distinguished name.
    pub issuer: Vec<u8>,
    /// The time at which the certificate becomes valid.
    pub not_before: Vec<u8>,
    /// The time at which the certificate expires.
    pub not_after: Vec<u8>,
    /// The subject's distinguished name.
    pub subject: Vec<u8>,
    /// The public key with its algorithm.
    pub public_key: Vec<u8>,
    /// The extensions; none unless a test adds them.
    pub extensions: Vec<Vec<u8>>,
    /// Bytes behind the certificate.
    pub trailing: Vec<u8>,
}

/// The tag of an INTEGER.
pub const INTEGER: u8 = 0x02;
/// The tag of an OCTET STRING.
pub const OCTETS: u8 = 0x04;
/// The tag of a `UTF8String`.
pub const UTF8: u8 = 0x0c;
/// The tag of a `PrintableString`.
pub const PRINTABLE: u8 = 0x13;
/// The tag of a `T61String`.
pub const T61: u8 = 0x14;
/// The tag of an `IA5String`.
pub const IA5: u8 = 0x16;
/// The tag of a `UTCTime`.
pub const UTC_TIME: u8 = 0x17;
/// The tag of a `GeneralizedTime`.
pub const GENERALIZED_TIME: u8 = 0x18;
/// The tag of a `UniversalString`.
pub const UNIVERSAL: u8 = 0x1c;
/// The tag of a `BMPString`.
pub const BMP: u8 = 0x1e;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;

/// The attribute type 2.5.4.3.
pub const COMMON_NAME: &[u8] = &[0x06, 3, 0x55, 4, 3];
/// The attribute type 2.5.4.10.
pub const ORGANIZATION: &[u8] = &[0x06, 3, 0x55, 4, 10];
/// The extension 2.5.29.17.
pub const ALTERNATIVE_NAME: &[u8] = &[0x06, 3, 0x55, 0x1d, 17];

/// A certificate from 2024-01-01 to 2026-01-01. All odd ones share its key and its signature, so
/// that the same change always makes the same certificate.
static WELL_FORMED: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let issuer = Draft::named("issuer").authority();
    let draft = Draft::named("subject").serial(0x351e);
    let pair = draft.valid(1_704_067_200, 1_767_225_600).signed_by(&issuer);
    let block = pem::parse(pair.certificate).expect("a library wrote it");
    block.into_contents()
});

/// Returns one element.
pub fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let mut der = vec![tag];
    match u16::try_from(length).map(u16::to_be_bytes) {
        Ok([0, short @ ..0x80]) => der.push(short),
        Ok([0, long]) => der.extend([0x81, long]),
        Ok([high, low]) => der.extend([0x82, high, low]),
        Err(error) => panic!("an element of {length} bytes: {error}"),
    }
    der.extend(content);
    der
}

/// Returns a sequence of elements.
pub fn sequence(elements: &[&[u8]]) -> Vec<u8> {
    element(SEQUENCE, &elements.concat())
}

/// Returns a distinguished name with these attributes: type, tag of the string, value.
pub fn name(attributes: &[(&[u8], u8, &[u8])]) -> Vec<u8> {
    let sets = attributes
        .iter()
        .map(|(kind, tag, value)| element(SET, &sequence(&[kind, &element(*tag, value)])));
    element(SEQUENCE, &sets.collect::<Vec<_>>().concat())
}

/// Returns an extension, critical or not.
pub fn extension(oid: &[u8], critical: bool, value: &[u8]) -> Vec<u8> {
    let critical: &[u8] = if critical { &[0x01, 1, 0xff] } else { &[] };
    sequence(&[oid, critical, &element(OCTETS, value)])
}

/// Returns a certificate (DER) that is valid from 2024-01-01 to 2026-01-01, with some fields
/// replaced.
pub fn certificate(change: impl FnOnce(&mut Fields)) -> Vec<u8> {
    let [signed, algorithm, signature] = parts(&WELL_FORMED);
    // The two that are skipped are the algorithm once more, and the extensions.
    let [version, serial, _, issuer, validity, subject, public_key, _] = parts(&signed);
    let [not_before, not_after] = parts(&validity);
    let mut fields = Fields {
        version,
        serial,
        issuer,
        not_before,
        not_after,
        subject,
        public_key,
        extensions: Vec::new(),
        trailing: Vec::new(),
    };
    change(&mut fields);
    let extensions = match fields.extensions.concat() {
        none if none.is_empty() => none,
        some => element(0xa3, &element(SEQUENCE, &some)),
    };
    let signed = sequence(&[
        &fields.version,
        &fields.serial,
        &algorithm,
        &fields.issuer,
        &sequence(&[&fields.not_before, &fields.not_after]),
        &fields.subject,
        &fields.public_key,
        &extensions,
    ]);
    [
        sequence(&[&signed, &algorithm, &signature]),
        fields.trailing,
    ]
    .concat()
}

/// Returns the first elements of a sequence.
fn parts<const N: usize>(sequence: &[u8]) -> [Vec<u8>; N] {
    let read = |der| Any::from_der(der).expect("a library wrote it");
    let mut rest = read(sequence).1.data;
    std::array::from_fn(|_| {
        let after = read(rest).0;
        let part = rest[..rest.len() - after.len()].to_vec();
        rest = after;
        part
    })
}

/// Returns a PEM block with any label.
pub fn pem(label: &str, der: &[u8]) -> String {
    let config = EncodeConfig::new().set_line_ending(LineEnding::LF);
    pem::encode_config(&Pem::new(label, der), config)
}
