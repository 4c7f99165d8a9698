//! The frames of a watch.

use k8s_pb::api::core::v1::Secret;
use k8s_pb::apimachinery::pkg::apis::meta::v1::{PartialObjectMetadata, Status, WatchEvent};
use k8s_pb::apimachinery::pkg::runtime::Unknown;
use notafter_simulator::Cluster;
use prost::Message;
use serde_json::{Value, json};

use crate::{JSON, ask, body, secret, watch};

const PROTOBUF: &str = "application/vnd.kubernetes.protobuf";
const METADATA: &str = ";as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
const QUERY: &str = "resourceVersion=2&timeoutSeconds=3&allowWatchBookmarks=true";

/// Returns a cluster with a secret of revision 2 that was replaced and deleted.
fn changed() -> Cluster {
    let cluster = Cluster::with_olm();
    cluster.apply(secret("web", "red", "YQ=="));
    cluster.apply(secret("web", "red", "Yg=="));
    cluster.delete("Secret", "shop", "web");
    // The bookmarks are of this revision.
    cluster.apply(json!({"kind": "APIService", "metadata": {"name": "other"}}));
    cluster
}

/// Returns the events of a watch in protobuf: type, kind, and the encoded object.
fn decoded(mut body: &[u8]) -> Vec<(String, String, Vec<u8>)> {
    let mut events = Vec::new();
    while let Some((length, rest)) = body.split_first_chunk::<4>() {
        let (event, rest) = rest.split_at(u32::from_be_bytes(*length) as usize);
        body = rest;
        let event = WatchEvent::decode(event).unwrap();
        let object = event.object.unwrap().raw.unwrap();
        let unknown = Unknown::decode(object.strip_prefix(b"k8s\0").unwrap()).unwrap();
        let kind = unknown.type_meta.unwrap().kind.unwrap();
        events.push((event.r#type.unwrap(), kind, unknown.raw.unwrap()));
    }
    events
}

#[tokio::test(start_paused = true)]
async fn secrets_come_in_protobuf() {
    let events = decoded(&watch(&changed(), QUERY, PROTOBUF).await);
    let shown: Vec<_> = events
        .iter()
        .map(|(event, kind, raw)| {
            let secret = Secret::decode(&**raw).unwrap();
            let value = secret.data.get("key").cloned().unwrap_or_default();
            let version = secret.metadata.unwrap().resource_version.unwrap();
            format!(
                "{event} {kind} {version} {}",
                String::from_utf8(value).unwrap()
            )
        })
        .collect();
    let bookmark = "BOOKMARK Secret 5 ";
    assert_eq!(
        shown,
        [
            "MODIFIED Secret 3 b",
            "DELETED Secret 4 b",
            bookmark,
            bookmark
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn metadata_come_in_protobuf_and_in_json() {
    let cluster = changed();
    let body = watch(
        &cluster,
        QUERY,
        &format!("{PROTOBUF};stream=watch{METADATA}"),
    )
    .await;
    let events = decoded(&body).into_iter().map(|(event, kind, raw)| {
        assert_eq!(kind, "PartialObjectMetadata");
        let metadata = PartialObjectMetadata::decode(&*raw)
            .unwrap()
            .metadata
            .unwrap();
        format!(
            "{event} {} {}",
            metadata.name(),
            metadata.resource_version()
        )
    });
    let bookmark = "BOOKMARK  5";
    let expected = ["MODIFIED web 3", "DELETED web 4", bookmark, bookmark];
    assert_eq!(events.collect::<Vec<_>>(), expected);
    let body = watch(&cluster, QUERY, &format!("{JSON}{METADATA}")).await;
    let first: Value =
        serde_json::from_slice(body.split(|byte| *byte == b'\n').next().unwrap()).unwrap();
    assert_eq!(first["object"]["kind"], "PartialObjectMetadata");
    assert_eq!(first["object"]["apiVersion"], "meta.k8s.io/v1");
    assert_eq!(first["object"]["data"], Value::Null);
}

#[tokio::test(start_paused = true)]
async fn an_error_event_is_a_status_in_the_encoding_of_the_watch() {
    let cluster = changed();
    cluster.forget_history();
    for accept in [PROTOBUF.to_owned(), format!("{PROTOBUF}{METADATA}")] {
        let [(event, kind, raw)] = &*decoded(&watch(&cluster, QUERY, &accept).await) else {
            panic!("one event ends the watch");
        };
        assert_eq!((event.as_str(), kind.as_str()), ("ERROR", "Status"));
        assert_eq!(Status::decode(&**raw).unwrap().code, Some(410));
    }
}

#[tokio::test(start_paused = true)]
async fn the_metadata_of_a_list_are_no_form_of_a_watch() {
    let cluster = changed();
    let accept = format!("{PROTOBUF};as=PartialObjectMetadataList;g=meta.k8s.io;v=v1");
    assert_eq!(watch(&cluster, QUERY, &accept).await, b"");
    let list = ask(&cluster, crate::SECRETS, &format!("{PROTOBUF}{METADATA}")).await;
    assert_eq!(list.status(), 406);
}

#[tokio::test(start_paused = true)]
async fn a_watch_says_its_content_type() {
    let cluster = changed();
    let path = "/apis/operators.coreos.com/v1alpha1/clusterserviceversions";
    let found = async |path: &str, query: &str, accept: &str| {
        let target = format!("{path}?watch=true&timeoutSeconds=1&{query}");
        let answer = ask(&cluster, &target, accept).await;
        let content_type = answer.headers()["content-type"]
            .to_str()
            .unwrap()
            .to_owned();
        (answer.status().as_u16(), content_type)
    };
    let json = || (200, JSON.to_owned());
    let protobuf = || (200, format!("{PROTOBUF};stream=watch"));
    let secrets = crate::SECRETS;
    assert_eq!(found(secrets, "", PROTOBUF).await, protobuf());
    assert_eq!(
        found(path, "", &format!("{PROTOBUF}{METADATA}")).await,
        protobuf()
    );
    assert_eq!(
        found(path, "", &format!("{PROTOBUF};stream=watch, {JSON}")).await,
        json()
    );
    assert_eq!(found(path, "", PROTOBUF).await, (406, PROTOBUF.into()));
    assert_eq!(
        found(secrets, "resourceVersion=x", PROTOBUF).await,
        (500, PROTOBUF.into())
    );
    let metadata = format!("{PROTOBUF}{METADATA}");
    assert_eq!(
        found(secrets, "resourceVersion=x", &metadata).await,
        (500, JSON.into())
    );
    let matched = "resourceVersion=2&resourceVersionMatch=NotOlderThan";
    assert_eq!(found(secrets, matched, JSON).await, (422, JSON.into()));
    let answer = ask(
        &cluster,
        &format!("{secrets}?watch=1&timeoutSeconds=-1"),
        JSON,
    )
    .await;
    assert_eq!(body(answer).await, b"");
}
