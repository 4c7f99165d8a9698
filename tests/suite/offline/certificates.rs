//! Files of certificates, and kubeconfigs: no objects of a cluster, and judged by their dates alone.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use notafter::object::Kind;
use notafter::offline::{Inspected, Reason};
use notafter::rotation::{Declarations, Manager, Remedy, Selector};
use notafter::snapshot::{Inventory, Role};
use notafter_simulator::certificate::{Draft, Pair, der};

use super::{Files, list, names, reasons, text, web, yaml};
use crate::world::{DAY, THEN, certificate, tls};

/// A leaf with the intermediate that it needs, and its root.
fn chain() -> String {
    let root = Draft::named("root")
        .valid(THEN, THEN + 900 * DAY)
        .authority();
    let issuing = Draft::named("issuing").valid(THEN, THEN + 300 * DAY);
    let issuing = issuing.authority_under(&root);
    let leaf = Draft::named("web")
        .valid(THEN, THEN + 30 * DAY)
        .signed_by(&issuing);
    [
        leaf.certificate,
        issuing.pair.certificate.clone(),
        root.pair.certificate.clone(),
    ]
    .concat()
}

fn judge(inspected: Inspected) -> Inventory {
    Inventory::judge(Arc::new(inspected.facts), &Declarations::default())
}

fn roles(inventory: &Inventory) -> Vec<(String, Role)> {
    let certificates = inventory.certificates();
    certificates
        .map(|entry| (entry.field.path.to_string(), entry.role))
        .collect()
}

#[test]
fn the_first_certificate_of_a_file_is_the_leaf_of_its_chain() {
    let inspected = text("tls.pem", format!("subject=web\n{}", chain()));
    assert_eq!(reasons(&inspected), []);
    let holder = &inspected.facts.holders[0].object;
    assert_eq!((holder.kind, &*holder.namespace), (Kind::File, ""));
    assert!(holder.name.ends_with("/tls.pem"));
    let roles = roles(&judge(inspected));
    let roles: Vec<Role> = roles.into_iter().map(|(_, role)| role).collect();
    assert_eq!(roles, [Role::Leaf, Role::Chain, Role::Root]);
}

#[test]
fn a_certificate_in_der_is_read() {
    let pem = certificate("web", 30).certificate;
    let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let inspected = text("web.der", STANDARD.decode(body).unwrap());
    assert_eq!(reasons(&inspected), []);
    let leaf = inspected.facts.holders[0].leaf().unwrap();
    assert_eq!(
        (&*leaf.subject, leaf.not_after),
        ("CN=web", Some(THEN + 30 * DAY))
    );
}

#[test]
fn a_directory_of_a_control_plane_is_read() {
    let files = Files::new();
    let pair = certificate("apiserver", 30);
    files.write("pki/apiserver.crt", &pair.certificate);
    files.write("pki/apiserver.key", &pair.key);
    files.write("pki/etcd/ca.crt", certificate("etcd-ca", 900).certificate);
    files.write("pki/etcd/ca.key", certificate("etcd-ca", 900).key);
    files.write(
        "pki/sa.pub",
        "-----BEGIN PUBLIC KEY-----\nMFkw\n-----END PUBLIC KEY-----\n",
    );
    files.write(
        "pki/combined.pem",
        format!("{}{}", pair.key, pair.certificate),
    );
    let inspected = files.read_all();
    assert_eq!(reasons(&inspected), []);
    let found = names(&inspected);
    let found: Vec<&str> = found
        .iter()
        .filter_map(|name| name.split("/pki/").nth(1))
        .collect();
    assert_eq!(found, ["apiserver.crt", "combined.pem", "etcd/ca.crt"]);
}

/// A kubeconfig of one user and one cluster.
fn kubeconfig(client: &Pair, ca: &Pair) -> String {
    let encoded = |text: &str| STANDARD.encode(text);
    format!(
        "apiVersion: v1\nkind: Config\nclusters:\n- cluster:\n    certificate-authority-data: {}\n    \
         server: https://api.example.com:6443\n  name: prod\ncontexts:\n- context:\n    cluster: prod\n    \
         user: admin\n  name: prod\ncurrent-context: elsewhere\nusers:\n- name: admin\n  user:\n    \
         client-certificate-data: {}\n    client-key-data: {}\n- name: bearer\n  user:\n    token: s3cr3t\n",
        encoded(&ca.certificate),
        encoded(&client.certificate),
        encoded(&client.key),
    )
}

#[test]
fn the_certificates_of_a_kubeconfig_have_the_paths_of_their_fields() {
    let (client, ca) = (certificate("admin", 30), certificate("ca", 900));
    let inspected = text("admin.conf", kubeconfig(&client, &ca));
    assert_eq!(reasons(&inspected), []);
    let shown = format!("{inspected:?}");
    assert!(!shown.contains("s3cr3t") && !shown.contains(&STANDARD.encode(&client.key)));
    assert_eq!(inspected.facts.holders[0].object.kind, Kind::Kubeconfig);
    assert_eq!(
        roles(&judge(inspected)),
        [
            (
                "users[admin].user.client-certificate-data".to_owned(),
                Role::Leaf
            ),
            (
                "clusters[prod].cluster.certificate-authority-data".to_owned(),
                Role::Trust
            ),
        ]
    );
}

#[test]
fn a_damaged_value_of_a_kubeconfig_costs_only_itself() {
    let config = kubeconfig(&certificate("admin", 30), &certificate("ca", 900));
    let config = config.replace(
        "certificate-authority-data: ",
        "certificate-authority-data: \"!\" #",
    );
    let inspected = text("config", config);
    assert_eq!(reasons(&inspected), [Reason::BadBase64]);
    assert_eq!(
        &*inspected.problems[0].key,
        "clusters[prod].cluster.certificate-authority-data"
    );
    assert_eq!(inspected.facts.holders[0].fields.len(), 1);
}

#[test]
fn no_command_and_no_rule_of_secrets_is_for_a_file() {
    let files = Files::new();
    let pair = certificate("web", 30);
    for copy in ["a.crt", "b.crt", "c.crt"] {
        files.write(copy, &pair.certificate);
    }
    files.write(
        "dump.yaml",
        yaml(&list(&[tls("kube-system", "web", &pair), web()])),
    );
    let inspected = files.read_all();
    let declarations = Declarations {
        ignore: vec![(Selector::parse("*/*.crt").unwrap(), "a test".into())],
        ..Declarations::default()
    };
    let inventory = Inventory::judge(Arc::new(inspected.facts), &declarations);
    let of_files = inventory.judged().iter();
    let of_files: Vec<_> = of_files
        .filter(|judged| judged.holder.object.kind == Kind::File)
        .collect();
    assert_eq!(of_files.len(), 3);
    for judged in of_files {
        let rotation = &judged.rotation;
        assert_eq!(
            (rotation.manager, &rotation.remedy),
            (Manager::None, &Remedy::Nothing)
        );
        assert_eq!((&rotation.ignored, rotation.shared), (&None, None));
    }
    assert!(
        inventory
            .advice()
            .all(|advice| advice.object.kind == Kind::Secret || advice.remedy.is_empty())
    );
}

#[test]
fn a_damaged_block_of_a_file_is_a_problem_of_that_file() {
    let malformed = der::pem("CERTIFICATE", b"no certificate");
    let inventory = judge(text(
        "web.crt",
        certificate("web", 30).certificate + &malformed,
    ));
    let [problem] = &inventory.problems[..] else {
        panic!("{:?}", inventory.problems);
    };
    assert_eq!(
        (problem.object.kind, problem.reason.as_str()),
        (Kind::File, "malformed")
    );
}
