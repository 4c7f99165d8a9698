//! The resources of a simulated cluster, as a client sees them.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests too")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use k8s_pb::apimachinery::pkg::apis::meta::v1::PartialObjectMetadataList;
use k8s_pb::apimachinery::pkg::runtime::Unknown;
use notafter_simulator::Cluster;
use prost::Message;
use serde_json::{Value, json};

const METADATA: &str =
    "application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";

fn cluster() -> Cluster {
    let cluster = Cluster::with_olm();
    cluster.install_openshift(true);
    cluster.install_cert_manager(true);
    for (api_version, kind) in [
        ("apiregistration.k8s.io/v1", "APIService"),
        (
            "admissionregistration.k8s.io/v1",
            "ValidatingWebhookConfiguration",
        ),
        (
            "admissionregistration.k8s.io/v1",
            "MutatingWebhookConfiguration",
        ),
        ("apiextensions.k8s.io/v1", "CustomResourceDefinition"),
        ("config.openshift.io/v1", "ClusterVersion"),
        ("config.openshift.io/v1", "APIServer"),
        ("config.openshift.io/v1", "Ingress"),
        ("operator.openshift.io/v1", "Etcd"),
    ] {
        for name in ["one", "two"] {
            cluster.apply(
                json!({"apiVersion": api_version, "kind": kind, "metadata": {"name": name}}),
            );
        }
    }
    for (api_version, kind) in [
        ("v1", "Secret"),
        ("v1", "Service"),
        ("operators.coreos.com/v1alpha1", "ClusterServiceVersion"),
        ("cert-manager.io/v1", "Certificate"),
        ("operator.openshift.io/v1", "IngressController"),
        ("route.openshift.io/v1", "Route"),
        ("networking.k8s.io/v1", "Ingress"),
        ("gateway.networking.k8s.io/v1", "Gateway"),
    ] {
        for name in ["one", "two"] {
            let metadata = json!({"namespace": "shop", "name": name});
            cluster.apply(json!({"apiVersion": api_version, "kind": kind, "metadata": metadata}));
        }
    }
    cluster
}

const CLUSTER_SCOPED: [&str; 8] = [
    "/apis/apiregistration.k8s.io/v1/apiservices",
    "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations",
    "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations",
    "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
    "/apis/config.openshift.io/v1/clusterversions",
    "/apis/config.openshift.io/v1/apiservers",
    "/apis/config.openshift.io/v1/ingresses",
    "/apis/operator.openshift.io/v1/etcds",
];

const NAMESPACED: [&str; 8] = [
    "/api/v1/secrets",
    "/api/v1/services",
    "/apis/operators.coreos.com/v1alpha1/clusterserviceversions",
    "/apis/cert-manager.io/v1/certificates",
    "/apis/operator.openshift.io/v1/ingresscontrollers",
    "/apis/route.openshift.io/v1/routes",
    "/apis/networking.k8s.io/v1/ingresses",
    "/apis/gateway.networking.k8s.io/v1/gateways",
];

/// Returns the status and the body of an answer.
fn get(address: SocketAddr, target: &str, accept: &str) -> (u16, Vec<u8>) {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "GET {target} HTTP/1.0\r\nHost: x\r\nAccept: {accept}\r\n\r\n"
    )
    .unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let head = answer
        .windows(4)
        .position(|bytes| bytes == b"\r\n\r\n")
        .unwrap();
    let status = std::str::from_utf8(&answer[9..12])
        .unwrap()
        .parse()
        .unwrap();
    (status, answer[head + 4..].to_vec())
}

