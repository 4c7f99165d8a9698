//! Directories: must-gathers in the layout of `oc adm inspect`, and whatever else people have in one.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::process::Command;

use notafter::facts::{SECRETS, SERVICES};
use notafter::offline::Reason;
use notafter_simulator::certificate::Pair;
use serde_json::{Value, json};

use super::{Files, all, list, names, reasons, web, yaml};
use crate::managed::{cluster_version, route, service};
use crate::world::{certificate, secret, tls};

/// A secret as `oc adm inspect` writes it (openshift/oc: pkg/cli/admin/inspect/secret.go,
/// `elideSecret`).
fn elided(namespace: &str, name: &str, pair: &Pair) -> Value {
    let data: [(&str, &[u8]); 4] = [
        ("ca.crt", pair.certificate.as_bytes()),
        ("olmCAKey", b"1066 bytes long"),
        ("tls.crt", pair.certificate.as_bytes()),
        ("tls.key", b"227 bytes long"),
    ];
    let mut secret = secret(namespace, name, &data);
    secret["metadata"]["annotations"] = json!({
        "kubectl.kubernetes.io/last-applied-configuration": "",
        "openshift.io/token-secret.value": "",
    });
    secret
}

/// The list of one resource, as `oc adm inspect` writes it.
fn resource_list(kind: &str, items: &[Value]) -> String {
    let mut list = list(items);
    list["kind"] = kind.into();
    format!("---\n{}", yaml(&list))
}

#[test]
fn a_must_gather_is_read_in_its_layout() {
    let files = Files::new();
    let image = "quay-io-openshift-release-dev-ocp-v4-0-art-dev-sha256-1f2e3d";
    let pair = certificate("web", 30);
    let mut exposed = route("shop", "web", "web-tls");
    exposed["spec"]["tls"]["key"] = "".into();
    let write = |path: &str, contents: String| files.write(&format!("{image}/{path}"), contents);
    write(
        "namespaces/shop/core/secrets.yaml",
        resource_list("SecretList", &[elided("shop", "web", &pair)]),
    );
    write(
        "namespaces/shop/core/services.yaml",
        resource_list("ServiceList", &[]),
    );
    write(
        "namespaces/shop/route.openshift.io/routes/web.yaml",
        yaml(&exposed),
    );
    write(
        "namespaces/api/core/secrets.yaml",
        resource_list("SecretList", &[elided("api", "web", &pair)]),
    );
    write(
        "cluster-scoped-resources/config.openshift.io/clusterversions/version.yaml",
        yaml(&cluster_version()),
    );
    write(
        "namespaces/shop/pods/web/web/web/logs/current.log",
        "apiVersion: {{\n".into(),
    );
    write("version", "openshift/must-gather\n4.16.0\n".into());
    files.write("event-filter.html", "<html></html>");
    files.write("timestamp", "2024-02-23 10:07:05 +0000 UTC\n");
    let inspected = files.read_all();
    assert_eq!(reasons(&inspected), []);
    assert_eq!(names(&inspected), ["api/web", "shop/web"]);
    assert_eq!(inspected.facts.consumers.len(), 1);
    assert!(inspected.facts.is_openshift);
    assert!(inspected.facts.knows(SECRETS, "shop") && inspected.facts.knows(SECRETS, "api"));
    assert!(!inspected.facts.knows(SECRETS, "elsewhere"));
    assert!(
        inspected.facts.knows(SERVICES, "shop"),
        "an empty list in a folder of a namespace"
    );
    assert!(!inspected.facts.knows(SERVICES, "api"));
}

#[test]
fn two_images_of_a_must_gather_hold_the_same_object_once() {
    let files = Files::new();
    for image in ["one", "two"] {
        files.write(
            &format!("{image}/namespaces/shop/core/services.yaml"),
            resource_list("ServiceList", &[service("web", "web-tls")]),
        );
    }
    let inspected = files.read_all();
    assert_eq!(reasons(&inspected), []);
    assert_eq!(inspected.facts.services.len(), 1);
}

