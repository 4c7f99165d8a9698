//! What `notafter rights` prints: the text of the manifests, and of nothing more than was asked for.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value, json};

use crate::running::{notafter, run, stderr};

/// The manifests that hold rights, and how theirs are printed.
const MANIFESTS: [(&str, &[&str]); 3] = [
    ("base", &["--token-review"]),
    ("overlays/openshift-platform", &["--client-ca-from-cluster"]),
    (
        "overlays/namespaced",
        &["--namespace=payments", "--namespace=shop"],
    ),
];

fn rights(flags: &[&str]) -> String {
    let printed = run(&[&["rights"], flags].concat());
    assert!(printed.status.success(), "{}", stderr(&printed));
    String::from_utf8(printed.stdout).unwrap()
}

/// The objects that are printed.
fn objects(flags: &[&str]) -> Vec<Value> {
    let text = rights(flags);
    let parts = text.split("---\n");
    parts
        .map(|part| serde_saphyr::from_str(part).unwrap())
        .collect()
}

/// What an object is: its kind, and where.
fn place(object: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let metadata = &object["metadata"];
    let (kind, namespace) = (text(&object["kind"]), text(&metadata["namespace"]));
    format!("{kind} {namespace}/{}", text(&metadata["name"]))
}

#[test]
fn the_golden_manifests_hold_what_is_printed() {
    for (folder, flags) in MANIFESTS {
        let path =
            Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("manifests/{folder}/rights.yaml"));
        let command = [&["notafter", "rights"], flags].concat().join(" ");
        let text = format!("# {command}\n#\n{}", rights(flags));
        if std::env::var_os("NOTAFTER_UPDATE_GOLDEN").is_some() {
            std::fs::write(&path, &text).unwrap();
        }
        assert_eq!(text, std::fs::read_to_string(&path).unwrap(), "{folder}");
    }
}

#[test]
fn without_flags_it_is_one_role_of_the_cluster() {
    let places: Vec<_> = objects(&[]).iter().map(place).collect();
    assert_eq!(
        places,
        ["ClusterRole /notafter", "ClusterRoleBinding /notafter"]
    );
}

#[test]
fn with_namespaces_it_is_a_role_in_each_and_nothing_of_the_cluster() {
    // In any order, twice, and one that YAML alone would take for a number.
    let flags = ["--namespace=shop,1e3", "--namespace=shop"];
    let objects = objects(&flags);
    let places: Vec<_> = objects.iter().map(place).collect();
    assert_eq!(
        places,
        [
            "Role 1e3/notafter",
            "RoleBinding 1e3/notafter",
            "Role shop/notafter",
            "RoleBinding shop/notafter",
        ]
    );
    let text = json!(objects).to_string();
    for of_the_cluster in [
        "Cluster",
        "apiservices",
        "customresourcedefinitions",
        "apiservers",
    ] {
        assert!(!text.contains(of_the_cluster), "{of_the_cluster}");
    }
}

#[test]
fn who_is_asked_about_tokens_and_the_clusters_ca_has_the_roles_that_kubernetes_keeps_for_that() {
    let flags = [
        "--namespace=shop",
        "--token-review",
        "--client-ca-from-cluster",
    ];
    let objects = objects(&flags);
    let told: Vec<_> = objects[2..]
        .iter()
        .map(|it| {
            (
                place(it),
                it["roleRef"]["kind"].clone(),
                it["roleRef"]["name"].clone(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (
                "ClusterRoleBinding /notafter-token-review".into(),
                json!("ClusterRole"),
                json!("system:auth-delegator"),
            ),
            (
                "RoleBinding kube-system/notafter-client-ca".into(),
                json!("Role"),
                json!("extension-apiserver-authentication-reader"),
            ),
        ]
    );
}

#[test]
fn every_binding_is_for_the_service_account_that_was_named() {
    let flags = [
        "--service-account=1/null",
        "--token-review",
        "--client-ca-from-cluster",
    ];
    let subjects: Vec<_> = objects(&flags)
        .iter()
        .filter(|it| it["subjects"].is_array())
        .map(|it| it["subjects"].clone())
        .collect();
    let account = json!([{ "kind": "ServiceAccount", "name": "null", "namespace": "1" }]);
    assert_eq!(subjects, [account.clone(), account.clone(), account]);
}

#[test]
fn each_rule_says_of_each_resource_what_it_is_for() {
    let text = rights(&[]);
    let mut told = BTreeSet::new();
    for line in text.lines().map(str::trim) {
        if let Some((resource, purpose)) =
            line.strip_prefix("# ").and_then(|it| it.split_once(": "))
        {
            assert!(purpose.ends_with('.'), "{line}");
            told.insert(resource.to_owned());
        }
    }
    let role = objects(&[]).remove(0);
    let rules = role["rules"].as_array().unwrap();
    let groups: BTreeSet<_> = rules.iter().map(|it| it["apiGroups"].to_string()).collect();
    assert_eq!(groups.len(), rules.len(), "one rule an API group");
    let asked = rules
        .iter()
        .flat_map(|it| it["resources"].as_array().unwrap());
    let asked: BTreeSet<_> = asked.map(|it| it.as_str().unwrap().to_owned()).collect();
    assert_eq!(told, asked);
}

#[test]
fn the_environment_that_serve_has_is_understood_and_a_wrong_value_names_its_flag() {
    let printed = notafter(&["rights"])
        .env("NOTAFTER_NAMESPACE", "shop")
        .env("NOTAFTER_TOKEN_REVIEW", "true")
        .output()
        .unwrap();
    let flags = ["--namespace=shop", "--token-review"];
    assert_eq!(String::from_utf8(printed.stdout).unwrap(), rights(&flags));
    for (flag, value) in [
        ("--namespace", "Shop"),
        ("--service-account", "notafter"),
        ("--service-account", "/notafter"),
        ("--service-account", "notafter/"),
        ("--service-account", "notafter/a\"b"),
        ("--service-account", "notafter/a/b"),
    ] {
        let refused = run(&["rights", flag, value]);
        assert_eq!(refused.status.code(), Some(2), "{value}");
        assert!(stderr(&refused).contains(flag), "{}", stderr(&refused));
    }
}