fn metadata(address: SocketAddr, target: &str) -> PartialObjectMetadataList {
    let (status, body) = get(address, target, METADATA);
    assert_eq!(status, 200, "{target}");
    let unknown = Unknown::decode(body.strip_prefix(b"k8s\0").unwrap()).unwrap();
    PartialObjectMetadataList::decode(&*unknown.raw.unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_resource_is_listed_as_metadata_by_name_and_in_pages() {
    let address = cluster().listen().await;
    for path in CLUSTER_SCOPED.iter().chain(&NAMESPACED) {
        assert_eq!(metadata(address, path).items.len(), 2, "{path}");
        let one = metadata(
            address,
            &format!("{path}?fieldSelector=metadata.name%3Done"),
        );
        let names: Vec<_> = one
            .items
            .into_iter()
            .map(|item| item.metadata.unwrap().name.unwrap())
            .collect();
        assert_eq!(names, ["one"], "{path}");
        let page = metadata(address, &format!("{path}?limit=1"));
        let token = page.metadata.unwrap().r#continue.unwrap();
        let rest = metadata(address, &format!("{path}?limit=1&continue={token}"));
        assert_eq!(
            rest.items[0].metadata.as_ref().unwrap().name(),
            "two",
            "{path}"
        );
        let (status, body) = get(address, path, "application/json");
        assert_eq!(status, 200, "{path}");
        let list: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(list["items"].as_array().unwrap().len(), 2, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_scoped_resource_is_found_in_no_namespace() {
    let address = cluster().listen().await;
    for path in CLUSTER_SCOPED {
        let (version, plural) = path.rsplit_once('/').unwrap();
        let path = format!("{version}/namespaces/shop/{plural}");
        assert_eq!(
            get(address, &path, "*/*"),
            (404, b"404 page not found\n".to_vec()),
            "{path}"
        );
    }
    for path in &CLUSTER_SCOPED[4..] {
        let path = format!("{path}?fieldSelector=metadata.namespace%3Dshop");
        assert_eq!(get(address, &path, METADATA).0, 400, "{path}");
    }
    let apiservices = metadata(address, CLUSTER_SCOPED[0]);
    assert_eq!(
        apiservices.items[0].metadata.as_ref().unwrap().namespace(),
        ""
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn resources_come_with_the_parts_that_bring_them() {
    let cluster = Cluster::new();
    let address = cluster.listen().await;
    let found = |path: &str| get(address, path, "application/json").0;
    assert_eq!(found("/api/v1/services"), 200);
    assert_eq!(found("/apis/cert-manager.io/v1/certificates"), 404);
    assert_eq!(found("/apis/route.openshift.io/v1/routes"), 404);
    cluster.install_cert_manager(true);
    cluster.install_openshift(true);
    assert_eq!(found("/apis/cert-manager.io/v1/certificates"), 200);
    assert_eq!(found("/apis/route.openshift.io/v1/routes"), 200);
    assert_eq!(
        found("/apis/operators.coreos.com/v1alpha1/clusterserviceversions"),
        404
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn creation_times_follow_the_clock_and_are_encoded() {
    let cluster = Cluster::new();
    let secret =
        |name: &str| json!({"kind": "Secret", "metadata": {"namespace": "shop", "name": name}});
    cluster.set_time(1_800_000_000);
    cluster.apply(secret("old"));
    cluster.set_time(1_800_000_100);
    cluster.apply(secret("young"));
    cluster.edit("Secret", "shop", "old", |secret| {
        secret["type"] = "Opaque".into();
    });
    let address = cluster.listen().await;
    let times: Vec<_> = metadata(address, "/api/v1/secrets")
        .items
        .iter()
        .map(|item| {
            item.metadata
                .as_ref()
                .unwrap()
                .creation_timestamp
                .unwrap()
                .seconds()
        })
        .collect();
    assert_eq!(times, [1_800_000_000, 1_800_000_100]);
}

#[test]
fn a_change_without_effect_makes_no_revision() {
    let cluster = cluster();
    let revision = cluster.revision();
    cluster.apply(json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"namespace": "shop", "name": "one"}}));
    cluster.edit("APIService", "", "one", |_| ());
    assert_eq!(cluster.revision(), revision);
    let uid = cluster.get("Secret", "shop", "one").unwrap()["metadata"]["uid"].clone();
    cluster.edit("Secret", "shop", "one", |secret| {
        secret["data"] = json!({"a": ""});
    });
    assert_eq!(cluster.revision(), revision + 1);
    assert_eq!(
        cluster.get("Secret", "shop", "one").unwrap()["metadata"]["uid"],
        uid
    );
    assert_eq!(cluster.list("APIService").len(), 2);
    assert_eq!(cluster.get("APIService", "", "three"), None);
}
