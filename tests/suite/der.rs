//! Certificates that no library would write, byte by byte.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The fields of a certificate, each a whole DER element, to be made strange one at a time.
pub(crate) struct Fields {
    pub(crate) version: Vec<u8>,
    pub(crate) serial: Vec<u8>,
    pub(crate) issuer: Vec<u8>,
    pub(crate) not_before: Vec<u8>,
    pub(crate) not_after: Vec<u8>,
    pub(crate) subject: Vec<u8>,
    pub(crate) public_key: Vec<u8>,
    pub(crate) extensions: Vec<Vec<u8>>,
    pub(crate) trailing: Vec<u8>,
}

pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const OCTETS: u8 = 0x04;
pub(crate) const UTF8: u8 = 0x0c;
pub(crate) const PRINTABLE: u8 = 0x13;
pub(crate) const T61: u8 = 0x14;
pub(crate) const IA5: u8 = 0x16;
pub(crate) const UTC_TIME: u8 = 0x17;
pub(crate) const GENERALIZED_TIME: u8 = 0x18;
pub(crate) const UNIVERSAL: u8 = 0x1c;
pub(crate) const BMP: u8 = 0x1e;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;

/// 2.5.4.3 and 2.5.4.10.
pub(crate) const COMMON_NAME: &[u8] = &[0x06, 3, 0x55, 4, 3];
pub(crate) const ORGANIZATION: &[u8] = &[0x06, 3, 0x55, 4, 10];
/// 2.5.29.17.
pub(crate) const ALTERNATIVE_NAME: &[u8] = &[0x06, 3, 0x55, 0x1d, 17];
const ECDSA_WITH_SHA256: &[u8] = &[0x06, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];
const EC_PUBLIC_KEY: &[u8] = &[0x06, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
const P256: &[u8] = &[0x06, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];

/// One element.
pub(crate) fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let mut der = vec![tag];
    match u8::try_from(length) {
        Ok(short @ ..0x80) => der.push(short),
        Ok(long) => der.extend([0x81, long]),
        Err(_) => der.extend([&[0x82], &u16::try_from(length).unwrap().to_be_bytes()[..]].concat()),
    }
    der.extend(content);
    der
}

/// A sequence of elements.
pub(crate) fn sequence(elements: &[&[u8]]) -> Vec<u8> {
    element(SEQUENCE, &elements.concat())
}

/// A distinguished name of attributes: type, string type, value.
pub(crate) fn name(attributes: &[(&[u8], u8, &[u8])]) -> Vec<u8> {
    let sets = attributes
        .iter()
        .map(|(kind, tag, value)| element(SET, &sequence(&[kind, &element(*tag, value)])));
    element(SEQUENCE, &sets.collect::<Vec<_>>().concat())
}

/// An extension, critical or not.
pub(crate) fn extension(oid: &[u8], critical: bool, value: &[u8]) -> Vec<u8> {
    let critical: &[u8] = if critical { &[0x01, 1, 0xff] } else { &[] };
    sequence(&[oid, critical, &element(OCTETS, value)])
}

/// A certificate from 2024-01-01 to 2026-01-01, changed as told.
pub(crate) fn certificate(change: impl FnOnce(&mut Fields)) -> Vec<u8> {
    let mut fields = Fields {
        version: element(0xa0, &element(INTEGER, &[2])),
        serial: element(INTEGER, &[0x35, 0x1e]),
        issuer: name(&[(COMMON_NAME, UTF8, b"issuer")]),
        not_before: element(UTC_TIME, b"240101000000Z"),
        not_after: element(UTC_TIME, b"260101000000Z"),
        subject: name(&[(COMMON_NAME, UTF8, b"subject")]),
        public_key: sequence(&[
            &sequence(&[EC_PUBLIC_KEY, P256]),
            &element(0x03, &[0, 4, 1, 2, 3]),
        ]),
        extensions: Vec::new(),
        trailing: Vec::new(),
    };
    change(&mut fields);
    let algorithm = sequence(&[ECDSA_WITH_SHA256]);
    let extensions = match fields.extensions.concat() {
        none if none.is_empty() => none,
        some => element(0xa3, &element(SEQUENCE, &some)),
    };
    let to_be_signed = sequence(&[
        &fields.version,
        &fields.serial,
        &algorithm,
        &fields.issuer,
        &sequence(&[&fields.not_before, &fields.not_after]),
        &fields.subject,
        &fields.public_key,
        &extensions,
    ]);
    let mut der = sequence(&[&to_be_signed, &algorithm, &element(0x03, &[0, 1, 2, 3])]);
    der.extend(fields.trailing);
    der
}

/// A PEM block of any label.
pub(crate) fn pem(label: &str, der: &[u8]) -> String {
    let base64 = STANDARD.encode(der);
    let lines: Vec<&str> = base64
        .as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).unwrap())
        .collect();
    format!(
        "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
        lines.join("\n")
    )
}
