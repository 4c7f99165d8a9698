//! One certificate that was put into many secrets by hand.

use notafter::certificate::hexadecimal;
use notafter_simulator::Cluster;
use serde_json::json;

use crate::judged::judge;
use crate::managed::{cluster, copied};
use crate::world::{certificate, tls};

/// A cluster with the same hand-made certificate in so many namespaces.
fn spread(namespaces: usize) -> Cluster {
    let cluster = cluster();
    let wildcard = tls("shop-0", "wildcard", &certificate("*.example.com", 90));
    for number in 0..namespaces {
        cluster.apply(copied(&wildcard, &format!("shop-{number}"), "wildcard"));
    }
    cluster
}

/// The secrets that count as places of one certificate, with the label that they share.
fn shared(cluster: &Cluster) -> Vec<(String, String)> {
    let inventory = judge(cluster);
    let advice = inventory
        .advice()
        .filter(|advice| !advice.shared.is_empty());
    advice
        .map(|advice| (advice.object.namespace.to_string(), advice.shared))
        .collect()
}

#[test]
fn the_same_certificate_put_into_three_secrets_by_hand_is_one_matter() {
    assert_eq!(shared(&spread(2)), []);
    let cluster = spread(3);
    let places = shared(&cluster);
    assert_eq!(places.len(), 3);
    let leaf = judge(&cluster).judged()[0]
        .holder
        .leaf()
        .unwrap()
        .fingerprint;
    let start = hexadecimal(&leaf[..8]);
    assert!(
        places.iter().all(|(_, label)| *label == start),
        "{places:?}"
    );
}

#[test]
fn what_is_renewed_ignored_or_a_copy_is_not_one_of_the_places() {
    let wildcard = |cluster: &Cluster| cluster.get("Secret", "shop-0", "wildcard").unwrap();
    for (mark, value) in [
        ("notafter.io/renewed-before", "10d"),
        ("notafter.io/ignore", "a test"),
        (
            "reflector.v1.k8s.emberstack.com/reflects",
            "shop-1/wildcard",
        ),
    ] {
        let cluster = spread(4);
        let mut secret = wildcard(&cluster);
        secret["metadata"]["annotations"] = json!({ mark: value });
        cluster.apply(secret);
        let places = shared(&cluster);
        let places: Vec<_> = places.iter().map(|(namespace, _)| &**namespace).collect();
        assert_eq!(places, ["shop-1", "shop-2", "shop-3"], "{mark}");
    }
}
