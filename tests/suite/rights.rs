//! The output of `notafter rights`: the golden manifests, with no more rights than requested.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value, json};

use crate::running::{notafter, run, stderr};

/// The manifests that contain rights, and the flags that print them.
const MANIFESTS: [(&str, &[&str]); 4] = [
    ("base", &["--token-review"]),
    ("overlays/openshift-platform", &["--client-ca-from-cluster"]),
    (
        "overlays/namespaced",
        &["--namespace=payments", "--namespace=shop"],
    ),
    (
        "report/job",
        &["--no-watch", "--service-account=notafter-report/notafter"],
    ),
];

/// The output of `notafter rights`.
fn rights(flags: &[&str]) -> String {
    let printed = run(&[&["rights"], flags].concat());
    assert!(printed.status.success(), "{}", stderr(&printed));
    String::from_utf8(printed.stdout).unwrap()
}

/// The printed objects.
fn objects(flags: &[&str]) -> Vec<Value> {
    let text = rights(flags);
    let parts = text.split("---\n");
    parts
        .map(|part| serde_saphyr::from_str(part).unwrap())
        .collect()
}

/// The kind, namespace and name of an object.
fn place(object: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let metadata = &object["metadata"];
    let (kind, namespace) = (text(&object["kind"]), text(&metadata["namespace"]));
    format!("{kind} {namespace}/{}", text(&metadata["name"]))
}

#[test]
fn the_golden_manifests_match_the_output() {
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
fn without_flags_one_cluster_role_is_printed() {
    let places: Vec<_> = objects(&[]).iter().map(place).collect();
    assert_eq!(
        places,
        ["ClusterRole /notafter", "ClusterRoleBinding /notafter"]
    );
}

#[test]
fn with_namespaces_a_role_in_each_is_printed_and_nothing_cluster_wide() {
    // Unsorted, with a duplicate, and with a name that YAML would parse as a number without quotes.
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
    for cluster_wide in [
        "Cluster",
        "apiservices",
        "customresourcedefinitions",
        "apiservers",
    ] {
        assert!(!text.contains(cluster_wide), "{cluster_wide}");
    }
}

#[test]
fn token_review_and_the_client_ca_of_the_cluster_use_the_built_in_roles_of_kubernetes() {
    let flags = [
        "--namespace=shop",
        "--token-review",
        "--client-ca-from-cluster",
    ];
    let objects = objects(&flags);
    let bindings: Vec<_> = objects[2..]
        .iter()
        .map(|object| {
            (
                place(object),
                object["roleRef"]["kind"].clone(),
                object["roleRef"]["name"].clone(),
            )
        })
        .collect();
    assert_eq!(
        bindings,
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
fn every_binding_names_the_given_service_account() {
    let flags = [
        "--service-account=1/null",
        "--token-review",
        "--client-ca-from-cluster",
    ];
    let subjects: Vec<_> = objects(&flags)
        .iter()
        .filter(|object| object["subjects"].is_array())
        .map(|object| object["subjects"].clone())
        .collect();
    let account = json!([{ "kind": "ServiceAccount", "name": "null", "namespace": "1" }]);
    assert_eq!(subjects, [account.clone(), account.clone(), account]);
}

#[test]
fn each_subject_has_bindings_of_its_own_and_the_default_one_has_the_plain_names() {
    let bindings = |flag: &str| -> Vec<String> {
        let flags = [flag, "--namespace=shop", "--token-review"];
        let objects = objects(&flags).into_iter();
        let bindings = objects.filter(|object| object["subjects"].is_array());
        bindings.map(|binding| place(&binding)).collect()
    };
    assert_eq!(
        bindings("--service-account=notafter/notafter"),
        [
            "RoleBinding shop/notafter",
            "ClusterRoleBinding /notafter-token-review"
        ]
    );
    assert_eq!(
        bindings("--service-account=a/b-c"),
        [
            "RoleBinding shop/notafter.a.b-c",
            "ClusterRoleBinding /notafter-token-review.a.b-c"
        ]
    );
    let [jane, joan] = ["--user=jane", "--user=joan"].map(bindings);
    assert_ne!(jane, joan);
    let (_, digits) = jane[0].split_once("shop/notafter-user-").unwrap();
    assert!(digits.len() == 8 && digits.chars().all(|char| char.is_ascii_hexdigit()));
}

#[test]
fn a_user_of_any_name_is_the_subject_instead_of_a_service_account() {
    for user in ["jane", "Jane \"O'Hara\"", "Zoë\u{2028}\\n", "null", "a: b"] {
        let flag = format!("--user={user}");
        let binding = &objects(&[&flag])[1];
        let api_group = "rbac.authorization.k8s.io";
        let expected = json!([{ "apiGroup": api_group, "kind": "User", "name": user }]);
        assert_eq!(binding["subjects"], expected);
        assert_eq!(binding["roleRef"]["name"], "notafter");
    }
    let both = ["rights", "--user=jane", "--service-account=shop/reader"];
    assert_eq!(run(&both).status.code(), Some(2));
    assert_eq!(run(&["rights", "--user="]).status.code(), Some(2));
}

#[test]
fn each_rule_explains_the_purpose_of_each_resource() {
    let text = rights(&[]);
    let mut explained = BTreeSet::new();
    for line in text.lines().map(str::trim) {
        if let Some((resource, purpose)) = line
            .strip_prefix("# ")
            .and_then(|comment| comment.split_once(": "))
        {
            assert!(purpose.ends_with('.'), "{line}");
            explained.insert(resource.to_owned());
        }
    }
    let role = objects(&[]).remove(0);
    let rules = role["rules"].as_array().unwrap();
    let groups: BTreeSet<_> = rules
        .iter()
        .map(|rule| rule["apiGroups"].to_string())
        .collect();
    assert_eq!(groups.len(), rules.len(), "one rule per API group");
    let requested = rules
        .iter()
        .flat_map(|rule| rule["resources"].as_array().unwrap());
    let requested: BTreeSet<_> = requested
        .map(|resource| resource.as_str().unwrap().to_owned())
        .collect();
    assert_eq!(explained, requested);
}

#[test]
fn the_environment_variables_of_serve_apply_and_an_invalid_value_is_reported_with_its_flag() {
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
        let rejected = run(&["rights", flag, value]);
        assert_eq!(rejected.status.code(), Some(2), "{value}");
        assert!(stderr(&rejected).contains(flag), "{}", stderr(&rejected));
    }
}
