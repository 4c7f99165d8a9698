//! Random texts: nothing panics, the order behind the leaf is no matter, and the path that counts is the
//! best one that a search through all of them finds.

use fastrand::Rng;
use notafter::certificate::presented;
use notafter_simulator::certificate::Authority;
use notafter_simulator::rng;

use super::{PAST, authority, pem, server};
use crate::world::{DAY, THEN};

/// A certificate, with what a verifier knows of it.
#[derive(Clone)]
pub(super) struct Known {
    pub(super) pem: String,
    pub(super) subject: usize,
    pub(super) issuer: usize,
    pub(super) expiry: i64,
}

/// Up to eight certificates of some authorities by each other and themselves.
pub(super) fn certificates(rng: &mut Rng, authorities: &[Authority]) -> Vec<Known> {
    let any = |rng: &mut Rng| rng.usize(..authorities.len());
    let count = rng.usize(1..=8);
    let mut all: Vec<Known> = Vec::new();
    while all.len() < count {
        let (subject, issuer, days) = (any(rng), any(rng), rng.i64(-5..15) * 10);
        let expiry = THEN + days * DAY;
        let pem = authorities[subject].cross_signed(&authorities[issuer], PAST, expiry);
        all.push(Known {
            pem,
            subject,
            issuer,
            expiry,
        });
    }
    all
}

/// The earliest expiry on a path with its root, by which paths are compared, and without.
pub(super) type Expiry = (i64, i64);

/// Finds every path from a certificate of an issuer up to a root, or to one whose issuer is not there.
pub(super) fn paths(
    all: &[Known],
    issuer: usize,
    above: &[usize],
    (with, without): Expiry,
) -> Vec<Expiry> {
    let mut found = Vec::new();
    for known in all.iter().filter(|known| known.subject == issuer) {
        let with = with.min(known.expiry);
        if known.subject == known.issuer {
            found.push((with, without));
        } else if !above.contains(&known.issuer) {
            let above = [above, &[known.issuer]].concat();
            let expiry = (with, without.min(known.expiry));
            if all.iter().any(|other| other.subject == known.issuer) {
                found.extend(paths(all, known.issuer, &above, expiry));
            } else {
                found.push(expiry);
            }
        }
    }
    found
}

#[test]
fn the_path_that_counts_is_the_best_of_all_in_any_order() {
    let mut rng = rng();
    let authorities = ["one", "two", "three", "four", "five"].map(|name| authority(name, 900));
    let leaf = server(&authorities[0], "web");
    let mut compared = 0;
    for _ in 0..1_500 {
        let mut all = certificates(&mut rng, &authorities);
        let expiry_of = |all: &[Known]| {
            let texts = all.iter().map(|known| known.pem.as_str());
            let text: String = [&*leaf].into_iter().chain(texts).collect();
            let (blocks, chain) = presented(text.as_bytes(), 500);
            assert_eq!(blocks.len(), all.len() + 1);
            assert_eq!(chain.leaf(), 0);
            let counts =
                |at: &usize| !chain.is_unused(at + 1) && all[*at].subject != all[*at].issuer;
            let needed = (0..all.len()).filter(counts);
            needed.map(|at| all[at].expiry).min().unwrap_or(i64::MAX)
        };
        let counted = expiry_of(&all);
        rng.shuffle(&mut all);
        assert_eq!(expiry_of(&all), counted, "the order is no matter");
        // Without any path, everything counts.
        let found = paths(&all, 0, &[0], (i64::MAX, i64::MAX));
        if let Some((_, best)) = found.iter().max() {
            assert_eq!(counted, *best);
            compared += 1;
        }
    }
    assert!(compared > 500, "{compared}");
}

#[test]
fn no_mixture_of_blocks_panics_or_leaves_out_the_leaf() {
    let mut rng = rng();
    let authorities = ["one", "two", "three"].map(|name| authority(name, 900));
    let leaf = server(&authorities[0], "web");
    for _ in 0..1_500 {
        let mut text = String::new();
        for _ in 0..rng.usize(1..40) {
            let subject = rng.choice(&authorities).unwrap();
            let issuer = rng.choice(&authorities).unwrap();
            let mut pem = match rng.u8(..4) {
                0 => leaf.clone(),
                1 => pem(subject).to_owned(),
                _ => subject.cross_signed(issuer, PAST, THEN),
            };
            if rng.u8(..8) == 0 {
                let at = rng.usize(30..pem.len() - 30);
                pem.replace_range(at..=at, "A");
            }
            text.push_str(&pem);
        }
        let (blocks, chain) = presented(text.as_bytes(), 500);
        let leaf = chain.leaf();
        assert!(leaf == 0 || blocks[leaf].defect().is_none());
        assert!(!chain.is_unused(leaf) && !chain.is_unused(blocks.len()));
    }
}
