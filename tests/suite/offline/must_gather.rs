//! Must-gathers, in the layout that the source of `oc adm inspect` has.

use notafter::facts::{SECRETS, SERVICES};
use notafter_simulator::certificate::Pair;
use serde_json::{Value, json};

use super::{Files, list, names, reasons, yaml};
use crate::managed::{cluster_version, route, service};
use crate::world::{certificate, secret};

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

/// A directory as `oc adm inspect` fills it (openshift/oc: pkg/cli/admin/inspect). A namespace is written
/// as lists of its resources (`namespaceResourcesToCollect`), what was named or refers to it as single
/// objects (`dirPathForInfo`), the configuration as lists (`gatherConfigResourceData`), and from the second
/// one on each file begins with `---`, since they share a printer.
fn write_inspected(files: &Files, folder: &str, pair: &Pair) {
    let mut exposed = route("shop", "web", "web-tls");
    exposed["spec"]["tls"]
        .as_object_mut()
        .map(|tls| tls.remove("key"));
    let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}});
    let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "namespace": "shop"}});
    let discovered = json!({
        "apiVersion": "apidiscovery.k8s.io/v2", "kind": "APIGroupDiscoveryList", "metadata": {},
        "items": [{"metadata": {"name": "apps", "creationTimestamp": null}, "versions": [{"version": "v1"}]}],
    });
    for (path, contents) in [
        ("aggregated-discovery-apis.yaml", yaml(&discovered)),
        ("event-filter.html", "<html></html>\n".into()),
        (
            "timestamp",
            "2024-02-23 10:07:05.1 +0000 UTC m=+0.4\n".into(),
        ),
        ("namespaces/shop/shop.yaml", yaml(&namespace)),
        ("namespaces/shop/pods/web/web.yaml", yaml(&pod)),
        (
            "namespaces/shop/pods/web/web/web/logs/current.log",
            "apiVersion: {{\n".into(),
        ),
        (
            "namespaces/shop/core/secrets.yaml",
            resource_list("SecretList", &[elided("shop", "web", pair)]),
        ),
        (
            "namespaces/shop/core/services.yaml",
            resource_list("ServiceList", &[]),
        ),
        (
            "namespaces/shop/route.openshift.io/routes.yaml",
            resource_list("RouteList", &[exposed]),
        ),
        (
            "namespaces/api/core/secrets/web.yaml",
            format!("---\n{}", yaml(&elided("api", "web", pair))),
        ),
        (
            "cluster-scoped-resources/config.openshift.io/clusterversions.yaml",
            resource_list("ClusterVersionList", &[cluster_version()]),
        ),
    ] {
        files.write(&format!("{folder}/{path}"), contents);
    }
}

#[test]
fn a_must_gather_is_read_in_its_layout() {
    let files = Files::new();
    // A folder for each image (pkg/cli/admin/mustgather/mustgather.go, `imageFolder`).
    let image = "quay-io-openshift-release-dev-ocp-v4-0-art-dev-sha256-1f2e3d";
    write_inspected(&files, image, &certificate("web", 30));
    files.write(
        &format!("{image}/version"),
        "openshift/must-gather\n4.16.0\n",
    );
    files.write(
        &format!("{image}/gather.logs"),
        "Gathering data for ns/shop...\n",
    );
    files.write("must-gather.logs", "[must-gather      ] OUT\n");
    files.write("timestamp", "2024-02-23 10:07:05.1 +0000 UTC m=+0.4\n");
    let inspected = files.read_all();
    assert_eq!(reasons(&inspected), []);
    assert_eq!(names(&inspected), ["api/web", "shop/web"]);
    assert_eq!(inspected.facts.consumers.len(), 1);
    assert!(inspected.facts.is_openshift);
    assert!(inspected.facts.knows(SECRETS, "shop"));
    assert!(!inspected.facts.knows(SECRETS, "api"), "a single object");
    assert!(
        inspected.facts.knows(SERVICES, "shop"),
        "an empty list in a folder of a namespace"
    );
    assert!(!inspected.facts.knows(SERVICES, "api"));
}

#[test]
fn two_images_of_a_must_gather_hold_the_same_object_once() {
    let files = Files::new();
    let pair = certificate("web", 30);
    for image in ["one", "two"] {
        write_inspected(&files, image, &pair);
        files.write(
            &format!("{image}/namespaces/shop/core/services.yaml"),
            resource_list("ServiceList", &[service("web", "web-tls")]),
        );
    }
    let inspected = files.read_all();
    assert_eq!(reasons(&inspected), []);
    assert_eq!(names(&inspected), ["api/web", "shop/web"]);
    assert_eq!(inspected.facts.services.len(), 1);
}
