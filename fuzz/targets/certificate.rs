//! A certificate: the bytes of its DER.
#![no_main]

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use libfuzzer_sys::fuzz_target;
use notafter::certificate::{Block, Certificate, blocks};
use notafter_fuzz::check_block;
use sha2::{Digest, Sha256};

fuzz_target!(|der: &[u8]| {
    let block = read(der);
    check_block(&block);
    if let Block::Sound(certificate) = &block {
        // The fingerprint is that of the certificate, without the bytes behind it.
        let length = length(der);
        let fingerprint: [u8; 32] = Sha256::digest(&der[..length]).into();
        assert_eq!(certificate.fingerprint, fingerprint);
        // Without its last byte the parser refuses it, and the walk to the dates finds the same.
        let cut_off = read(&der[..length - 1]);
        assert_eq!(dates(cut_off.certificate()), dates(Some(certificate)));
    }
});

/// Returns the length of the element that the DER begins with.
fn length(der: &[u8]) -> usize {
    // The number of a tag above 30 is in the bytes behind the first one (X.690 section 8.1.2.4).
    let has_number = der[0] & 0x1f == 0x1f;
    let number = der[1..].iter().take_while(|byte| **byte & 0x80 != 0);
    let start = 1 + if has_number { number.count() + 1 } else { 0 };
    let first = usize::from(der[start]);
    if first < 0x80 {
        return start + 1 + first;
    }
    let bytes = &der[start + 1..][..first & 0x7f];
    let length = bytes
        .iter()
        .fold(0, |length, byte| length << 8 | usize::from(*byte));
    start + 1 + bytes.len() + length
}

fn read(der: &[u8]) -> Block {
    let pem = format!(
        "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
        STANDARD.encode(der)
    );
    let mut blocks: Vec<Block> = blocks(pem.as_bytes()).collect();
    assert_eq!(blocks.len(), 1);
    blocks.remove(0)
}

fn dates(certificate: Option<&Certificate>) -> Option<(Option<i64>, Option<i64>)> {
    certificate.map(|certificate| (certificate.not_before, certificate.not_after))
}
