//! The certificates of a text that count: the leaf, and those behind it that a verifier needs.
//!
//! A verifier builds a path from the certificates that it is sent, in whatever order (RFC 8446 section
//! 4.4.2), and one valid path is enough (RFC 4158 section 2). So the path that counts is the one that
//! expires last, and a certificate that it does not need may expire unnoticed: the signature of a root
//! by an older one, or what an earlier issuer left behind.
//!
//! Signatures are not verified. Names and key identifiers tell which certificates a verifier tries (RFC
//! 4158 section 3.5), and a wrong connection would need a forged certificate: a person who can write one
//! into a secret can replace the leaf as well. Where names and key identifiers do not decide, and
//! wherever else a text is not understood, every certificate counts: none that a server needs may expire
//! in silence.

use std::cmp::Reverse;

use super::link::Link;
use super::path::{Graph, Path};

/// The most certificates among which a path is looked for; in a longer text all of them count. Public
/// chains have four, and verifiers accept few more (rustls/webpki: `MAX_SUB_CA_COUNT` of
/// `src/verify_cert.rs`, 6; Mbed-TLS/mbedtls: `MBEDTLS_X509_MAX_INTERMEDIATE_CA` of
/// include/mbedtls/x509.h, 8).
const MOST: usize = 32;

/// The part that each certificate of a text plays. By default the first one is the leaf, and all of
/// them count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Chain {
    leaf: u8,
    /// A bit for each position, from the lowest on.
    unused: u32,
}

// === impl Chain ===

impl Chain {
    /// The position of the leaf: 0, except in a bundle of CAs.
    pub fn leaf(self) -> usize {
        self.leaf.into()
    }

    /// Returns whether the certificate at a position is not needed, because there is a path without it
    /// that expires no sooner.
    pub fn is_unused(self, position: usize) -> bool {
        position < MOST && self.unused >> position & 1 == 1
    }

    /// Finds the chain among certificates (DER); `None` stands for one that cannot be decoded.
    pub(super) fn of<'a>(certificates: impl ExactSizeIterator<Item = Option<&'a [u8]>>) -> Self {
        if !(2..=MOST).contains(&certificates.len()) {
            return Self::default();
        }
        let links: Vec<Option<Link>> = certificates.map(|der| Link::read(der?)).collect();
        let graph = Graph::of(&links);
        let path = leaf(&graph).and_then(|leaf| graph.best_path(leaf));
        let path = path.filter(|path| is_complete(path, &links));
        let leaf = path.as_ref().map_or(0, |path| path.positions[0]);
        let others = (0..links.len()).filter(|at| *at != leaf);
        let unused = others.filter(|at| is_unused(*at, leaf, path.as_ref(), &links));
        Self {
            leaf: u8::try_from(leaf).unwrap_or_default(), // it is below `MOST`
            unused: unused.fold(0, |unused, at| unused | 1 << at),
        }
    }
}

/// Finds the leaf; nothing if the first certificate cannot be read, or belongs behind another one.
fn leaf(graph: &Graph<'_>) -> Option<usize> {
    let first = graph.links[0].as_ref()?;
    let is_misplaced = |link: &Link| {
        let is_issued_by_first = first.is_named_as_issuer_of(link)
            && first.has_signed(link) != Some(false)
            && !link.is_namesake_of(first);
        (!first.is_end_entity() && is_issued_by_first)
            || (first.is_authority() && link.is_end_entity())
    };
    if graph.links.iter().flatten().any(is_misplaced) {
        return None;
    }
    let is_authority = |link: &Option<Link>| link.as_ref().is_some_and(Link::is_authority);
    if first.is_named || !graph.links.iter().all(is_authority) {
        return Some(0);
    }
    newest(first, graph)
}

/// Finds the certificate that expires last among those of a CA. No server presents a CA, and some
/// managers keep the certificates that they have replaced before the new one (kyverno/kyverno:
/// pkg/tls/renewer.go, `RenewCA`).
fn newest(first: &Link, graph: &Graph<'_>) -> Option<usize> {
    let mut newest: Option<(i64, usize)> = None;
    for (at, link) in graph.links.iter().enumerate() {
        if let Some(link) = link.as_ref().filter(|link| link.is_namesake_of(first)) {
            let expiry = link.not_after.min(graph.best_path(at)?.expiry);
            if newest.is_none_or(|(last, _)| expiry > last) {
                newest = Some((expiry, at));
            }
        }
    }
    newest.map(|(_, at)| at)
}

/// Returns whether a path leads to a root or, as far as is known, to an issuer in the verifiers' stores.
/// A certificate that cannot be read may be that issuer. And where none is the issuer of the leaf, they
/// may belong above one that is missing.
fn is_complete(path: &Path, links: &[Option<Link>]) -> bool {
    let [.., last] = path.positions[..] else {
        return false;
    };
    let Some(last) = &links[last] else {
        return false;
    };
    let is_above =
        |link: &Link| !link.is_end_entity() && !link.is_root() && !link.is_same_authority_as(last);
    let is_alone = path.positions.len() == 1 && links.iter().flatten().any(is_above);
    last.is_root() || (links.iter().all(Option::is_some) && !is_alone)
}

/// Returns whether a certificate behind the leaf is not needed; without a path, whether it is certain
/// that no path needs it.
fn is_unused(at: usize, leaf: usize, path: Option<&Path>, links: &[Option<Link>]) -> bool {
    let is_cross_signed_root = |link: &Link| link.is_public_root && !link.is_self_signed;
    let is_off_path = |path: &Path| !path.positions.contains(&at);
    let (Some(_), Some(leaf)) = (path.filter(|path| is_off_path(path)), &links[leaf]) else {
        return links[at].as_ref().is_some_and(is_cross_signed_root);
    };
    // The text of a CA may be used to verify others. Then each name in it counts, and not only a path.
    match &links[at] {
        None => leaf.is_end_entity(),
        Some(link) if link.is_namesake_of(leaf) => true,
        Some(link) if link.is_self_signed => false, // it does not count anyway
        Some(link) => {
            leaf.is_end_entity() || is_cross_signed_root(link) || is_superseded(at, link, links)
        }
    }
}

/// Returns whether another certificate of the same name expires later, or is the same and comes first.
fn is_superseded(at: usize, link: &Link, links: &[Option<Link>]) -> bool {
    let order = |(at, link): (usize, &Link)| (link.not_after, Reverse(at));
    let known = links.iter().enumerate();
    let mut known = known.filter_map(|(at, link)| Some((at, link.as_ref()?)));
    known.any(|other| other.1.is_namesake_of(link) && order(other) > order((at, link)))
}
