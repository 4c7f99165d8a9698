//! The objects by which the API server trusts an operator's certificates.

use serde_json::{Value, json};

use super::Operator;
use crate::object::{name, namespace, text};

impl Operator<'_> {
    /// Returns whether every object trusts the CA of its deployment.
    pub(super) fn is_trusted(&self) -> bool {
        self.trusting().iter().all(|wanted| {
            let (kind, path) = (text(&wanted["kind"]), bundle_path(wanted));
            let found = self.round.cluster.find(kind, "", name(wanted));
            found.is_some_and(|found| found.pointer(path) == wanted.pointer(path))
        })
    }

    pub(super) fn make_trusted(&self) {
        for object in self.trusting() {
            self.round.cluster.apply(object);
        }
    }

    /// The objects as they should be. CRDs are there before their operator.
    fn trusting(&self) -> Vec<Value> {
        let apiservices = self
            .apiservices()
            .map(|definition| self.apiservice(definition));
        let webhooks = self.webhooks().flat_map(|definition| {
            if definition["type"] != "ConversionWebhook" {
                return vec![self.webhook(definition)];
            }
            let crds = definition["conversionCRDs"]
                .as_array()
                .into_iter()
                .flatten();
            let kind = "CustomResourceDefinition";
            crds.filter_map(|crd| self.round.cluster.get(kind, "", text(crd)))
                .map(|mut crd| {
                    crd["spec"]["conversion"]["webhook"]["clientConfig"]["caBundle"] =
                        self.bundle(definition);
                    crd
                })
                .collect()
        });
        apiservices.chain(webhooks).collect()
    }

    fn apiservice(&self, definition: &Value) -> Value {
        let (version, group) = (text(&definition["version"]), text(&definition["group"]));
        json!({
            "apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService",
            "metadata": {"name": format!("{version}.{group}")},
            "spec": {
                "group": group, "version": version, "caBundle": self.bundle(definition),
                "service": self.service(definition),
            },
        })
    }

    fn webhook(&self, definition: &Value) -> Value {
        let webhook = text(&definition["generateName"]);
        json!({
            "apiVersion": "admissionregistration.k8s.io/v1",
            "kind": "ValidatingWebhookConfiguration",
            "metadata": {
                "name": format!("{webhook}-x7k2p"),
                "labels": {"olm.owner": name(self.csv)},
            },
            "webhooks": [{
                "name": webhook, "failurePolicy": "Fail",
                "clientConfig": {
                    "caBundle": self.bundle(definition), "service": self.service(definition),
                },
            }],
        })
    }

    fn service(&self, definition: &Value) -> Value {
        let service = format!("{}-service", text(&definition["deploymentName"]));
        json!({"namespace": namespace(self.csv), "name": service, "port": 443})
    }

    /// The CA of a definition's deployment, in base64.
    fn bundle(&self, definition: &Value) -> Value {
        let secret = self.secret(text(&definition["deploymentName"]));
        secret.map_or(Value::Null, |secret| secret["data"]["olmCAKey"].clone())
    }
}

/// Where an object says what it trusts.
fn bundle_path(object: &Value) -> &'static str {
    match text(&object["kind"]) {
        "APIService" => "/spec/caBundle",
        "CustomResourceDefinition" => "/spec/conversion/webhook/clientConfig/caBundle",
        _ => "/webhooks/0/clientConfig/caBundle",
    }
}
