//! Which certificates of `tls.crt` count: the leaf, and the intermediates that its best path needs. What
//! a server may need is never left out, and what is left out is shown.

mod authorities;
mod doubt;
mod public;
mod random;
mod verified;

use std::fmt::Write;

use notafter_simulator::Cluster;
use notafter_simulator::certificate::{Authority, Draft};

use crate::scrape::Scrape;
use crate::world::{DAY, THEN, World, certificate, secret};

/// A leaf, its intermediate and root, and a root that was there before and has expired.
struct Pki {
    leaf: String,
    middle: Authority,
    root: Authority,
    former: Authority,
}

impl Pki {
    fn new() -> Self {
        let root = authority("root", 900);
        let middle = under(&root, "middle", 500);
        Self {
            leaf: server(&middle, "web"),
            middle,
            root,
            former: authority("former root", -10),
        }
    }

    /// The root's name and key, signed by the former root, and expired with it.
    fn cross(&self) -> String {
        let until = THEN - 10 * DAY;
        self.root.cross_signed(&self.former, PAST, until)
    }

    /// The intermediate's name and key, signed by its root once more.
    fn middle_until(&self, days: i64) -> String {
        let until = THEN + days * DAY;
        self.middle.cross_signed(&self.root, PAST, until)
    }
}

const PAST: i64 = THEN - 900 * DAY;

fn draft(name: &str, days: i64) -> Draft {
    Draft::named(name).valid(PAST, THEN + days * DAY)
}

fn authority(name: &str, days: i64) -> Authority {
    draft(name, days).authority()
}

fn under(issuer: &Authority, name: &str, days: i64) -> Authority {
    draft(name, days).authority_under(issuer)
}

/// The certificate of a server, for 90 days.
fn server(issuer: &Authority, name: &str) -> String {
    let draft = draft(name, 90).hosts(&[name]);
    draft.signed_by(issuer).certificate
}

fn pem(authority: &Authority) -> &str {
    &authority.pair.certificate
}

/// The scrape of a cluster with these certificates in a `tls.crt`.
async fn scrape(certificates: &[&str]) -> Scrape {
    let cluster = Cluster::new();
    let text = certificates.concat();
    cluster.apply(secret("shop", "web", &[("tls.crt", text.as_bytes())]));
    World::of(cluster).poll().await
}

/// The role of each certificate in their order, and the days until the secret expires.
async fn judged(certificates: &[&str]) -> String {
    let scrape = scrape(certificates).await;
    let mut dates = scrape.all("cert_not_after_seconds", &[]);
    dates.sort_by_key(|sample| sample.label("position").parse::<usize>().unwrap());
    let mut text = String::new();
    for sample in dates {
        write!(text, "{} ", sample.label("role")).unwrap();
    }
    let expiry = scrape.value("cert_expiry_seconds", &[]);
    write!(text, "{}", (expiry - THEN) / DAY).unwrap();
    text
}

#[tokio::test(start_paused = true)]
async fn an_intermediate_counts_and_a_root_does_not() {
    let Pki {
        leaf, middle, root, ..
    } = Pki::new();
    assert_eq!(judged(&[&leaf]).await, "leaf 90");
    assert_eq!(judged(&[&leaf, pem(&middle)]).await, "leaf chain 90");
    let short = under(&root, "short", 30);
    let leaf = server(&short, "web");
    assert_eq!(judged(&[&leaf, pem(&short)]).await, "leaf chain 30");
    let root = authority("root", -1);
    let middle = under(&root, "middle", 500);
    let leaf = server(&middle, "web");
    let roles = judged(&[&leaf, pem(&middle), pem(&root)]).await;
    assert_eq!(roles, "leaf chain root 90");
}

#[tokio::test(start_paused = true)]
async fn an_expired_signature_of_a_root_by_another_one_is_shown_and_does_not_count() {
    let pki = Pki::new();
    let (middle, root, cross) = (pem(&pki.middle), pem(&pki.root), pki.cross());
    let scrape = scrape(&[&pki.leaf, middle, root, &cross]).await;
    let labels = [("role", "unused"), ("position", "3")];
    assert_eq!(
        scrape.value("cert_not_after_seconds", &labels),
        THEN - 10 * DAY
    );
    assert_eq!(scrape.value("cert_not_before_seconds", &labels), PAST);
    let info = scrape.all("cert_info", &[("position", "3")]);
    assert_eq!(info[0].label("issuer"), "CN=former root");
    assert_eq!(scrape.value("cert_expiry_seconds", &[]), THEN + 90 * DAY);
    let life = scrape.value("cert_life_seconds", &[]);
    assert_eq!(life, 990 * DAY, "that of the leaf");
    let former = pem(&pki.former);
    let roles = judged(&[&pki.leaf, middle, root, &cross, former]).await;
    assert_eq!(roles, "leaf chain root unused root 90");
}

