//! Distinguished names as text that is safe in a label, a log line and a table.
//!
//! x509-parser's own rendering returns an error text where a name holds T61 or broken UTF-8, and
//! that text would become a label. So the values are decoded here, by their string type, and never
//! fail.

use std::fmt::Write;

use x509_parser::asn1_rs::Tag;
use x509_parser::objects::{oid_registry, oid2abbrev};
use x509_parser::prelude::X509Name;
use x509_parser::x509::AttributeTypeAndValue;

/// Renders a name by RFC 4514: most specific attribute first, separated by `,`, multiple values by
/// `+`.
pub(super) fn render(name: &X509Name<'_>) -> String {
    let mut text = String::new();
    let attributes: Vec<Vec<_>> = name.iter_rdn().map(|rdn| rdn.iter().collect()).collect();
    for rdn in attributes.into_iter().rev() {
        let mut separator = if text.is_empty() { "" } else { "," };
        for attribute in rdn {
            text.push_str(separator);
            write_attribute(&mut text, attribute);
            separator = "+";
        }
    }
    text
}

fn write_attribute(text: &mut String, attribute: &AttributeTypeAndValue<'_>) {
    match oid2abbrev(attribute.attr_type(), oid_registry()) {
        Ok(short) => text.push_str(short),
        Err(_) => text.push_str(&attribute.attr_type().to_id_string()),
    }
    text.push('=');
    let value = value(attribute);
    let last = value.chars().count().saturating_sub(1);
    for (index, char) in value.chars().enumerate() {
        match char {
            '"' | '+' | ',' | ';' | '<' | '>' | '\\' => text.extend(['\\', char]),
            '#' if index == 0 => text.extend(['\\', char]),
            ' ' if index == 0 || index == last => text.extend(['\\', char]),
            // Control characters would break lines and terminals; RFC 4514 writes any octet as a
            // hex pair.
            char if char.is_control() => {
                let mut utf8 = [0; 4];
                for byte in char.encode_utf8(&mut utf8).bytes() {
                    let _ = write!(text, "\\{byte:02X}"); // a String never refuses
                }
            }
            char => text.push(char),
        }
    }
}

/// Decodes an attribute by its string type (X.680); invalid text becomes U+FFFD.
fn value(attribute: &AttributeTypeAndValue<'_>) -> String {
    let bytes = attribute.as_slice();
    match attribute.attr_value().tag() {
        // T.61 in theory, Latin-1 in every certificate that has it.
        Tag::T61String => bytes.iter().copied().map(char::from).collect(),
        Tag::BmpString => {
            let units = bytes
                .chunks_exact(2)
                .map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
            char::decode_utf16(units)
                .map(|char| char.unwrap_or(char::REPLACEMENT_CHARACTER))
                .collect()
        }
        Tag::UniversalString => {
            let units = bytes
                .chunks_exact(4)
                .map(|four| u32::from_be_bytes([four[0], four[1], four[2], four[3]]));
            units
                .map(|unit| char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER))
                .collect()
        }
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}
