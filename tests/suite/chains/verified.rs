//! A verifier that knows nothing of notafter accepts a chain until it expires according to notafter, and
//! not a second longer.

use std::sync::Arc;

use notafter::certificate::presented;
use notafter_simulator::certificate::Authority;
use notafter_simulator::rng;
use rustls::RootCertStore;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};

use super::random::{Known, certificates, paths};
use super::{authority, draft, pem};
use crate::world::{DAY, THEN};

fn der(pem: &str) -> CertificateDer<'static> {
    CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()
}

/// A verifier that has the roots that the certificates lead to: those that are among them, and those
/// whose certificate is not there.
fn verifier(all: &[Known], authorities: &[Authority]) -> Arc<WebPkiServerVerifier> {
    let mut roots = RootCertStore::empty();
    for (at, authority) in authorities.iter().enumerate() {
        let mut own = all.iter().filter(|known| known.subject == at).peekable();
        if own.peek().is_none() || own.any(|known| known.issuer == at) {
            roots.add(der(pem(authority))).unwrap();
        }
    }
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = WebPkiServerVerifier::builder_with_provider(roots.into(), provider);
    builder.build().unwrap()
}

#[test]
fn a_verifier_accepts_a_chain_exactly_until_it_expires() {
    let mut rng = rng();
    let authorities = ["one", "two", "three", "four"].map(|name| authority(name, 900));
    let leaf = draft("web", 900).hosts(&["web"]).serving();
    let leaf = leaf.signed_by(&authorities[0]).certificate;
    let mut asked = 0;
    for _ in 0..300 {
        let mut all = certificates(&mut rng, &authorities);
        for known in &mut all {
            // The verifier has roots that are valid.
            if known.subject == known.issuer {
                known.expiry = THEN + 900 * DAY;
                known.pem = pem(&authorities[known.subject]).to_owned();
            }
        }
        if paths(&all, 0, &[0], (i64::MAX, i64::MAX)).is_empty() {
            continue; // everything counts
        }
        let text: String = std::iter::once(leaf.as_str())
            .chain(all.iter().map(|known| known.pem.as_str()))
            .collect();
        let (_, chain) = presented(text.as_bytes(), 500);
        let counts = |at: &usize| !chain.is_unused(at + 1) && all[*at].subject != all[*at].issuer;
        let needed = (0..all.len()).filter(counts).map(|at| all[at].expiry);
        let expiry = needed.min().unwrap_or(i64::MAX);

        let verifier = verifier(&all, &authorities);
        let others: Vec<_> = all.iter().map(|known| der(&known.pem)).collect();
        let name = ServerName::try_from("web").unwrap();
        for now in all
            .iter()
            .flat_map(|known| [known.expiry, known.expiry + 1])
        {
            let time =
                UnixTime::since_unix_epoch(std::time::Duration::from_secs(now.unsigned_abs()));
            let accepted = verifier.verify_server_cert(&der(&leaf), &others, &name, &[], time);
            if now <= THEN + 900 * DAY {
                assert_eq!(
                    accepted.is_ok(),
                    now <= expiry,
                    "{now} {expiry} {accepted:?}"
                );
                asked += 1;
            }
        }
    }
    assert!(asked > 1000, "{asked}");
}