#[test]
fn a_directory_of_files_yields_the_facts_of_one_list() {
    let objects = crate::encodings::objects();
    let files = Files::new();
    for (index, object) in objects.iter().enumerate() {
        files.write(&format!("{}/{index}.yaml", index % 3), yaml(object));
    }
    let inspected = files.read_all();
    assert_eq!(reasons(&inspected), []);
    assert_eq!(all(&inspected.facts), super::dumps::expected(&objects));
}

#[test]
fn files_that_hold_nothing_of_interest_are_passed_over() {
    let files = Files::new();
    files.write("README.md", "# Secrets\n");
    files.write("values.yaml", "replicas: 3\n");
    files.write(
        "package.json",
        "{\"name\": \"web\", \"version\": \"1.0.0\"}",
    );
    files.write("broken.json", "{\"name\": ");
    files.write("key.pem", certificate("web", 30).key);
    files.write("current.log", "");
    files.write("image.png", b"\x89PNG\r\n\x1a\n\0\0");
    files.write(
        "pod.yaml",
        yaml(&json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}})),
    );
    let inspected = files.read_all();
    assert_eq!(reasons(&inspected), []);
    assert!(inspected.facts.holders.is_empty());
}

#[test]
fn entries_that_cannot_be_read_are_problems() {
    let files = Files::new();
    files.write("web.yaml", yaml(&web()));
    files.write("empty.yaml", "");
    symlink("loop", files.path("loop")).unwrap();
    symlink("nowhere", files.path("dangling")).unwrap();
    fs::create_dir(files.path("inner")).unwrap();
    symlink("..", files.path("inner/above")).unwrap();
    symlink("/dev/null", files.path("device")).unwrap();
    symlink("web.yaml", files.path("again.yaml")).unwrap();
    let made = Command::new("mkfifo")
        .arg(files.path("pipe"))
        .status()
        .unwrap();
    assert!(made.success());
    let _socket = UnixListener::bind(files.path("socket")).unwrap();
    let inspected = files.read_all();
    let mut found: Vec<_> = inspected
        .problems
        .iter()
        .map(|problem| {
            (
                problem.source.file.file_name().unwrap().to_str().unwrap(),
                problem.reason,
            )
        })
        .collect();
    found.sort_unstable();
    assert_eq!(
        found,
        [
            ("above", Reason::SymlinkLoop),
            ("dangling", Reason::Unreadable),
            ("device", Reason::Device),
            ("empty.yaml", Reason::Empty),
            ("loop", Reason::SymlinkLoop),
            ("pipe", Reason::Pipe),
            ("socket", Reason::Socket),
        ]
    );
    assert_eq!(names(&inspected), ["shop/web"]);
}

#[test]
fn a_directory_without_rights_is_a_problem_and_its_neighbours_are_read() {
    let files = Files::new();
    files.write(
        "a/api.yaml",
        yaml(&tls("api", "web", &certificate("web", 30))),
    );
    files.write("b/web.yaml", yaml(&web()));
    fs::set_permissions(files.path("a"), fs::Permissions::from_mode(0o0)).unwrap();
    let inspected = files.read_all();
    fs::set_permissions(files.path("a"), fs::Permissions::from_mode(0o755)).unwrap();
    // Root may read everything.
    if !reasons(&inspected).is_empty() {
        assert_eq!(reasons(&inspected), [Reason::Unreadable]);
        assert_eq!(names(&inspected), ["shop/web"]);
    }
}

#[test]
fn a_pipe_is_read_if_it_is_named_and_a_device_is_a_problem() {
    let files = Files::new();
    let pipe = files.path("pipe");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    let contents = yaml(&web());
    let writer = std::thread::spawn({
        let pipe = pipe.clone();
        move || fs::write(pipe, contents).unwrap()
    });
    let inspected = super::read(&pipe);
    writer.join().unwrap();
    assert_eq!(names(&inspected), ["shop/web"]);
    assert_eq!(
        reasons(&super::read("/dev/zero".as_ref())),
        [Reason::Device]
    );
    assert_eq!(
        reasons(&super::read(&files.path("absent"))),
        [Reason::Unreadable]
    );
}
