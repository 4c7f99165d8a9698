//! Selectors that name a label.

use notafter::api::Polling;
use notafter::rotation::Declarations;
use notafter_simulator::Cluster;
use serde_json::{Value, json};

use super::{ignored, renewed_before, selector};
use crate::scrape::Scrape;
use crate::world::{DAY, World, certificate, polling, tls};

/// A secret of the namespace `shop` with labels.
fn labelled(name: &str, labels: &Value) -> Value {
    let mut secret = tls("shop", name, &certificate(name, 90));
    secret["metadata"]["labels"] = labels.clone();
    secret
}

/// A cluster with these secrets.
fn cluster(secrets: &[(&str, Value)]) -> Cluster {
    let cluster = Cluster::new();
    for (name, labels) in secrets {
        cluster.apply(labelled(name, labels));
    }
    cluster
}

/// A world that is polled with declarations, as `notafter serve` polls it.
fn world(cluster: Cluster, declarations: Declarations, polling: Polling) -> World {
    let polling = Polling {
        labels: declarations.labels(),
        ..polling
    };
    let mut world = World::polled(cluster, &polling);
    world.declarations = declarations;
    world
}

/// The names of the secrets that are ignored.
fn silent(scrape: &Scrape) -> Vec<String> {
    let ignored = scrape.all("notafter_ignored", &[]);
    let names = ignored.iter().map(|sample| sample.label("name").to_owned());
    names.collect()
}

#[tokio::test(start_paused = true)]
async fn a_flag_selects_secrets_by_a_label() {
    let cluster = cluster(&[
        ("lab", json!({"stage": "lab", "example.com/owner": "a"})),
        ("production", json!({"stage": "production"})),
        ("near", json!({"stage": "lab-2"})),
        ("bare", Value::Null),
    ]);
    let mut annotated = labelled("annotated", &Value::Null);
    annotated["metadata"]["annotations"] = json!({"stage": "lab"});
    cluster.apply(annotated);
    let declarations = || ignored("*/*,stage=lab", "the lab may expire");
    let scrape = world(cluster.clone(), declarations(), polling())
        .poll()
        .await;
    assert_eq!(silent(&scrape), ["lab"], "an annotation is no label");
    assert_eq!(scrape.problems(), [""; 0]);
    let renewed = renewed_before("sh*/*,example.com/owner=a", 10 * DAY);
    let scrape = world(cluster, renewed, polling()).poll().await;
    let managed = scrape.all("cert_expiry_seconds", &[("manager", "owner")]);
    assert_eq!(managed.len(), 1);
    assert_eq!(managed[0].label("name"), "lab");
}

#[tokio::test(start_paused = true)]
async fn the_patterns_and_the_label_of_a_selector_must_both_match() {
    let labels = json!({"stage": "lab", "empty": "", "strimzi.io/cluster": "kafka"});
    for (text, is_selected) in [
        ("shop/web,stage=lab", true),
        ("bank/web,stage=lab", false),
        ("shop/api,stage=lab", false),
        ("shop/web,empty=", true),
        ("shop/web,missing=", false),
        // The label of a manager is a label as well.
        ("*/*,strimzi.io/cluster=kafka", true),
    ] {
        let cluster = cluster(&[("web", labels.clone())]);
        let scrape = world(cluster, ignored(text, "a test"), polling())
            .poll()
            .await;
        assert_eq!(!silent(&scrape).is_empty(), is_selected, "{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_change_of_such_a_label_alone_changes_the_verdict() {
    for watch in [None, polling().watch] {
        let polling = Polling { watch, ..polling() };
        let declarations = ignored("*/*,stage=lab", "the lab may expire");
        let mut world = world(cluster(&[("web", Value::Null)]), declarations, polling);
        let problem = "*,stage=lab/--ignore: matches_nothing";
        assert_eq!(world.poll().await.problems(), [problem]);
        for (labels, expected) in [
            (json!({"stage": "lab"}), &["web"][..]),
            (json!({"stage": "production"}), &[]),
            (json!({"stage": "lab", "other": "x"}), &["web"]),
            (Value::Null, &[]),
        ] {
            world.cluster.edit("Secret", "shop", "web", |secret| {
                secret["metadata"]["labels"] = labels.clone();
            });
            assert_eq!(silent(&world.poll().await), expected, "{labels}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_label_that_selects_nothing_is_a_problem_that_shows_the_selector() {
    let cluster = cluster(&[("web", json!({"stage": "production"}))]);
    let world = &mut world(cluster, ignored("shop/w*,stage=lab", "gone"), polling());
    let scrape = world.poll().await;
    let [problem] = &scrape.all("notafter_problem", &[])[..] else {
        panic!("{:?}", scrape.problems());
    };
    let labels = ["cert_namespace", "name", "key", "reason"].map(|label| problem.label(label));
    assert_eq!(
        labels,
        ["shop", "w*,stage=lab", "--ignore", "matches_nothing"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_flag_selects_nothing_only_once_the_secrets_of_every_namespace_are_known() {
    let cluster = cluster(&[("web", Value::Null)]);
    cluster.apply(tls("bank", "web", &certificate("web", 90)));
    cluster.refuse("secrets", "shop");
    let polling = Polling {
        namespaces: vec!["bank".into(), "shop".into()],
        ..polling()
    };
    let mut world = world(cluster, ignored("shop/web", "a test"), polling);
    assert_eq!(world.poll().await.problems(), [""; 0], "shop is unknown");
    world.cluster.allow("secrets", "shop");
    let scrape = world.poll().await;
    assert_eq!(silent(&scrape), ["web"]);
    assert_eq!(scrape.problems(), [""; 0]);
    world.declarations = ignored("shop/api", "a test");
    world.cluster.delete("Secret", "shop", "web");
    assert_eq!(
        world.poll().await.problems(),
        ["api/--ignore: matches_nothing"]
    );
}

#[test]
fn the_keys_of_labels_are_those_that_selectors_name() {
    let declarations = Declarations {
        ignore: vec![
            (selector("*/*,stage=lab"), "a".into()),
            (selector("shop/*,example.com/owner=b"), "b".into()),
            (selector("shop/web"), "c".into()),
        ],
        ..renewed_before("bank/*,stage=test", DAY)
    };
    let keys = declarations.labels();
    assert_eq!(
        keys,
        ["example.com/owner".into(), "stage".into()] as [Box<str>; 2]
    );
}
