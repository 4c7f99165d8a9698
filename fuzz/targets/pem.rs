//! A text with certificate blocks: each BEGIN line gives a certificate or a defect.
#![no_main]

use libfuzzer_sys::fuzz_target;
use notafter::certificate::{Block, blocks, presented};
use notafter_fuzz::check_block;

const BEGIN: &[u8] = b"-----BEGIN ";
const LABELS: [&[u8]; 3] = [b"CERTIFICATE", b"X509 CERTIFICATE", b"TRUSTED CERTIFICATE"];

fuzz_target!(|text: &[u8]| {
    let read: Vec<Block> = blocks(text).collect();
    read.iter().for_each(check_block);
    assert_eq!(read.len(), begins(text));

    let (presented, chain) = presented(text, read.len());
    assert_eq!(presented, read);
    let leaf = chain.leaf();
    assert!(leaf == 0 || read[leaf].defect().is_none());
    assert!(!chain.is_unused(leaf));
});

/// Counts the BEGIN lines of certificates, one by one and without regard to what is between them.
fn begins(text: &[u8]) -> usize {
    let starts = (0..text.len()).filter(|start| text[*start..].starts_with(BEGIN));
    let is_certificate = |start: &usize| {
        let label = &text[start + BEGIN.len()..];
        let ends = (0..label.len())
            .find(|at| matches!(label[*at], b'\r' | b'\n') || label[*at..].starts_with(b"-----"));
        LABELS.contains(&label[..ends.unwrap_or(label.len())].trim_ascii())
    };
    starts.filter(is_certificate).count()
}
