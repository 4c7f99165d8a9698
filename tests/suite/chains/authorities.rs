//! Bundles of CAs: an expired one beside a valid successor of the same name does not count.

use notafter_simulator::Cluster;
use notafter_simulator::certificate::Draft;

use super::{PAST, authority, judged, pem, scrape, server, under};
use crate::world::{DAY, THEN, World, secret};

#[tokio::test(start_paused = true)]
async fn of_the_certificates_of_a_ca_the_newest_counts() {
    let (before, now) = (authority("*.shop.svc", -20), authority("*.shop.svc", 300));
    assert_eq!(judged(&[pem(&before), pem(&now)]).await, "unused leaf 300");
    assert_eq!(judged(&[pem(&now), pem(&before)]).await, "leaf unused 300");
    assert_eq!(judged(&[pem(&before)]).await, "leaf -20");
    // Kyverno keeps the key.
    let renewed = now.cross_signed(&now, PAST, THEN + 500 * DAY);
    let roles = judged(&[pem(&before), pem(&now), &renewed]).await;
    assert_eq!(roles, "unused unused leaf 500");
    let both = authority("*.shop.svc", -1);
    assert_eq!(judged(&[pem(&before), pem(&both)]).await, "unused leaf -1");
}

#[tokio::test(start_paused = true)]
async fn an_intermediate_ca_is_as_good_as_its_path() {
    let root = authority("root", 900);
    let (before, now) = (under(&root, "middle", -20), under(&root, "middle", 300));
    let roles = judged(&[pem(&before), pem(&now), pem(&root)]).await;
    assert_eq!(roles, "unused leaf root 300");
    let upper = under(&root, "upper", 100);
    let longer = under(&upper, "middle", 400);
    let roles = judged(&[pem(&longer), pem(&upper), pem(&root)]).await;
    assert_eq!(roles, "leaf chain root 100");
}

#[tokio::test(start_paused = true)]
async fn what_may_verify_others_counts_beside_a_ca() {
    let root = authority("root", 900);
    let (before, now) = (under(&root, "middle", -20), under(&root, "middle", 300));
    let own = authority("own", 500);
    assert_eq!(judged(&[pem(&own), pem(&before)]).await, "leaf chain -20");
    let roles = judged(&[pem(&own), pem(&before), pem(&now), pem(&now)]).await;
    assert_eq!(roles, "leaf unused chain unused 300");
    let roles = judged(&[pem(&own), pem(&now), pem(&before), pem(&root)]).await;
    assert_eq!(roles, "leaf chain unused root 300");
}

#[tokio::test(start_paused = true)]
async fn authorities_of_other_names_do_not_replace_each_other() {
    let (one, other) = (authority("one", -20), authority("other", 300));
    assert_eq!(judged(&[pem(&one), pem(&other)]).await, "leaf root -20");
}

#[tokio::test(start_paused = true)]
async fn a_server_presents_the_first_certificate_however_old() {
    let of_server = |days| {
        let draft = Draft::named("web").hosts(&["web"]);
        draft.valid(PAST, THEN + days * DAY).authority()
    };
    let (before, now) = (of_server(-20), of_server(300));
    assert_eq!(judged(&[pem(&before), pem(&now)]).await, "leaf unused -20");
    let before = super::draft("web", -20).self_signed().certificate;
    let now = super::draft("web", 300).self_signed().certificate;
    assert_eq!(judged(&[&before, &now]).await, "leaf unused -20");
    // A CA beside the certificate of a server is no bundle of CAs.
    let (before, now) = (authority("ca", -20), authority("ca", 300));
    let roles = judged(&[pem(&before), pem(&now), &server(&now, "web")]).await;
    assert_eq!(roles, "leaf root chain -20");
}

#[tokio::test(start_paused = true)]
async fn what_is_said_of_a_ca_is_said_of_the_newest() {
    let (before, now) = (authority("ca", -20), authority("ca", 300));
    let scrape = scrape(&[pem(&before), pem(&now)]).await;
    let dates = scrape.all("cert_not_after_seconds", &[("role", "leaf")]);
    assert_eq!(dates.len(), 1);
    assert_eq!(dates[0].label("position"), "1");
    assert_eq!(scrape.value("cert_life_seconds", &[]), 1200 * DAY);
}

#[tokio::test(start_paused = true)]
async fn what_depends_on_a_ca_depends_on_the_newest() {
    let (before, now) = (authority("ca", -20), authority("ca", 300));
    let bundle = [pem(&before), pem(&now)].concat();
    let cluster = Cluster::new();
    let (namespace, name) = ("openshift-service-ca", "signing-key");
    for (namespace, name) in [("shop", "web"), (namespace, name), ("openshift", "other")] {
        let data = [("tls.crt", bundle.as_bytes())];
        cluster.apply(secret(namespace, name, &data));
    }
    let scrape = World::of(cluster).poll().await;
    let impacts = scrape.all("cert_impact", &[("name", name)]);
    assert!(!impacts.is_empty());
    assert!(impacts.iter().all(|impact| impact.label("position") == "1"));
}

#[tokio::test(start_paused = true)]
async fn an_expired_ca_in_another_key_does_not_count() {
    let (before, now) = (authority("ca", -20), authority("ca", 300));
    let leaf = server(&now, "web");
    let bundle = [pem(&before), pem(&now)].concat();
    let cluster = Cluster::new();
    let data = [("ca.crt", bundle.as_bytes()), ("tls.crt", leaf.as_bytes())];
    cluster.apply(secret("shop", "web", &data));
    let scrape = World::of(cluster).poll().await;
    assert_eq!(scrape.value("cert_expiry_seconds", &[]), THEN + 90 * DAY);
    assert_eq!(
        scrape
            .all("cert_not_after_seconds", &[("role", "trust")])
            .len(),
        2
    );
}
