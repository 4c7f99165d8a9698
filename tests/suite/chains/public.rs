//! Roots that verifiers have in their own stores, as webpki-roots lists them.

use notafter_simulator::certificate::der::{self, UTC_TIME, UTF8, element, sequence};

use super::{Pki, judged};

/// A certificate for a name and key, by an issuer, which expired on 2021-09-30.
fn expired(subject: &[u8], public_key: Option<&[u8]>, issuer: &[u8]) -> String {
    let bytes = der::certificate(|fields| {
        (fields.subject, fields.issuer) = (subject.into(), issuer.into());
        fields.not_before = element(UTC_TIME, b"000930211219Z");
        fields.not_after = element(UTC_TIME, b"210930140115Z");
        if let Some(key) = public_key {
            fields.public_key = key.into();
        }
    });
    der::pem("CERTIFICATE", &bytes)
}

/// A valid certificate for a name, by an issuer.
fn valid(subject: &[u8], issuer: &[u8]) -> String {
    let bytes = der::certificate(|fields| {
        (fields.subject, fields.issuer) = (subject.into(), issuer.into());
    });
    der::pem("CERTIFICATE", &bytes)
}

#[tokio::test(start_paused = true)]
async fn the_expired_signature_of_a_public_root_never_counts() {
    let name = |name: &[u8]| der::name(&[(der::COMMON_NAME, UTF8, name)]);
    let mut roots = webpki_roots::TLS_SERVER_ROOTS.iter();
    let is_isrg = |name: &[u8]| name.windows(12).any(|window| window == b"ISRG Root X1");
    let root = roots.find(|root| is_isrg(&root.subject)).unwrap();
    let (isrg, key) = (
        sequence(&[&root.subject]),
        sequence(&[&root.subject_public_key_info]),
    );
    let (r3, dst) = (name(b"R3"), name(b"DST Root CA X3"));
    let (leaf, middle) = (valid(&name(b"web"), &r3), valid(&r3, &isrg));
    let cross = expired(&isrg, Some(&key), &dst);
    let dst = expired(&dst, None, &dst);

    assert_eq!(
        judged(&[&leaf, &middle, &cross]).await,
        "leaf chain unused 677"
    );
    let roles = judged(&[&leaf, &cross, &middle, &dst]).await;
    assert_eq!(roles, "leaf unused chain root 677");
    assert_eq!(judged(&[&leaf, &cross]).await, "leaf unused 677");
    // The name alone makes no public root: anybody can give it to an intermediate.
    let false_root = expired(&isrg, None, &name(b"DST Root CA X3"));
    let roles = judged(&[&leaf, &middle, &false_root]).await;
    assert_eq!(roles, "leaf chain chain -875");
}

#[tokio::test(start_paused = true)]
async fn the_same_of_a_private_root_counts() {
    let pki = Pki::new();
    let roles = judged(&[&pki.leaf, super::pem(&pki.middle), &pki.cross()]).await;
    assert_eq!(roles, "leaf chain chain -10");
}
