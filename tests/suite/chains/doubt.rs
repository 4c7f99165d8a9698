//! Where it is not known what a verifier needs, every certificate counts.

use notafter_simulator::certificate::der::{self, UTF8, element};

use super::{Pki, authority, judged, pem, server, under};

const DAMAGED: &str = "-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n";

/// A certificate without extensions, which expires some 678 days after the reference time.
fn plain(subject: &str, issuer: &str) -> String {
    let name = |name: &str| der::name(&[(der::COMMON_NAME, UTF8, name.as_bytes())]);
    let bytes = der::certificate(|fields| {
        (fields.subject, fields.issuer) = (name(subject), name(issuer));
    });
    der::pem("CERTIFICATE", &bytes)
}

/// A certificate of which only the dates can be read.
fn salvaged() -> String {
    let bytes = der::certificate(|fields| fields.public_key = element(0x05, &[]));
    der::pem("CERTIFICATE", &bytes)
}

#[tokio::test(start_paused = true)]
async fn in_the_wrong_order_everything_counts() {
    let pki = Pki::new();
    let (leaf, middle, root) = (&*pki.leaf, pem(&pki.middle), pem(&pki.root));
    let expired = pki.middle_until(-20);
    assert_eq!(judged(&[middle, leaf]).await, "leaf chain 90");
    assert_eq!(judged(&[root, middle, leaf]).await, "leaf chain chain 90");
    assert_eq!(
        judged(&[root, &expired, leaf]).await,
        "leaf chain chain -20"
    );
    let other = server(&authority("another root", 900), "web");
    assert_eq!(judged(&[middle, &other]).await, "leaf chain 90");
}

#[tokio::test(start_paused = true)]
async fn what_is_above_a_missing_intermediate_counts() {
    let root = authority("root", 900);
    let upper = under(&root, "upper", -20);
    let middle = under(&upper, "middle", 500);
    let leaf = server(&middle, "web");
    assert_eq!(judged(&[&leaf, pem(&upper)]).await, "leaf chain -20");
    assert_eq!(
        judged(&[&leaf, pem(&upper), pem(&root)]).await,
        "leaf chain root -20"
    );
    assert_eq!(judged(&[&leaf, pem(&root)]).await, "leaf root 90");
}

#[tokio::test(start_paused = true)]
async fn a_damaged_block_may_be_what_a_path_needs() {
    let pki = Pki::new();
    let (leaf, middle, root) = (&*pki.leaf, pem(&pki.middle), pem(&pki.root));
    let cross = pki.cross();
    assert_eq!(judged(&[leaf, DAMAGED, &cross]).await, "leaf chain -10");
    assert_eq!(judged(&[DAMAGED, leaf, middle]).await, "chain chain 90");
    let dated = salvaged();
    assert_eq!(judged(&[leaf, middle, &dated]).await, "leaf chain chain 90");
    assert_eq!(
        judged(&[&dated, middle, &cross]).await,
        "leaf chain chain -10"
    );
    // A complete path needs none.
    let roles = judged(&[leaf, middle, DAMAGED, root, &cross, &dated]).await;
    assert_eq!(roles, "leaf chain root unused unused 90");
}

#[tokio::test(start_paused = true)]
async fn of_two_keys_that_may_have_signed_both_count() {
    let root = authority("root", 900);
    let (one, other) = (under(&root, "middle", -20), under(&root, "middle", 500));
    let leaf = plain("web", "middle");
    let roles = judged(&[&leaf, pem(&other), pem(&one)]).await;
    assert_eq!(roles, "leaf chain chain -20");
    // A key of the same name that certainly has not signed is no issuer, and no reason to leave out others.
    let rekeyed = under(&root, "middle", 500);
    let leaf = server(&rekeyed, "web");
    let roles = judged(&[&leaf, pem(&other), pem(&one)]).await;
    assert_eq!(roles, "leaf chain chain -20");
}

#[tokio::test(start_paused = true)]
async fn names_are_compared_as_the_most_lenient_verifier_does() {
    let root = authority("Root  CA", 900);
    let leaf = plain("web", "MIDDLE ca");
    let middle = under(&root, "Middle CA", 30);
    let others = under(&root, "others", -20);
    let roles = judged(&[&leaf, pem(&middle), pem(&others)]).await;
    assert_eq!(roles, "leaf chain unused 30");
}

#[tokio::test(start_paused = true)]
async fn authorities_that_certify_only_each_other_all_count() {
    let (one, other) = (authority("one", 900), authority("other", 900));
    let from = |issuer, subject: &super::Authority, days| {
        subject.cross_signed(issuer, super::PAST, super::THEN + days * super::DAY)
    };
    let (by_other, by_one) = (from(&other, &one, 20), from(&one, &other, 10));
    let leaf = server(&one, "web");
    assert_eq!(
        judged(&[&leaf, &by_other, &by_one]).await,
        "leaf chain chain 10"
    );
    let roles = judged(&[&leaf, &by_other, &by_one, pem(&other)]).await;
    assert_eq!(roles, "leaf chain unused root 20");
    let roles = judged(&[&leaf, &by_other, &by_one, pem(&one)]).await;
    assert_eq!(roles, "leaf unused unused root 90");
}

#[tokio::test(start_paused = true)]
async fn in_a_text_longer_than_any_chain_everything_counts() {
    let pki = Pki::new();
    let (middle, root, cross) = (pem(&pki.middle), pem(&pki.root), pki.cross());
    let mut certificates = vec![&*pki.leaf, middle, root];
    certificates.resize(31, root);
    certificates.push(&cross);
    assert!(judged(&certificates).await.ends_with("root unused 90"));
    certificates.push(&cross);
    assert!(
        judged(&certificates)
            .await
            .ends_with("root chain chain -10")
    );
}
