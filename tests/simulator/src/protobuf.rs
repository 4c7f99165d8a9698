//! Objects in protobuf, by the messages that k8s-pb generates from Kubernetes' own `.proto` files:
//! nothing here was written with notafter's reader in mind.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use k8s_pb::api::core::v1::{Secret, SecretList};
use k8s_pb::apimachinery::pkg::apis::meta::v1 as meta;
use k8s_pb::apimachinery::pkg::runtime::{RawExtension, TypeMeta, Unknown};
use prost::Message;
use serde_json::Value;

use crate::list::List;

/// Encodes a list of secrets with their values.
pub(crate) fn secrets(list: &List) -> Vec<u8> {
    let items = list.items.iter().map(|object| secret(object)).collect();
    wrapped(
        "v1",
        "SecretList",
        &SecretList {
            metadata: Some(list_meta(list)),
            items,
        },
    )
}

/// Encodes a list of any kind, metadata only.
pub(crate) fn metadata(list: &List) -> Vec<u8> {
    let items = list.items.iter().map(|object| meta::PartialObjectMetadata {
        metadata: Some(object_meta(&object["metadata"])),
    });
    let list = meta::PartialObjectMetadataList {
        metadata: Some(list_meta(list)),
        items: items.collect(),
    };
    wrapped("meta.k8s.io/v1", "PartialObjectMetadataList", &list)
}

/// One item of a list: a Secret with its values, the metadata of anything else.
pub fn item(object: &Value) -> Vec<u8> {
    if object["kind"] == "Secret" {
        return secret(object).encode_to_vec();
    }
    let metadata = Some(object_meta(&object["metadata"]));
    meta::PartialObjectMetadata { metadata }.encode_to_vec()
}

/// Encodes a Status, an error answer.
pub(crate) fn status(status: &Value) -> Vec<u8> {
    let causes = status["details"]["causes"].as_array();
    let causes = causes.into_iter().flatten().map(|cause| meta::StatusCause {
        reason: text(&cause["reason"]),
        ..meta::StatusCause::default()
    });
    let details = meta::StatusDetails {
        causes: causes.collect(),
        ..meta::StatusDetails::default()
    };
    let code = status["code"].as_i64().unwrap_or_default();
    let message = meta::Status {
        metadata: Some(meta::ListMeta {
            r#continue: text(&status["metadata"]["continue"]),
            ..meta::ListMeta::default()
        }),
        status: text(&status["status"]),
        message: text(&status["message"]),
        reason: text(&status["reason"]),
        details: Some(details),
        code: Some(code.try_into().expect("a status code")),
    };
    wrapped("v1", "Status", &message)
}

/// Encodes a single object: a Secret with its values.
pub(crate) fn one_secret(object: &Value) -> Vec<u8> {
    wrapped("v1", "Secret", &secret(object))
}

/// Encodes a single object, metadata only.
pub(crate) fn one_metadata(object: &Value) -> Vec<u8> {
    let metadata = Some(object_meta(&object["metadata"]));
    let object = meta::PartialObjectMetadata { metadata };
    wrapped("meta.k8s.io/v1", "PartialObjectMetadata", &object)
}

/// Encodes an event of a watch, whose object is encoded already.
pub(crate) fn event(kind: &str, object: Vec<u8>) -> Vec<u8> {
    let event = meta::WatchEvent {
        r#type: Some(kind.into()),
        object: Some(RawExtension { raw: Some(object) }),
    };
    event.encode_to_vec()
}

fn wrapped(api_version: &str, kind: &str, message: &impl Message) -> Vec<u8> {
    let unknown = Unknown {
        type_meta: Some(TypeMeta {
            api_version: Some(api_version.into()),
            kind: Some(kind.into()),
        }),
        raw: Some(message.encode_to_vec()),
        content_encoding: Some(String::new()),
        content_type: Some(String::new()),
    };
    [b"k8s\0", &*unknown.encode_to_vec()].concat()
}

fn list_meta(list: &List) -> meta::ListMeta {
    meta::ListMeta {
        self_link: Some(String::new()),
        resource_version: Some(list.revision.to_string()),
        r#continue: Some(list.continue_token.clone().unwrap_or_default()),
        remaining_item_count: list.remaining,
    }
}

fn secret(object: &Value) -> Secret {
    let data = map(&object["data"]).into_iter().map(|(key, value)| {
        (
            key,
            STANDARD
                .decode(value)
                .expect("the data of a secret is base64"),
        )
    });
    Secret {
        metadata: Some(object_meta(&object["metadata"])),
        data: data.collect(),
        r#type: text(&object["type"]),
        ..Secret::default()
    }
}

fn object_meta(metadata: &Value) -> meta::ObjectMeta {
    let owners = metadata["ownerReferences"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|owner| meta::OwnerReference {
            api_version: text(&owner["apiVersion"]),
            kind: text(&owner["kind"]),
            name: text(&owner["name"]),
            uid: text(&owner["uid"]),
            controller: owner["controller"].as_bool(),
            block_owner_deletion: owner["blockOwnerDeletion"].as_bool(),
        });
    meta::ObjectMeta {
        name: text(&metadata["name"]),
        generate_name: Some(String::new()),
        namespace: text(&metadata["namespace"]),
        uid: text(&metadata["uid"]),
        resource_version: text(&metadata["resourceVersion"]),
        creation_timestamp: metadata["creationTimestamp"].as_str().map(time),
        labels: map(&metadata["labels"]),
        annotations: map(&metadata["annotations"]),
        owner_references: owners.collect(),
        ..meta::ObjectMeta::default()
    }
}

/// As Go's encoder has it, an absent text is an empty one.
#[expect(
    clippy::unnecessary_wraps,
    reason = "every field of a generated message is optional"
)]
fn text(value: &Value) -> Option<String> {
    Some(value.as_str().unwrap_or_default().into())
}

fn time(text: &str) -> meta::Time {
    let time: Timestamp = text.parse().expect("the store writes times");
    meta::Time {
        seconds: Some(time.as_second()),
        nanos: Some(0),
    }
}

fn map(value: &Value) -> BTreeMap<String, String> {
    let entries = value.as_object().into_iter().flatten();
    entries
        .map(|(key, value)| (key.clone(), value.as_str().unwrap_or_default().into()))
        .collect()
}
