//! Random mutations of everything that is read: nothing panics, and nothing is lost silently.

mod objects;
mod web_config;

use fastrand::Rng;
use notafter::certificate::{Block, blocks};
use notafter_simulator::certificate::der::{self, Fields, element};
use notafter_simulator::rng;

use crate::world::certificate;

/// Changes some bytes, removes some, and adds some.
fn mutate(rng: &mut Rng, bytes: &mut Vec<u8>) {
    for _ in 0..rng.usize(1..5) {
        let at = rng.usize(..bytes.len());
        match rng.u8(..3) {
            0 => bytes[at] = rng.u8(..),
            1 if bytes.len() > 1 => drop(bytes.remove(at)),
            _ => bytes.insert(at, rng.u8(..)),
        }
    }
}

#[test]
fn every_block_of_a_mutated_certificate_is_read_or_reported() {
    let mut rng = rng();
    let rich = |fields: &mut Fields| {
        let san = der::sequence(&[&element(0x82, b"web.shop.svc"), &element(0x87, &[1; 4])]);
        fields.extensions = vec![der::extension(der::ALTERNATIVE_NAME, false, &san)];
        fields.subject = der::name(&[
            (der::ORGANIZATION, der::BMP, b"\0A"),
            (der::COMMON_NAME, der::T61, b"x"),
        ]);
        fields.not_after = element(der::GENERALIZED_TIME, b"20510101000000.5Z");
    };
    let original = der::certificate(rich);
    for _ in 0..30_000 {
        let mut der = original.clone();
        mutate(&mut rng, &mut der);
        let pem = der::pem("CERTIFICATE", &der);
        let read: Vec<Block> = blocks(pem.as_bytes()).collect();
        assert_eq!(read.len(), 1);
        assert!(read[0].certificate().is_some() || read[0].defect().is_some());
    }
}

#[test]
fn a_damaged_block_costs_no_other_block() {
    let mut rng = rng();
    let pem = certificate("web", 90).certificate;
    for _ in 0..2_000 {
        let mut damaged = pem.clone().into_bytes();
        // Only the base64 is damaged: with a damaged BEGIN line there is no block at all.
        for _ in 0..rng.usize(1..20) {
            let at = rng.usize(28..damaged.len() - 26);
            match rng.u8(..3) {
                0 => damaged[at] = rng.u8(..),
                1 => drop(damaged.remove(at)),
                _ => damaged.insert(at, rng.u8(..)),
            }
        }
        let text = [pem.as_bytes(), &damaged, pem.as_bytes()].concat();
        let read: Vec<Block> = blocks(&text).collect();
        assert!(read.len() >= 3, "{}", String::from_utf8_lossy(&text));
        for block in [read.first(), read.last()] {
            assert!(
                block.unwrap().defect().is_none(),
                "{}",
                String::from_utf8_lossy(&text)
            );
        }
    }
}
