//! Whose client certificates the API server believes: published by itself for the servers of its cluster
//! (kubernetes/kubernetes: pkg/controlplane/controller/clusterauthenticationtrust).

use serde::Deserialize;
use std::collections::BTreeMap;

use super::{Fact, Resource};
use crate::api::body::Form;
use crate::api::object::Malformed;

/// Where it is published.
pub(in crate::api) const NAMESPACE: &str = "kube-system";

/// No part of the table: it is asked for only where client certificates of the cluster's CA may scrape.
pub(in crate::api) static CLIENT_CA: Resource = Resource {
    name: "configmaps",
    group: "",
    version: "v1",
    plural: "configmaps",
    purpose: "whose client certificates the API server believes.",
    // The built-in Role extension-apiserver-authentication-reader allows exactly this list.
    fields: Some("metadata.name=extension-apiserver-authentication"),
    labels: None,
    form: Form::Json,
    page: 1,
    is_namespaced: true,
    is_optional: false,
    decode,
};

#[derive(Deserialize)]
struct ConfigMap {
    #[serde(default)]
    data: BTreeMap<String, String>,
}

fn decode(item: &[u8]) -> Result<Fact, Malformed> {
    let mut map: ConfigMap = serde_json::from_slice(item).map_err(|_| Malformed)?;
    let pem = map.data.remove("client-ca-file");
    let pem = pem.filter(|pem| !pem.trim().is_empty());
    Ok(Fact::ClientCa(pem.map(Into::into)))
}