#[tokio::test(start_paused = true)]
async fn an_expired_certificate_that_the_only_path_needs_counts() {
    let pki = Pki::new();
    let cross = pki.cross();
    let roles = judged(&[&pki.leaf, pem(&pki.middle), &cross]).await;
    assert_eq!(roles, "leaf chain chain -10");
    let roles = judged(&[&pki.leaf, pem(&pki.middle), &cross, pem(&pki.former)]).await;
    assert_eq!(roles, "leaf chain chain root -10");
    let roles = judged(&[&pki.leaf, &pki.middle_until(-20), pem(&pki.root)]).await;
    assert_eq!(roles, "leaf chain root -20");
}

#[tokio::test(start_paused = true)]
async fn an_expired_root_does_not_replace_its_signature_by_a_newer_one() {
    let Pki {
        leaf, middle, root, ..
    } = Pki::new();
    let expired = root.cross_signed(&root, PAST, THEN - 10 * DAY);
    let newer = authority("newer root", 5000);
    let cross = root.cross_signed(&newer, PAST, THEN + 20 * DAY);
    for order in [[&expired, &cross], [&cross, &expired]] {
        let roles = judged(&[&leaf, pem(&middle), order[0], order[1]]).await;
        let wanted = ["leaf chain root chain 20", "leaf chain chain root 20"];
        assert!(wanted.contains(&&*roles), "{roles}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_renewed_intermediate_replaces_the_one_before() {
    let pki = Pki::new();
    let (before, renewed) = (pki.middle_until(-20), pki.middle_until(300));
    assert_eq!(
        judged(&[&pki.leaf, &before, &renewed]).await,
        "leaf unused chain 90"
    );
    assert_eq!(
        judged(&[&pki.leaf, &renewed, &before]).await,
        "leaf chain unused 90"
    );
    // Which of them is better does not depend on the leaf, so that its renewal changes no other role.
    let (sooner, later) = (pki.middle_until(200), pki.middle_until(300));
    assert_eq!(
        judged(&[&pki.leaf, &sooner, &later]).await,
        "leaf unused chain 90"
    );
    // With another key it is the one that the leaf names.
    let rekeyed = under(&pki.root, "middle", -20);
    let roles = judged(&[&pki.leaf, pem(&rekeyed), pem(&pki.middle)]).await;
    assert_eq!(roles, "leaf unused chain 90");
    let rekeyed = under(&pki.root, "middle", 600);
    let roles = judged(&[&pki.leaf, pem(&rekeyed), &before]).await;
    assert_eq!(roles, "leaf unused chain -20");
}

#[tokio::test(start_paused = true)]
async fn a_certificate_of_a_root_for_its_own_next_key_is_an_intermediate() {
    let former = authority("root", 20);
    let root = authority("root", 900);
    let link = root.cross_signed(&former, PAST, THEN + 10 * DAY);
    let leaf = server(&root, "web");
    assert_eq!(judged(&[&leaf, &link]).await, "leaf chain 10");
    assert_eq!(
        judged(&[&leaf, &link, pem(&former)]).await,
        "leaf chain root 10"
    );
    // As service-ca presents it.
    assert_eq!(
        judged(&[&leaf, pem(&root), &link]).await,
        "leaf root unused 90"
    );
}

#[tokio::test(start_paused = true)]
async fn repetitions_and_left_over_leaves_do_not_count() {
    let pki = Pki::new();
    let (leaf, middle) = (&*pki.leaf, pem(&pki.middle));
    let roles = judged(&[leaf, middle, middle, leaf]).await;
    assert_eq!(roles, "leaf chain unused unused 90");
    let before = draft("web", -5).hosts(&["web"]).signed_by(&pki.middle);
    let roles = judged(&[leaf, middle, &before.certificate]).await;
    assert_eq!(roles, "leaf chain unused 90");
    let roles = judged(&[leaf, &before.certificate]).await;
    assert_eq!(roles, "leaf unused 90");
    let roles = judged(&[&before.certificate, leaf, middle]).await;
    assert_eq!(
        roles, "leaf unused chain -5",
        "a server presents the first one"
    );
    let own = certificate("web", 90).certificate;
    let roles = judged(&[&own, middle]).await;
    assert_eq!(
        roles, "leaf unused 90",
        "a certificate that is its own root needs no other"
    );
}
